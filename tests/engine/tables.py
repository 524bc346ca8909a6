"""Small true steps with many rows a document, side tables, unions, and tables that arrive cut."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, ClassVar, Literal

import pyarrow as pa
import pyarrow.compute as pc

from curation.artefact import Artefact
from curation.step import ExchangeStep, Execution, Inputs, Made, MapStep, Requires, WholeStep
from schemas import DOC_ID, Table, field

ROW_ID = field("row_id", pa.string(), "Unique in its document.", nullable=False)
WORD = field("word", pa.string(), "A word.")
WORDS = Table("words", 1, "One row a word.", (DOC_ID, ROW_ID, WORD))
LETTERS = Table("letters", 1, "One row a letter of a word.", (DOC_ID, ROW_ID, field("letter", pa.string(), "It.")))
MARKS = Table("marks", 1, "One row a mark.", (DOC_ID, ROW_ID, WORD), union=True)
LINKED = Table("linked", 1, "Names of a document.", (DOC_ID, field("links", pa.list_(pa.string()), "They.")))
LISTED = Table(
    "listed", 1, "Names on a list.", (field("key", pa.string(), "The name."), field("why", pa.string(), "Why."))
)
REMOVED = Table("removed", 1, "Documents by id.", (DOC_ID, field("why", pa.string(), "Why.")), sort_by=("doc_id",))
MARKED = Table("marked", 1, "Marks and why of a document.", (DOC_ID, field("told", pa.string(), "All of it.")))
NAMED = Table(
    "named", 1, "One row a record that names a document.", (DOC_ID, ROW_ID, field("said", pa.string(), "What."))
)


class SplitWords(MapStep):
    """Every word, and beside them every letter."""

    name: ClassVar[str] = "words"
    version: ClassVar[int] = 1
    requires: ClassVar[Requires] = {"documents": ("doc_id", "text")}
    provides: ClassVar[Table] = WORDS
    rows: ClassVar[Literal["one", "many"]] = "many"
    beside: ClassVar[tuple[Table, ...]] = (LETTERS,)

    def run(self, inputs: Inputs) -> Made:
        words, letters = [], []
        for document in inputs["documents"].to_pylist():
            for i, word in enumerate((document["text"] or "").split()[:3]):
                words.append({"doc_id": document["doc_id"], "row_id": f"{i:03d}", "word": word})
                letters += [
                    {"doc_id": document["doc_id"], "row_id": f"{i:03d}.{k}", "letter": letter}
                    for k, letter in enumerate(word[:2])
                ]
        return {"words": WORDS.rows(words), "letters": LETTERS.rows(letters)}

    def summary(self, inputs: Inputs, made: dict[str, pa.Table]) -> dict[str, Any]:  # type: ignore[override]
        return {"words": made["words"].num_rows, "of": {"letters": made["letters"].num_rows}}


class Reads(MapStep):
    """Says what its artefact holds; `meddle` is what happens to the file before it is read."""

    name: ClassVar[str] = "reads"
    version: ClassVar[int] = 1
    requires: ClassVar[Requires] = {"documents": ("doc_id",)}
    provides: ClassVar[Table] = Table("reads", 1, "What it read.", (DOC_ID, field("told", pa.string(), "It.")))
    meddle: ClassVar[Callable[[], object] | None] = None

    artefact: Artefact

    def run(self, inputs: Inputs) -> pa.Table:
        return (
            inputs["documents"]
            .select(["doc_id"])
            .append_column("told", pa.array([self._read()] * len(inputs["documents"])))
        )

    def _read(self) -> str:
        if Reads.meddle is not None:
            Reads.meddle()
        return self.artefact.read_text()


class ReadsLate(Reads):
    """Reads it once more when its parts are made, and hides it from its identity."""

    def identity(self) -> dict[str, Any]:
        identity = super().identity()
        del identity["config"]["artefact"]
        return identity

    def run(self, inputs: Inputs) -> pa.Table:
        return (
            inputs["documents"].select(["doc_id"]).append_column("told", pa.array(["old"] * len(inputs["documents"])))
        )

    def fold(self, summaries: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
        return {"told": self._read()}


class Same(SplitWords):
    """Gives two rows one id."""

    def run(self, inputs: Inputs) -> Made:
        made = super().run(inputs)
        ids = pa.array(["000"] * made["words"].num_rows)
        return {**made, "words": made["words"].set_column(1, WORDS.arrow.field("row_id"), ids)}  # type: ignore[dict-item]


class Reversed(SplitWords):
    def run(self, inputs: Inputs) -> Made:
        made = super().run(inputs)
        rows = made["words"].num_rows
        return {**made, "words": made["words"].take(pa.array(range(rows - 1, -1, -1)))}  # type: ignore[dict-item]


class Foreign(SplitWords):
    def run(self, inputs: Inputs) -> Made:
        made = super().run(inputs)
        return {**made, "letters": LETTERS.rows([{"doc_id": "id:nobody", "row_id": "0"}])}  # type: ignore[dict-item]


class Forgets(SplitWords):
    def run(self, inputs: Inputs) -> Made:
        return super().run(inputs)["words"]


class Mark(MapStep):
    """Marks a word."""

    name: ClassVar[str] = "mark"
    version: ClassVar[int] = 1
    requires: ClassVar[Requires] = {"words": ("doc_id", "row_id", "word")}
    provides: ClassVar[Table] = MARKS
    rows: ClassVar[Literal["one", "many"]] = "many"
    word: str = "star"

    def run(self, inputs: Inputs) -> pa.Table:
        words = inputs["words"]
        found = words.filter(pc.equal(words["word"], self.word))
        ids = pc.binary_join_element_wise(self.name, found["row_id"], " ")
        return found.set_column(1, MARKS.arrow.field("row_id"), ids)


class MarkAgain(Mark):
    name: ClassVar[str] = "again"
    word: str = "dust"


class Links(MapStep):
    name: ClassVar[str] = "linked"
    version: ClassVar[int] = 1
    requires: ClassVar[Requires] = {"papers": ("doc_id", "source_id")}
    provides: ClassVar[Table] = LINKED

    def run(self, inputs: Inputs) -> pa.Table:
        return LINKED.rows(
            {"doc_id": r["doc_id"], "links": [f"a:{r['source_id']}", f"b:{r['source_id']}"]}
            for r in inputs["papers"].to_pylist()
        )


class Listed(WholeStep):
    """A list that the config names."""

    name: ClassVar[str] = "listed"
    version: ClassVar[int] = 1
    requires: ClassVar[Requires] = {}
    provides: ClassVar[Table] = LISTED
    beside: ClassVar[tuple[Table, ...]] = (REMOVED,)
    keys_of: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    def run(self, inputs: Inputs) -> Made:
        removed = REMOVED.rows({"doc_id": d, "why": "removed"} for d in self.removed)
        return {"listed": LISTED.rows({"key": k, "why": f"list {k}"} for k in self.keys_of), "removed": removed}


class Stretched(WholeStep):
    """Reads a file in stretches, of which each says a word."""

    name: ClassVar[str] = "stretched"
    version: ClassVar[int] = 1
    requires: ClassVar[Requires] = {}
    provides: ClassVar[Table] = Table("stretched", 1, "Words.", (WORD,))
    letters: Annotated[tuple[str, ...], Execution()]

    def stretches(self) -> list[dict[str, Any]]:
        return [{"word": letter, "place": i} for i, letter in enumerate(self.letters)]

    def run(self, inputs: Inputs) -> pa.Table:
        return self.provides.rows([{"word": inputs.side["stretch"]["word"]}])


class Said(ExchangeStep):
    """The words of the stretches."""

    name: ClassVar[str] = "said"
    version: ClassVar[int] = 1
    home: ClassVar[bool] = False
    requires: ClassVar[Requires] = {"stretched": ("word",)}
    provides: ClassVar[Table] = Table("said", 1, "Words.", (WORD,), sort_by=("word",))
    order_by: ClassVar[tuple[str, ...]] = ("word",)
    partitions: int = 3

    def split(self, inputs: Inputs) -> pa.Table:
        numbers = [ord(word) % self.partitions for word in inputs["stretched"]["word"].to_pylist()]
        return inputs["stretched"].append_column("partition", pa.array(numbers, pa.int32()))

    def merge(self, rows: pa.Table) -> pa.Table:
        return rows


class Judge(MapStep):
    """Tells a document's marks, and what the lists say of it."""

    name: ClassVar[str] = "marked"
    version: ClassVar[int] = 1
    requires: ClassVar[Requires] = {
        "linked": ("doc_id", "links"),
        "marks": ("doc_id", "row_id"),
        "listed": ("key", "why"),
        "removed": ("doc_id", "why"),
    }
    provides: ClassVar[Table] = MARKED
    keys: ClassVar[dict[str, str]] = {"listed": "links"}

    def run(self, inputs: Inputs) -> pa.Table:
        told = []
        for row in inputs["linked"].to_pylist():
            own = [m["row_id"] for m in inputs["marks"].to_pylist() if m["doc_id"] == row["doc_id"]]
            own += [k["why"] for k in inputs["listed"].to_pylist() if k["key"] in row["links"]]
            own += [k["why"] for k in inputs["removed"].to_pylist() if k["doc_id"] == row["doc_id"]]
            told.append({"doc_id": row["doc_id"], "told": "; ".join(own)})
        return MARKED.rows(told)


class Forgiving(Judge):
    """The same step, which no longer reads who is removed."""

    requires: ClassVar[Requires] = {name: columns for name, columns in Judge.requires.items() if name != "removed"}

    def run(self, inputs: Inputs) -> pa.Table:
        return super().run(Inputs({**inputs, "removed": REMOVED.empty()}))


class Nicknames(Links):
    """More names, in a table of their own."""

    name: ClassVar[str] = "nicknames"
    provides: ClassVar[Table] = Table("nicknames", 1, "Names.", LINKED.fields)

    def run(self, inputs: Inputs) -> pa.Table:
        rows = inputs["papers"].to_pylist()
        return self.provides.rows({"doc_id": r["doc_id"], "links": [f"nick {r['source_id']}"]} for r in rows)


class ByName(MapStep):
    """Tells every document which rows of a list its part is given."""

    name: ClassVar[str] = "given"
    version: ClassVar[int] = 1
    requires: ClassVar[Requires] = {"papers": ("doc_id",), "listed": ("key",)}
    provides: ClassVar[Table] = Table("given", 1, "Keys.", (DOC_ID, field("told", pa.string(), "They.")))
    names: dict[str, tuple[str, ...]]
    by: str

    @property
    def keys(self) -> dict[str, str]:  # type: ignore[override]
        return {"listed": self.by}

    def reads(self) -> Requires:
        return {**self.requires, **self.names}

    def run(self, inputs: Inputs) -> pa.Table:
        told = " ".join(inputs["listed"]["key"].to_pylist())
        return self.provides.rows({"doc_id": d, "told": told} for d in inputs["papers"]["doc_id"].to_pylist())


class StrictJudge(Judge):
    """Knows some words."""

    requires: ClassVar[Requires] = {**Judge.requires, "marks": ("doc_id", "row_id", "word")}
    words: tuple[str, ...] = ()

    def allowed(self) -> dict[str, dict[str, tuple[str, ...]]]:  # type: ignore[override]
        return {"marks": {"word": self.words}}


class Records(ExchangeStep):
    """Joins the list with the documents by each of their names; a row goes home for each that matched."""

    name: ClassVar[str] = "named"
    version: ClassVar[int] = 1
    requires: ClassVar[Requires] = {"linked": ("doc_id", "links"), "listed": ("key", "why")}
    provides: ClassVar[Table] = NAMED
    rows: ClassVar[Literal["one", "many"]] = "many"
    also: ClassVar[tuple[str, ...]] = ("listed",)
    order_by: ClassVar[tuple[str, ...]] = ("key", "doc_id")
    partitions: int = 3

    def split(self, inputs: Inputs) -> pa.Table:
        if "listed" in inputs:
            assert list(inputs) == ["listed"]
            rows = inputs["listed"].rename_columns(["key", "said"])
        else:
            linked = inputs["linked"]
            parents = pc.list_parent_indices(linked["links"])
            rows = pa.table({"doc_id": linked["doc_id"].take(parents), "key": pc.list_flatten(linked["links"])})
        partition = [sum(key.encode()) % self.partitions for key in rows["key"].to_pylist()]
        return rows.append_column("partition", pa.array(partition, pa.int32()))

    def merge(self, rows: pa.Table) -> pa.Table:
        said = {r["key"]: r["said"] for r in rows.to_pylist() if r["said"] is not None}
        return NAMED.rows(
            {"doc_id": r["doc_id"], "row_id": r["key"], "said": said[r["key"]]}
            for r in reversed(rows.to_pylist())
            if r["doc_id"] is not None and r["key"] in said
        )


class Misrouted(ExchangeStep):
    """Sends the rows of each split to these partitions, in turn."""

    name: ClassVar[str] = "misrouted"
    version: ClassVar[int] = 1
    home: ClassVar[bool] = False
    requires: ClassVar[Requires] = {"documents": ("doc_id",)}
    provides: ClassVar[Table] = Table("misrouted", 1, "Ids.", (DOC_ID,), sort_by=("doc_id",))
    partitions: int = 3
    to: tuple[int | float | None, ...]

    def split(self, inputs: Inputs) -> pa.Table:
        ids = inputs["documents"]["doc_id"]
        return pa.table({"doc_id": ids, "partition": [self.to[i % len(self.to)] for i in range(len(ids))]})

    def merge(self, rows: pa.Table) -> pa.Table:
        return rows.select(["doc_id"])


class Counted(WholeStep):
    """Words of the corpus, counted part by part."""

    name: ClassVar[str] = "counted"
    version: ClassVar[int] = 1
    requires: ClassVar[Requires] = {"words": ("word",)}
    provides: ClassVar[Table] = Table(
        "counted", 1, "Words.", (WORD, field("n", pa.int64(), "Count.")), sort_by=("word",)
    )
    streams: ClassVar[tuple[str, ...]] = ("words",)
    max_words: ClassVar[int] = 1000

    def run(self, inputs: Inputs) -> pa.Table:
        counts: dict[str, int] = {}
        for _ in range(2):  # as often as it is asked
            counts = {}
            for part in inputs.stream("words"):
                for word in part["word"].to_pylist():
                    counts[word] = counts.get(word, 0) + 1
        return self.provides.rows({"word": w, "n": n} for w, n in counts.items())
