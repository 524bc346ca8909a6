"""Registers: numbers, lengths, token lists and boxes; reading what TeX calls a number, a length, a glue.

Texts come in runs, so a number may stand at the head of a run, and its unit in the next token.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from curation.extract.latex.gullet import Gullet
from curation.extract.latex.lengths import FIL, POINT, UNITS, Glue, divide, divide_rounded, fits, fraction_of, in_unit
from curation.extract.latex.lexer import END, FROZEN, PAR, SPACE
from curation.extract.latex.options import LatexOptions

_DIGITS = re.compile(r"\d+")
_OCTAL = re.compile(r"[0-7]+")
_HEX = re.compile(r"[0-9A-F]+")
_DECIMAL = re.compile(r"(\d*)(?:[.,](\d*))?")
_UNIT = re.compile(r"\s*(?:true\s*)?(" + "|".join(UNITS) + r"|fil{1,3})\s?", re.I)
_LARGEST = 2**31 - 1


class Register:
    """A register under its name; obeying it assigns: `\\x=3pt`.

    Attributes:
        kind: count, dimen, skip (glue, of math too), toks or box.
        key: where its value lies in `Registers.values`.
    """

    __slots__ = ("key", "kind")

    def __init__(self, kind: str, key: str) -> None:
        self.kind = kind
        self.key = key

    def __call__(self, tex: Any, name: str, /) -> None:
        tex.skip_equals()
        tex.assign(self, tex.read_value(self.kind))


class CharDef:
    """`\\chardef\\x=65`: a character that is also a number."""

    __slots__ = ("code",)

    def __init__(self, code: int) -> None:
        self.code = code

    def __call__(self, tex: Any, name: str, /) -> None:
        if 32 < self.code < 256 and chr(self.code).isprintable():
            tex.parts.append({"$": "\\$"}.get(chr(self.code), chr(self.code)))


@dataclass(frozen=True, slots=True)
class Quantity:
    """What `\\the` may show: its kind (count, dimen, skip, toks) and value."""

    kind: str
    value: Any


class Registers(Gullet):
    """The gullet with registers; groups, which undo assignments, are the stomach's."""

    def __init__(self, options: LatexOptions) -> None:
        super().__init__(options)
        self.values: dict[str, Any] = {}
        self.counters: Counter[str] = Counter()
        self.quantities: dict[str, Callable[[Any, str], Quantity]] = {}
        self.counter_resets: dict[str, list[str]] = {}
        self.pending_global = False

    # ---------------------------------------------------------------- assignments
    def note_value(self, key: str, *, everywhere: bool) -> None:
        """Called before a register changes: the stomach keeps what the group must give back."""

    def assign(self, register: Register, value: Any) -> None:
        """Set a register in this group, after `\\global` in all."""
        self.note_value(register.key, everywhere=self.pending_global)
        self.pending_global = False
        self.values[register.key] = value

    def value(self, register: Register) -> Any:
        """What a register holds; one never set holds nothing."""
        found = self.values.get(register.key)
        if found is not None:
            return found
        return {"skip": Glue(), "toks": [], "box": []}.get(register.kind, 0)

    def skip_equals(self) -> None:
        """An optional `=` with the blanks around it."""
        if self.skip_spaces()[0] == "=":
            self.next_char()

    def read_value(self, kind: str) -> Any:
        """The right side of an assignment to a register of this kind."""
        if kind == "count":
            return self.read_number()
        if kind == "dimen":
            return self.read_dimen()
        if kind == "skip":
            return self.read_glue()
        found = self.quantity(self.ahead())
        if found is not None and found.kind == "toks":
            return found.value
        return self.read_general_text()

    def read_general_text(self) -> list[str]:
        """A group whose opening brace may come by expansion: of `\\uppercase`, a token register."""
        for _ in range(100):
            tok = self.skip_spaces()
            if tok == "{":
                self.pb.pop()
                return self.read_group()
            if tok in (END, PAR, "}"):
                return []
            self.pb.pop()
            if not self.expand_once(tok):
                if tok[-1] == FROZEN or tok == "\\relax":
                    continue
                self.pb.append(tok)
                break
        return self.read_arg()

    # ---------------------------------------------------------------- looking ahead
    def ahead(self) -> str:
        """The next token that is no blank and has no expansion, left in place; runs of text are joined."""
        for _ in range(1_000):
            tok = self.skip_spaces()
            if tok[0] != "\\" or tok in (END, PAR) or self.ends_number(tok):
                return tok
            self.pb.pop()
            if not self.expand_once(tok):
                self.pb.append(tok)
                return tok
        return self.skip_spaces()

    def ends_number(self, tok: str) -> bool:
        """Whether a token, though it expands, closes what is being read (`\\fi`); the stomach knows."""
        return False

    def _digits(self, match: re.Pattern[str]) -> str:
        """Digits from here on, also those that macros give; one blank behind them is theirs."""
        out = ""
        for _ in range(100):
            tok = self.next()
            if tok[0] == "\\" and tok not in (END, PAR) and not self.ends_number(tok):
                if self.expand_once(tok):
                    continue
                self.pb.append(tok)
                return out
            m = match.match(tok)
            if m is None or not m.end():
                if tok[0] not in " \n\t":
                    self.pb.append(tok)
                elif len(tok) > 1:
                    self.pb.append(tok[1:])
                return out
            out += m.group(0)
            if rest := tok[m.end() :]:
                if rest[0] in " \n\t":
                    rest = rest[1:]
                if rest:
                    self.pb.append(rest)
                return out
        return out

    def _sign(self) -> int:
        sign = 1
        while True:
            tok = self.ahead()
            if tok[0] not in "+-":
                return sign
            self.next_char()
            if tok[0] == "-":
                sign = -sign

    # ---------------------------------------------------------------- numbers
    def read_number(self) -> int:
        """A TeX number: digits, an octal, a hexadecimal, a character's code, a register; 0 when there is none."""
        sign = self._sign()
        tok = self.ahead()
        if tok[0] in "`'\"":
            return sign * self._coded(self.next_char())
        if tok[0].isdigit():
            text = self._digits(_DIGITS)
            return sign * min(int(text[:12] or "0"), _LARGEST)
        found = self.quantity(tok)
        if found is None:
            if tok[0] == "\\" and tok not in (END, PAR) and not self.ends_number(tok):
                self.pb.pop()
            return 0
        if isinstance(found.value, Glue):
            return sign * found.value.size
        return sign * found.value if isinstance(found.value, int) else 0

    def skip_one_blank(self) -> None:
        """The blank that ends a number or a unit."""
        if self.peek()[0] in " \n\t":
            tok = self.pb.pop()
            if len(tok) > 1:
                self.pb.append(tok[1:])

    def _coded(self, quote: str) -> int:
        if quote == "`":
            tok = self.next_char()
            if tok == END:
                self.pb.append(tok)
                return 0
            self.skip_one_blank()
            return ord(tok[-1])
        text = self._digits(_OCTAL if quote == "'" else _HEX)[:10]
        return int(text, 8 if quote == "'" else 16) if text else 0

    def quantity(self, tok: str) -> Quantity | None:
        """The value of the quantity that starts with this token, which is read; None (nothing read) for anything else."""
        entry = self.defs.get(self.alias(tok)) if tok[0] == "\\" else None
        if isinstance(entry, Register):
            self.pb.pop()
            return Quantity(entry.kind, self.value(entry))
        if isinstance(entry, CharDef):
            self.pb.pop()
            return Quantity("count", entry.code)
        # what else can be counted or measured: its reader is called once the name is read
        reader = self.quantities.get(self.alias(tok))
        if reader is not None:
            self.pb.pop()
            return reader(self, tok)
        if tok.startswith("\\c@"):
            self.pb.pop()
            return Quantity("count", self.counters[own_counter(tok[3:])])
        return None

    def read_box_key(self) -> str:
        """The box that a number, a register or a braced register names."""
        tok = self.ahead()
        if tok == "{":
            self.pb.pop()
            self.push([t for t in self.read_group() if t != SPACE][:1])
            tok = self.ahead()
        entry = self.defs.get(self.alias(tok)) if tok[0] == "\\" else None
        if isinstance(entry, Register):
            self.pb.pop()
            return entry.key
        return f"box {self.read_number()}"

    # ---------------------------------------------------------------- lengths
    def read_dimen(self) -> int:
        """A length in sp; 0 when there is none."""
        return self._dimen()[0]

    def read_glue(self) -> Glue:
        """A length with `plus` and `minus`; nothing where there is none."""
        self.skip_equals()
        sign = self._sign()
        found = self.quantity(self.ahead())
        if found is not None and isinstance(found.value, Glue):
            return found.value.times(sign)
        size, _ = self._dimen(found)
        parts = {"plus": (0, 0), "minus": (0, 0)}
        for word in parts:
            tok = self.ahead() if self.pb or self._raw_next() in word[0] + "\\%" else ""
            m = re.match(word + r"(?=[\s\d.\-+]|$)", tok, re.I)
            if m:
                self.pb.pop()
                if tok[m.end() :]:
                    self.pb.append(tok[m.end() :])
                parts[word] = self._dimen()
        return Glue(sign * size, parts["plus"], parts["minus"])

    def _dimen(self, found: Quantity | None = None) -> tuple[int, int]:
        """A length and its order of infinity."""
        sign = 1
        whole = fraction = 0
        if found is None:
            sign = self._sign()
            found = self.quantity(self.ahead())
        if found is not None:
            if found.kind != "count":
                return sign * (found.value.size if isinstance(found.value, Glue) else found.value or 0), 0
            whole = found.value
        else:
            tok = self.ahead()
            m = _DECIMAL.match(tok)
            if not m or not m.end() or m.group(0) in ".,":
                return 0, 0
            self.pb.pop()
            whole, fraction = int((m.group(1) or "0")[:9]), fraction_of(m.group(2) or "")
            if tok[m.end() :]:
                self.pb.append(tok[m.end() :])
        return self._unit(sign, whole, fraction)

    def _unit(self, sign: int, whole: int, fraction: int) -> tuple[int, int]:
        tok = self.ahead()
        if tok[0] == "\\":
            found = self.quantity(tok)
            if found is None:
                return sign * (whole * POINT + fraction), 0
            size = found.value.size if isinstance(found.value, Glue) else int(found.value or 0)
            return sign * (whole * size + fraction * size // POINT), 0
        while len(tok) < 12 and len(self.pb) > 1 and self.pb[-2][0] not in "\\{}$&#^_~":
            self.pb.pop()
            tok += self.pb.pop()
            self.pb.append(tok)
        m = _UNIT.match(tok)
        if m is None:
            return sign * (whole * POINT + fraction), 0
        self.pb.pop()
        if tok[m.end() :]:
            self.pb.append(tok[m.end() :])
        else:
            self.skip_one_blank()
        unit = m.group(1).lower()
        if unit in FIL:
            return sign * (whole * POINT + fraction), FIL[unit]
        return sign * in_unit(whole, fraction, unit), 0

    # ---------------------------------------------------------------- expressions
    def evaluate(self, tokens: list[str], kind: str) -> Any:
        """A sum of products in tokens of their own, as the package calc reads them."""
        self.pb.append(END)
        self.push(tokens)
        value = self.expression(kind, rounded=False)
        while self.next() != END:
            pass
        return value

    def expression(self, kind: str, *, rounded: bool) -> Any:
        """`a+b*(c-d)`: of numbers (count), lengths (dimen) or glue (skip)."""
        total = self._term(kind, rounded=rounded)
        while True:
            tok = self.ahead()
            if tok[0] not in "+-":
                return total
            self.next_char()
            term = self._term(kind, rounded=rounded)
            if isinstance(term, Glue) != isinstance(total, Glue):
                return total
            total = total + (term if tok[0] == "+" else term.times(-1) if isinstance(term, Glue) else -term)

    def _term(self, kind: str, *, rounded: bool) -> Any:
        value = self._factor(kind, rounded=rounded)
        while True:
            tok = self.ahead()
            if tok[0] not in "*/":
                return value
            self.next_char()
            times, by = self._multiplier(rounded=rounded)
            if tok[0] == "/":
                times, by = by, times
            if isinstance(value, Glue):
                value = Glue(divide(value.size * times, by))
            else:
                value = divide_rounded(value * times, by) if rounded else divide(value * times, by)
            value = value if fits(value, kind) else value.__class__()  # e-TeX: an overflow is 0

    def _multiplier(self, *, rounded: bool) -> tuple[int, int]:
        """A factor as a fraction: a number, `\\real{0.3}`, `\\ratio{a}{b}`."""
        tok = self.ahead()
        if tok == "\\real":
            self.pb.pop()
            m = re.fullmatch(r"\s*([-+]?)(\d*)[.,]?(\d*)\s*", self.plain_text(self.read_arg()))
            if not m:
                return 1, 1
            sign = -1 if m.group(1) == "-" else 1
            return sign * (int(m.group(2) or "0") * POINT + fraction_of(m.group(3))), POINT
        if tok == "\\ratio":
            self.pb.pop()
            return self.evaluate(self.read_arg(), "dimen"), self.evaluate(self.read_arg(), "dimen")
        value = self._factor("count", rounded=rounded)
        return value if isinstance(value, int) else 0, 1

    def _factor(self, kind: str, *, rounded: bool) -> Any:
        tok = self.ahead()
        if tok[0] == "(":
            self.next_char()
            value = self.expression(kind, rounded=rounded)
            if self.ahead()[0] == ")":
                self.next_char()
            return value
        return self.read_value(kind)


def own_counter(counter: str) -> str:
    """Our name of a LaTeX counter: floats and items are counted beside the sections."""
    if counter in ("figure", "table", "algorithm"):
        return "\x00" + counter.capitalize()
    return "\x00item" if counter in ("enumi", "enumii", "enumiii", "enumiv") else counter
