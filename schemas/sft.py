"""The tables between a document and its question-answer pairs, in the order in which pairs are made.

Each stage keeps what goes no further as a row of its own table, with a reason: so the yield of every stage can be counted.
"""

from __future__ import annotations

from enum import StrEnum

import pyarrow as pa

from schemas._table import Table, field
from schemas.tables import DOC_ID, ROW_ID

_text = pa.large_string()
_str = pa.string()


class Left(StrEnum):
    """Why a stretch of a text is no chunk that questions are asked about."""

    BACK_MATTER = "back_matter"
    """Acknowledgements, funding, contributions, availability: about the making of a paper."""
    REFERENCES = "references"
    """Entries of a bibliography."""
    BOILERPLATE = "boilerplate"
    """Copyright lines, addresses, notes to the editor."""
    MASKED = "masked"
    """A benchmark's item was taken out of it; the rest leads up to what is gone."""
    CAPTION = "caption"
    """What stands under a picture that is not in the text."""
    FOOTNOTE = "footnote"
    CODE = "code"
    SHORT = "short"
    """Fewer tokens than the config asks for."""
    LONG = "long"
    """One sentence, table or formula of more tokens than fit."""
    KIND = "kind"
    """A kind of chunk that the config does not ask about."""
    LIMIT = "limit"
    """Past the number of chunks that the config takes of a document."""


CHUNK_KINDS = ("abstract", "body", "appendix", "table")
"""What a chunk may be of; a table has its caption with it."""
SPANS = pa.list_(
    pa.struct([pa.field("start", pa.int64(), nullable=False), pa.field("end", pa.int64(), nullable=False)])
)

CHUNKS = Table(
    name="chunks",
    version=1,
    doc="One row a passage of a released document that questions may be asked about, or a stretch that none are asked about. Together the "
    "spans of a document hold all of its text but headings and white space.",
    fields=(
        DOC_ID,
        ROW_ID,
        field("kind", _str, f"{', '.join(CHUNK_KINDS)}; null where the stretch is none of them."),
        field(
            "heading",
            _str,
            "Headings above it, outermost first, joined by ' > '; empty before the first.",
            nullable=False,
        ),
        field("text", _text, "The passage: what the spans hold, joined by empty lines. Null where there is a reason."),
        field(
            "spans",
            SPANS,
            "Where it stands: bytes of the released UTF-8 text, end excluded, in order; more than one where something that is "
            "no running text stands between.",
            nullable=False,
        ),
        field("text_sha256", _str, "sha256 of the text that the spans refer to.", nullable=False),
        field("n_tokens", pa.int64(), "Its length, in tokens of `curation.sft.budget.count_tokens`.", nullable=False),
        field("reason", _str, f"Why nothing is asked about it: {', '.join(Left)}. Null: something may be."),
    ),
)


class Unasked(StrEnum):
    """Why a rule asks nothing about a sentence that it could ask about."""

    UNTITLED = "untitled"
    """The paper has no title that a question could name it by."""
    DUPLICATE = "duplicate"
    """An earlier sentence answers the same question."""
    MARKUP = "markup"
    """The question would hold a mark of chat templates."""
    MAX_PAIRS = "max_pairs"
    """The document has as many pairs as the config takes."""
    MAX_PAIRS_PER_SECTION = "max_pairs_per_section"
    """Its section has."""


RULES = ("quantity", "finding", "aim", "conclusion", "topic")
"""What rules ask for: a number, a result, what a paper sets out to do, what it concludes, what it says under a heading."""
UNASKED = Table(
    name="unasked",
    version=1,
    doc="One row a sentence that a rule could ask about, and that answers no question.",
    fields=(
        DOC_ID,
        field("row_id", _str, "First byte of the sentence and byte after it, ten digits each.", nullable=False),
        field("rule", _str, f"The first rule that could: {', '.join(RULES)}.", nullable=False),
        field("reason", _str, f"Why it asks nothing: {', '.join(Unasked)}.", nullable=False),
    ),
    sort_by=("doc_id", "row_id"),
)


class PairReason(StrEnum):
    """Why a question, or an answer to it, goes no further; what verifiers drop has the verifier's name."""

    NO_REPLY = "no_reply"
    """The model gave no answer: it was refused, cut or did not come."""
    SCHEMA = "schema"
    """What the model said is not what was asked for."""
    DUPLICATE = "duplicate"
    """Another question asks the same."""
    CONTAMINATED = "contaminated"
    """It asks what a benchmark asks, or says what a withheld text says."""
    JUDGE = "judge"
    """It fails a criterion of the judge."""


_names = pa.list_(pa.string())
ASKED = (
    field("model", _str, "What was asked: the name of a model."),
    field("prompt", _str, "The prompt: stage, name and version."),
    field("prompt_sha256", _str, "sha256 of the prompt's file."),
    field("keys", _names, "Names of the replies in the store, in the order in which they were asked."),
    field("served", _names, "The models that the server says have answered, likewise; empty where it names none."),
)
_REASON = field("reason", _str, "Why it goes no further. Null: it does.")
_QUESTION_ID = field("question_id", _str, "row_id of the question.", nullable=False)

QUESTIONS = Table(
    name="questions",
    version=2,
    doc="One row a question that was asked about a chunk.",
    fields=(
        DOC_ID,
        field("row_id", _str, "The chunk's row_id, `/` and a number.", nullable=False),
        field("chunk_id", _str, "row_id of the chunk.", nullable=False),
        field("kind", _str, "What it asks for (curation.sft.verifiers.candidate.QuestionKind).", nullable=False),
        field("style", _str, "The way in which it was to be asked; empty where the prompt has none.", nullable=False),
        field("question", _text, "The question, without options."),
        field("options", _names, "Of a choice: texts of A, B, C, D, in the order in which they are shown."),
        field("right", pa.int32(), "Of a choice: number of the right one, from 0."),
        *ASKED,
        _REASON,
    ),
)

QUESTION_VERDICTS = Table(
    name="question_verdicts",
    version=1,
    doc="One row a question that came: whether it is worth an answer.",
    fields=(
        DOC_ID,
        field("row_id", _str, "That of the question.", nullable=False),
        field("reason", _str, "The verifier that it fails, duplicate or contaminated. Null: it is answered."),
        field("detail", _str, "Why, in words."),
    ),
    sort_by=("doc_id", "row_id"),
)

QUESTION_DOUBLES = Table(
    name="question_doubles",
    version=1,
    doc="One row a question that is not answered, since another one of the corpus, or of an earlier release, asks the same.",
    fields=(
        DOC_ID,
        field("row_id", _str, "That of the question.", nullable=False),
        field("reason", _str, "duplicate.", nullable=False),
        field("stays", _str, "doc_id of the question that stays.", nullable=False),
        field("stays_row_id", _str, "Its row_id; of a released one its pair_id.", nullable=False),
        field("released", pa.bool_(), "Whether that is one that an earlier release asked.", nullable=False),
        field("alike", pa.int32(), "Share of all terms that both share, per mille.", nullable=False),
    ),
    sort_by=("doc_id", "row_id"),
)

EVIDENCE = Table(
    name="evidence",
    version=2,
    doc="One row a question that was worth an answer: the sentences of its chunk that ground one.",
    fields=(
        DOC_ID,
        field("row_id", _str, "That of the question.", nullable=False),
        field(
            "quotes",
            _names,
            "Stretches of the chunk, as they were quoted, or word for word where they were chosen by number.",
        ),
        *ASKED,
        _REASON,
    ),
)

CHAINS = Table(
    name="chains",
    version=2,
    doc="One row a question and sample: what the model thought, and what it said.",
    fields=(
        DOC_ID,
        field("row_id", _str, "The question's row_id, `/s` and the number of the sample.", nullable=False),
        _QUESTION_ID,
        field("reasoning", _text, "The chain; null where none was asked for."),
        field("said", _text, "What the model said after it, as it stands."),
        field("finish_reason", _str, "How the text ended: stop, or length, content_filter, error."),
        *ASKED,
        _REASON,
    ),
)

ANSWERS = Table(
    name="answers",
    version=2,
    doc="One row a chain: the answer that it came to.",
    fields=(
        DOC_ID,
        field("row_id", _str, "That of the chain.", nullable=False),
        _QUESTION_ID,
        field("answer", _text, "The answer alone; of a choice it begins with the letter."),
        field("value", _str, "Of a number: it with unit and uncertainty."),
        field("expression", _str, "The formula, numbers put in, that gives the value."),
        *ASKED,
        _REASON,
    ),
)

PICKS = Table(
    name="picks",
    version=2,
    doc="One row a multiple choice that has an answer: what was chosen when it was asked again in other orders.",
    fields=(
        DOC_ID,
        field("row_id", _str, "That of the question.", nullable=False),
        field(
            "picks",
            pa.list_(pa.int32()),
            "Chosen options, as numbers of `questions.options`, one an order; -1: the reply names none.",
            nullable=False,
        ),
        *ASKED,
    ),
    sort_by=("doc_id", "row_id"),
)

REPHRASED_JUDGEMENTS = Table(
    name="rephrased_judgements",
    version=2,
    doc="One row a request to the judge of questions in other words (`withhold.judge`): which of a benchmark's questions a text asks.",
    fields=(
        DOC_ID,
        field("row_id", _str, "Number of the request in its text.", nullable=False),
        field("mark", _str, "Name of the benchmark.", nullable=False),
        field("asked_about", _names, "Candidates that it was asked about, by their row_id.", nullable=False),
        field("asks", _names, "Those of them that the text asks; null where there is no verdict."),
        *ASKED,
        field(
            "reason",
            _str,
            "schema or no_reply where there is no verdict: then all of them are hits. Null: there is one.",
        ),
    ),
    sort_by=("doc_id", "row_id"),
)

TABLES = {
    table.name: table
    for table in (
        REPHRASED_JUDGEMENTS,
        UNASKED,
        CHUNKS,
        QUESTIONS,
        QUESTION_VERDICTS,
        QUESTION_DOUBLES,
        EVIDENCE,
        CHAINS,
        ANSWERS,
        PICKS,
    )
}
