"""What is still to be read: a stack of files, each with a list of tokens pushed back before it, within bounds."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from typing import Any, Protocol

from curation.extract.latex.lexer import END, SPACE, Mouth, pattern, read, tokenize
from curation.extract.latex.macros import Macro
from curation.extract.latex.options import LatexOptions


class Handler(Protocol):
    """What a command does: a function of the stomach, which is built on this module, and of the command's name."""

    def __call__(self, tex: Any, name: str, /) -> None: ...


Entry = Macro | Handler

_NON_BLANK = re.compile(r"\S")
# `^^41`: a letter or digit by its code; other codes are left as they stand
_CODED = re.compile(r"\^\^([4-7][0-9a-f]|3[0-9])")


def _coded_letter(m: re.Match[str]) -> str:
    char = chr(int(m.group(1), 16))
    return char if char.isalnum() else m.group(0)


LOOP_SHARE = 3
"""Of the tokens that one macro may make, how many times as many loops within loops may make."""


class Budget(Exception):
    """The paper's token budget is spent. Never leaves the package."""


class TokenStack:
    """The next token, from what was pushed back or from a file, and the account of all that was read."""

    def __init__(self, options: LatexOptions) -> None:
        self.options = options
        self.defs: dict[str, Entry] = {}
        self.primitives: dict[str, Entry] = {}
        self.nested_expansions = 0
        self.expandables: frozenset[Handler] = frozenset()
        self.obey_expl: Callable[..., bool] = lambda *_, **__: False  # runs a function of expl3
        self.read_document_argument: Callable[..., list[list[str]]] = lambda *_: []
        self.unexpanding: dict[str, Callable[[Any, list[str]], None]] = {}
        self.pb: list[str] = []
        self.mouth = Mouth("", "", pattern("@", ""))
        self.frames: list[tuple[list[str], Mouth]] = []
        self.letters = ""
        self.plain = ""
        self.active = ""
        self.warnings: Counter[str] = Counter()
        self.n_tokens = 0
        self._since_source = 0
        self._last_outer = ""
        self._source_mark = (-1, -1)
        self._outer_loop: tuple[list[str], int] = ([], 0)
        self._bracket_limit = 4_000
        self.math_limit = options.max_math_tokens
        self._argument_limit = 2_000 if options.resync else options.max_argument_tokens

    # ---------------------------------------------------------------- reading
    def open(self, name: str, src: str) -> None:
        """Read this text next, then go on where we are."""
        self.frames.append((self.pb, self.mouth))
        self.pb = []
        if "^^" in src:
            src = _CODED.sub(_coded_letter, src)
        self.mouth = Mouth(name, src, pattern(self.letters, self.plain, self.active))

    def set_catcodes(self, *, letters: str | None = None, plain: str | None = None, active: str | None = None) -> None:
        """Change the regime for what is still unread, in every open file."""
        self.letters = self.letters if letters is None else letters
        self.plain = self.plain if plain is None else plain
        self.active = self.active if active is None else active
        match = pattern(self.letters, self.plain, self.active).match
        self.mouth.match = match
        for _, mouth in self.frames:
            mouth.match = match

    def next(self) -> str:
        """The next token; END for ever once everything is read."""
        pb = self.pb
        if pb:
            return pb.pop()
        while True:
            mouth = self.mouth
            tok = read(mouth)
            if tok is not None:
                self.n_tokens += 1
                if self.n_tokens > self.options.max_tokens:
                    raise Budget
                self._since_source = 0
                return tok
            if not self.frames:
                return END
            self.pb, self.mouth = self.frames.pop()
            if self.pb:
                return self.pb.pop()

    def push(self, tokens: list[str]) -> None:
        """Read these tokens next (an empty name leaves no token behind)."""
        self.pb.extend([t for t in reversed(tokens) if t])

    def push_text(self, text: str) -> None:
        """Read this TeX next."""
        self.push(tokenize(text))

    def peek(self) -> str:
        """The next token, left in place."""
        tok = self.next()
        self.pb.append(tok)
        return tok

    def skip_spaces(self) -> str:
        """The next token that is no space, left in place; leading blanks of a text run are cut off."""
        while True:
            tok = self.next()
            if tok == SPACE:
                continue
            if tok[0] in " \t\n":
                tok = tok.lstrip()
                if not tok:
                    continue
            self.pb.append(tok)
            return tok

    def _raw_next(self) -> str:
        """The next source character that is no blank: a look ahead that leaves the source untokenised."""
        m = _NON_BLANK.search(self.mouth.src, self.mouth.pos)
        return m.group(0) if m else ""

    def next_char(self) -> str:
        """One token as TeX sees it: a plain character, not a run."""
        tok = self.next()
        if len(tok) > 1 and tok[0] not in "\\#":
            if tok[0] == "\x00":  # plain characters
                if len(tok) > 2:
                    self.pb.append("\x00" + tok[2:])
                return tok[1] if tok[1] not in "\\{}$&#^_~" else tok[:2]
            self.pb.append(tok[1:])
            return tok[0]
        return tok

    def warn(self, what: str) -> None:
        """Count a warning; the first of a kind keeps its place."""
        self.warnings[what] += 1

    def spend(self, tokens: int) -> None:
        """Account for tokens that will be read a second time; raises Budget when the paper has had its share."""
        self.n_tokens += tokens
        self._since_source += tokens
        if self.n_tokens > self.options.max_tokens:
            raise Budget
        if self._since_source > 3 * self.options.max_macro_tokens and self._last_outer:
            self._stop_macro(self._last_outer)

    def runs_away(self, what: str) -> bool:
        """Whether so much was made since the source was read that `what` must end; a warning says so."""
        if self._since_source <= self.options.max_macro_tokens:
            return False
        self.warn(f"{what} does not end")
        self._since_source = 0
        return True

    def leaves_loops(self, what: str) -> bool:
        """Whether loops over lists, each within the other, made so much that all of them must end: what they still had to say is
        dropped, but for the ends of the groups that they opened. The outermost one begins where none is being read."""
        pb, (outer, floor) = self.pb, self._outer_loop
        if outer is not pb or len(pb) <= floor:
            self._outer_loop = (pb, len(pb))
        if self._since_source <= LOOP_SHARE * self.options.max_macro_tokens:
            return False
        self.warn(f"{what} makes too much: the rest of it is left out")
        floor = self._outer_loop[1]
        left, pb[floor:] = pb[floor:], []
        open_groups = 0
        for tok in left:
            if tok == END:
                pb += ["}"] * open_groups + [END]
                open_groups = 0
            else:
                open_groups += (tok == "}") - (tok == "{")
        pb += ["}"] * open_groups
        self._since_source = 0
        return True

    def where(self) -> str:
        """File and line being read."""
        return f"{self.mouth.name}:{self.mouth.line()}"

    def _stop_macro(self, name: str) -> None:
        """A macro produced too much: drop what it still had to say and undefine it and its caller."""
        self.warn(f"macro {self._last_outer} does not end")
        pb = self.pb
        # keep what belongs to captures around us: everything up to the topmost END
        keep = 0
        for i in range(len(pb) - 1, -1, -1):
            if pb[i] == END:
                keep = i + 1
                break
        del pb[keep:]
        self._since_source = 0
        for culprit in {name, self._last_outer}:
            if isinstance(self.defs.get(culprit), Macro):
                self.defs[culprit] = Macro((), [])
        if self.n_tokens > self.options.max_tokens:
            raise Budget
