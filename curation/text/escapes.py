"""Text that stands in Markdown as text: what of it a reader of Markdown would take for structure is escaped, and nothing else.

Links, images, HTML, comments, entities, notes, emphasis, code and math inside a paragraph, and what makes of its beginning
a heading, list, quote, table, fence, rule or definition (CommonMark 0.31, pandoc's notes and math). A `<` before a number,
a bracket, an underscore in a name, a lone star or dollar are no structure and stay as they are. What no reader sees is left out first: it
would part a mark from what it is the mark of, until it is gone.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html.entities import html5

from curation.text.unseen import without_unseen

_AHEAD = 400
"""Characters in which the other mark of a pair is looked for: a bound, or many marks would take quadratic time."""
_STRUCTURE = "|".join(
    (
        r"\\[!-/:-@\[-`{-~]",  # escaped already
        r"(?P<tag><)(?=[A-Za-z/!?])",
        r"(?P<link>\][\ufdd0-\ufdef]*)(?=\()",
        r"(?P<note>(?<![\ufdd0-\ufdef])\^)(?=\[)",
        r"(?P<entity>&)(?=(?:[A-Za-z][A-Za-z0-9]{1,31}|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});)",
        rf"(?P<code>(?<!`)`++)(?=[^`\n]{{1,{_AHEAD}}}`)",
        rf"(?P<stars>(?<!\*)(?:(?<![^\W_])\*++(?=\S)|\*++(?=[^\W_]))(?=[^\n]{{0,{_AHEAD}}}?[^\s*]\*))",
        rf"(?P<lines>(?<![^\W])_++(?=\S)(?=[^\n]{{0,{_AHEAD}}}?[^\s_]_+(?![^\W_])))",
    )
)
_DOLLAR = r"(?P<dollar>\$)"
_REFERENCE = r"(?P<reference>\[)(?=\^[^\]\s]{1,80}\])"
_BEGINS = re.compile(
    r"(?P<whole>#+|>|\||[-+*](?=\s|\Z)|`{3}|~{3}|(?=[*_-])(?:[*_-][ \t]*){3,}\Z|\[(?=[^\]\n]{1,200}\]:))"
    r"|(?P<number>\d{1,9})(?=[.)](?:\s|\Z))"
)
_OPENS = re.compile(r"[<\]^&`*_$]")


def escaper(kept: str = "", *, dollars: bool = False, notes: bool = False) -> Callable[[str], str]:
    """A function that escapes what would be structure inside of a paragraph; what is escaped already stays so.

    Args:
        kept: pattern of stretches that are ours and stay as they are.
        dollars: whether a dollar is money: in a text whose math is not marked, it is.
        notes: whether `[^1]` is printed so: in a text whose notes have no marks of ours, it is.
    """
    parts = [f"(?:{kept})"] if kept else []
    pattern = re.compile(
        "|".join([*parts, _STRUCTURE, *([_DOLLAR] if dollars else []), *([_REFERENCE] if notes else [])])
    )

    def escaped(text: str) -> str:
        text = without_unseen(text)
        return pattern.sub(_escaped, text) if _OPENS.search(text) else text

    return escaped


def _escaped(found: re.Match[str]) -> str:
    said = found.group()
    if not found.lastgroup or (found.lastgroup == "entity" and not _is_entity(found)):
        return said
    if found.lastgroup in ("link", "note"):  # the mark in front may be ours, the bracket behind is the text's
        return said + "\\"
    return "".join("\\" + char for char in said)


def _is_entity(found: re.Match[str]) -> bool:
    name = found.string[found.end() :].partition(";")[0]
    return name[0] == "#" or f"{name};" in html5


def as_paragraph(text: str) -> str:
    """A text whose structure inside is escaped, so that it begins no other block than a paragraph."""
    text = without_unseen(text)
    begins = _BEGINS.match(text)
    if begins is None:
        return text
    if number := begins["number"]:
        return f"{number}\\{text[begins.end() :]}"
    return f"\\{text}"
