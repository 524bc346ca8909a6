"""The works that a paper cites: its bibliography, read where it lies, and the list of references."""

from __future__ import annotations

import re

from curation.extract.latex.bibliography import Bibliography
from curation.extract.latex.blocks import EMPH
from curation.extract.latex.bundle import Bundle
from curation.extract.latex.citations import printbibliography
from curation.extract.latex.markdown import Emitter
from curation.extract.latex.stomach import Stomach
from curation.extract.latex.token_stack import Budget


def read_bbl(tex: Stomach) -> None:
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
    emitter = Emitter(lambda kind, i: "", escapes=False)
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


def bibliography(bundle: Bundle, tex: Stomach) -> Bibliography:
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


def references(tex: Stomach, bib: Bibliography) -> str:
    """The list as printed, or made from the .bib entries that are cited."""
    if tex.bibitems:
        keys = [key for key, _, _ in tex.bibitems]
        lines = [bib.entries[k].text for k in keys if k in bib.entries]
        lines += [t for k, _, t in tex.bibitems if not k and t]
    else:
        cited = dict.fromkeys(k for c in tex.citations for k in c.keys)
        lines = sorted(bib.entries[k].text for k in cited if k in bib.entries)
    emitter = Emitter(lambda kind, i: "", escapes=not tex.bibitems)
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
