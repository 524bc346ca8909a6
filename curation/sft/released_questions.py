"""Questions that earlier releases asked, as a config names them: files that `astrocorpus artefact questions RELEASE` made."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import ClassVar

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import Field

from curation.artefact import FOOTER_KEY, Artefact
from curation.errors import ConfigError
from curation.step import Inputs, Requires, WholeStep
from schemas import DOC_ID, Table, field

KIND = "questions"
"""The artefact."""
_OPTIONS = re.compile(r"\n\n\(A\) .*\Z", re.DOTALL)
_PICKED = re.compile(r"\(([A-Z])\)\s+(?P<text>\S.*)", re.DOTALL)

RELEASED_QUESTIONS = Table(
    name="released_questions",
    version=1,
    working=True,
    doc="One row a question that a release asked.",
    fields=(
        DOC_ID,
        field("row_id", pa.string(), "pair_id in the release.", nullable=False),
        field("question", pa.large_string(), "The question, without options.", nullable=False),
        field("right", pa.large_string(), "Of a choice the text of the right option."),
    ),
    sort_by=("doc_id", "row_id"),
)


def asked_by_pair(question: str, answer: str) -> tuple[str, str | None]:
    """What a released pair asks: the question without its options, and of a choice the text of the right one."""
    picked = _PICKED.fullmatch(answer) if _OPTIONS.search(question) else None
    return (_OPTIONS.sub("", question), picked["text"].strip()) if picked else (question, None)


def read_questions(path: Path) -> pa.Table:
    """Rows of `RELEASED_QUESTIONS` of one file.

    Raises:
        ConfigError: it cannot be read, or is no such file.
    """
    try:
        kind = json.loads((pq.read_schema(path).metadata or {})[FOOTER_KEY.encode()])["kind"]
        if kind != KIND:
            raise KeyError(kind)
        return pq.read_table(path, columns=list(RELEASED_QUESTIONS.columns)).cast(RELEASED_QUESTIONS.arrow)
    except (OSError, pa.ArrowException, KeyError, ValueError, TypeError) as error:
        raise ConfigError(
            f"{path} holds no questions of a release; `astrocorpus artefact {KIND} RELEASE --out FILE` makes such a file"
        ) from error


class ReleasedQuestions(WholeStep):
    """The questions of all files, each pair once."""

    name: ClassVar[str] = "released_questions"
    version: ClassVar[int] = 1
    requires: ClassVar[Requires] = {}
    provides: ClassVar[Table] = RELEASED_QUESTIONS

    released: tuple[Artefact, ...] = Field(min_length=1)

    def run(self, inputs: Inputs) -> pa.Table:
        told = pa.concat_tables([read_questions(path) for path in self.released]).combine_chunks()
        first: dict[tuple[str, str], int] = {}
        for n, key in enumerate(zip(told["doc_id"].to_pylist(), told["row_id"].to_pylist(), strict=True)):
            first.setdefault(key, n)
        return told.take(pa.array(list(first.values()), pa.int64()))
