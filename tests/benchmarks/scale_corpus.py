"""The corpus of `tests.benchmarks.scale`: rows of any number, made from their numbers alone, fast.

Of a hundred papers four repeat the words of the paper 50 before them, four change a few of its words, one names its DOI, one
lies in it; the others are of their own. Every paper has its record of a metadata snapshot; replay rows have none.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
from pydantic import Field

from curation.artefact import Artefact
from curation.sources.paper_content import Content
from curation.sources.source import Row, Source
from curation.sources.unit import Entry
from curation.step import Execution, Inputs, MapStep, Requires, WholeStep
from schemas import DOCUMENTS, FINDINGS, Reason, Table, Verdict, field

BACK = 50
SAME, NEAR, VERSION, PART_OF = range(10, 14), range(20, 24), 30, 40
"""Places in a hundred papers."""
MEMBERS_A_MONTH = 9000


@cache
def vocabulary() -> list[str]:
    """Words of English, from the project's own pages."""
    text = " ".join(p.read_text() for p in sorted(Path(__file__).parents[2].glob("*.md")))
    words = {word.strip(".,:;()`'\"").lower() for word in text.split()}
    return sorted(word for word in words if word.isalpha() and len(word) > 2)


COMMON = [
    "the",
    "of",
    "and",
    "to",
    "in",
    "is",
    "that",
    "for",
    "with",
    "as",
    "are",
    "it",
    "be",
    "by",
    "on",
    "this",
    "from",
    "at",
    "which",
    "have",
    "was",
    "not",
]


def source_id(number: int) -> str:
    """An arXiv id with its version, as a bulk source names its files."""
    month, place = divmod(number, MEMBERS_A_MONTH)
    return f"{15 + month // 12:02d}{month % 12 + 1:02d}.{place + 1:05d}v1"


def words_of(number: int) -> list[str]:
    """The text of a paper, in words."""
    place = number % 100
    if number >= BACK and (place in SAME or place in NEAR or place == PART_OF):
        words = words_of(number - BACK)
        if place in NEAR:
            words = [*words[:30], "otherwise", *words[31:]]
        return words[6:60] if place == PART_OF else words
    random = np.random.default_rng(number)
    known = vocabulary()
    picks = random.integers(0, len(known) + len(known) // 2, int(random.integers(64, 88)))
    return [known[i] if i < len(known) else COMMON[i % len(COMMON)] for i in picks.tolist()]


def text_of(number: int) -> str:
    words = words_of(number)
    return ".\n\n".join(" ".join(words[i : i + 20]) for i in range(0, len(words), 20))


def title_of(number: int) -> str:
    return " ".join(words_of(number)[:7]) + f" {number}"


def record_of(number: int, *, changed: bool = False) -> dict[str, Any]:
    """The record of the metadata snapshot."""
    twin = number - BACK if number % 100 == VERSION and number >= BACK else number
    return {
        "id": source_id(number).removesuffix("v1"),
        "title": title_of(number),
        "authors": f"A. Author{number % 977}, B. Writer{number % 1013} and C. Reader{number % 499}",
        "abstract": " ".join(words_of(number)[:60]),
        "categories": "astro-ph.GA astro-ph.CO",
        "doi": f"10.3847/1538-4357/a{twin:07x}",
        "journal-ref": f"Astrophys.J. {twin % 900} ({2007 + twin % 18}) {twin % 1000}",
        "license": "http://creativecommons.org/licenses/by/4.0/",
        "comments": "12 pages, changed" if changed else "12 pages, 5 figures",
        "update_date": "2024-02-01",
        "versions": [{"version": "v1", "created": "Mon, 2 Apr 2007 19:18:42 GMT"}],
    }


def is_changed(number: int, papers: int) -> bool:
    """Whether a snapshot with changes has another record: 1 % of all, in the first 5 % of the papers."""
    return number < papers // 20 and number % 5 == 0


def write_snapshot(path: Path, papers: int, *, changed: int = 0) -> None:
    """Records of all papers; of a corpus of `changed` papers those that a later snapshot has otherwise."""
    with path.open("w") as lines:
        for i in range(papers):
            lines.write(json.dumps(record_of(i, changed=is_changed(i, changed))) + "\n")


class Sky(Source):
    """Papers, or rows of replay text, by number; their texts are made by `Typed`.

    Args:
        count: how many.
    """

    version: ClassVar[int] = 1

    count: Annotated[int, Field(ge=1), Execution()]
    part_bytes: Annotated[int, Execution()] = 1 << 40
    part_papers: Annotated[int, Execution()] = 1000

    def entries(self) -> Iterator[Entry]:
        for i in range(self.count):
            yield Entry(member_of(self.source, i), 300_000, "0")

    def source_id(self, member: str) -> str:
        return source_id(number_of(member))

    def open(self, row: Row, *, beside: bool = False) -> Content:
        member = row["member"]
        return Content(member, "text", hashlib.sha256(member.encode()).hexdigest(), 300_000)


def member_of(source: str, number: int) -> str:
    name = source_id(number)
    return f"{source}/{name[:4]}/{name}.{number}.txt"


def number_of(member: str) -> int:
    return int(member.rsplit(".", 2)[1])


class Typed(MapStep):
    """Documents without an extraction: the text by its number."""

    name: ClassVar[str] = "documents"
    version: ClassVar[int] = 1
    requires: ClassVar[Requires] = {"papers": ("doc_id", "member")}
    provides: ClassVar[Table] = DOCUMENTS

    def run(self, inputs: Inputs) -> pa.Table:
        return DOCUMENTS.rows(self._document(row) for row in inputs["papers"].to_pylist())

    def _document(self, paper: dict[str, Any]) -> dict[str, object]:
        number = number_of(paper["member"])
        text = text_of(number)
        return {
            "doc_id": paper["doc_id"],
            "title": title_of(number),
            "text": text,
            "sections": [{"kind": "body", "start": 0, "end": len(text)}],
            "text_sha256": hashlib.sha256(text.encode()).hexdigest(),
            "route": "latex",
            "n_words": len(text.split()),
            "status": "ok",
        }


ASKED = Table(
    "asked", 1, "Papers whose removal was asked for.", (field("key", pa.string(), "An id."),), sort_by=("key",)
)


class Asked(WholeStep):
    """Reads the list of papers whose removal was asked for, one arXiv id a line."""

    name: ClassVar[str] = "asked"
    version: ClassVar[int] = 1
    requires: ClassVar[Requires] = {}
    provides: ClassVar[Table] = ASKED

    path: Artefact

    def run(self, inputs: Inputs) -> pa.Table:
        return ASKED.rows({"key": f"arXiv:{line.partition('v')[0]}"} for line in self.path.read_text().split())


class Taken(MapStep):
    """Removes them: a part is given the rows of the list that name a paper of it."""

    name: ClassVar[str] = "taken"
    version: ClassVar[int] = 1
    rows: ClassVar[Literal["one", "many"]] = "many"
    requires: ClassVar[Requires] = {"metadata": ("doc_id", "links"), "asked": ("key",)}
    keys: ClassVar[dict[str, str]] = {"asked": "links"}
    provides: ClassVar[Table] = FINDINGS

    def run(self, inputs: Inputs) -> pa.Table:
        keys = set(inputs["asked"]["key"].to_pylist())
        said = {"row_id": "taken", "verdict": Verdict.DROP, "stage": self.name, "reason": Reason.REMOVED}
        papers = zip(*(inputs["metadata"][c].to_pylist() for c in ("doc_id", "links")), strict=True)
        return FINDINGS.rows({"doc_id": doc_id, **said} for doc_id, links in papers if keys.intersection(links))
