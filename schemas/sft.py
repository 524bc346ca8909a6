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
