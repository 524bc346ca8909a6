"""The tables of what verifiers and the judge say of an answer, and of what the pairs that stay were made."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

import pyarrow as pa

from schemas._table import Table, field
from schemas.sft import ASKED, SPANS
from schemas.tables import DOC_ID, ROW_ID

_str = pa.string()
_names = pa.list_(pa.string())


class Family(StrEnum):
    """What a verifier guards. The first three always drop what fails; so does contamination, whose layers look at tables
    (`pair_hits`). `QUALITY` is a column, and drops where the config says so."""

    FORM = "form"
    GROUNDING = "grounding"
    SELF_CONTAINMENT = "self_containment"
    QUALITY = "quality"


class Verifier(NamedTuple):
    """A column of `pair_verdicts`, and the reason of a pair that it drops.

    Args:
        name: of the column.
        family: what it guards.
        has_score: whether it measures something, in a column `<name>_score`.
    """

    name: str
    family: Family
    has_score: bool = False


VERIFIERS = (
    Verifier("length", Family.FORM),
    Verifier("whole", Family.FORM),
    Verifier("think_blocks", Family.FORM),
    Verifier("markup", Family.FORM),
    Verifier("refusal", Family.FORM),
    Verifier("one_answer", Family.FORM),
    Verifier("options_sound", Family.FORM),
    Verifier("repetition", Family.FORM, has_score=True),
    Verifier("other_model", Family.QUALITY),
    Verifier("self_contained", Family.SELF_CONTAINMENT),
    Verifier("verbatim", Family.GROUNDING, has_score=True),
    Verifier("numbers", Family.GROUNDING),
    Verifier("extracted", Family.FORM),
    Verifier("on_passage", Family.QUALITY, has_score=True),
    Verifier("says_more", Family.QUALITY, has_score=True),
    Verifier("to_the_point", Family.QUALITY, has_score=True),
    Verifier("named", Family.QUALITY),
    Verifier("options_balanced", Family.QUALITY, has_score=True),
    Verifier("recompute", Family.QUALITY, has_score=True),
    Verifier("leads", Family.QUALITY, has_score=True),
    Verifier("vote", Family.QUALITY, has_score=True),
    Verifier("reanswered", Family.QUALITY, has_score=True),
)
"""All that need no model, from cheap to dear; `curation.sft.verifiers.all` has their checks."""
CRITERIA = ("supported", "answers", "reasoning", "alone", "worth")
"""What the judge is asked, each with a gate of its own: a sum would let a fluent lie pass (prompts/judge/rubric.v1.md)."""

PAIR_VERDICTS = Table(
    name="pair_verdicts",
    version=2,
    doc="One row an answer: what each verifier says of it (null: it does not concern such a pair), and what drops it.",
    fields=(
        DOC_ID,
        ROW_ID,
        *(
            part
            for v in VERIFIERS
            for part in (
                field(v.name, pa.bool_(), f"Whether it stands by `{v.name}` ({v.family})."),
                *((field(f"{v.name}_score", pa.float32(), f"What `{v.name}` measured."),) if v.has_score else ()),
            )
        ),
        field("spans", SPANS, "Where its evidence stands: bytes of the released UTF-8 text, end excluded, in order."),
        field(
            "reason",
            _str,
            "The first verifier that drops it, in the order of columns, or duplicate, of samples that say the same. Null: it stays.",
        ),
        field(
            "detail",
            _str,
            "Why, in words; of a pair that stays, what the first verifier says that it does not pass.",
        ),
    ),
    sort_by=("doc_id", "row_id"),
)

PAIR_JUDGEMENTS = Table(
    name="pair_judgements",
    version=2,
    doc="One row an answer that the verifiers keep: what the judge says of it, by criterion.",
    fields=(
        DOC_ID,
        ROW_ID,
        *(field(name, pa.bool_(), f"Whether it passes `{name}` (prompts/judge/rubric.v1.md).") for name in CRITERIA),
        *ASKED,
        field(
            "reason",
            _str,
            "judge where it fails a gate; schema or no_reply where there is no judgement. Null: it stays.",
        ),
        field("detail", _str, "The gates that it fails."),
    ),
    sort_by=("doc_id", "row_id"),
)

PAIR_ORIGINS = Table(
    name="pair_origins",
    version=5,
    doc="One row a pair that models wrote: what it was made of, and by what.",
    fields=(
        DOC_ID,
        ROW_ID,
        field("papers", _names, "paper_id of each paper that it was made of.", nullable=False),
        field("chunk_id", _str, "row_id of the chunk that it is about.", nullable=False),
        field(
            "spans",
            SPANS,
            "Where its evidence stands: bytes of the released UTF-8 text, end excluded, in order.",
            nullable=False,
        ),
        field("answer_id", _str, "row_id of its answer; question, chunk and sample are in it.", nullable=False),
        field("kind", _str, "What it asks for (curation.sft.verifiers.candidate.QuestionKind).", nullable=False),
        field(
            "models",
            _names,
            "Models that were asked for it, by stage: question, evidence, chain, extraction, judge, recheck; null where none was.",
        ),
        field(
            "served",
            pa.list_(_names),
            "Models that their servers say have answered, each once, likewise; empty where they name none.",
        ),
        field(
            "undeclared",
            _names,
            "Those of them that the config does not know, so that nobody can tell their licences, sorted.",
            nullable=False,
        ),
        field("engines", _names, "Kinds of the engines that they answered through, likewise."),
        field(
            "model_licences",
            _names,
            "Licences of the models that answered, as the config names them, likewise: of several the strictest, null where it names none.",
        ),
        field(
            "terms",
            _str,
            "What the strictest of them asks of who trains on the pair: open, unknown, binding (curation.sft.engines.model_licences).",
            nullable=False,
        ),
        field(
            "closed",
            _str,
            "Which model's terms, or which model that the config does not know, keep it out of tiers that ask for licences, and why; null: none "
            "does, or the config allows it by name.",
        ),
        field("paper_licence", _str, "Licence of the paper, as in `metadata`; null when unknown."),
        field(
            "licence",
            _str,
            "The strictest of these licences: a model's whose terms are not open, else the paper's; null where that is unknown.",
        ),
        field(
            "tiers",
            _names,
            "Release tiers that it allows, sorted: those that release the paper, where `closed` says why without those that ask for licences.",
            nullable=False,
        ),
        field("prompts", _names, "Prompts, by stage."),
        field("prompt_sha256", _names, "sha256 of the prompts' files, likewise."),
        field("keys", _names, "Names of all replies in the store that it was made of.", nullable=False),
        field(
            "scores",
            pa.list_(
                pa.struct([pa.field("name", _str, nullable=False), pa.field("value", pa.float32(), nullable=False)])
            ),
            "What verifiers measured, by name, in their order.",
            nullable=False,
        ),
        field("fails", _names, "Verifiers that it does not pass and that the config lets it stay by.", nullable=False),
        field(
            "judge_fails",
            _names,
            "Criteria of the judge that it does not pass and that are no gates; null where none judged.",
        ),
    ),
    sort_by=("doc_id", "row_id"),
)

TABLES = {table.name: table for table in (PAIR_VERDICTS, PAIR_JUDGEMENTS, PAIR_ORIGINS)}
