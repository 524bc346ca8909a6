"""Citation commands of natbib, biblatex and the journals, and how a citation is printed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from curation.extract.latex.blocks import MARK, MARK_END, Block
from curation.extract.latex.inline_text import join_inline, tidy
from curation.extract.latex.lexer import with_depth
from curation.extract.latex.paper_state import Citation
from curation.extract.latex.sections import leave_acknowledgements

if TYPE_CHECKING:
    from curation.extract.latex.bibliography import Bibliography
    from curation.extract.latex.options import CiteStyle
    from curation.extract.latex.paper_state import EnvHandler
    from curation.extract.latex.stomach import Stomach
    from curation.extract.latex.token_stack import Handler

_TEXTUAL = {"citet", "Citet", "textcite", "Textcite", "citeN", "citeasnoun", "citetext@", "newcite", "shortciteN"}
_BARE = {"citealt", "citealp", "Citealt", "Citealp", "citenum", "cite@bare", "citealias", "smartcite@", "citealtalias"}
_PAREN = {"citep", "Citep", "parencite", "Parencite", "autocite", "Autocite", "footcite", "citeyearpar@", "shortcite",
          "supercite", "onlinecite@", "citebox", "citepalias@", "smartcite", "footcitetext", "citeauthoryear", "fullcite"}  # fmt: skip
_OTHER = {"cite", "onlinecite", "citeauthor", "Citeauthor", "citeyear", "citeyearpar", "citeyearNP", "citeNP", "citetalias",
          "citepalias", "citefullauthor", "citetitle", "citedate"}  # fmt: skip


# REVTeX 4: `\\cite{*[see][and more]key}` changes the entry in the list, not the citation
_KEY_NOTES = re.compile(r"(?:^|(?<=,))\s*\*?\s*(?:\[(?:[^\[\]{}]|\{[^{}]*\})*\]\s*)*\*?")


def cite(tex: Stomach, name: str) -> None:
    """`\\citep*[see][p.~3]{a,b}`: with one optional argument it is the note behind."""
    star = tex.read_star()
    first = tex.read_optional()
    second = tex.read_optional()
    listed = tex.read_name()
    if "[" in listed or "*" in listed:
        listed = _KEY_NOTES.sub("", listed)
    keys = [k.strip() for k in listed.split(",") if k.strip()]
    pre, post = (None, first) if second is None else (first, second)
    if name == "\\nocite":
        return
    pre_text = tidy(tex.inline(pre)) if pre else ""
    post_text = tidy(tex.inline(post)) if post else ""
    if not keys:
        return
    tex.citations.append(Citation(name[1:], keys, pre_text, post_text, star))
    tex.parts.append(f"{MARK}C{len(tex.citations) - 1}{MARK_END}")


def citetext(tex: Stomach, name: str) -> None:
    """`\\citetext{(see ..)}`: brackets around free text."""
    tex.push(["(", *tex.read_arg(), ")"])


def defcitealias(tex: Stomach, name: str) -> None:
    """`\\defcitealias{key}{Paper I}`."""
    key = tex.read_name()
    tex.cite_aliases[key] = tidy(tex.inline(tex.read_arg()))


def bibliography_style(tex: Stomach, name: str) -> None:
    """`\\bibliographystyle{apj}`."""
    tex.bib_style = tex.read_name()


def bibliography(tex: Stomach, name: str) -> None:
    """`\\bibliography{a,b}`, `\\addbibresource{a.bib}`; the .bbl that BibTeX made is read here."""
    tex.read_optional()
    for file in tex.read_name().split(","):
        file = file.strip().removesuffix(".bib")
        if file:
            tex.bib_files.append(file)
    if name == "\\bibliography":
        printbibliography(tex, name)


def printbibliography(tex: Stomach, name: str) -> None:
    """`\\bibliography`, `\\printbibliography`: the place where the .bbl would be read."""
    if name == "\\printbibliography":
        tex.read_optional()
    found = tex.find_file("", "bbl")
    if found is not None and not tex.bbl_read:
        tex.bbl_read = True
        if "\\entry{" in found[1] and "\\endentry" in found[1]:
            tex.biblatex_bbl = found[1]
        else:
            tex.open(found[0], found[1])


def bibliography_env(tex: Stomach, name: str) -> None:
    """`thebibliography`, `references` (aaspp): the list goes to a place of its own."""
    if name == "thebibliography":
        tex.read_arg()
    leave_acknowledgements(tex)
    outer, tex.bib_open = tex.bib_open, True
    tex.bib_current = None
    blocks = tex.run_env(name)
    _finish_item(tex, blocks)
    tex.bib_open = outer


def bibitem(tex: Stomach, name: str) -> None:
    """`\\bibitem[label]{key} text`."""
    label = tex.read_optional()
    key = tex.read_name()
    if not tex.bib_open:
        # a list without its environment
        tex.flush()
        return
    _finish_item(tex)
    tex.bib_current = (key, tidy(tex.inline(label_tokens(label))) if label else "")


def label_tokens(label: list[str]) -> list[str]:
    """A label as natbib's `Short(year)Long`, from whatever form its style writes it in.

    `\\citeauthoryear{long}{short}{1994a}` of chicago and mn.bst, also without the long form, `\\astroncite{short}{1994}`,
    `\\citename{short, }1994`.
    """
    tokens = [t for t in label if t not in ("\\natexlab", "\\protect")]
    at = next((i for i, t in enumerate(tokens) if t in _LABEL_FORMS), None)
    if at is None:
        return tokens
    groups, rest = _groups(tokens[at + 1 :])
    if tokens[at] == "\\citename":
        groups.append([t for t in rest if t.strip()])
    short, year = (groups[-2], groups[-1]) if len(groups) > 1 else ([], [])
    long = groups[0] if len(groups) > 2 else []
    return [*short, "(", *year, ")", *long] if year else tokens


_LABEL_FORMS = frozenset({"\\citeauthoryear", "\\astroncite", "\\citename", "\\BBOP", "\\harvardyearleft"})


def _groups(tokens: list[str]) -> tuple[list[list[str]], list[str]]:
    """The groups at the head of tokens, and what stands behind them."""
    groups: list[list[str]] = []
    pieces = list(with_depth(tokens))
    for i, (tok, depth) in enumerate(pieces):
        if depth == 0 and tok.strip():
            return groups, tokens[i:]
        if tok == "{" and depth == 1:
            groups.append([])
        elif not (tok == "}" and depth == 1) and groups and depth:
            groups[-1].append(tok)
    return groups, []


def harvarditem(tex: Stomach, name: str) -> None:
    """harvard: `\\harvarditem[Short]{Long}{year}{key} text`."""
    short = tex.read_optional()
    long, year, key = tex.read_arg(), tex.read_arg(), tex.read_name()
    if tex.bib_open:
        _finish_item(tex)
        tex.bib_current = (key, tidy(tex.inline([*(short or long), "(", *year, ")", *(long if short else [])])))


def reference(tex: Stomach, name: str) -> None:
    """`\\reference{key} text`, `\\refitem`, `\\rn` of the old AAS styles."""
    key = ""
    if tex.skip_spaces() == "{":
        key = tex.read_name()
    if not tex.bib_open:
        tex.flush()
        return
    _finish_item(tex)
    tex.bib_current = (key, "")


def _finish_item(tex: Stomach, blocks: list[Block] | None = None) -> None:
    """The text since the last \\bibitem belongs to it."""
    tex.flush()
    if blocks is None:
        text = join_inline(tex.flow.blocks)
        tex.flow.blocks.clear()
    else:
        text = join_inline(blocks)
    if tex.bib_current is not None:
        tex.bibitems.append((*tex.bib_current, text))
        tex.bib_current = None


def print_citation(
    c: Citation, bib: Bibliography, style: CiteStyle, aliases: dict[str, str], *, plain_cite: str
) -> str:
    """A citation as the reader sees it.

    `\\cite` alone reads as `plain_cite` says: as text where natbib runs in author-year mode, else in brackets, or without them
    where the author has set brackets around it.
    """
    command = c.command
    if command == "cite":
        # natbib: with a note in square brackets the whole citation is in brackets
        command = "citep" if plain_cite == "citet" and (c.pre or c.post) else plain_cite
    textual = command in _TEXTUAL or command in ("citetalias",)
    if style == "key":
        inner = "; ".join("@" + k for k in c.keys)
        notes = [p for p in (c.pre, inner) if p]
        return "[" + " ".join(notes) + (f", {c.post}" if c.post else "") + "]"
    if style == "drop" and not textual and command not in ("citeauthor", "Citeauthor"):
        return ""
    if command in ("citeauthor", "Citeauthor", "citefullauthor"):
        return _with_notes(c, "; ".join(bib.authors(k, full=c.star or command == "citefullauthor") for k in c.keys))
    if command in ("citeyear", "citeyearNP", "citedate"):
        return _with_notes(c, ", ".join(bib.year(k) for k in c.keys))
    if command == "citeyearpar":
        return f"({_with_notes(c, ', '.join(bib.year(k) for k in c.keys))})"
    if command == "citetitle":
        return ", ".join(bib.title(k) for k in c.keys)
    if command in ("citetalias", "citepalias", "citealias", "citealtalias"):
        names = _with_notes(c, ", ".join(aliases.get(k, bib.author_year(k)) for k in c.keys))
        return f"({names})" if command == "citepalias" else names
    if textual:
        return _textual(c, bib)
    pieces: list[str] = []
    last = ""
    for k in c.keys:
        authors, year = bib.authors(k, full=c.star), bib.year(k)
        if not bib.known(k):
            pieces.append(k)
            last = ""
        elif authors and authors == last and pieces:
            pieces[-1] += f", {year}"
        else:
            pieces.append(f"{authors} {year}".strip())
            last = authors
    body = _with_notes(c, "; ".join(pieces))
    if command in _BARE or command in ("citeNP", "onlinecite"):
        return body
    if all(not bib.known(k) for k in c.keys):
        return f"[{body}]"
    return f"({body})"


def _textual(c: Citation, bib: Bibliography) -> str:
    """`Smith (see 2012a, 2012b; p. 3)`; works of the same people stand in one pair of brackets, as in natbib."""
    out: list[str] = []
    last = ""
    for i, k in enumerate(c.keys):
        authors, year = bib.authors(k, full=c.star), bib.year(k)
        note = f", {c.post}" if c.post and i == len(c.keys) - 1 else ""
        lead = f"{c.pre} " if c.pre and i == 0 else ""
        if not year:
            out.append(f"{authors}{note}" if bib.known(k) else f"[{k}]")
            last = ""
        elif authors == last:
            out[-1] = f"{out[-1][:-1]}, {year}{note})"
        else:
            out.append(f"{authors} ({lead}{year}{note})")
            last = authors
    return "; ".join(out)


def _with_notes(c: Citation, body: str) -> str:
    """`see Smith 2012, p. 3`; a note that brings its own comma or bracket needs no other."""
    if c.pre:
        body = f"{c.pre} {body}"
    if c.post:
        body = f"{body}{'' if c.post[0] in ',;:)' else ','} {c.post}"
    return body


def multicite(tex: Stomach, name: str) -> None:
    """biblatex: `\\parencites(see)(below){a}[p.~3]{b}`: one pair of brackets around all; `\\textcites` has one each."""
    before, after = tex.read_optional("(", ")"), tex.read_optional("(", ")")
    if after is None:
        before, after = None, before
    single = "\\textcite" if name.lower() == "\\textcites" else "\\citealp"
    citations: list[list[str]] = []
    while len(citations) < 100:
        notes: list[str] = []
        for _ in range(2):
            note = tex.read_optional()
            if note is not None:
                notes += ["[", *note, "]"]
        if tex.skip_spaces() != "{":
            break
        citations.append([single, *notes, "{", *tex.read_arg(), "}"])
    tokens: list[str] = []
    for i, citation in enumerate(citations):
        tokens += ["; "] * (i > 0) + citation
    if before:
        tokens = [*before, " ", *tokens]
    if after:
        tokens += [", ", *after]
    brackets = single == "\\citealp" and name != "\\cites"
    tex.push(["(", *tokens, ")"] if brackets else tokens)


CITATIONS: dict[str, Handler] = {
    **dict.fromkeys(
        ("\\" + n for n in (*_TEXTUAL, *_BARE, *_PAREN, *_OTHER, "nocite") if not n.endswith("@") and "@" not in n),
        cite,
    ),
    **dict.fromkeys(
        (
            "\\cites",
            "\\parencites",
            "\\Parencites",
            "\\textcites",
            "\\Textcites",
            "\\autocites",
            "\\Autocites",
            "\\footcites",
            "\\smartcites",
        ),
        multicite,
    ),
    "\\citetext": citetext,
    "\\defcitealias": defcitealias,
    "\\bibliography": bibliography,
    "\\addbibresource": bibliography,
    "\\bibliographystyle": bibliography_style,
    "\\printbibliography": printbibliography,
    "\\bibitem": bibitem,
    "\\harvarditem": harvarditem,
    "\\reference": reference,
    "\\refitem": reference,
}
CITATION_ENVS: dict[str, EnvHandler] = {
    **dict.fromkeys(("thebibliography", "references", "chapthebibliography"), bibliography_env),
}
