"""What a join or a rule of the config matched. One that matches nothing silently switches off what hangs on it: licences,
withholding, rules. So every run tells both sides, in its report and on the card."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from curation.errors import one_line

SAMPLES = 5
SAMPLE_CHARS = 120


class Kind(StrEnum):
    """What joins there are."""

    METADATA = "metadata"
    """A metadata snapshot with the papers of a source."""
    SELECTION = "selection"
    """What `select:` of a source takes of its members."""
    WITHHELD_LIST = "withheld list"
    """A list of benchmark sources with the documents."""
    WITHHELD_ITEM_SOURCES = "withheld item sources"
    """The works that items of a benchmark name with the documents."""
    WITHHELD_RULE = "withheld rule"
    """A built-in rule that recognises benchmark sources: it may match nothing."""
    WITHHELD_ITEMS = "withheld items"
    """The questions of a benchmark with the texts: that none is found is good."""
    WITHHELD_PAIRS = "withheld pairs"
    """The questions of a benchmark with the pairs: that none is found is good."""
    WITHHELD_NUMBERS = "withheld numbers"
    """The values of a benchmark's questions with the texts: that none is found is good."""
    WITHHELD_TEXTS = "withheld texts"
    """An index of texts that an earlier run withheld with the documents: that none is found is good."""
    REPHRASED = "rephrased"
    """Texts that ask questions of a benchmark in other words: there may be none."""
    SCOPE = "scope"
    """A source that dedup.scope names."""
    TABLE = "table"
    """A table that reaches a step by keys (`curation.step.Step.keys`) with the documents."""
    RULE = "rule"
    """A rule of decide.rules with the values of its column."""


@dataclass(frozen=True)
class Side:
    """One side of a join.

    Args:
        what: what is counted, in the plural (records, works, values, papers).
        count, matched: how many there are, and how many the other side knows.
        samples: some that it does not know, sorted.
    """

    what: str
    count: int
    matched: int
    samples: tuple[str, ...] = ()

    @classmethod
    def of(cls, what: str, matched: int, unmatched: Iterable[str]) -> Side:
        """A side of what matched and the names of what did not."""
        names = list(unmatched)
        return cls(what, matched + len(names), matched, some(names))

    def __add__(self, other: Side) -> Side:
        """The same side over two parts of the corpus."""
        samples = some((*self.samples, *other.samples))
        return Side(self.what, self.count + other.count, self.matched + other.matched, samples)


def some(names: Iterable[str]) -> tuple[str, ...]:
    """The first `SAMPLES` names in their order, whatever order they come in, each once; long ones cut."""
    lines = map(one_line, names)
    cut = {n if len(n) <= SAMPLE_CHARS else f"{n[:SAMPLE_CHARS]}..." for n in lines}
    return tuple(heapq.nsmallest(SAMPLES, cut))


@dataclass(frozen=True)
class Join:
    """A join or rule: `given` is the side of the config (of a rule: the values that it looks at), `papers` that of the
    corpus. A paper matches a rule that drops it, whatever else drops it too."""

    kind: Kind
    name: str
    given: Side
    papers: Side

    def __add__(self, other: Join) -> Join:
        """The same join over two parts of the corpus, each with its own share of both sides."""
        return replace(self, given=self.given + other.given, papers=self.papers + other.papers)

    def to_json(self) -> dict[str, Any]:
        value = asdict(self)
        for side, told in (("given", self.given), ("papers", self.papers)):
            value[side] |= {"unmatched": told.count - told.matched, "samples": list(told.samples)}
        return value

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Join:
        def side(told: Mapping[str, Any]) -> Side:
            return Side(told["what"], told["count"], told["matched"], tuple(told["samples"]))

        return cls(Kind(value["kind"]), value["name"], side(value["given"]), side(value["papers"]))

    def warning(self) -> str | None:
        """What to tell people of a join or rule that does nothing; None of one that does something, or may do nothing."""
        if self.papers.matched or self.kind in (
            Kind.WITHHELD_RULE,
            Kind.WITHHELD_ITEMS,
            Kind.WITHHELD_PAIRS,
            Kind.WITHHELD_NUMBERS,
            Kind.WITHHELD_TEXTS,
            Kind.REPHRASED,
        ):
            return None
        given, papers = self.given, self.papers
        if self.kind is not Kind.RULE:
            return f"{self.kind} {self.name}: matches none of {papers.count:,} {papers.what}"
        if not papers.count:
            return f"rule {self.name!r} holds for no document: none is of its sources"
        if not given.matched:
            return f"rule {self.name!r} found no value to look at in {papers.count:,} documents, so it drops none"
        return f"rule {self.name!r} drops none of {papers.count:,} documents ({given.matched:,} have a value)"


def words_of(side: Side) -> str:
    """Samples of a side for a message, in quotes."""
    return ", ".join(repr(name) for name in side.samples) or "nothing"
