"""Questions through the steps that find doubles, in one process, as the engine would: splits, partitions in total order, the whole step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from curation.sft.released_questions import RELEASED_QUESTIONS
from curation.sft.stages.question_doubles import QuestionDoubles
from curation.sft.stages.question_edges import QUESTION_EDGES, QuestionEdges, QuestionEdgesBeside
from curation.step import Inputs
from schemas import QUESTION_DOUBLES, QUESTION_VERDICTS, QUESTIONS

Row = Mapping[str, object]


def part_of(rows: Sequence[Row]) -> Inputs:
    """A part: rows have doc_id, row_id, question, and perhaps date, reason, options and right."""
    questions = QUESTIONS.rows(
        {"chunk_id": "c", "kind": "concept", "style": ""}
        | {key: row[key] for key in ("doc_id", "row_id", "question", "options", "right") if key in row}
        for row in rows
    )
    verdicts = QUESTION_VERDICTS.rows({key: row.get(key) for key in ("doc_id", "row_id", "reason")} for row in rows)
    dates = {row["doc_id"]: row.get("date") for row in rows}
    metadata = pa.table({"doc_id": pa.array(dates, pa.string()), "date": pa.array(dates.values(), pa.string())})
    return Inputs({QUESTIONS.name: questions, QUESTION_VERDICTS.name: verdicts, "metadata": metadata})


def edges_of(parts: Iterable[Inputs], partitions: int = 4, released: Sequence[Row] = (), **how: float) -> pa.Table:
    """The edges between questions of all parts."""
    step = (QuestionEdgesBeside if released else QuestionEdges)(partitions=partitions, **how)
    splits = [step.split(part) for part in parts]
    if released:
        splits.append(step.split(Inputs({RELEASED_QUESTIONS.name: RELEASED_QUESTIONS.rows(map(dict, released))})))
    rows = pa.concat_tables(splits)
    order = [(name, "ascending") for name in step.order_by]
    found = [QUESTION_EDGES.empty()]
    for k in range(partitions):
        mine = rows.filter(pc.equal(rows["partition"], k)).drop_columns(["partition"])
        found.append(step.merge(mine.sort_by(order)))
    return pa.concat_tables(found)


def doubles_of(parts: Iterable[Inputs], partitions: int = 4, released: Sequence[Row] = (), **how: float) -> pa.Table:
    """The questions that go, sorted."""
    edges = edges_of(parts, partitions, released, **how)
    made = QuestionDoubles().run(Inputs({QUESTION_EDGES.name: edges}))
    return made.sort_by([(name, "ascending") for name in QUESTION_DOUBLES.sort_by])
