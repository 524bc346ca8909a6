"""Marks of notes behind exponents: in `10^4` with a note 5 both are raised alike, and read `10^{45}`."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, field

from curation.extract.pdf.note_marks import LABEL
from curation.extract.pdf.page import Line, Span

MIN_EXTRA = 0.25
"""Points by which an exponent of digits is wider than these: TeX sets half a point (`scriptspace`) behind each, so two stand there."""


@dataclass(slots=True)
class _Doubtful:
    """An exponent that may end with a mark: where it is written, what it says, how it is drawn, and how many marks were found
    before it.
    """

    line: Line
    span: Span
    raised: str
    drawn: tuple[str, float, float]
    place: int


@dataclass(slots=True)
class GluedMarks:
    """Finds, for the notes of one page whose marks stand nowhere, the only exponent that ends with each.

    Args:
        labels: the marks of the notes at its foot.
    """

    labels: Set[str]
    _found: list[str] = field(default_factory=list)
    _doubtful: list[_Doubtful] = field(default_factory=list)
    _digits: dict[tuple[str, float], float] = field(default_factory=dict)

    def found(self, raised: str) -> None:
        """A mark, or several, told as such; they come in the order of the page."""
        self._found += [label for label in LABEL.findall(raised) if label in self.labels]

    def doubt(self, line: Line, span: Span, raised: str, spans: Sequence[Span]) -> None:
        """An exponent that was written into a span of a line, and the spans that draw it."""
        font, size, width = spans[0].font, round(spans[0].size, 1), spans[-1].x1 - spans[0].x0
        if len(raised) == 1 and raised.isdigit():
            self._digits[font, size] = width
        if any(_may_be(raised, label) for label in self.labels):
            self._doubtful.append(_Doubtful(line, span, raised, (font, size, width), len(self._found)))

    def part(self) -> None:
        """Take the marks out of exponents. Notes stand in the order of their marks, so each lies between its neighbours.

        Where another exponent may be the mark itself, as in `keV_{ee}^{1}`, no number is changed, unless one alone is drawn as two.
        """
        for label in sorted(self.labels - set(self._found)):
            able = [d for d in self._doubtful if _may_be(d.raised, label) and self._fits(d, label)]
            able = [d for d in able if d.raised != label and self._is_two(d)] or able
            if len(able) == 1 and able[0].raised != label:
                self._part(able[0], label)

    def _is_two(self, doubtful: _Doubtful) -> bool:
        """Whether an exponent of digits is wider than its digits are elsewhere on the page."""
        font, size, width = doubtful.drawn
        digit = self._digits.get((font, size))
        n = len(doubtful.raised)
        return doubtful.raised.isdigit() and digit is not None and width - n * digit > MIN_EXTRA

    def _fits(self, doubtful: _Doubtful, label: str) -> bool:
        before, after = self._found[: doubtful.place], self._found[doubtful.place :]
        return not any(_follows(other, label) for other in before) and not any(
            _follows(label, other) for other in after
        )

    def _part(self, doubtful: _Doubtful, label: str) -> None:
        raised = doubtful.raised
        doubtful.span.text = doubtful.span.text.replace(f"^{{{raised}}}", f"^{{{raised.removesuffix(label)}}}", 1)
        doubtful.raised = raised.removesuffix(label)
        doubtful.line.changed()


def _may_be(raised: str, label: str) -> bool:
    """Whether an exponent is a mark, or ends with it."""
    return raised == label or _ends_with(raised, label)


def _ends_with(raised: str, label: str) -> bool:
    """Whether a mark stands at the end of an exponent, and what is before it is one."""
    rest = raised.removesuffix(label)
    return rest != raised and (rest[-1:].isalnum() or rest.endswith(")"))


def _follows(label: str, other: str) -> bool:
    """Whether the note of a mark stands after that of another; marks of unlike kinds tell nothing."""
    if label.isdigit() and other.isdigit():
        return int(label) > int(other)
    return label.isalpha() and other.isalpha() and label > other
