"""LaTeX to training text: puts the bundle, the stomach and the emitter together.

The text is title, abstract, body, and acknowledgements and appendix in the order in which the paper prints them; facilities
close the acknowledgements. References, authors, affiliations and facilities stand in fields of their own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from curation.errors import PaperError
from curation.extract.form import Parts, assemble, marked
from curation.extract.latex.algorithms import ALGORITHM_COMMANDS, ALGORITHM_ENVS
from curation.extract.latex.amsppt import AMSPPT, MATH_FONT_COMMANDS
from curation.extract.latex.arguments import read_argument
from curation.extract.latex.bibliography import Bibliography
from curation.extract.latex.blocks import BOLD, BOLD_END, EMPH, Block, Heading, Para, Region
from curation.extract.latex.boxes import BOX_ENVS, BOX_SIZES, BOXES
from curation.extract.latex.bundle import Bundle
from curation.extract.latex.characters import CHARACTER_MATH, CHARACTERS
from curation.extract.latex.citations import CITATION_ENVS, CITATIONS, print_citation, printbibliography
from curation.extract.latex.command_forms import COMMAND_FORMS, MATH_FORMS
from curation.extract.latex.conditions import BRANCHES
from curation.extract.latex.counters import ASSIGNMENTS
from curation.extract.latex.decisions import DECISIONS
from curation.extract.latex.definitions import DEFINITIONS
from curation.extract.latex.displays import MATH_ENVS
from curation.extract.latex.expansion import EXPANDABLE, EXPANSIONS, QUANTITIES, UNEXPANDING
from curation.extract.latex.fixed_names import FIXED_NAMES
from curation.extract.latex.floats import FLOAT_COMMANDS, FLOAT_ENVS
from curation.extract.latex.fonts import FONTS
from curation.extract.latex.glossary import GLOSSARY
from curation.extract.latex.ions import ION_MATH, IONS
from curation.extract.latex.lists import LIST_ENVS, LISTS
from curation.extract.latex.loops import LOOPS
from curation.extract.latex.macros import Macro
from curation.extract.latex.main_file import is_tex
from curation.extract.latex.markdown import Emitter, split_regions
from curation.extract.latex.math_commands import add_math_commands, m_text_command
from curation.extract.latex.mathmode import MATH_TEXT
from curation.extract.latex.old_tables import OLD_TABLE_ENVS, OLD_TABLES
from curation.extract.latex.options import LatexOptions
from curation.extract.latex.pages import PAGES, PICTURE_ENVS
from curation.extract.latex.parameters import default_values
from curation.extract.latex.phyzzx import PHYZZX
from curation.extract.latex.plain import HARVMAC, PLAIN, PLAIN_MATH
from curation.extract.latex.quotations import QUOTATIONS
from curation.extract.latex.references import ReferenceNames, print_reference
from curation.extract.latex.selfcheck import SelfCheck, check
from curation.extract.latex.signatures import SIGNATURES
from curation.extract.latex.stomach import Stomach
from curation.extract.latex.structure import STRUCTURE, STRUCTURE_ENVS
from curation.extract.latex.tables import TABLE_ENVS, TABLES, m_tablenotemark
from curation.extract.latex.theorems import THEOREM_ENVS, THEOREMS
from curation.extract.latex.token_stack import Budget, Entry
from curation.extract.latex.units import UNIT_COMMANDS, UNIT_MATH
from curation.extract.latex.verbatim import VERBATIM, VERBATIM_ENVS
from curation.extract.result import Extracted
from schemas import Reason

_COMMANDS: dict[str, Entry] = {
    **COMMAND_FORMS,
    **SIGNATURES,
    **FIXED_NAMES,
    **GLOSSARY,
    **CHARACTERS,
    **PAGES,
    **IONS,
    **PLAIN,
    **FONTS,
    **STRUCTURE,
    **FLOAT_COMMANDS,
    **VERBATIM,
    **ALGORITHM_COMMANDS,
    **LISTS,
    **CITATIONS,
    **TABLES,
    **OLD_TABLES,
    **UNIT_COMMANDS,
    **MATH_TEXT,
    **THEOREMS,
    **QUOTATIONS,
    **BOXES,
    **ASSIGNMENTS,
    **LOOPS,
    **EXPANSIONS,
    **DECISIONS,
    **DEFINITIONS,
    **BRANCHES,
}
_ENVIRONMENTS = {
    **LIST_ENVS,
    **THEOREM_ENVS,
    **STRUCTURE_ENVS,
    **FLOAT_ENVS,
    **VERBATIM_ENVS,
    **PICTURE_ENVS,
    **ALGORITHM_ENVS,
    **TABLE_ENVS,
    **OLD_TABLE_ENVS,
    **CITATION_ENVS,
    **BOX_ENVS,
    **MATH_ENVS,
}
_BRACES = ("{", "}", "\\bgroup", "\\egroup", "\\begingroup", "\\endgroup")
# what a paper cannot redefine: without these nothing else would be read right
_CORE = frozenset(
    name
    for table in (_BRACES, STRUCTURE, FLOAT_COMMANDS, VERBATIM, LISTS, CITATIONS, TABLES, MATH_TEXT, THEOREMS, DEFINITIONS, BRANCHES, EXPANSIONS, DECISIONS)
    for name in table
) - {"\\fig", "\\url@", "\\software", "\\object", "\\path", "\\entry", "\\code", "\\subref", "\\tnote", "\\ack", "\\nl",
     "\\Item", "\\reference", "\\variable", "\\collaboration", "\\endnote", "\\endnotetext", "\\endnotemark", "\\hyperref", "\\change", "\\specialcell", "\\note", "\\import", "\\email",
     "\\or@", "\\tmark", "\\thead", "\\affil", "\\address", "\\figurenum", "\\rightfig", "\\leftfig", "\\tablenote",
     "\\fullref", "\\vref", "\\acks", "\\acknow", "\\institution", "\\Title", "\\Abstract", "\\boxedfig", "\\robustify"}  # fmt: skip
add_math_commands(CHARACTER_MATH)
add_math_commands(UNIT_MATH)
add_math_commands(PLAIN_MATH)
add_math_commands(MATH_FORMS)
add_math_commands(ION_MATH)
add_math_commands(MATH_FONT_COMMANDS)
_FORMATS: dict[str, dict[str, Entry]] = {"harvmac": HARVMAC, "lanlmac": HARVMAC, "phyzzx": PHYZZX, "amsppt": AMSPPT}
add_math_commands({"\\tablenotemark": m_tablenotemark})
add_math_commands(
    dict.fromkeys(
        [n for n in CITATIONS if "cite" in n]
        + ["\\ref", "\\eqref", "\\autoref", "\\cref", "\\Cref", "\\multicolumn", "\\verb", "\\url", "\\gls", "\\ac"],
        m_text_command,
    )
)


@dataclass(slots=True)
class LatexExtracted(Extracted):
    """An `Extracted` with the figures of its self-check."""

    check: SelfCheck | None = None


def is_latex(files: Mapping[str, bytes]) -> bool:
    """Whether some file of the bundle can be a TeX paper."""
    return any(is_tex(k, v) for k, v in files.items())


def extract_latex(
    files: Mapping[str, bytes], *, main: str | None = None, options: LatexOptions | None = None
) -> LatexExtracted:
    """Read the paper in a bundle of files.

    Args:
        files: relative POSIX path -> bytes.
        main: the main file, when the caller knows it.
        options: choices and budgets.

    Raises:
        PaperError: `no_main_file`, `too_large`, `no_text`, `unreadable` (in an encoding that nothing tells).
    """
    options = options or LatexOptions()
    total = sum(len(v) for k, v in files.items() if k.lower().endswith((".tex", ".ltx", ".txt")) or "." not in k)
    bundle = Bundle(files, main)
    if total > options.max_source_chars and len(files.get(bundle.main, b"")) > options.max_source_chars:
        raise PaperError(Reason.TOO_LARGE, f"{bundle.main}: more than {options.max_source_chars} characters of source")
    best = _read(bundle, options)
    bundle.check_encodings()
    doubt = best.check
    if doubt is not None and not doubt.trusted and not doubt.budget_spent and not options.resync:
        second = _read(bundle, replace(options, resync=True))
        if second.check is not None and _is_better(second.check, doubt):
            best = second
    if len(_WORDS.findall(best.text)) < 20:
        raise PaperError(Reason.NO_TEXT, f"{bundle.main}: the source holds no running text")
    return best


_WORDS = re.compile(r"[^\W\d_]{2,}")


def _is_better(second: SelfCheck, first: SelfCheck) -> bool:
    """Whether the more suspicious reading found more, or as much without what was wrong with the first."""
    if first.is_swollen and not second.is_swollen:
        return second.found > first.found - 0.02
    return second.found > first.found + 0.02


def _stomach(bundle: Bundle, options: LatexOptions) -> Stomach:
    tex = Stomach(options)
    tex.defs = dict(_COMMANDS)
    tex.env_handlers = _ENVIRONMENTS
    tex.primitives = _COMMANDS
    tex.core = _CORE
    tex.command_forms = COMMAND_FORMS
    tex.free_envs = frozenset(LIST_ENVS)
    tex.expandables = EXPANDABLE
    tex.unexpanding = UNEXPANDING
    tex.quantities = {**QUANTITIES, **BOX_SIZES}
    tex.values.update(default_values())
    tex.read_document_argument = read_argument
    tex.find_file = bundle.find
    tex.use_format = lambda name: tex.defs.update(_FORMATS[name])
    return tex


def _read(bundle: Bundle, options: LatexOptions) -> LatexExtracted:
    tex = _stomach(bundle, options)
    tex.open(bundle.main, bundle.text(bundle.main))
    tex.frames[0][1].src = ""
    spent = False
    try:
        tex.run()
        tex.flush()
    except Budget:
        spent = True
        tex.warn("token budget spent: the end of the paper is missing")
        _unwind(tex)
    except RecursionError:
        spent = True
        tex.warn(f"nested too deeply at {tex.where()}: the end of the paper is missing")
        _unwind(tex)
    if not tex.bbl_read and not tex.bibitems and not spent:
        _read_bbl(tex)
    return _assemble(bundle, tex, options, spent)


def _unwind(tex: Stomach) -> None:
    """Save what was read when the budget ran out, in order of nesting."""
    tex.flow.blocks.extend(())
    for flow in [*tex.outer_flows, tex.flow]:
        tex.flow = flow
        tex.parts = flow.parts
        tex.flush()
    if tex.outer_flows:
        root = tex.outer_flows[0]
        for flow in [*tex.outer_flows[1:], tex.flow]:
            if flow is not root:
                root.blocks.extend(flow.blocks)
        tex.flow = root
        tex.parts = root.parts


def _read_bbl(tex: Stomach) -> None:
    """The .bbl of a paper that never calls it (its \\bibliography is commented out or in a class)."""
    blocks = list(tex.flow.blocks)
    try:
        printbibliography(tex, "\\printbibliography@")
        tex.run()
    except Budget:
        tex.warn("token budget spent in the bibliography")
    tex.flow.blocks[:] = blocks


def plain(tex: Stomach, source: str) -> str:
    """A small piece of TeX (a BibTeX field, a label) as plain text."""
    if not source:
        return ""
    if not any(c in source for c in "\\{}$~`-'"):
        return source
    emitter = Emitter(lambda kind, i: "")
    try:
        text = emitter.inline(tex.inline(_tokens(_MATH_ACCENT.sub(_text_accent, source))))
    except Budget:
        return re.sub(r"[\\{}$]", "", source)
    return text.replace("*", "").replace("`", "") if EMPH not in source else text


# `Bo$\\check{s}$njak`: the accents of math, borrowed for names
_MATH_ACCENT = re.compile(
    r"\$\s*\\(check|acute|grave|tilde|hat|bar|dot|ddot|breve|mathring)\s*\{?\s*(\\[ij]math|[A-Za-z])\s*\}?\s*\$"
)
_ACCENTS = {"check": "v", "acute": "'", "grave": "`", "tilde": "~", "hat": "^", "bar": "=", "dot": ".", "ddot": '"',
            "breve": "u", "mathring": "r"}  # fmt: skip


def _text_accent(m: re.Match[str]) -> str:
    return f"{{\\{_ACCENTS[m.group(1)]}{{{m.group(2).removesuffix('math')}}}}}"


def _tokens(source: str) -> list[str]:
    from curation.extract.latex.lexer import tokenize

    return tokenize(source)


def _bibliography(bundle: Bundle, tex: Stomach) -> Bibliography:
    bib = Bibliography(tex.bib_style)
    emitter = Emitter(lambda kind, i: "")
    for key, label, text in tex.bibitems:
        bib.add_bibitem(key, emitter.inline(label).replace("*", ""), emitter.inline(text))
    if tex.biblatex_bbl:
        bib.add_biblatex(tex.biblatex_bbl, lambda s: plain(tex, s))
    wanted = {k for c in tex.citations for k in c.keys}
    for src in bundle.bib_files():
        bib.add_bib(src, wanted, lambda s: plain(tex, s))
    bib.tell_years_apart()
    return bib


def _assemble(bundle: Bundle, tex: Stomach, options: LatexOptions, spent: bool) -> LatexExtracted:
    bib = _bibliography(bundle, tex)
    old_aastex = is_old_aastex(tex)
    textual_cite = cite_is_textual(tex) and not old_aastex
    names = _reference_names(tex)

    def resolve(kind: str, i: int) -> str:
        if kind == "R" and i < len(tex.references):
            return print_reference(tex.references[i], tex.labels, tex.label_names, names)
        if kind in "BC" and i < len(tex.citations):
            plain_cite = "citealp" if old_aastex or kind == "B" else "citep"
            return print_citation(
                tex.citations[i],
                bib,
                options.cite_style,
                tex.cite_aliases,
                plain_cite="citet" if textual_cite else plain_cite,
            )
        if kind == "N" and i < len(tex.marked_notes) and tex.marked_notes[i][1]:
            return marked("footnote", f"^[{tex.marked_notes[i][1]}]")
        return ""

    blocks = _merge_headings(tex.flow.blocks, plain_tex=tex.in_plain_tex())
    offset = 1 if any(isinstance(b, Heading) and b.level == 1 for b in blocks) else 0
    emitter = Emitter(resolve, heading_offset=offset)
    regions = split_regions(blocks)
    title = emitter.inline(tex.front.title)
    if title and tex.front.subtitle:
        title += ": " + emitter.inline(tex.front.subtitle)
    abstract = emitter.blocks(tex.front.abstract)
    body = emitter.blocks(regions["main"])
    facilities = [emitter.inline(f) for f in tex.front.facilities]
    thanks = ("acknowledgements", "\n\n".join([emitter.blocks(regions["acknowledgements"]), *facilities]))
    behind = [thanks, ("appendix", emitter.blocks(regions["appendix"]))]
    if _thanks_last(blocks):
        behind.reverse()
    text, sections, title_of = assemble(Parts(title, abstract, [("body", body), *behind]))
    references = _references(tex, bib)
    output = f"{text}\n{references}"
    sources = [t for k, t in bundle.read_texts() if not k.endswith((".sty", ".cls", ".bbl", ".bib"))]
    result = check(sources, output, unclosed_math=tex.unclosed_math, resynced=options.resync, budget_spent=spent)
    warnings = [f"{w} ({n})" if n > 1 else w for w, n in sorted(tex.warnings.items())]
    warnings += [f"{n} bytes of {path} are in no known encoding" for path, n in sorted(bundle.doubtful.items())]
    warnings += [f"missing file {f}" for f in dict.fromkeys(tex.missing_files)][:20]
    warnings += result.warnings()
    warnings += [
        f"{name} is not defined, and is used {n} times" for name, n in sorted(tex.undefined.items()) if n >= OFTEN
    ]
    if unresolved := output.count("??"):
        warnings.append(f"?? stands for a reference or a number that is not known ({unresolved})")
    missing = {key for citation in tex.citations for key in citation.keys if key not in bib.entries}
    if missing:
        warnings.append(f"cited works that are not in the bibliography ({len(missing)})")
    return LatexExtracted(
        text=text,
        sections=sections,
        route="latex-resync" if options.resync else "latex",
        title=title_of,
        authors="; ".join(a for a in (_person(emitter.inline(a)) for a in tex.front.authors) if a) or None,
        affiliations="\n".join(emitter.inline(a) for a in tex.front.affiliations) or None,
        references=references or None,
        facilities="\n".join(facilities) or None,
        n_equations=tex.n_equations,
        n_tables=tex.n_tables,
        undefined_macros=sorted(tex.undefined),
        warnings=warnings,
        check=result,
        is_doubted=not result.trusted,
        main=bundle.main,
        keywords=emitter.inline(tex.front.keywords) or None,
    )


OFTEN = 10
"""Uses of a name that nobody defined after which a warning names it."""


def _reference_names(tex: Stomach) -> ReferenceNames:
    names = tex.reference_names
    names.options = tex.packages.get("cleveref", "")
    for env, (title, counter) in tex.theorems.items():
        names.theorems[env] = (plain(tex, title), counter)
    counters = {counter for _, counter in tex.theorems.values()}
    for kind in (
        "equation",
        "figure",
        "table",
        "section",
        "appendix",
        "item",
        "footnote",
        "algorithm",
        *sorted(counters),
    ):
        macro = tex.defs.get(f"\\{kind}autorefname")
        if isinstance(macro, Macro) and not macro.builtin:
            names.autoref[kind] = plain(tex, f"\\{kind}autorefname")
    return names


def _thanks_last(blocks: list[Block]) -> bool:
    """Whether the acknowledgements stand behind the appendix."""
    names = [b.name for b in blocks if isinstance(b, Region) and b.name != "main"]
    return names[:1] == ["appendix"] and "acknowledgements" in names


def _person(text: str) -> str:
    return re.sub(r"\s*\$\^?\{?[\d,*† ]*\}?\$", "", text).strip(" ,")


_BOLD_LINE = re.compile(f"{BOLD}([^{BOLD}{BOLD_END}]{{3,80}}[^.{BOLD}{BOLD_END}]){BOLD_END}")


def _merge_headings(blocks: list[Block], *, plain_tex: bool) -> list[Block]:
    """Drop headings that nothing follows at the end, and empty paragraphs."""
    out = [b for b in blocks if not (isinstance(b, Para) and not b.text)]
    if plain_tex:
        # without \\section a short bold paragraph is a heading
        out = [
            Heading(2, m.group(1)) if isinstance(b, Para) and (m := _BOLD_LINE.fullmatch(b.text)) else b for b in out
        ]
    while out and isinstance(out[-1], Heading):
        out.pop()
    return out


def _references(tex: Stomach, bib: Bibliography) -> str:
    """The list as printed, or made from the .bib entries that are cited."""
    if tex.bibitems:
        keys = [key for key, _, _ in tex.bibitems]
        lines = [bib.entries[k].text for k in keys if k in bib.entries]
        lines += [t for k, _, t in tex.bibitems if not k and t]
    else:
        cited = dict.fromkeys(k for c in tex.citations for k in c.keys)
        lines = sorted(bib.entries[k].text for k in cited if k in bib.entries)
    emitter = Emitter(lambda kind, i: "")
    return "\n".join("- " + emitter.inline(line) for line in dict.fromkeys(lines) if line)


_YEAR_IN_LABEL = re.compile(r"\(\s*(?:\d{4}|in press|in prep|submitted)")
_NUMERIC_STYLES = re.compile(
    r"^(?:plain|unsrt|abbrv|alpha|ieeetr|siam|acm|IEEEtran|naturemag|nature|JHEP|utphys|apsrev.*|h-physrev.*|elsarticle-num.*|spie\w*)$"
)
_AUTHORYEAR_CLASSES = re.compile(
    r"aastex|emulateapj|mnras|mn2e|^aa$|openjournal|^jss$|raa|pasj|ar-1col|copernicus|aasms|aaspp|sn-jnl"
)


_OLD_AASTEX = re.compile(r"aas(?:ms|pp|2pp)\d?|apjpt\d?|aasmacros")


def is_old_aastex(tex: Stomach) -> bool:
    """AASTeX to version 4, a style of LaTeX 2.09: `\\cite` prints the bare label, the brackets are the author's."""
    return "natbib" not in tex.packages and any(
        _OLD_AASTEX.fullmatch(name) for name in (tex.document_class, *tex.packages)
    )


def cite_is_textual(tex: Stomach) -> bool:
    """Whether a bare `\\cite` reads "Smith (2012)": natbib in author-year mode. Numeric styles print "[3]"."""
    options = tex.packages.get("natbib")
    if options is not None and re.search(r"number|super|sort&compress,numbers", options):
        return False
    if _AUTHORYEAR_CLASSES.search(tex.document_class):
        return True
    if options is None:
        return False
    # natbib's own mode is author-year, which it leaves when the list has no years in its labels
    labels = [label for _, label, _ in tex.bibitems]
    if labels:
        return any(_YEAR_IN_LABEL.search(label) for label in labels)
    return not _NUMERIC_STYLES.search(tex.bib_style)
