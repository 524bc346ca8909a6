"""Tables of papers that were read by two routes, to see how far these agree."""

from __future__ import annotations

import pyarrow as pa

from schemas._table import Table, field
from schemas.tables import DOC_ID

_n = pa.int64()
_strs = pa.list_(pa.string())

BOTH_ROUTES = Table(
    name="both_routes",
    version=1,
    doc="One row a paper of the sample, whose text came from LaTeX, and the PDF of the same paper.",
    fields=(
        DOC_ID,
        field("pdf_doc_id", pa.string(), "doc_id of the PDF; null: it lies beside the paper."),
        field("pdf_source", pa.string(), "Source of the PDF.", nullable=False),
        field("pdf_member", pa.string(), "Its place there.", nullable=False),
        field("pdf_kind", pa.string(), "As papers.content_kind; null where it lies beside."),
        field("pdf_sha256", pa.string(), "As papers.content_sha256; null where it lies beside."),
    ),
    sort_by=("doc_id",),
)

ROUTE_AGREEMENT = Table(
    name="route_agreement",
    version=1,
    doc="One row a paper of the sample that was read by LaTeX and by PDF: what stands in either text, and how much in both, each as often "
    "as in both (curation.quality.agreement). It is a measure: nothing is released or dropped by it.",
    fields=(
        DOC_ID,
        field("row_id", pa.string(), "beside, or the doc_id of the PDF.", nullable=False),
        field("pdf_source", pa.string(), "Source of the PDF.", nullable=False),
        field("pdf_member", pa.string(), "Its place there.", nullable=False),
        field("outcome", pa.string(), "compared, no_latex or no_pdf: that route gave no text.", nullable=False),
        field("why", pa.string(), "Why they were not compared: the reason, and the failure in words."),
        field("latex_words", _n, "Words of the LaTeX route's text."),
        field("pdf_words", _n, "Words of the PDF route's text."),
        field("shared_words", _n, "Words of both."),
        field("latex_ngrams", _n, "Word 4-grams of the LaTeX route's text."),
        field("pdf_ngrams", _n, "Those of the PDF route's text."),
        field("shared_ngrams", _n, "Those of both."),
        field("latex_numbers", _n, "Numbers of the LaTeX route's text."),
        field("pdf_numbers", _n, "Numbers of the PDF route's text."),
        field("shared_numbers", _n, "Numbers of both."),
        field(
            "lost_numbers",
            _strs,
            "Up to 20 numbers that the LaTeX has more often, the most frequent first; `↑` raised, `↓` lowered.",
        ),
        field("added_numbers", _strs, "Likewise, those that the PDF has more often."),
        field("pdf_pages", _n, "Pages of the PDF."),
    ),
)

TABLES = {table.name: table for table in (BOTH_ROUTES, ROUTE_AGREEMENT)}
