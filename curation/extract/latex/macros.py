"""Macros: a signature, a body, and how the two become tokens."""

from __future__ import annotations

from dataclasses import dataclass, field

from curation.extract.latex.lexer import tokenize


@dataclass(slots=True)
class Macro:
    """A user's or a package's macro.

    Attributes:
        params: one entry an argument: ``m`` mandatory, ``s`` star (an empty or ``*`` argument), ``o`` optional,
            ``d`` optional in round brackets, ``g`` optional in braces, ``u`` one optional run of braces is swallowed.
            A tuple entry is ``("o", default tokens)`` or ``("t", delimiter tokens)`` as in ``\\def\\x#1;{..}``.
        body: replacement tokens; ``#1`` stands for an argument, ``##1`` for one of an inner definition.
        builtin: from our tables, so that a definition in a local .sty does not replace it.
        prefix: literal tokens that must follow the name (``\\def\\x:#1{..}``).
        alias: made by ``\\let``: the body is the one token whose meaning the name has.
    """

    params: tuple[str | tuple[str, tuple[str, ...]], ...]
    body: list[str]
    builtin: bool = False
    prefix: tuple[str, ...] = ()
    alias: bool = False
    parts: list[str | int] = field(default_factory=list)
    simple: int = -1

    def __post_init__(self) -> None:
        n = sum(len(p[1]) // 2 if p[0] == "xe" else 1 for p in self.params)
        has_argument = False
        parts: list[str | int] = []
        for tok in filter(None, self.body):  # a name that is empty leaves no token
            if (tok[0] == "#" and tok[1:2].isdecimal()) or tok[:2] == "##":
                if tok[1] == "#":
                    parts.append(tok[1:])
                    has_argument = True
                    continue
                k = int(tok[1])
                if k <= n:
                    parts.append(k - 1)
                    has_argument = True
                continue
            parts.append(tok)
        parts.reverse()
        self.parts = parts if has_argument else []
        if not has_argument:
            self.body = [t for t in reversed(parts) if isinstance(t, str)]
        if not self.prefix and all(p == "m" for p in self.params):
            self.simple = n

    def reversed_expansion(self, args: list[list[str]]) -> list[str]:
        """The body with its arguments, last token first (ready for the push-back stack)."""
        if not self.parts:
            return self.body[::-1]
        out: list[str] = []
        for part in self.parts:
            if part.__class__ is int:
                out.extend(reversed(args[part]))
            else:
                out.append(part)  # type: ignore[arg-type]
        return out


def builtin(signature: str, body: str) -> Macro:
    """A macro of our own tables, e.g. ``builtin("om", "#2")``."""
    return Macro(tuple(signature), tokenize(body), builtin=True)
