"""The gullet: arguments and macro expansion within bounds.

A macro is expanded by pushing its body back on the token stack. Everything that could run away is bounded: an argument
without its closing brace here, a macro that calls or doubles itself by the stack's account.
"""

from __future__ import annotations

import re

from curation.extract.latex.lexer import END, FROZEN, PAR, untokenize, with_depth
from curation.extract.latex.macros import Macro
from curation.extract.latex.token_stack import Budget, TokenStack

_NAME = re.compile(r"[ \t]*+\{([^{}\\%$#~\n]*+)\}")
_LONG_EXPANSION = 1_000
_DEEPEST_EXPANSION = 60  # commands that expand what they read, each within the other


class Gullet(TokenStack):
    """Token source with expansion. `defs` maps a control sequence to a Macro or a handler."""

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
        """An argument in square brackets, or None. Brackets inside braces do not count.

        Brackets in brackets are read as pairs; where they make no pairs, the first closing one ends it, as in TeX.
        """
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
        first_close: tuple[int, int] | None = None
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
                        first_close = first_close or (len(out), i)
            out.append(tok)
            if len(out) > self._bracket_limit:
                break
        if first_close:
            at, i = first_close
            tok = out[at]
            self.spend(len(out))
            self.pb.extend(reversed(out[at + 1 :]))
            if tok[i + 1 :]:
                self.pb.append(tok[i + 1 :])
            return [*out[:at], *([tok[:i]] if i else [])]
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
        """Tokens as a plain string: expanded, blanks folded."""
        if any(t[0] == "\\" for t in tokens):
            tokens = self.expand_all(tokens)
        return re.sub(r"\s+", " ", untokenize(tokens)).strip()

    def expand_all(self, tokens: list[str], limit: int = 4_000, *, builtin: bool = False) -> list[str]:
        """Tokens with all that expands in them expanded (as `\\edef` does), within a bound.

        Args:
            tokens: what is expanded; a token behind `\\noexpand` and a group behind `\\unexpanded` stay as they are.
            limit: at most so many expansions.
            builtin: whether macros of our tables expand too; else they are robust.
        """
        self.pb.append(END)
        self.push(tokens)
        out: list[str] = []
        steps = 0
        while True:
            tok = self.next()
            if tok == END:
                return out
            if tok[0] == "\\" or tok in self.defs:
                if tok in self.unexpanding:
                    self.unexpanding[tok](self, out)
                    continue
                entry = self.defs.get(tok)
                robust = entry.__class__ is Macro and entry.builtin and not builtin
                if steps < limit and not robust and self.expand_once(tok):
                    steps += 1
                    continue
            out.append(tok)

    # ---------------------------------------------------------------- expansion
    def alias(self, tok: str) -> str:
        """What a name was made by `\\let`: the command or character that it stands for; else the name itself."""
        entry = self.defs.get(tok)
        if entry.__class__ is Macro and entry.alias:
            return entry.body[0].removesuffix(FROZEN)
        return tok.removesuffix(FROZEN)

    def expand_once(self, tok: str) -> bool:
        """Expand a token that was read; False, and nothing done, where TeX has no expansion of it."""
        entry = self.primitives.get(tok[:-1]) if tok[-1] == FROZEN else self.defs.get(tok)
        if entry is None:
            return ":" in tok and self._expand_expl(tok)
        if entry.__class__ is Macro:
            if entry.alias and entry.body[0][0] != "\\":
                return False
            self.expand(entry, tok)
            return True
        if entry in self.expandables and self.nested_expansions < _DEEPEST_EXPANSION:
            self.nested_expansions += 1
            entry(self, tok.removesuffix(FROZEN))
            self.nested_expansions -= 1
            return True
        return False

    def _expand_expl(self, tok: str) -> bool:
        if self.nested_expansions >= _DEEPEST_EXPANSION:
            return False
        self.nested_expansions += 1
        done = self.obey_expl(self, tok, expanding=True)
        self.nested_expansions -= 1
        return done

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
            args = self.read_args(macro)
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

    def read_args(self, macro: Macro) -> list[list[str]]:
        """A macro's arguments, as its parameters ask."""
        n = macro.simple
        return [self.read_arg() for _ in range(n)] if n > 0 else self._read_params(macro)

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
            elif isinstance(param, tuple) and param[0] == "t":
                args.append(self._read_delimited(param[1]))
            elif isinstance(param, tuple):
                args.extend(self.read_document_argument(self, param[0], param[1], args))
            else:
                args.append([])
        return args

    def _read_delimited(self, delimiter: tuple[str, ...]) -> list[str]:
        """Tokens up to the delimiter at brace level 0 (`\\def\\x#1;{..}`); braces around the whole fall away."""
        if not delimiter:
            return self.read_arg()
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
                if delimiter == ("{",):
                    break
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
        self._since_source += len(out)  # of text that macros made: a macro that reads its own text anew must end
        return _merge_text(out)


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
