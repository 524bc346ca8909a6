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
from curation.extract.latex.blocks import BOLD, BOLD_END, Block, Heading, Para, Region
from curation.extract.latex.bundle import Bundle
from curation.extract.latex.citations import print_citation
from curation.extract.latex.cited_works import bibliography, cite_is_textual, is_old_aastex, plain, read_bbl, references
from curation.extract.latex.known_commands import stomach_for
from curation.extract.latex.macros import Macro
from curation.extract.latex.main_file import is_tex
from curation.extract.latex.markdown import Emitter, split_regions
from curation.extract.latex.options import LatexOptions
from curation.extract.latex.recovery import read_all
from curation.extract.latex.references import ReferenceNames, print_reference
from curation.extract.latex.selfcheck import SelfCheck, check
from curation.extract.latex.stomach import Stomach
from curation.extract.result import Extracted
from curation.text.unseen import unseen_warning
from schemas import Reason


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


def _read(bundle: Bundle, options: LatexOptions) -> LatexExtracted:
    tex = stomach_for(bundle, options)
    tex.open(bundle.main, bundle.text(bundle.main))
    tex.frames[0][1].src = ""
    spent = not read_all(tex)
    if not tex.bbl_read and not tex.bibitems and not spent:
        read_bbl(tex)
    return _assemble(bundle, tex, options, spent)


def _assemble(bundle: Bundle, tex: Stomach, options: LatexOptions, spent: bool) -> LatexExtracted:
    bib = bibliography(bundle, tex)
    old_aastex = is_old_aastex(tex)
    textual_cite = cite_is_textual(tex) and not old_aastex
    names = _reference_names(tex)

    def resolve(kind: str, i: int) -> str:
        if kind == "R" and i < len(tex.references):
            return print_reference(tex.references[i], tex.labels, tex.label_names, names)
        if kind in "BC" and i < len(tex.citations):
            cited = tex.citations[i]
            plain_cite = "citealp" if old_aastex or kind == "B" else "citep"
            if textual_cite and (kind == "C" or any(map(bib.known, cited.keys))):
                plain_cite = "citet"
            return print_citation(cited, bib, options.cite_style, tex.cite_aliases, plain_cite=plain_cite)
        if kind == "N" and i < len(tex.marked_notes) and tex.marked_notes[i][1]:
            return marked("footnote", f"^[{tex.marked_notes[i][1]}]")
        return ""

    blocks = _merge_headings(tex.flow.blocks, plain_tex=tex.in_plain_tex())
    offset = 1 if any(isinstance(b, Heading) and b.level == 1 for b in blocks) else 0
    emitter, words = Emitter(resolve, heading_offset=offset), Emitter(resolve, escapes=False)
    regions = split_regions(blocks)
    title = emitter.inline(tex.front.title)
    if title and tex.front.subtitle:
        title += ": " + emitter.inline(tex.front.subtitle)
    abstract = emitter.blocks(tex.front.abstract)
    body = emitter.blocks(regions["main"])
    facilities = [emitter.paragraph(f) for f in tex.front.facilities]
    thanks = ("acknowledgements", "\n\n".join([emitter.blocks(regions["acknowledgements"]), *facilities]))
    behind = [thanks, ("appendix", emitter.blocks(regions["appendix"]))]
    if _thanks_last(blocks):
        behind.reverse()
    text, sections, title_of = assemble(Parts(title, abstract, [("body", body), *behind]))
    printed = references(tex, bib)
    output = f"{text}\n{printed}"
    sources = [t for k, t in bundle.read_texts() if not k.endswith((".sty", ".cls", ".bbl", ".bib"))]
    result = check(sources, output, unclosed_math=tex.unclosed_math, resynced=options.resync, budget_spent=spent)
    warnings = [f"{w} ({n})" if n > 1 else w for w, n in sorted(tex.warnings.items())]
    warnings += [
        f"{n} bytes of {path} are in no known encoding and stand as U+FFFD, the first on line {line}"
        for path, (n, line) in sorted(bundle.doubtful.items())
    ]
    warnings += [f"missing file {f}" for f in dict.fromkeys(tex.missing_files)][:20]
    warnings += result.warnings()
    warnings += unseen_warning(sources)
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
        authors="; ".join(a for a in (_person(words.inline(a)) for a in tex.front.authors) if a) or None,
        affiliations="\n".join(words.inline(a) for a in tex.front.affiliations) or None,
        references=printed or None,
        facilities="\n".join(facilities) or None,
        n_equations=tex.n_equations,
        n_tables=tex.n_tables,
        undefined_macros=sorted(tex.undefined),
        warnings=warnings,
        check=result,
        is_doubted=not result.trusted,
        main=bundle.main,
        keywords=words.inline(tex.front.keywords) or None,
    )


OFTEN = 10
"""Uses of a name that nobody defined after which a warning names it."""


def _reference_names(tex: Stomach) -> ReferenceNames:
    names = tex.reference_names
    names.options = tex.packages.get("cleveref", "")
    names.parts_in_brackets = "subcaption" not in tex.packages
    for env, (title, counter) in list(tex.theorems.items()):  # a title may declare more
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
