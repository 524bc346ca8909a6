"""The mouth: source text to tokens, with the category codes that matter to text extraction.

A token is a `str`. Its first character tells its kind: a backslash begins a control sequence, one of
``{ } $ & ^ _ ~ #`` is that special character, a single space is white space, anything else is a run of
plain text. A whole paragraph of plain words is one token, which is what makes pure Python fast enough.
TeX's own rules that the patterns keep: blanks after a control word vanish (state S), one line end is a
space, an empty line is ``\\par``, a comment eats its line end and the indentation that follows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

PAR = "\\par"
SPACE = " "
END = "\\\x00end"  # closes a pushed token list; no source can contain it, NULs are removed on reading
FROZEN = "\x01"  # ends the name of a command that was \let: its own meaning, whatever the name is given later

EXPL = "\x02"  # among the letters: the syntax of expl3, in which blanks are nothing and ~ is a blank

# where a line end is no paragraph break; then the blanks that open the next line
_SOFT_EOL = r"\n(?![ \t]*+\n)[ \t]*+"


@lru_cache(maxsize=64)
def pattern(letters: str, plain: str, active: str = "") -> re.Pattern[str]:
    """The token pattern of one category-code regime.

    Args:
        letters: characters with catcode 11 beside A-Z and a-z (in practice ``@``, ``_``, ``:``).
        plain: special characters that lost their meaning (catcode 12), such as ``_`` after `underscore`.
        active: further characters that are commands (catcode 13).
    """
    if EXPL in letters:
        return _expl_pattern(letters)
    special = "".join(c for c in "{}$&#^_~%" if c not in plain) + active
    stop = r"\\\n" + re.escape(special)
    word = "[A-Za-z" + re.escape(letters) + "]"
    alternatives = [
        rf"([^{stop}]++(?:{_SOFT_EOL}[^{stop}]++)*+)",  # 1 plain text
        rf"(\\{word}++)[ \t]*+(?:{_SOFT_EOL})?",  # 2 control word
        r"(\\[^\n])",  # 3 control symbol
        r"(#+[1-9]?|[" + re.escape(special.replace("%", "").replace("#", "")) + "])",  # 4 special character
        r"(\n[ \t]*+\n\s*+)",  # 5 paragraph break
        rf"({_SOFT_EOL}|\n|\\(?=\n[ \t]*\n)|\\\n)",  # 6 line end
    ]
    if "%" not in plain:
        alternatives.append(rf"%[^\n]*+(?:{_SOFT_EOL})?")  # no group: the gullet reads on
    alternatives.append(r"(\\)$")  # 7 a lone backslash at the end of the file
    alternatives.append(r"([#%&^_~{}$])")  # 8 safety net
    return re.compile("|".join(alternatives))


def _expl_pattern(letters: str) -> re.Pattern[str]:
    """The token pattern between `\\ExplSyntaxOn` and `\\ExplSyntaxOff`; its groups are those of `pattern`."""
    word = "[A-Za-z" + re.escape(letters.replace(EXPL, "")) + "]"
    alternatives = [
        r"([^\\{}$&#^~%\s]++)",
        rf"(\\{word}++)",
        r"(\\[^\n])",
        r"(#+[1-9]?|[{}$&^])",
        r"((?!))",
        r"(~)",
        r"%[^\n]*+",
        r"\s++",
        r"(\\)$",
        r"([#%&_^~{}$\\])",
    ]
    return re.compile("|".join(alternatives))


def with_depth(pieces: Iterable[str]) -> Iterator[tuple[str, int]]:
    """Tokens or characters, each with the number of groups that are open around it; a brace is inside of its own group.

    The number is negative behind a brace that closes nothing.
    """
    depth = 0
    for piece in pieces:
        depth += piece == "{"
        yield piece, depth
        depth -= piece == "}"


class Mouth:
    """One source file being read."""

    __slots__ = ("match", "name", "pos", "src")

    def __init__(self, name: str, src: str, rx: re.Pattern[str]) -> None:
        self.name = name
        self.src = src
        self.pos = 0
        self.match = rx.match

    def line(self) -> int:
        """The line being read, from 1."""
        return self.src.count("\n", 0, self.pos) + 1


def tokenize(text: str, letters: str = "@") -> list[str]:
    """All tokens of a small text: definitions of our own tables, tests."""
    mouth = Mouth("", text, pattern(letters, ""))
    out: list[str] = []
    while (tok := read(mouth)) is not None:
        out.append(tok)
    return out


def read(mouth: Mouth) -> str | None:
    """The next token, or None at the end of the file."""
    while True:
        m = mouth.match(mouth.src, mouth.pos)
        if m is None:
            return None
        mouth.pos = m.end()
        i = m.lastindex
        if i is None:
            continue
        if i < 5:
            return m.group(i)
        if i == 5:
            return PAR
        return m.group(i) if i == 8 else SPACE


def is_word(tok: str) -> bool:
    """Whether a token is a control word (so that a letter after it needs a blank)."""
    return tok[0] == "\\" and len(tok) > 1 and (tok[1].isalpha() or tok[1] == "@" or (tok[1] == "_" and len(tok) > 2))


def untokenize(tokens: list[str]) -> str:
    """Tokens as source again; a blank is set between a control word and a letter."""
    out: list[str] = []
    for i, tok in enumerate(tokens):
        out.append(tok)
        if tok[0] == "\\" and is_word(tok) and i + 1 < len(tokens) and tokens[i + 1][:1].isalpha():
            out.append(" ")
    return "".join(out)
