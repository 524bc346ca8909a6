"""Document structure: class and packages, sections, front matter, labels, files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from curation.extract.form import marked
from curation.extract.latex.blocks import (
    BOLD,
    BOLD_END,
    BREAK,
    MARK,
    MARK_END,
    MATH,
    MATH_END,
    NOTE,
    Heading,
    Para,
    Region,
)
from curation.extract.latex.equation_numbers import appendix_separator, own_number
from curation.extract.latex.fixed_names import names_of_class
from curation.extract.latex.lexer import END, PAR, SPACE
from curation.extract.latex.macros import Macro
from curation.extract.latex.physics import load_physics
from curation.extract.latex.stomach import Reference, join_inline, tidy
from curation.extract.latex.theorems import theorems_of_class

if TYPE_CHECKING:
    from curation.extract.latex.gullet import Handler
    from curation.extract.latex.stomach import EnvHandler, Stomach

_LEVELS = {
    "part": 1,
    "chapter": 1,
    "section": 2,
    "subsection": 3,
    "subsubsection": 4,
    "paragraph": 5,
    "subparagraph": 6,
}
_ACK = re.compile(r"^\W*(?:\d[\d.]*\s*)?(?:acknowledge?ments?|acknowlegde?ments?|thanks)\b", re.I)
# what stands between the thanks and the references belongs to neither science nor appendix
_BACK_MATTER = re.compile(
    r"^\W*(?:author\w* contribution|credit|contribution|funding|conflicts?\b|competing|declaration|data (?:and \w+ )?availability|"
    r"software|facilit|code availability|orcid|disclosure|ethic)",
    re.I,
)
_REFERENCES = re.compile(r"^\W*(?:references|bibliography|literature cited)\W*$", re.I)


# ---------------------------------------------------------------- class, packages, files
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
        if package == "underscore":
            tex.set_catcodes(plain=tex.plain + "_" if "_" not in tex.plain else tex.plain)
        load_local(tex, package, "sty")


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


def input_(tex: Stomach, name: str) -> None:
    """`\\input{x}`, `\\input x`, `\\include`, `\\subfile`, `\\import{dir}{x}`."""
    if name in ("\\import", "\\subimport", "\\inputfrom", "\\includefrom", "\\subinputfrom"):
        folder = tex.read_name()
        target = folder.rstrip("/") + "/" + tex.read_name()
    elif tex.skip_spaces() == "{":
        target = tex.read_name()
    else:
        target = _bare_name(tex)
    target = target.strip().strip('"')
    if name == "\\include":
        if tex.included_only is not None and target.removesuffix(".tex") not in tex.included_only:
            return
        tex.flush()  # a page ends before it and after it
        tex.pb.append(PAR)
    read_file(tex, target)


def include_only(tex: Stomach, name: str) -> None:
    """`\\includeonly{a,b}`: other files are not read by `\\include`."""
    tex.included_only = frozenset(part.strip().removesuffix(".tex") for part in tex.read_name().split(","))


def _bare_name(tex: Stomach) -> str:
    """`\\input file ` as in plain TeX: up to a blank."""
    out: list[str] = []
    while True:
        tok = tex.next()
        if tok[0] == "\\" or tok in ("{", "}", END, "$", SPACE):
            if tok != SPACE:
                tex.pb.append(tok)
            break
        m = re.match(r"\S+", tok)
        if not m:
            break
        out.append(m.group(0))
        if m.end() < len(tok):
            tex.pb.append(tok[m.end() :])
            break
    return "".join(out)


def read_file(tex: Stomach, target: str) -> None:
    """Read a file of the bundle where it is called; a file that calls itself is left alone."""
    if not target or KNOWN_FILES.fullmatch(target.removesuffix(".tex")):
        return
    if m := FORMAT_FILE.fullmatch(target):
        tex.use_format(m.group(1))
    found = tex.find_file(target, "tex")
    if found is None:
        if not FORMAT_FILE.fullmatch(target):
            tex.missing_files.append(target)
        return
    path, src = found
    if FORMAT_FILE.fullmatch(target):
        read_definitions(tex, path, src)
        return
    if any(m.name == path for _, m in tex.frames) or tex.mouth.name == path or len(tex.frames) > 30:
        tex.warn("file includes itself")
        return
    if path.endswith((".sty", ".cls", ".clo", ".def", ".cfg")):
        read_definitions(tex, path, src)
        return
    m = _SUBFILE.search(src)
    if m and tex.in_body:
        # a subfile or standalone: only what stands inside its own document
        end = src.rfind("\\end{document}")
        src = src[m.end() : end if end > 0 else len(src)]
    tex.open(path, src)


_SUBFILE = re.compile(r"^[^%\n]*\\begin\s*\{document\}", re.M)


def collaboration(tex: Stomach, name: str) -> None:
    """`\\collaboration{Name}`; AASTeX 6.2 and later give the number of its authors first: `\\collaboration{6}{(Name)}`."""
    tex.read_optional()
    first = tex.read_name()
    if not first or first.isdigit() or first == "all":
        tex.read_arg()


def endinput(tex: Stomach, name: str) -> None:
    """`\\endinput`: the file ends with this line."""
    mouth = tex.mouth
    behind = mouth.src.rfind("\\endinput", 0, mouth.pos)
    end = mouth.src.find("\n", max(behind, 0))
    if end >= 0:
        mouth.src = mouth.src[: max(end, mouth.pos)]


def if_file_exists(tex: Stomach, name: str) -> None:
    """`\\IfFileExists{file}{yes}{no}`: only files of the bundle exist."""
    target = tex.read_name()
    yes, no = tex.read_arg(), tex.read_arg()
    tex.push(yes if tex.find_file(target, "tex") or tex.find_file(target, "any") else no)


def variable(tex: Stomach, name: str) -> None:
    """showyourwork's `\\variable{output/x.txt}`: the number that the pipeline wrote, `??` where its file is absent.

    An absent .tex is a table or a listing, not a number in a sentence: nothing stands for it.
    """
    target = tex.read_name()
    found = tex.find_file(target, "any")
    if found is None:
        tex.missing_files.append(target)
        if not target.endswith(".tex"):
            tex.parts.append("??")
    elif len(found[1]) < 5_000:
        tex.push_text(found[1].strip())


def begin_document(tex: Stomach, name: str) -> None:
    """`\\begin{document}`: what the preamble printed was no text."""
    tex.in_body = True
    tex.parts.clear()
    tex.flow.blocks.clear()
    tex.flow.deferred.clear()
    tex.groups.clear()
    tex.envs.clear()
    tex.n_open_ifs = 0
    forget_foreign(tex)
    tex.push(tex.begin_hook)


_SWALLOWS_TEXT = ("sout", "st", "xout", "rem", "script", "submit", "mail", "linkable", "editor", "note", "plot",
                  "issue", "volume", "journal", "history", "conference", "proceeding", "dedication")  # fmt: skip


def forget_foreign(tex: Stomach) -> None:
    """Drop signatures that swallow a text and belong to packages that the paper does not load: TeX prints it."""
    for name in _SWALLOWS_TEXT:
        entry = tex.defs.get("\\" + name)
        ours = isinstance(entry, Macro) and entry.builtin and not entry.body
        if ours and not tex.origins.defines(name):
            del tex.defs["\\" + name]


def end_document(tex: Stomach) -> None:
    """`\\end{document}`, `\\bye`: what follows is not read."""
    tex.mouth.pos = len(tex.mouth.src)
    tex.pb = [t for t in tex.pb if t == END]
    for pb, mouth in tex.frames:
        pb[:] = [t for t in pb if t == END]
        mouth.pos = len(mouth.src)
    hook, tex.end_hook = tex.end_hook, []
    tex.push(hook)


def bye(tex: Stomach, name: str) -> None:
    """`\\bye`, and `\\end` of plain TeX."""
    end_document(tex)


# ---------------------------------------------------------------- sections
def section(tex: Stomach, name: str) -> None:
    """`\\section*[short]{Title}`: a heading of its depth; `\\paragraph` runs in."""
    star = tex.read_star()
    tex.read_optional()
    # a label within the title is set when the section has its number
    outer, tex.heading_labels = tex.heading_labels, []
    text = heading_text(tex, tex.read_arg())
    labels, tex.heading_labels = tex.heading_labels, outer
    kind = name[1:]
    if tex.n_boxes:
        # `textbox` of Annual Reviews makes \\section a head of the box, without a number
        tex.add(Para(f"{BOLD}{text}{BOLD_END}"))
        return
    start_section(tex, kind, text, star=star)
    for key in labels:
        tex.labels.setdefault(key, tex.current_ref)
        tex.label_names.setdefault(key, text)


def heading_text(tex: Stomach, tokens: list[str]) -> str:
    """A title on one line, without its notes and labels."""
    text = without_notes(tex, tokens).replace("\ue00a", " ")
    for mark in "\ue002\ue003\ue004\ue005":
        text = text.replace(mark, "")
    return text.strip()


def without_notes(tex: Stomach, tokens: list[str]) -> str:
    """Tokens on one line; footnotes and thanks fall away."""
    was, tex.mute_notes = tex.mute_notes, True
    text = tidy(tex.inline(tokens))
    tex.mute_notes = was
    return text


def start_section(tex: Stomach, kind: str, text: str, *, star: bool = False) -> None:
    """Begin a section: number it, switch the region for acknowledgements and references."""
    tex.flush()
    level = _LEVELS[kind]
    while tex.envs and tex.envs[-1].name == "\x00ack":
        tex.pop_env()
    tex.current_title = text
    if not star and level <= 4:
        number(tex, kind, text)
    if level <= 4:
        if _ACK.match(text) and len(text) < 60:
            enter_acknowledgements(tex, level, text)
            return
        if not (tex.ack_level and _BACK_MATTER.match(text)):
            leave_acknowledgements(tex, level)
        if _REFERENCES.match(text):
            return
    if not text:
        return
    if level >= 5:
        stop = "" if text[-1] in ".:?!" else "."
        tex.parts.append(f"\ue004{text}{stop}\ue005 ")
        return
    tex.add(Heading(level, text, tex.current_ref[1] if not star else ""))


def number(tex: Stomach, kind: str, text: str) -> None:
    """What `\\ref` prints for the section: 3, A, A.1; a subsection is named by its heading.

    Headings stand without numbers in the text, so "Section 3.2" would point nowhere while "Section “Data”" can be found.
    """
    tex.step(kind)
    chain = ["chapter", "section", "subsection", "subsubsection"]
    if not tex.counters["chapter"]:
        chain = chain[1:]
    if kind not in chain:
        return
    values: list[str] = []
    for i, c in enumerate(chain[: chain.index(kind) + 1]):
        n = tex.counters[c]
        values.append(chr(64 + min(max(n, 1), 26)) if i == 0 and tex.in_appendix else str(n))
    tex.numbers[kind] = ".".join(values)
    if kind == chain[0] and tex.in_appendix:
        if appendix_separator(tex, "equation") is not None:
            tex.counters["equation"] = 0
        if appendix_separator(tex, "figure") is not None:
            tex.counters["\x00Figure"] = tex.counters["\x00Table"] = 0
    if kind == "section" and (given := own_number(tex, "section")):
        tex.numbers[kind] = given
    tex.current_ref = ("section", tex.numbers[kind])
    if "." in tex.numbers[kind] and not tex.in_appendix:
        tex.current_ref = ("section", f"“{text}”" if 0 < len(text) <= 100 else values[0])


def enter_acknowledgements(tex: Stomach, level: int = 2, text: str = "Acknowledgments") -> None:
    """From here to the next heading of this level the text is thanks."""
    tex.flush()
    tex.ack_level = level
    tex.flow.blocks.extend((Region("acknowledgements"), Heading(2, text)))


def leave_acknowledgements(tex: Stomach, level: int = 2) -> None:
    """A heading of the same level ends the acknowledgements."""
    if tex.ack_level and level <= tex.ack_level:
        tex.flush()
        tex.ack_level = 0
        tex.flow.blocks.append(Region("appendix" if tex.in_appendix else "main"))


def acknowledgements(tex: Stomach, name: str) -> None:
    """`\\acknowledgments` (aastex: to the next section), `\\acknowledgments{text}`, `\\ack` (IOP)."""
    tex.flush()
    if tex.skip_spaces() == "{":
        tex.pb.pop()
        tokens = tex.read_group()
        tex.push(["\\begin", "{", "acknowledgments", "}", *tokens, "\\par", "\\end", "{", "acknowledgments", "}"])
        return
    enter_acknowledgements(tex)


def acknowledgements_env(tex: Stomach, name: str) -> None:
    """`\\begin{acknowledgements}` (A&A), `{acknowledgments}` (revtex)."""
    tex.flush()
    before = "appendix" if tex.in_appendix else "main"
    tex.flow.blocks.extend(
        (Region("acknowledgements"), Heading(2, name.capitalize() if len(name) > 5 else "Acknowledgments"))
    )

    def end(tex: Stomach) -> None:
        tex.flush()
        tex.flow.blocks.append(Region(before))

    tex.push_env(name, on_end=end)


def appendix(tex: Stomach, name: str) -> None:
    """`\\appendix`: what follows is lettered and kept apart."""
    if tex.in_appendix:
        return
    tex.flush()
    leave_acknowledgements(tex, 1)
    tex.in_appendix = True
    tex.ack_level = 0
    for counter in ("section", "subsection", "subsubsection", "chapter"):
        tex.counters[counter] = 0
    tex.numbers.clear()  # no letter before the first section of the appendix
    tex.flow.blocks.append(Region("appendix"))
    if name == "\\appendices":
        tex.read_star()


def appendix_env(tex: Stomach, name: str) -> None:
    """`\\begin{appendix}`, `{appendices}`."""
    appendix(tex, name)
    tex.push_env(name)


def document_env(tex: Stomach, name: str) -> None:
    """`\\begin{document}`."""
    if not tex.in_body:
        begin_document(tex, name)


# ---------------------------------------------------------------- front matter
def title(tex: Stomach, name: str) -> None:
    """`\\title[short]{long}`; the last one before `\\maketitle` wins (a supplement behind the paper has its own)."""
    tex.read_optional()
    text = heading_text(tex, tex.read_arg())
    if text and not tex.title_made:
        tex.front.title = text


def maketitle(tex: Stomach, name: str) -> None:
    """`\\maketitle`: from here on the title stands."""
    tex.title_made = tex.in_body and bool(tex.front.title)


def subtitle(tex: Stomach, name: str) -> None:
    """`\\subtitle{..}` (A&A)."""
    tex.front.subtitle = heading_text(tex, tex.read_arg())


def author(tex: Stomach, name: str) -> None:
    """`\\author[0000-0000]{Name}`: one name (aastex, revtex) or the whole block."""
    tex.read_optional()
    names, *places = _at_affiliations(without_notes(tex, tex.read_arg()))
    if names:
        tex.front.authors.append(names)
    tex.front.affiliations.extend(places)
    tex.read_optional_here()


# MNRAS, article: `\\author{A. One$^{1}$ and B. Two$^{2}$\\\\ $^{1}$Institute\\\\ $^{2}$Observatory}`
_AFFILIATION = re.compile(f"{BREAK}(?=\\s*(?:{MATH}\\s*{{?}}?\\^|[¹²³⁴⁵⁶⁷⁸⁹]))")


def _at_affiliations(block: str) -> list[str]:
    """The names of an author block, then each affiliation that a raised mark begins."""
    return [tidy(piece.replace(BREAK, " ")) for piece in _AFFILIATION.split(block)]


def affiliation(tex: Stomach, name: str) -> None:
    """`\\affiliation[a]{..}`, `\\institute{..}`, `\\address{..}`, `\\altaffiltext{1}{..}`."""
    tex.read_star()
    tex.read_optional()
    if name in ("\\altaffiltext", "\\affiliationmark"):
        tex.read_arg()
    text = without_notes(tex, tex.read_arg())
    if text:
        tex.front.affiliations.append(text)


def keywords(tex: Stomach, name: str) -> None:
    """`\\keywords{..}`: kept beside the text."""
    tex.read_optional()
    tex.front.keywords = tidy(tex.inline(tex.read_arg()))


def keywords_env(tex: Stomach, name: str) -> None:
    """`\\begin{keywords}` (MNRAS), `{keyword}` (elsarticle)."""
    tex.front.keywords = join_inline(tex.run_env(name))


def facility(tex: Stomach, name: str) -> None:
    """`\\facilities{..}`, `\\facility{..}`, `\\software{..}`: kept beside the text."""
    tex.read_optional()
    text = tidy(tex.inline(tex.read_arg()))
    if text:
        tex.front.facilities.append(("Software: " if name == "\\software" else "Facilities: ") + text)


def abstract(tex: Stomach, name: str) -> None:
    """`\\abstract{..}`; A&A gives five groups (context, aims, methods, results, conclusions)."""
    parts: list[list[str]] = []
    if tex.skip_spaces() != "{":
        # plain TeX and old styles: the abstract runs to the next section
        return
    for _ in range(5):
        if tex.skip_spaces() != "{":
            break
        parts.append(tex.read_arg())
    for label, tokens in zip(("Context", "Aims", "Methods", "Results", "Conclusions"), parts, strict=False):
        blocks = tex.capture(tokens)
        if len(parts) > 1 and blocks and isinstance(blocks[0], Para):
            blocks[0].text = f"\ue004{label}.\ue005 {blocks[0].text}"
        tex.front.abstract.extend(blocks)


def abstract_env(tex: Stomach, name: str) -> None:
    """`\\begin{abstract}`."""
    tex.read_optional()
    was_level, tex.ack_level = tex.ack_level, 0
    tex.front.abstract.extend(tex.run_env(name))
    tex.ack_level = was_level


def dropped_env(tex: Stomach, name: str) -> None:
    """An environment whose content is no running text."""
    tex.run_env(name)


def restart_appendix_numbering(tex: Stomach, name: str) -> None:
    """AASTeX: floats and equations of each appendix are numbered from 1."""
    tex.appendix_floats_restart = True


def silent(tex: Stomach, name: str) -> None:
    """Prints nothing."""


def par(tex: Stomach, name: str) -> None:
    """A paragraph break."""
    tex.flush()


# ---------------------------------------------------------------- labels and references
def label(tex: Stomach, name: str) -> None:
    """`\\label{x}` names the number that was given last."""
    key = tex.read_name()
    if tex.heading_labels is not None:
        tex.heading_labels.append(key)
        return
    if tex.float_kind and not tex.caption_seen:
        tex.pending_labels.append(key)
        return
    tex.labels.setdefault(key, tex.current_ref)
    tex.label_names.setdefault(key, tex.current_title)


def ref(tex: Stomach, name: str) -> None:
    """`\\ref{x}` and kin: a mark, resolved when all labels are known."""
    tex.read_star()
    keys = [k.strip() for k in tex.read_name().split(",")]
    if name in ("\\hyperref@", "\\crefrange", "\\Crefrange"):
        keys.append(tex.read_name())
    tex.references.append(Reference(name, keys))
    tex.parts.append(f"{MARK}R{len(tex.references) - 1}{MARK_END}")


def crefname(tex: Stomach, name: str) -> None:
    """cleveref's `\\crefname{figure}{Fig.}{Figs.}`, `\\Crefname`."""
    kind = tex.read_name()
    words = tuple(tex.plain_text(tex.read_arg()).replace("~", " ") for _ in range(2))
    table = tex.reference_names.cref if name == "\\crefname" else tex.reference_names.upper
    table[kind] = words  # type: ignore[assignment]


def hyperref(tex: Stomach, name: str) -> None:
    """`\\hyperref[label]{text}`: text."""
    if tex.read_optional() is None:
        for _ in range(3):
            tex.read_arg()
    tex.push(tex.read_arg())


def footnote(tex: Stomach, name: str) -> None:
    """`\\footnote[n]{text}`: an inline note `^[text]`, so that the reading order stays the author's."""
    given = tex.read_optional()
    if tex.in_plain_tex():
        tex.read_arg()  # plain TeX gives the mark first
    tokens = tex.read_arg()
    if given is None and not tex.mute_notes:
        tex.counters["footnote"] += 1
    outer, tex.current_ref = tex.current_ref, ("footnote", str(tex.counters["footnote"]))
    add_note(tex, tokens)
    tex.current_ref = outer


def add_note(tex: Stomach, tokens: list[str]) -> None:
    """Set an inline note behind what stands before it."""
    text = tidy(tex.inline(tokens))
    if not text or tex.mute_notes:
        return
    if not tex.has_inline() and tex.flow.blocks and isinstance(last := tex.flow.blocks[-1], Para):
        last.text += marked("footnote", f"^[{text}]")
        return
    tex.parts.append(NOTE + marked("footnote", f"^[{text}]"))


def footnotemark(tex: Stomach, name: str) -> None:
    """`\\footnotemark[n]`: the place of a note whose text comes later. In a cell of a table the mark is printed."""
    given = tex.read_optional()
    if tex.mute_notes:
        return
    if given is None:
        tex.counters["footnote"] += 1
    label = tex.plain_text(given) if given is not None else str(tex.counters["footnote"])
    if tex.table is not None:
        tex.cell_marks.add(label)
        tex.parts.append(f"{MATH}^{{{label}}}{MATH_END}")
        return
    tex.marked_notes.append((label, ""))
    tex.parts.append(f"{NOTE}{MARK}N{len(tex.marked_notes) - 1}{MARK_END}")


def footnotetext(tex: Stomach, name: str) -> None:
    """`\\footnotetext[n]{text}`: the text of the last mark (of that number, when one is given) that has none yet."""
    given = tex.read_optional()
    tokens = tex.read_arg()
    if not tex.in_body:
        return
    label = tex.plain_text(given) if given is not None else str(tex.counters["footnote"])
    if label in tex.cell_marks:
        tex.cell_marks.discard(label)
        text = tidy(tex.inline(tokens))
        if text:
            tex.add_float([Para(f"{label}: {text}")])
        return
    for i in range(len(tex.marked_notes) - 1, -1, -1):
        if not tex.marked_notes[i][1] and (given is None or tex.marked_notes[i][0] == label):
            tex.marked_notes[i] = (label, tidy(tex.inline(tokens)))
            return
    add_note(tex, tokens)


STRUCTURE: dict[str, Handler] = {
    "\\documentclass": documentclass,
    "\\documentstyle": documentclass,
    "\\LoadClass": documentclass,
    "\\usepackage": usepackage,
    "\\RequirePackage": usepackage,
    **dict.fromkeys(
        ("\\input", "\\include", "\\subfile", "\\import", "\\subimport", "\\subfileinclude", "\\InputIfFileExists"), input_
    ),
    "\\includeonly": include_only,
    "\\variable": variable,
    "\\collaboration": collaboration,
    "\\endinput": endinput,
    "\\IfFileExists": if_file_exists,
    "\\bye": bye,
    **dict.fromkeys(("\\" + k for k in _LEVELS), section),
    **dict.fromkeys(("\\acknowledgments", "\\acknowledgements", "\\acknowledgment", "\\acknowledgement", "\\ack",
                     "\\acks", "\\Acknowledgements", "\\acknow"), acknowledgements),
    "\\appendix": appendix,
    "\\appendices": appendix,
    "\\restartappendixnumbering": restart_appendix_numbering,
    **dict.fromkeys(("\\title", "\\icmltitle"), title),
    "\\subtitle": subtitle,
    "\\maketitle": maketitle,
    "\\author": author,
    **dict.fromkeys(
        ("\\affiliation", "\\affil", "\\institute", "\\institution", "\\address", "\\altaffiltext", "\\altaffiliation",
         "\\inst@", "\\authoraffil"),
        affiliation,
    ),
    "\\keywords": keywords,
    **dict.fromkeys(("\\facility", "\\facilities", "\\software"), facility),
    **dict.fromkeys(("\\abstract", "\\Abstract", "\\abstracts"), abstract),
    "\\par": par,
    "\\endgraf": par,
    "\\label": label,
    **dict.fromkeys(
        ("\\ref", "\\eqref", "\\autoref", "\\cref", "\\Cref", "\\pageref", "\\nameref", "\\vref", "\\Autoref", "\\fullref",
         "\\crefrange", "\\Crefrange", "\\subref", "\\labelcref", "\\namecref", "\\nameCref", "\\namecrefs", "\\nameCrefs", "\\lcnamecref", "\\lcnamecrefs", "\\cpageref", "\\autopageref"),
        ref,
    ),
    "\\hyperref": hyperref,
    "\\crefname": crefname,
    "\\Crefname": crefname,
    **dict.fromkeys(("\\footnote", "\\endnote"), footnote),
    **dict.fromkeys(("\\footnotetext", "\\endnotetext"), footnotetext),
    **dict.fromkeys(("\\footnotemark", "\\endnotemark"), footnotemark),
}  # fmt: skip
STRUCTURE_ENVS: dict[str, EnvHandler] = {
    "document": document_env,
    **dict.fromkeys(("acknowledgements", "acknowledgments", "acknowledgement", "acknowledgment", "ack", "acks",
                     "Acknowledgements"), acknowledgements_env),
    **dict.fromkeys(("appendix", "appendices"), appendix_env),
    **dict.fromkeys(("abstract", "abstract*", "Abstract", "onecolabstract"), abstract_env),
    **dict.fromkeys(("keywords", "keyword"), keywords_env),
    # highlights and graphical abstract of elsarticle; the dates of iopart stand in `indented`
    **dict.fromkeys(("highlights", "graphicalabstract", "indented"), dropped_env),
}  # fmt: skip
