"""Arithmetic in infix notation, as packages of TeX read it: `2*(3+4)`, `round(sqrt(2), 3)`, `x > 2 ? 1 : 0`.

A reader of its own, bounded in length and depth; nothing is handed to `eval`. How numbers are kept, and what a function gives,
is the package's: decimals of 16 digits (the kernel's `\\fpeval`), of 18 places (fp), lengths of TeX (pgf).
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

MAX_FORMULA_CHARS = 2_000
MAX_FORMULA_DEPTH = 40

_TOKEN = re.compile(
    r"\s*(?:((?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)|([A-Za-z][A-Za-z0-9]*)|(\*\*|//|&&|\|\||[<>=!]=|[-+*/^()!?:,<>=]))"
)
_NUMBER_WITHOUT_EXPONENT = re.compile(r"\d+\.?\d*|\.\d+")
_COMPARISONS = {"<": "<", ">": ">", "=": "=", "==": "=", "<=": "<=", ">=": ">=", "!=": "!="}


class NotComputableError(ValueError):
    """A formula that cannot be read, or whose value TeX alone could tell."""


V = TypeVar("V")


class Arithmetic(ABC, Generic[V]):
    """How one package computes.

    Attributes:
        factorials: whether `5!` is a factorial; otherwise `!` only negates.
        juxtaposed: whether `2pi` is a product.
        radians: whether `x r` is an angle in radians.
        colon_separates: whether a colon parts the arguments of a function: `round(x:2)`.
        names: what a name without a backslash stands for, beside functions and constants.
    """

    factorials = False
    juxtaposed = False
    radians = False
    colon_separates = False

    def __init__(self, names: Callable[[str], str | None] = lambda name: None) -> None:
        self.names = names

    @abstractmethod
    def number(self, text: str) -> V:
        """A literal number."""

    @abstractmethod
    def truth(self, value: V) -> bool:
        """Whether a value counts as true."""

    @abstractmethod
    def binary(self, sign: str, left: V, right: V) -> V:
        """`+ - * / // ^`, the comparisons `< > = <= >= !=`."""

    @abstractmethod
    def negative(self, value: V) -> V:
        """`-x`."""

    @abstractmethod
    def call(self, name: str, args: Sequence[V]) -> V:
        """A function; a constant has no arguments.

        Raises:
            NotComputableError: there is none of this name.
        """


class _Reader(Generic[V]):
    def __init__(self, text: str, how: Arithmetic[V]) -> None:
        if len(text) > MAX_FORMULA_CHARS:
            raise NotComputableError("a formula too long")
        self.how = how
        self.depth = 0
        self.at = 0
        self.tokens: list[tuple[str, str]] = []
        pos, end = 0, len(text.rstrip())
        while pos < end:
            m = _TOKEN.match(text, pos)
            if m is None:
                raise NotComputableError(text.strip())
            kind = "nws"[m.lastindex - 1] if m.lastindex else "s"
            self.tokens.append((kind, m.group(m.lastindex or 0)))
            pos = m.end()

    def peek(self) -> str:
        return self.tokens[self.at][1] if self.at < len(self.tokens) else ""

    def kind(self) -> str:
        return self.tokens[self.at][0] if self.at < len(self.tokens) else ""

    def take(self, *signs: str) -> str:
        """The next sign if it is one of these, which is read."""
        found = self.peek()
        if self.kind() == "s" and found in signs:
            self.at += 1
            return found
        return ""

    def expect(self, sign: str) -> None:
        if not self.take(sign):
            raise NotComputableError(f"{sign} is missing")

    def whole(self) -> V:
        value = self.choice()
        if self.at < len(self.tokens):
            raise NotComputableError(self.peek())
        return value

    def choice(self) -> V:
        self.deeper()
        value = self.logic()
        if self.take("?"):
            yes = self.choice()
            self.expect(":")
            no = self.choice()
            value = yes if self.how.truth(value) else no
        self.depth -= 1
        return value

    def logic(self) -> V:
        value = self.comparison()
        while sign := self.take("&&", "||"):
            right = self.comparison()
            left_true, right_true = self.how.truth(value), self.how.truth(right)
            truth = left_true and right_true if sign == "&&" else left_true or right_true
            value = self.how.number("1" if truth else "0")
        return value

    def comparison(self) -> V:
        value = self.sum()
        while sign := self.take(*_COMPARISONS):
            value = self.how.binary(_COMPARISONS[sign], value, self.sum())
        return value

    def sum(self) -> V:
        value = self.product()
        while sign := self.take("+", "-"):
            value = self.how.binary(sign, value, self.product())
        return value

    def product(self) -> V:
        value = self.factor()
        while sign := self.take("*", "/", "//"):
            value = self.how.binary(sign, value, self.factor())
        if self.is_radians():
            self.at += 1
            value = self.how.call("radians", [value])
        return value

    def is_radians(self) -> bool:
        return self.how.radians and self.kind() == "w" and self.peek() == "r"

    def factor(self) -> V:
        value = self.signed()
        while self.how.juxtaposed and (self.kind() in ("n", "w") or self.peek() == "(") and not self.is_radians():
            value = self.how.binary("*", value, self.power())
        return value

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > MAX_FORMULA_DEPTH:
            raise NotComputableError("a formula nested too deeply")

    def signed(self) -> V:
        self.deeper()
        sign = self.take("-", "+", "!")
        value = self.signed() if sign else self.power()
        self.depth -= 1
        if sign == "!":
            return self.how.number("0" if self.how.truth(value) else "1")
        return self.how.negative(value) if sign == "-" else value

    def power(self) -> V:
        value = self.operand()
        while self.how.factorials and self.take("!"):
            value = self.how.call("factorial", [value])
        if self.take("^", "**"):
            value = self.how.binary("^", value, self.signed())
        return value

    def operand(self) -> V:
        kind, text = self.kind(), self.peek()
        if self.take("("):
            value = self.choice()
            self.expect(")")
            return value
        self.at += 1
        if kind == "n":
            return self.how.number(text)
        if kind != "w":
            raise NotComputableError(text or "an operand is missing")
        args: list[V] = []
        if self.take("("):
            while not self.take(")"):
                args.append(self.choice())
                if not self.take(",", *(":" if self.how.colon_separates else "")) and self.peek() != ")":
                    raise NotComputableError(f"{text}(..")
        elif (given := self.how.names(text)) is not None and _NUMBER_WITHOUT_EXPONENT.fullmatch(given.lstrip("-")):
            value = self.how.number(given.lstrip("-"))
            return self.how.negative(value) if given[0] == "-" else value
        return self.how.call(text, args)


def compute(text: str, how: Arithmetic[V]) -> V:
    """The value of a formula.

    Raises:
        NotComputableError: it cannot be read, or has no value that is sure.
    """
    try:
        return _Reader(text, how).whole()
    except (ArithmeticError, RecursionError) as error:
        raise NotComputableError(text.strip()) from error
