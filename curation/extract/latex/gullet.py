"""The gullet: the token stack, arguments, and macro expansion within bounds.

All that is still to be read is a stack of files, each with a list of tokens pushed back before it. A macro is
expanded by pushing its body back. Everything that could run away is bounded here: an argument without its
closing brace, a macro that calls itself, a macro that doubles itself.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any, Protocol

from curation.extract.latex.lexer import END, PAR, SPACE, Mouth, pattern, read, tokenize, untokenize, with_depth
from curation.extract.latex.macros import Macro
from curation.extract.latex.options import LatexOptions


class Handler(Protocol):
    """What a command does: a function of the stomach, which is built on this module, and of the command's name."""

    def __call__(self, tex: Any, name: str, /) -> None: ...


Entry = Macro | Handler

_NON_BLANK = re.compile(r"\S")
_NAME = re.compile(r"[ \t]*+\{([^{}\\%$#~\n]*+)\}")
_DIMEN = re.compile(
    r"\s*=?\s*[-+]?\s*(?:\d*[.,]?\d+|\d+[.,]?)\s*(?:true\s*)?(?:pt|pc|in|bp|cm|mm|dd|cc|sp|ex|em|mu|px|fil{1,3}\b|\b)\s?",
    re.I,
)
_GLUE_WORD = re.compile(r"\s*(?:plus|minus)(?=[\s\d.\-])", re.I)


_LONG_EXPANSION = 1_000


class Budget(Exception):
    """The paper's token budget is spent. Never leaves the package."""


class Gullet:
    """Token source with expansion. `defs` maps a control sequence to a Macro or a handler."""

    def __init__(self, options: LatexOptions) -> None:
        self.options = options
        self.defs: dict[str, Entry] = {}
        self.pb: list[str] = []
        self.mouth = Mouth("", "", pattern("@", ""))
        self.frames: list[tuple[list[str], Mouth]] = []
        self.letters = ""
        self.plain = ""
        self.warnings: Counter[str] = Counter()
        self.n_tokens = 0
        self._since_source = 0
        self._last_outer = ""
        self._source_mark = (-1, -1)
        self._bracket_limit = 4_000
        self.math_limit = options.max_math_tokens
        self._argument_limit = 2_000 if options.resync else options.max_argument_tokens

    # ---------------------------------------------------------------- reading
    def open(self, name: str, src: str) -> None:
        """Read this text next, then go on where we are."""
        self.frames.append((self.pb, self.mouth))
        self.pb = []
        self.mouth = Mouth(name, src, pattern(self.letters, self.plain))

    def set_catcodes(self, *, letters: str | None = None, plain: str | None = None) -> None:
        """Change the regime for what is still unread, in every open file."""
        self.letters = self.letters if letters is None else letters
        self.plain = self.plain if plain is None else plain
        match = pattern(self.letters, self.plain).match
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

    def where(self) -> str:
        """File and line being read."""
        return f"{self.mouth.name}:{self.mouth.line()}"

    # ---------------------------------------------------------------- arguments
    def read_group(self) -> list[str]:
        """Tokens up to the brace that closes a group whose opening brace was read.

        A group that never closes (end of input or more than `max_argument_tokens`) gives its tokens back to
        be read as text, and later groups get less rope: otherwise a broken file costs quadratic time.
        """
        out: list[str] = []
        depth = 1
        limit = self._argument_limit
        nxt = self.next
        append = out.append
        while True:
            tok = nxt()
            if tok == "{":
                depth += 1
            elif tok == "}":
                depth -= 1
                if not depth:
                    return out
            elif tok == END:
                self.pb.append(END)
                break
            append(tok)
            if len(out) > limit:
                break
        self.warn("argument without closing brace")
        self._argument_limit = shorter(limit, len(out), 200)
        self.spend(len(out))
        self.pb.extend(reversed(out))
        return []

    def read_arg(self) -> list[str]:
        """An undelimited argument: a group without its braces, or one token."""
        tok = self.skip_spaces()
        if tok in (PAR, END) or tok == "}":
            return []
        tok = self.next_char()
        if tok == "{":
            return self.read_group()
        return [tok]

    def read_short_arg(self, most: int) -> list[str]:
        """An argument of at most so many tokens: a symbol's; a longer group is given back to be read as text."""
        limit, self._argument_limit = self._argument_limit, min(self._argument_limit, most)
        tokens = self.read_arg()
        self._argument_limit = limit
        return tokens

    def read_optional(self, open_: str = "[", close: str = "]") -> list[str] | None:
        """An argument in square brackets, or None. Brackets inside braces do not count."""
        if not self.pb and self._raw_next() not in (open_, "%", "\\", ""):
            return None
        tok = self.skip_spaces()
        if tok[0] != open_:
            return None
        self.pb.pop()
        rest = tok[1:]
        out: list[str] = []
        depth = 0
        nested = 0
        if rest:
            self.pb.append(rest)
        while True:
            tok = self.next()
            if tok == "{":
                depth += 1
            elif tok == "}":
                depth -= 1
                if depth < 0:
                    self.pb.append(tok)
                    break
            elif tok in (END, PAR) and depth == 0:
                self.pb.append(tok)
                break
            elif depth == 0 and tok[0] != "\\" and (close in tok or open_ in tok):
                for i, c in enumerate(tok):
                    if c == open_:
                        nested += 1
                    elif c == close:
                        if nested == 0:
                            if i:
                                out.append(tok[:i])
                            if i + 1 < len(tok):
                                self.pb.append(tok[i + 1 :])
                            return out
                        nested -= 1
            out.append(tok)
            if len(out) > self._bracket_limit:
                break
        # no closing bracket: it was text
        self._bracket_limit = shorter(self._bracket_limit, len(out), 100)
        self.spend(len(out))
        self.pb.extend(reversed(out))
        self.pb.append("\x00" + open_)
        return None

    def read_star(self) -> bool:
        """Whether a star follows; it is read."""
        if not self.pb and self._raw_next() not in ("*", "%", "\\", ""):
            return False
        tok = self.skip_spaces()
        if tok[0] != "*":
            return False
        self.pb.pop()
        if len(tok) > 1:
            self.pb.append(tok[1:])
        return True

    def read_name(self) -> str:
        """An argument that is a name: a key, a file, an environment. Macros in it are expanded."""
        if not self.pb:
            mouth = self.mouth
            m = _NAME.match(mouth.src, mouth.pos)
            if m:
                mouth.pos = m.end()
                return m.group(1).strip()
        return self.plain_text(self.read_arg())

    def plain_text(self, tokens: list[str]) -> str:
        """Tokens as a plain string: macros without arguments expanded, blanks folded."""
        for _ in range(8):
            if not any(t[0] == "\\" and isinstance(self.defs.get(t), Macro) for t in tokens):
                break
            tokens = self.expand_all(tokens)
        return re.sub(r"\s+", " ", untokenize(tokens)).strip()

    def expand_all(self, tokens: list[str], limit: int = 4_000) -> list[str]:
        """Tokens with every Macro in them expanded (as `\\edef` does), within a bound."""
        self.pb.append(END)
        self.push(tokens)
        out: list[str] = []
        steps = 0
        while True:
            tok = self.next()
            if tok == END:
                break
            entry = self.defs.get(tok) if tok[0] == "\\" else None
            if isinstance(entry, Macro) and not entry.builtin and steps < limit:
                steps += 1
                self.expand(entry, tok)
                continue
            out.append(tok)
        return out

    # ---------------------------------------------------------------- expansion
    def expand(self, macro: Macro, name: str) -> None:
        """Push the macro's body back, its arguments filled in."""
        pb = self.pb
        mark = (len(self.frames), self.mouth.pos)
        if mark != self._source_mark:
            self._source_mark = mark
            self._since_source = 0
            self._last_outer = name
        n = macro.simple
        if n == 0 and not macro.parts:
            expansion = macro.body[::-1]
            pb.extend(expansion)
        else:
            args = [self.read_arg() for _ in range(n)] if n > 0 else self._read_params(macro)
            expansion = macro.reversed_expansion(args)
            # never on `pb`: reading an argument may have closed a file and replaced the list
            self.pb.extend(expansion)
        self._since_source += len(expansion) + 4
        # a definition that lost its closing brace may hold the paper: each use would print it again
        self.n_tokens += len(expansion) if len(expansion) > _LONG_EXPANSION else 1
        if self.n_tokens > self.options.max_tokens:
            raise Budget
        if self._since_source > self.options.max_macro_tokens:
            self._stop_macro(name)

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

    def _read_params(self, macro: Macro) -> list[list[str]]:
        for tok in macro.prefix:
            got = self.next_char()
            if got != tok:
                self.pb.append(got)
                break
        args: list[list[str]] = []
        for param in macro.params:
            if param == "m":
                args.append(self.read_arg())
            elif param == "o":
                args.append(self.read_optional() or [])
            elif param == "s":
                args.append(["*"] if self.read_star() else [])
            elif param == "d":
                args.append(self.read_optional("(", ")") or [])
            elif param == "g":
                args.append(self.read_arg() if self.skip_spaces() == "{" else [])
            elif isinstance(param, tuple) and param[0] == "o":
                given = self.read_optional()
                args.append(list(param[1]) if given is None else given)
            elif isinstance(param, tuple):
                args.append(self._read_delimited(param[1]))
            else:
                args.append([])
        return args

    def _read_delimited(self, delimiter: tuple[str, ...]) -> list[str]:
        """Tokens up to the delimiter at brace level 0 (`\\def\\x#1;{..}`); braces around the whole fall away."""
        out: list[str] = []
        depth = 0
        n = len(delimiter)
        last = delimiter[-1]
        while True:
            tok = self.next_char()
            if tok == END or (tok == PAR and len(out) > 2_000) or len(out) > 20_000:
                self.pb.append(tok)
                break
            if tok == "{":
                depth += 1
            elif tok == "}":
                depth -= 1
                if depth < 0:
                    self.pb.append(tok)
                    break
            out.append(" " if tok in "\t\n" else tok)
            if depth == 0 and tok == last and tuple(out[-n:]) == delimiter:
                del out[-n:]
                break
        if len(out) > 1 and out[0] == "{" and out[-1] == "}" and _one_group(out):
            out = out[1:-1]
        return _merge_text(out)

    # ---------------------------------------------------------------- numbers
    def read_glue(self) -> None:
        """Swallow `= 3pt plus 1fil minus 2pt`, `0.5\\textwidth` and the like."""
        self._read_dimen()
        while True:
            tok = self.next()
            m = _GLUE_WORD.match(tok)
            if not m:
                self.pb.append(tok)
                return
            if m.end() < len(tok):
                self.pb.append(tok[m.end() :])
            self._read_dimen()

    def _read_dimen(self) -> None:
        tok = self.skip_spaces()
        if tok[0] == "=":
            self.pb.pop()
            if len(tok) > 1:
                self.pb.append(tok[1:])
            tok = self.skip_spaces()
        if tok[0] != "\\":
            m = _DIMEN.match(tok)
            if not m:
                if tok == "-" and self.pb:
                    self.pb.pop()
                    tok = self.skip_spaces()
                if tok[0] != "\\":
                    return
            else:
                self.pb.pop()
                if m.end() < len(tok):
                    self.pb.append(tok[m.end() :])
                    return
                if not m.group(0)[-1].isdigit():
                    return
                tok = self.peek()
                if tok not in DIMENSIONS:
                    return
        if tok in DIMENSIONS or not callable(self.defs.get(tok)):
            self.pb.pop()

    def read_number(self) -> int:
        """A TeX number: digits, a character code, `\\value{..}` or a counter register; 0 when there is none."""
        sign = 1
        for _ in range(20):
            tok = self.skip_spaces()
            entry = self.defs.get(tok) if tok[0] == "\\" else None
            if isinstance(entry, Macro):
                self.pb.pop()
                self.expand(entry, tok)
                continue
            if tok[0] == "-":
                sign = -sign
                self.next_char()
                continue
            if tok[0] in "`'\"":
                quote = self.next_char()
                nxt = self.next_char()
                return ord(nxt[-1]) if quote == "`" else 0
            m = re.match(r"\d+", tok)
            if m:
                self.pb.pop()
                rest = tok[m.end() :]
                if rest:
                    self.pb.append(rest[1:] if rest[0] == " " and len(rest) > 1 else rest)
                return sign * int(m.group(0)[:9])
            if tok[0] == "\\" and tok != PAR and tok != END and tok not in ("\\fi", "\\else", "\\or"):
                self.pb.pop()
                return sign * self.register(tok)
            break
        return 0

    def register(self, tok: str) -> int:
        """The value of a register; the stomach knows counters."""
        return 0

    def entry(self, tok: str) -> Any:
        """What a token means now."""
        return self.defs.get(tok)


DIMENSIONS = frozenset(
    "\\" + n
    for n in [
        "textwidth",
        "linewidth",
        "columnwidth",
        "hsize",
        "vsize",
        "textheight",
        "parindent",
        "parskip",
        "baselineskip",
        "paperwidth",
        "paperheight",
        "topmargin",
        "oddsidemargin",
        "evensidemargin",
        "headsep",
        "headheight",
        "footskip",
        "tabcolsep",
        "arraycolsep",
        "columnsep",
        "p@",
        "z@",
        "@M",
        "maxdimen",
        "itemsep",
        "smallskipamount",
        "medskipamount",
        "bigskipamount",
        "normalbaselineskip",
        "height",
        "width",
        "depth",
        "fill",
    ]
)


def shorter(limit: int, read: int, floor: int) -> int:
    """The next limit after a search in vain that read so many tokens: long ones may not happen often."""
    return max(floor, min(limit, read) // 2) if read > floor else limit


def _one_group(tokens: list[str]) -> bool:
    return not any(tok == "}" and depth == 1 for tok, depth in with_depth(tokens[:-1]))


def _merge_text(tokens: list[str]) -> list[str]:
    """Join single characters to runs again."""
    out: list[str] = []
    run: list[str] = []
    for tok in tokens:
        if len(tok) == 1 and tok not in "{}$&#^_~":
            run.append(tok)
        else:
            if run:
                out.append("".join(run))
                run = []
            out.append(tok)
    if run:
        out.append("".join(run))
    return out
