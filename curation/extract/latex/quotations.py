"""Quotations of csquotes: their marks, and the work that is quoted behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from curation.extract.latex.stomach import Stomach
    from curation.extract.latex.token_stack import Handler

_OUTER, _INNER = ("“", "”"), ("‘", "’")


def _push(tex: Stomach, marks: tuple[str, str], text: list[str], source: list[str]) -> None:
    tex.push([marks[0], "{", *text, "}", marks[1], *source])


def quote(tex: Stomach, name: str) -> None:
    """`\\enquote{x}` and, with a language before it, `\\foreignquote`, `\\hyphenquote`: a star gives single marks."""
    marks = _INNER if tex.read_star() else _OUTER
    if name != "\\enquote":
        tex.read_arg()
    _push(tex, marks, tex.read_arg(), [])


def quotation(tex: Stomach, name: str) -> None:
    """`\\textquote[source][.]{x}`, `\\textcquote[see][7]{key}[.]{x}` and kin: the source or citation stands behind.

    A language comes first in the forms with `foreign` or `hyphen`; the ones with `cquote` cite a key.
    """
    tex.read_star()
    if name.startswith(("\\foreign", "\\hyphen")):
        tex.read_arg()
    first = tex.read_optional()
    if name.endswith("cquote"):
        second = tex.read_optional()
        notes = [t for note in (first, second) if note is not None for t in ("[", *note, "]")]
        source = [" ", "\\cite", *notes, "{", *tex.read_arg(), "}"]
    else:
        source = [" ", "(", *first, ")"] if first else []
    stop = tex.read_optional() or []
    text = tex.read_arg()
    _push(tex, _OUTER, [*text, *stop], source)


QUOTATIONS: dict[str, Handler] = {
    **dict.fromkeys(("\\enquote", "\\foreignquote", "\\hyphenquote"), quote),
    **dict.fromkeys(
        (f"\\{language}{shape}{cite}quote" for language in ("", "foreign", "hyphen") for shape in ("text", "block")
         for cite in ("", "c")),
        quotation,
    ),
}  # fmt: skip
