"""AMS-TeX's preprint style: `\\title..\\endtitle`, `\\proclaim{..}..\\endproclaim`, `\\ref\\by..\\endref`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from curation.extract.latex.blocks import BOLD, BOLD_END, EMPH, EMPH_END, Heading
from curation.extract.latex.inline_text import tidy
from curation.extract.latex.lexer import END, FROZEN, tokenize, untokenize
from curation.extract.latex.macros import Macro, builtin
from curation.extract.latex.notes import add_note
from curation.extract.latex.sections import heading_text, without_notes
from curation.extract.latex.structure import bye, silent

if TYPE_CHECKING:
    from curation.extract.latex.math_marks import MathHandler
    from curation.extract.latex.stomach import Stomach
    from curation.extract.latex.token_stack import Entry

_MAX_TOKENS = 20_000


def until(tex: Stomach, ends: tuple[str, ...]) -> list[str]:
    """Tokens up to one of some names, which is read too; the end of the file stays."""
    tokens: list[str] = []
    while len(tokens) < _MAX_TOKENS:
        tok = tex.next()
        if tok == END:
            tex.pb.append(tok)
            break
        if tok in ends:
            break
        tokens.append(tok)
    return tokens


def _between(tex: Stomach, name: str) -> list[str]:
    return until(tex, ("\\end" + name[1:],))


def title(tex: Stomach, name: str) -> None:
    """`\\title .. \\endtitle`."""
    tex.front.title = heading_text(tex, _between(tex, name)) or tex.front.title


def author(tex: Stomach, name: str) -> None:
    """`\\author .. \\endauthor`."""
    tex.front.authors.append(without_notes(tex, _between(tex, name)))


def affil(tex: Stomach, name: str) -> None:
    """`\\affil .. \\endaffil`, `\\address .. \\endaddress`."""
    if text := without_notes(tex, _between(tex, name)):
        tex.front.affiliations.append(text)


def abstract(tex: Stomach, name: str) -> None:
    """`\\abstract .. \\endabstract`."""
    tex.front.abstract.extend(tex.capture(_between(tex, name)))


def keywords(tex: Stomach, name: str) -> None:
    """`\\keywords .. \\endkeywords`."""
    tex.front.keywords = tidy(tex.inline(_between(tex, name)))


def left_out(tex: Stomach, name: str) -> None:
    """`\\thanks .. \\endthanks`, `\\date`, `\\email`, `\\subjclass`: no running text."""
    _between(tex, name)


def heading(tex: Stomach, name: str) -> None:
    """`\\head .. \\endhead`, `\\subhead`, `\\heading`, `\\specialhead`."""
    text = heading_text(tex, _between(tex, name))
    if text:
        tex.add(Heading(3 if name.startswith("\\sub") else 2, text))


def begun(tex: Stomach, name: str) -> None:
    """`\\proclaim{Theorem 1}`, `\\demo{Proof}`, `\\remark{Remark}`: its name in bold before its text."""
    head = heading_text(tex, tex.read_arg()).rstrip(".")
    tex.flush()
    tex.parts.append(f"{BOLD}{head}.{BOLD_END} ")


def ended(tex: Stomach, name: str) -> None:
    """`\\endproclaim`, `\\enddemo`."""
    tex.flush()


def roster(tex: Stomach, name: str) -> None:
    """`\\roster \\item one \\item"(b)" two \\endroster`: numbered in brackets unless an item has its own sign."""
    tokens = until(tex, ("\\endroster",))
    items: list[list[str]] = []
    for tok in tokens:
        if tok in ("\\item", "\\\\item"):
            items.append([])
        elif items:
            items[-1].append(tok)
    out = ["\\begin", "{", "itemize", "}"]
    for n, item in enumerate(items, 1):
        text = untokenize(item).lstrip()
        sign, _, rest = text[1:].partition('"') if text[:1] == '"' else (f"({n})", "", text)
        out += ["\\item", "[", *tokenize(sign), "]", *tokenize(rest)]
    tex.push([*out, "\\end", "{", "itemize", "}"])


def footnote(tex: Stomach, name: str) -> None:
    """`\\footnote{text}`, `\\footnote"*"{text}`."""
    if tex.skip_spaces()[0] == '"':
        tex.next_char()
        while tex.next_char() not in ('"', END):
            pass
    add_note(tex, tex.read_arg())


def document(tex: Stomach, name: str) -> None:
    """`\\document`: what was printed before is no text."""
    tex.parts.clear()
    tex.flow.blocks.clear()


_FIELDS = (
    *("no", "key", "by", "manyby", "bysame", "paper", "paperinfo", "book", "bookinfo", "inbook", "procinfo", "jour", "issue", "vol", "yr"),
    *("page", "pages", "publ", "publaddr", "ed", "eds", "toappear", "finalinfo", "moreref", "lang", "transl", "miscnote", "nofrills"),
)  # fmt: skip


def reference(tex: Stomach, name: str) -> None:
    """`\\ref\\no 1\\by J. Doe\\paper On stars\\jour J. Phys.\\vol 3\\yr 1990\\pages 4--5\\endref`, as it is printed."""
    fields: dict[str, list[str]] = {}
    current: list[str] = []
    for tok in until(tex, ("\\endref",)):
        if tok[1:] in _FIELDS and tok[0] == "\\":
            current = fields.setdefault(tok[1:], [])
        else:
            current.append(tok)
    said = {key: tidy(tex.inline(tokens)).strip(" ,") for key, tokens in fields.items()}
    title = said.get("paper") or said.get("book") or ""
    journal = said.get("jour", "")
    if journal:
        volume = f" {said['vol']}" if said.get("vol") else ""
        journal += volume + (f" ({said['yr']})" if said.get("yr") else "")
    pieces = [
        said.get("by") or said.get("manyby", ""),
        f"{EMPH}{title}{EMPH_END}" if title else "",
        f"in {said['inbook']}" if said.get("inbook") else "",
        journal,
        *(said.get(k, "") for k in ("bookinfo", "paperinfo", "publ", "publaddr")),
        "" if journal else said.get("yr", ""),
        said.get("pages") or said.get("page", ""),
    ]
    text = ", ".join(p for p in pieces if p)
    if text:
        tex.bibitems.append((said.get("key") or said.get("no", ""), "", text + "."))


def cite(tex: Stomach, name: str) -> None:
    """`\\cite{3}`, `\\cite{3, p.~5}`: a key, and where in the work."""
    keys: list[str] = []
    notes: list[str] = []
    for piece in tex.plain_text(tex.read_arg()).split(","):
        (notes if keys and not piece.strip().isalnum() else keys).append(piece.strip())
    note = ["[", *tokenize(", ".join(notes)), "]"] if notes else []
    tex.push(["\\cite" + FROZEN, *note, "{", ",".join(keys), "}"])


def math_font(name: str) -> Macro:
    """`\\Bbb R` is `\\mathbb{R}`."""
    return builtin("m", "\\ensuremath{\\" + name + "{#1}}")


def m_font(tex: Stomach, name: str, out: list[str]) -> None:
    """The same inside math."""
    out += ["\\" + MATH_FONTS[name], "{", *tex.read_arg(), "}"]


MATH_FONTS = {
    "\\Bbb": "mathbb",
    "\\Cal": "mathcal",
    "\\frak": "mathfrak",
    "\\goth": "mathfrak",
    "\\bold": "mathbf",
    "\\roman": "mathrm",
}
_LEFT_OUT = (
    "thanks",
    "date",
    "email",
    "subjclass",
    "dedicatory",
    "curraddr",
    "translator",
    "toc",
    "urladdr",
    "keywordsname@",
)
_BEGUN = ("proclaim", "demo", "remark", "definition", "example")
AMSPPT: dict[str, Entry] = {
    **dict.fromkeys(("\\topmatter", "\\endtopmatter", "\\qed", "\\TagsOnRight", "\\TagsOnLeft", "\\NoBlackBoxes", "\\NoRunningHeads",
                     "\\nologo", "\\NoPageNumbers", "\\CenteredTagsOnSplits", "\\loadbold", "\\loadeufm", "\\loadmsbm", "\\loadmsam",
                     "\\UseAMSsymbols", "\\Refs", "\\endRefs", "\\nofrills", "\\BlackBoxes", "\\Monograph"), silent),
    "\\title": title,
    "\\author": author,
    **dict.fromkeys(("\\affil", "\\address"), affil),
    "\\abstract": abstract,
    "\\keywords": keywords,
    **{f"\\{n}": left_out for n in _LEFT_OUT if not n.endswith("@")},
    **dict.fromkeys(("\\head", "\\subhead", "\\subsubhead", "\\heading", "\\specialhead"), heading),
    **{f"\\{n}": begun for n in (*_BEGUN, "subheading")},
    **{f"\\end{n}": ended for n in _BEGUN},
    "\\roster": roster,
    "\\footnote": footnote,
    "\\document": document,
    "\\enddocument": bye,
    "\\ref": reference,
    "\\cite": cite,
    **{f"\\{n}": builtin("m", "") for n in ("pagewidth", "pageheight", "vcorrection", "hcorrection", "leftheadtext", "rightheadtext")},
    **{name: math_font(font) for name, font in MATH_FONTS.items()},
    "\\thetag": builtin("m", "(#1)"),
}  # fmt: skip
MATH_FONT_COMMANDS: dict[str, MathHandler | Macro] = dict.fromkeys(MATH_FONTS, m_font)
