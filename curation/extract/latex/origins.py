"""Where a control word comes from: the format, or the classes and packages that a paper loads.

The tables of this package know the commands of a hundred packages at once; TeX knows those that are loaded. `names.txt` says
which is whose. A class that it does not list may define anything that we know; a package that it does not list, and that the
paper does not bring along, may define what no listed one does.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

_FAMILIES = (
    (re.compile(r"aastex\w*"), "aastex631"),
    (re.compile(r"emulateapj\w*"), "emulateapj"),
    (re.compile(r"revtex4?(?:-\d)?"), "revtex4-2"),
)
_DEFINED = re.compile(
    r"\\(?:[gex]?def|let|(?:re|provide)?newcommand|providecommand|DeclareRobustCommand|newif|chardef|newcount|newdimen|newskip|"
    r"newlength|newtoks|newbox|newsavebox|DeclareMathOperator|(?:New|Renew|Provide|Declare)DocumentCommand)\*?\s*\{?\s*"
    r"\\([A-Za-z@]+)"
)


@cache
def _listed() -> dict[str, tuple[tuple[str, ...], frozenset[str]]]:
    """`class article`, `package natbib`, `format`: what it loads, and the names that it adds."""
    text = files("curation.extract.latex").joinpath("names.txt").read_text("utf-8")
    lines: list[str] = []
    for line in text.splitlines():
        if line.startswith("  "):
            lines[-1] += line[1:]
        elif not line.startswith("#"):
            lines.append(line)
    out: dict[str, tuple[tuple[str, ...], frozenset[str]]] = {}
    for line in lines:
        head, _, names = line.partition(" | ")
        key, _, loads = head.partition(":")
        out[key] = tuple(loads.split()), frozenset(names.split())
    return out


@cache
def _owned() -> frozenset[str]:
    """The names that the format or a listed class or package defines."""
    return frozenset().union(*(names for _, names in _listed().values()))


class Origins:
    """What the files that a paper has loaded so far define.

    Attributes:
        packages, classes: the names of those loaded, also by others.
    """

    def __init__(self) -> None:
        self.packages: set[str] = set()
        self.classes: set[str] = set()
        self._names: set[str] = set()
        self._everything = True  # no class yet: plain TeX, old formats
        self._unowned = False

    def load_class(self, name: str) -> None:
        """A class is loaded."""
        self.classes.add(name)
        key = next((f"class {of}" for pattern, of in _FAMILIES if pattern.fullmatch(name)), f"class {name}")
        self._everything = key not in _listed()
        self._add(key)

    def load_package(self, name: str, source: str | None = None) -> None:
        """A package is loaded; `source` is its text where the paper brings it along."""
        if name in self.packages:
            return
        self.packages.add(name)
        if f"package {name}" in _listed():
            self._add(f"package {name}")
        elif source is None:
            self._unowned = True
        if source is not None:
            self._names.update(_DEFINED.findall(source))

    def _add(self, key: str) -> None:
        loads, names = _listed().get(key, ((), frozenset()))
        self._names |= names
        for package in loads:
            self.load_package(package)

    @staticmethod
    def in_format(name: str) -> bool:
        """Whether the format defines `\\\\name`; of names with an @ only those that the extractor knows are listed."""
        return name in _listed()["format"][1]

    def defines(self, name: str) -> bool:
        """Whether something loaded defines `\\\\name`."""
        if self._everything or not name or not (name[0].isalpha() or name[0] == "@"):
            return True
        if name in self._names or self.in_format(name):
            return True
        return self._unowned and name not in _owned()
