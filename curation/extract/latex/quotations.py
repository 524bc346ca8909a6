"""Quotations of csquotes: their marks, and the work that is quoted behind them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from curation.extract.latex.shorthands import MAIN_LANGUAGE

if TYPE_CHECKING:
    from curation.extract.latex.stomach import Stomach
    from curation.extract.latex.token_stack import Handler

_ENGLISH = (("“", "”"), ("‘", "’"))
_GERMAN = (("„", "“"), ("‚", "‘"))
_FRENCH = (("«", "»"), ("“", "”"))
_OF_LANGUAGES = {
    **dict.fromkeys(("german", "ngerman", "austrian", "naustrian"), _GERMAN),
    **dict.fromkeys(("french", "francais", "frenchb"), _FRENCH),
    **dict.fromkeys(("spanish", "italian"), _FRENCH),
}
"""Marks around a quotation, and around one within it (csquotes.def)."""
_DEPTH = "quotation depth"
_DEEPER = "\\\x00deeper"


def deeper(tex: Stomach, name: str) -> None:
    """Within a quotation: its group knows how deep it stands."""
    tex.note_value(_DEPTH, everywhere=False)
    tex.values[_DEPTH] = tex.values.get(_DEPTH, 0) + 1


def _push(tex: Stomach, text: list[str], source: list[str], *, inner: bool = False) -> None:
    follows = re.search(r"\bautostyle\b(?!\s*=\s*false)", tex.packages.get("csquotes", ""))
    language = tex.values.get("babel language" if follows else MAIN_LANGUAGE, "")
    marks = _OF_LANGUAGES.get(language, _ENGLISH)
    first, last = marks[(tex.values.get(_DEPTH, 0) + inner) % 2]
    tex.push([first, "{", _DEEPER, *text, "}", last, *source])


def quote(tex: Stomach, name: str) -> None:
    """`\\enquote{x}` and, with a language before it, `\\foreignquote`, `\\hyphenquote`: a star gives single marks."""
    star = tex.read_star()
    if name != "\\enquote":
        tex.read_arg()
    _push(tex, tex.read_arg(), [], inner=star)


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
    _push(tex, [*text, *stop], source)


QUOTATIONS: dict[str, Handler] = {
    _DEEPER: deeper,
    **dict.fromkeys(("\\enquote", "\\foreignquote", "\\hyphenquote"), quote),
    **dict.fromkeys(
        (f"\\{language}{shape}{cite}quote" for language in ("", "foreign", "hyphen") for shape in ("text", "block")
         for cite in ("", "c")),
        quotation,
    ),
}  # fmt: skip
