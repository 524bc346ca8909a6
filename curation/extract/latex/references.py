"""How a cross-reference is printed once all labels have their numbers.

cleveref and hyperref name what they point to: "figs. 1 and 2", "Equation 3". The words are the packages' English defaults
(cleveref manual, section 9: equations and figures are abbreviated unless `noabbrev`; hyperref manual, \\autoref), which the
paper may change by options, `\\crefname` and `\\figureautorefname`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby

Label = tuple[str, str]
"""Kind of the thing labelled, and its number."""

_CLEVEREF = {
    "equation": ("equation", "equations"), "figure": ("figure", "figures"), "table": ("table", "tables"),
    "section": ("section", "sections"), "appendix": ("appendix", "appendices"), "algorithm": ("algorithm", "algorithms"),
    "listing": ("listing", "listings"), "item": ("item", "items"), "footnote": ("footnote", "footnotes"),
    "theorem": ("theorem", "theorems"), "lemma": ("lemma", "lemmas"), "corollary": ("corollary", "corollaries"),
    "proposition": ("proposition", "propositions"), "definition": ("definition", "definitions"),
    "result": ("result", "results"), "example": ("example", "examples"), "remark": ("remark", "remarks"),
    "note": ("note", "notes"),
}  # fmt: skip
_SHORT = {"equation": ("eq.", "eqs."), "figure": ("fig.", "figs.")}
_AUTOREF = {
    "equation": "Equation", "figure": "Figure", "table": "Table", "section": "section", "appendix": "Appendix",
    "item": "item", "theorem": "Theorem", "footnote": "footnote", "algorithm": "Algorithm", "listing": "Listing",
}  # fmt: skip


@dataclass(slots=True)
class Reference:
    """A `\\ref` as written: its keys, and all of them as one, since a label may have a comma."""

    command: str
    keys: list[str]
    written: str = ""


@dataclass
class ReferenceNames:
    """What the paper says about the words of its references.

    Args:
        options: of the package cleveref.
        cref, upper: kind -> singular, plural, of `\\crefname` and `\\Crefname`.
        autoref: kind -> the word of `\\figureautorefname` and kin.
        theorems: environment -> the name that is printed, the counter.
        parts_in_brackets: whether `\\subref` prints `(a)`, as subfig and subfigure have it, or `a`, as subcaption.
    """

    options: str = ""
    cref: dict[str, tuple[str, str]] = field(default_factory=dict)
    upper: dict[str, tuple[str, str]] = field(default_factory=dict)
    autoref: dict[str, str] = field(default_factory=dict)
    parts_in_brackets: bool = True
    theorems: dict[str, tuple[str, str]] = field(default_factory=dict)

    def cleveref(self, kind: str, *, upper: bool, plural: bool) -> str:
        """The word before a number; empty when the kind is unknown."""
        pair = self.upper.get(kind) if upper else None
        if pair is None and (given := self.cref.get(kind)):
            pair = tuple(_capital(w) for w in given) if upper else given  # type: ignore[assignment]
        if pair is None:
            pair = _CLEVEREF.get(kind) or self._of_theorem(kind)
            if not upper and "noabbrev" not in self.options:
                pair = _SHORT.get(kind, pair)
            if upper or "capitali" in self.options:
                if "noabbrev" not in self.options and not upper:
                    pair = _SHORT.get(kind, pair)
                pair = (_capital(pair[0]), _capital(pair[1]))
        return pair[plural]

    def _of_theorem(self, env: str) -> tuple[str, str]:
        """cleveref names the environment as it was printed, in lower case within a sentence."""
        word = self.theorems.get(env, ("", ""))[0]
        word = word[:1].lower() + word[1:]
        return (word, f"{word}s") if word else ("", "")

    def autoref_word(self, kind: str) -> str:
        """What hyperref puts before a number: it goes by the counter, and knows no theorems but `theorem`."""
        counter = self.theorems[kind][1] if kind in self.theorems else kind
        return self.autoref.get(counter) or _AUTOREF.get(counter, "")


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:]


def print_reference(ref: Reference, labels: dict[str, Label], titles: dict[str, str], names: ReferenceNames) -> str:
    """`3`, `(3)`, `Figure 3`, `figs. 3 and 4`; an unknown label prints `??` as in TeX.

    `\\pageref` has no number in a text without pages.
    """
    command = ref.command[1:]
    keys = [ref.written] if "," in ref.written and ref.written in labels else ref.keys
    found = [_kind(*labels.get(k, ("", ""))) for k in keys]
    numbers = [n or "??" for _, n in found]
    if command == "pageref":
        return "??"
    if command == "nameref":
        return ", ".join(titles.get(k, "") or n for k, n in zip(keys, numbers, strict=True))
    if command == "subref":
        return ", ".join(_part(n, in_brackets=names.parts_in_brackets) for n in numbers)
    if command == "eqref":
        return ", ".join(f"({n})" for n in numbers)
    if command in ("autoref", "Autoref", "fullref"):
        word = names.autoref_word(found[0][0])
        return f"{_capital(word) if command == 'Autoref' else word} {numbers[0]}".strip()
    if command in ("cref", "Cref", "crefrange", "Crefrange"):
        return _cleveref(found, names, upper=command[0] == "C", is_range=command.endswith("range"))
    if command in _NAME_ONLY:
        upper = command.startswith("nameC")
        word = names.cleveref(found[0][0], upper=upper, plural=command.endswith("s"))
        return word.lower() if command.startswith("lc") else word
    if command == "labelcref":
        return _listed([f"({n})" if kind == "equation" else n for kind, n in found])
    return ", ".join(numbers)


_NAME_ONLY = frozenset({"namecref", "nameCref", "namecrefs", "nameCrefs", "lcnamecref", "lcnamecrefs"})


def _kind(kind: str, number: str) -> Label:
    if kind == "section" and number[:1].isalpha() and number[:1].isupper():
        kind = "appendix"
    return kind, number or "??"


def _part(number: str, *, in_brackets: bool) -> str:
    """The letter of `3a` or `3(a)`; a number without one stays."""
    if not number[:1].isdigit() or not number.rstrip(")")[-1:].isalpha():
        return number
    letter = number.rstrip(")")[-1]
    return f"({letter})" if in_brackets else letter


def _cleveref(found: list[Label], names: ReferenceNames, *, upper: bool, is_range: bool) -> str:
    groups: list[str] = []
    for kind, members in groupby(found, key=lambda label: label[0]):
        numbers = [f"({n})" if kind == "equation" else n for _, n in members]
        word = names.cleveref(kind, upper=upper and not groups, plural=len(numbers) > 1)
        listed = " to ".join(numbers) if is_range else _listed(numbers)
        groups.append(f"{word} {listed}".strip())
    return _listed(groups)


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1] if parts else ""
