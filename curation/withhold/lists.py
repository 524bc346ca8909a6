"""Lists of benchmark sources as small tables, so that a part of the corpus depends on the entries that name its documents only."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice, product
from typing import Any, ClassVar

import pyarrow as pa
from pydantic import Field

from curation.artefact import plain_config
from curation.sources.metadata import JOURNALS
from curation.step import Inputs, MapStep, Requires, WholeStep
from curation.withhold.benchmark import Benchmark
from curation.withhold.sources import ids_in, refs_of
from schemas import DOC_ID, Table, field

METADATA = "metadata"
"""The table that says what a document is."""
_MAX_PLACES = 1_000
"""Journals by volumes by pages of all records of a paper that are read; each says one of each."""
_MARK = field("mark", pa.string(), "Name of the benchmark.", nullable=False)
_ENTRY = field(
    "entry", pa.string(), "Where the work stands: file and line of a list, or the item that names it.", nullable=False
)
WITHHOLD_IDS = Table(
    name="withhold_ids",
    version=1,
    working=True,
    doc="One row an id of a work that a benchmark was made from.",
    fields=(
        field(
            "key",
            pa.string(),
            "arXiv:.., doi:.., bibcode:.. or journal_ref:.., as withhold_names has them.",
            nullable=False,
        ),
        _MARK,
        _ENTRY,
    ),
    sort_by=("key", "mark", "entry"),
)
WITHHOLD_TITLES = Table(
    name="withhold_titles",
    version=1,
    working=True,
    doc="One row a work of such a list whose title is known.",
    fields=(
        _MARK,
        _ENTRY,
        field("title", pa.string(), "Its title as the list has it.", nullable=False),
        field("first_author", pa.string(), "Its first author, when known."),
        field("year", pa.int64(), "Its year, when known."),
    ),
    sort_by=("mark", "entry"),
)

WITHHOLD_NAMES = Table(
    name="withhold_names",
    version=1,
    working=True,
    doc="One row a document: every id under which a list may know it.",
    fields=(
        DOC_ID,
        field("names", pa.list_(pa.string()), "Its ids, and those in what was not understood of it.", nullable=False),
    ),
)


class WithholdNames(MapStep):
    """Names each document for the lists. What no column of its metadata holds may be the id of a benchmark source too."""

    name: ClassVar[str] = "withhold_names"
    version: ClassVar[int] = 7
    requires: ClassVar[Requires] = {METADATA: ("doc_id", "links", "journal_ref", "venue", "unsure")}
    provides: ClassVar[Table] = WITHHOLD_NAMES

    def run(self, inputs: Inputs) -> pa.Table:
        rows = inputs[METADATA].select(list(self.requires[METADATA])).to_pylist()
        names = [sorted(_names(row)) for row in rows]
        return WITHHOLD_NAMES.table({"doc_id": [r["doc_id"] for r in rows], "names": list(names)})


def _names(row: Mapping[str, Any]) -> frozenset[str]:
    """Every name of a document: its ids, those in what no column of its metadata holds, and its place in a journal."""
    unheld = (*(row["venue"] or ()), *(row["unsure"] or ()))
    said = [text.partition(": ")[::2] for text in unheld]
    journals, volumes, pages = (
        [value for key, value in said if key in keys] for keys in (JOURNALS, ("volume",), ("pages", "page"))
    )
    refs = [*(row["journal_ref"] or "").split(";"), row["journal_ref"], *journals]
    placed = (f"{journal} {volume}, {page}" for journal, volume, page in product(journals, volumes or [""], pages))
    refs += islice(placed, _MAX_PLACES)
    return frozenset(row["links"]).union(*map(ids_in, unheld), refs_of(*refs, *row["links"]))


class WithholdLists(WholeStep):
    """Reads the lists of works that benchmarks were made from, and the works that their items name.

    Raises ConfigError when a file is missing, empty or not understood: what is read wrongly would be trained on.
    """

    name: ClassVar[str] = "withhold_lists"
    version: ClassVar[int] = 5
    requires: ClassVar[dict[str, tuple[str, ...]]] = {}
    provides: ClassVar[Table] = WITHHOLD_IDS
    beside: ClassVar[tuple[Table, ...]] = (WITHHOLD_TITLES,)

    lists: tuple[Benchmark, ...] = Field(min_length=1)

    def identity(self) -> dict[str, Any]:
        """As of every step, without what of a benchmark names no work."""
        identity = super().identity()
        plain = (plain_config(b, {"allow_unmatched", "rule", "texts", "mode"}) for b in self.lists)
        identity["config"]["lists"] = sorted(plain, key=lambda b: str(b["name"]))
        return identity

    def run(self, inputs: Inputs) -> dict[str, pa.Table]:
        ids: list[dict[str, object]] = []
        titles: list[dict[str, object]] = []
        for benchmark in self.lists:
            for work in (*benchmark.listed(), *benchmark.named()):
                row = {"mark": benchmark.name, "entry": work.place}
                ids += [{**row, "key": key} for key in work.ids]
                if work.title:
                    titles.append({**row, "title": work.title, "first_author": work.first_author, "year": work.year})
        return {WITHHOLD_IDS.name: WITHHOLD_IDS.rows(ids), WITHHOLD_TITLES.name: WITHHOLD_TITLES.rows(titles)}
