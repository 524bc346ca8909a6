"""Classes, packages and style files: what they define, read from those that come with the paper."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from curation.extract.latex.beamer import load_beamer
from curation.extract.latex.calculations import CALCULATOR
from curation.extract.latex.equation_numbers import equations_by_section, numbers_of_class
from curation.extract.latex.fixed_names import names_of_class
from curation.extract.latex.macros import Macro
from curation.extract.latex.number_words import OF_ENGORD, OF_FMTCOUNT
from curation.extract.latex.physics import load_physics
from curation.extract.latex.sections import section_numbers_of_class
from curation.extract.latex.shorthands import load_babel
from curation.extract.latex.theorems import theorems_of_class
from curation.extract.latex.versions import OF_PACKAGES

if TYPE_CHECKING:
    from curation.extract.latex.stomach import Stomach
    from curation.extract.latex.token_stack import Entry


def documentclass(tex: Stomach, name: str) -> None:
    """`\\documentclass[..]{aa}`, `\\documentstyle[aaspp4,12pt]{article}` (its options are style files)."""
    options = "".join(tex.read_optional() or [])
    tex.document_class = tex.read_name()
    if tex.document_class == "amsppt":
        tex.document_class = ""  # AMS-TeX, which is no LaTeX
        tex.use_format("amsppt")
        return
    theorems_of_class(tex, tex.document_class)
    tex.defs.update(names_of_class(tex.document_class))
    tex.defs.update(section_numbers_of_class(tex.document_class))
    numbers_of_class(tex, tex.document_class, options)
    if tex.document_class == "beamer":
        load_beamer(tex)
    tex.origins.load_class(tex.document_class)
    for option in options.split(","):
        tex.packages[option.strip()] = ""
    tex.read_optional()
    if "/" not in tex.document_class:
        load_local(tex, tex.document_class, "cls")
        if name == "\\documentstyle":
            for option in (o.strip() for o in options.split(",")):
                if option and not _OPTION_OF_CLASS.fullmatch(option):
                    load_package(tex, option)
                load_local(tex, option, "sty")


_OPTION_OF_CLASS = re.compile(r"\d+pt|(?:two|one)(?:column|side)|draft|final|titlepage|leqno|fleqn|openbib|\w\d?paper")


def load_package(tex: Stomach, package: str) -> None:
    """Note what a package defines: one that comes with the paper what its text says."""
    if package not in tex.origins.packages:
        found = tex.find_file(package, "sty")
        tex.origins.load_package(package, found[1] if found else None)


def usepackage(tex: Stomach, name: str) -> None:
    """`\\usepackage[options]{a,b}`: local .sty files give their simple definitions."""
    options = "".join(tex.read_optional() or [])
    names = tex.read_name().split(",")
    tex.read_optional_here()
    for package in names:
        package = package.strip()
        tex.packages[package] = options
        load_package(tex, package)
        if package == "physics":
            load_physics(tex)
        if package == "beamerarticle":
            load_beamer(tex)
        if package == "fontenc":
            tex.t1_ligatures = options.split(",")[-1].strip() == "T1"
        if package == "babel":
            load_babel(tex, options)
        tex.defs.update(_OWN_COMMANDS.get(package, {}))
        if package in ("jheppub", "jcappub"):
            equations_by_section(tex, package)
        if package == "underscore":
            tex.set_catcodes(plain=tex.plain + "_" if "_" not in tex.plain else tex.plain)
        load_local(tex, package, "sty")


# commands that count only where their package is loaded
_OWN_COMMANDS: dict[str, Mapping[str, Entry]] = {
    **OF_PACKAGES,
    "calculator": CALCULATOR,
    "fmtcount": OF_FMTCOUNT,
    "engord": OF_ENGORD,
}

# packages and classes whose commands our own tables know; their internals would only confuse
KNOWN_FILES = re.compile(
    r"(?:.*/)?(?:aastex\w*|aas_macros|aasms\d?|aaspp\d*|aas2pp4|emulateapj\d*|apj\w*|mnras|mn2e|mn|aa|svjour\d*|sn-jnl|elsarticle|elsart|"
    r"revtex4?(?:-\d)?|revsymb\w*|ltxutil|ltxgrid|natbib|hyperref|amsmath|amssymb|amsfonts|amsthm|graphicx|epsf|epsfig|psfig|"
    r"jcappub|jheppub|JHEP\d?|PoS|iopart\w*|iopjournal|siunitx|physics|mhchem|cleveref|caption\w*|subfig(?:ure)?|"
    r"xcolor|color|minted|listings|algorithm\w*|glossaries\S*|acronym|tikz\S*|pgf\S*|showyourwork|multirow|"
    r"booktabs|tabularx|longtable|lscape|rotating|deluxetable\w*|lineno|fancyhdr|titlesec|geometry|enumitem|"
    r"orcidlink|biblatex|biber|babel|fontenc|inputenc|amstex|amssym|openjournal|jss|ws-\w+|"
    r"SIunits|units|nicefrac|xspace|times|txfonts|newtx\w*|cite|ulem|soul|changes|todonotes|float|placeins|"
    r"etoolbox|xparse|ifthen|calc|bm|dsfont|bbm|mathtools|upgreek|textcomp|textgreek|gensymb|wasysym|setspace|"
    r"article|report|book|letter|memoir|ar-1col|ar-style\d?|spie\w*|IEEEtran|llncs|pasj\w*|raa|baas|copernicus)"
)


FORMAT_FILE = re.compile(r"(?:.*/)?(harvmac|lanlmac|phyzzx|amsppt)(?:\.(?:tex|sty))?")
"""Formats on plain TeX whose commands we know by heart."""


def load_local(tex: Stomach, name: str, kind: str) -> None:
    """Simple definitions of a style file that came with the paper; never its page make-up."""
    if not name or KNOWN_FILES.fullmatch(name) or tex.depth > 4:
        return
    found = tex.find_file(name, kind)
    if found is None:
        return
    path, src = found
    if len(src) > 400_000:
        tex.warn("style file too long to read")
        return
    read_definitions(tex, path, src)


_DEFINITION = re.compile(
    r"\\(?:(?:re|provide)?newcommand|providecommand|DeclareRobustCommand|DeclareMathOperator|[gex]?def|newif|"
    r"newenvironment|renewcommand|newtheorem|RequirePackage|NewDocumentCommand|let)(?![A-Za-z@])"
)


def read_definitions(tex: Stomach, path: str, src: str) -> None:
    """Run the definitions of a .sty or .cls one by one, nothing between them; keep those that are self-contained.

    A definition that uses internal names (with an @) that nobody defined is page make-up and is dropped;
    names that our tables know keep our meaning.
    """
    letters, was_package = tex.letters, tex.reading_package
    tex.set_catcodes(letters="@")
    tex.open(path, strip_comments(src))
    mouth = tex.mouth
    n_frames = len(tex.frames)
    tex.reading_package = True
    tex.depth += 1
    before = dict(tex.defs)
    for _ in range(4_000):
        m = _DEFINITION.search(mouth.src, mouth.pos)
        if not m:
            break
        mouth.pos = m.end()
        if m.group(0) != "\\RequirePackage":
            tex.run_one(m.group(0))
        else:
            usepackage(tex, m.group(0))
        while len(tex.frames) > n_frames:
            tex.pb, tex.mouth = tex.frames.pop()
        tex.pb.clear()
        if tex.mouth is not mouth:
            break
    mouth.pos = len(mouth.src)
    tex.depth -= 1
    if tex.mouth is mouth and tex.frames:
        tex.pb, tex.mouth = tex.frames.pop()
    tex.reading_package = was_package
    tex.set_catcodes(letters=letters)
    for name, entry in list(tex.defs.items()):
        if name not in before and isinstance(entry, Macro) and ("@" in name or _internal(tex, entry)):
            del tex.defs[name]


def _internal(tex: Stomach, macro: Macro) -> bool:
    body = macro.parts or macro.body
    return any(
        isinstance(t, str) and t[0] == "\\" and ("@" in t or t in ("\\csname", "\\catcode", "\\expandafter", "\\write"))
        for t in body
    )


_COMMENT = re.compile(r"(?<!\\)((?:\\\\)*)%[^\n]*\n?[ \t]*")


def strip_comments(src: str) -> str:
    """TeX source without its comments (style files only; documents may have % inside verbatim)."""
    return _COMMENT.sub(r"\1", src)
