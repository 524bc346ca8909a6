"""How the items of an enumeration are numbered: `[label=(\\roman*)]`, `[(a)]`, LaTeX's own (a) of an inner list."""

from __future__ import annotations

import re
from dataclasses import dataclass

# \theenumi .. \theenumiv of the standard classes
_LEVELS = (("", "1", "."), ("(", "a", ")"), ("", "i", "."), ("", "A", "."))
_FORMS = {"arabic": "1", "alph": "a", "Alph": "A", "roman": "i", "Roman": "I"}
_LABEL_KEY = re.compile(r"\blabel\s*=\s*(\{(?:[^{}]|\{[^{}]*\})*\}|[^,]*)")
_STARRED = re.compile(r"\\(arabic|alph|Alph|roman|Roman)\s*(?:\*|\{[^{}]*\})")
# `[(a)]`, `[i.]`, `[Step 1]`: the first of the five letters that stands alone is the number
_SHORT = re.compile(r"(?<![A-Za-z])([1aAiI])(?![A-Za-z])")
_START = re.compile(r"\bstart\s*=\s*(\d{1,4})\b")
_OUTER_NUMBER = re.compile(r"\\(?:arabic|alph|Alph|roman|Roman)\s*\{enum\w+\}|\\theenum\w+")
_NOT_PRINTED = re.compile(r"\\[A-Za-z]+\s*|[{}$]")


@dataclass(frozen=True)
class ItemStyle:
    """Numbers in `form` (1 a A i I) between `before` and `after`; `outer` is the number of the item around the list.

    `whole_reference`: a `\\ref` prints the whole label, as enumitem has it.
    """

    before: str = ""
    form: str = "1"
    after: str = "."
    outer: str = ""
    start: int = 1
    whole_reference: bool = False
    reference_form: str = ""  # of `\\theenumi`, where the label has another

    def label(self, n: int) -> str:
        """What is printed before item n."""
        return f"{self.before}{_numeral(n, self.form)}{self.after}"

    def reference(self, n: int) -> str:
        """What `\\ref` prints for item n."""
        return self.label(n) if self.whole_reference else self.outer + _numeral(n, self.reference_form or self.form)


def item_style(options: str, level: int, outer: str, *, enumitem: bool) -> ItemStyle:
    """The style of an enumeration.

    Args:
        options: what stands in the brackets after `\\begin{enumerate}`.
        level: 0 for the outermost enumeration.
        outer: reference of the item in which the list stands.
        enumitem: whether that package is loaded.
    """
    before, form, after = _LEVELS[min(level, 3)]
    found = _START.search(options)
    start = int(found.group(1)) if found else 1
    if m := _LABEL_KEY.search(options):
        label = m.group(1)
        if number := next((n for n in _STARRED.finditer(label) if "*" in n.group()), _STARRED.search(label)):
            before = _OUTER_NUMBER.sub(re.sub(r"\W", "", outer), label[: number.start()])
            pieces = before, _FORMS[number.group(1)], label[number.end() :]
            return ItemStyle(_plain(pieces[0]), pieces[1], _plain(pieces[2]), outer, start, True)
    elif options.strip() and "=" not in options and (number := _SHORT.search(options)):
        pieces = options[: number.start()], number.group(1), options[number.end() :]
        return ItemStyle(_plain(pieces[0]), pieces[1], _plain(pieces[2]), outer, start, enumitem)
    return ItemStyle(before, form, after, outer, start)


_RESUME = re.compile(r"\b(resume(\*)?|series)\s*(?:=\s*([^,={}]+))?(?=,|$)")


def resumed(options: str) -> tuple[str, bool, str] | None:
    """Of enumitem's `resume`, `resume*=series`, `series=name`: the name, whether the style is taken up too, the key."""
    found = _RESUME.search(re.sub(r"\{[^{}]*\}", "", options))
    return ((found[3] or "").strip(), bool(found[2]), found[1].rstrip("*")) if found else None


def redefined_style(label: str | None, number: str | None, level: int, outer: str, start: int) -> ItemStyle | None:
    """The style of an enumeration whose `\\labelenumi` or `\\theenumi` the paper redefined; None where it has no number.

    Args:
        label, number: what they print, None where they are LaTeX's own.
        level: 0 for the outermost enumeration.
        outer: reference of the item in which the list stands.
        start: number of the first item.
    """
    before, form, after = _LEVELS[min(level, 3)]
    counter = "enum" + ("i", "ii", "iii", "iv")[min(level, 3)]
    own = number if number is not None else f"\\{_NAMES[form]}{{{counter}}}"
    template = (
        f"{before}{own}{after}" if label is None else re.sub(rf"\\the{counter}(?![A-Za-z])", lambda m: own, label)
    )
    found = _STARRED.search(template)
    if found is None:
        return None
    reference = _STARRED.search(own)
    return ItemStyle(
        _plain(template[: found.start()]), _FORMS[found[1]], _plain(template[found.end() :]), outer, start,
        reference_form=_FORMS[reference[1]] if reference else "",
    )  # fmt: skip


_NAMES = {form: name for name, form in _FORMS.items()}


def _plain(text: str) -> str:
    return _NOT_PRINTED.sub("", text).replace("~", " ").lstrip()


def _numeral(n: int, form: str) -> str:
    if form in "aA":
        return chr((96 if form == "a" else 64) + min(26, max(1, n)))
    if form in "iI":
        return roman(n) if form == "i" else roman(n).upper()
    return str(n)


def roman(n: int) -> str:
    """Roman numeral in small letters."""
    out = ""
    for value, numeral in ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"),
                           (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")):  # fmt: skip
        while n >= value and len(out) < 20:
            out += numeral
            n -= value
    return out
