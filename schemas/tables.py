"""The tables that people and trainers read, in the order in which the data flows. Notes of a step for the next one stand beside
the step (`working`)."""

from __future__ import annotations

import pyarrow as pa

from schemas._table import Table, field
from schemas.words import PAGE_MAKERS, PAGE_STATUSES, ROUTES, SECTION_KINDS

_text = pa.large_string()
_str = pa.string()
_strs = pa.list_(pa.string())

_sections = pa.list_(
    pa.struct(
        [
            pa.field("kind", _str, nullable=False),
            pa.field("start", pa.int64(), nullable=False),
            pa.field("end", pa.int64(), nullable=False),
        ]
    )
)
_read_by = pa.list_(
    pa.struct(
        [
            pa.field("by", _str, nullable=False),
            pa.field("n_pages", pa.int64(), nullable=False),
            pa.field("n_chars", pa.int64(), nullable=False),
        ]
    )
)
SECTIONS = field(
    "sections",
    _sections,
    f"What stands where in text: kind ({', '.join(SECTION_KINDS)}), first byte, byte after it; in order, disjoint, and all of the "
    "text but heading marks and white space. Bytes of the UTF-8 text that text_sha256 is of.",
)

DOC_ID = field(
    "doc_id",
    _str,
    "Key of the row, unique in a run: source_id, and 16 hex digits of sha256 over the names of source and member.",
    nullable=False,
)
PAPER_ID = field("paper_id", _str, "arXiv:..., doi:..., bibcode:... or sha256:..., without version.", nullable=False)
ROW_ID = field("row_id", _str, "Tells the rows of one doc_id apart.", nullable=False)
_STATUS = (
    field("status", _str, "ok or failed (schemas.reasons.Status).", nullable=False),
    field("reason", _str, "Why it failed (schemas.reasons.Reason)."),
    field("detail", _str, "The failure in words, for people."),
)

PAPERS = Table(
    name="papers",
    version=6,
    doc="One row a paper as the source ships it: where its bytes are, and what the member itself says. No text, no record.",
    fields=(
        DOC_ID,
        field("source", _str, "Name of the source in the config.", nullable=False),
        field("source_id", _str, "The id as the source spells it (file stem, id of a data row)."),
        field("member", _str, "Place of the main content inside the source, relative to its root.", nullable=False),
        field(
            "content_kind",
            _str,
            "folder, tar, zip, tex, pdf, postscript, html, text, empty or unknown, told by magic bytes (gzip, bzip2 and xz "
            "layers opened).",
        ),
        field("content_sha256", _str, "sha256 of the content; of a folder, over its sorted (path, sha256) pairs."),
        field("content_bytes", pa.int64(), "Size of the content, bytes."),
        field("pdf_member", _str, "Place of a PDF of the same paper, when the source has one beside the main content."),
        field("title", _str, "Title that a data row states, white space folded."),
        field("abstract", _text, "Abstract that a data row states."),
        field(
            "said",
            _text,
            "What else a data row, or a notice in the place of a source, states of its paper, as JSON by the keys of metadata "
            "records; null: nothing.",
        ),
        field(
            "as_of",
            _str,
            "Of a member of a bulk tar: the UTC time in its header, so that its bytes are of no version that was made later; null "
            "elsewhere, and where the header says none.",
        ),
        *_STATUS,
    ),
)

RECORDS = Table(
    name="records",
    version=3,
    doc="One row a metadata record and name of a paper that led to it. A record of another paper's id is not here.",
    fields=(
        DOC_ID,
        ROW_ID,
        field("rank", pa.int32(), "Which of the paper's names it was; 0 is the surest.", nullable=False),
        field(
            "tie",
            _str,
            "How that name is the paper's: own (its place or what its name is), part (of its path) or stated (an arXiv id that "
            "a data row gives itself).",
            nullable=False,
        ),
        field("record_id", _str, "16 hex digits of sha256 over source and record.", nullable=False),
        field(
            "is_older",
            pa.bool_(),
            "The paper is of a tar, and of a later time there than any that the snapshot tells: the record may lack its version.",
            nullable=False,
        ),
        field("record", _text, "Its fields as JSON.", nullable=False),
    ),
)

METADATA = Table(
    name="metadata",
    version=4,
    doc="One row a paper: identity, licence and dates, of what its member says and of the records that speak of it.",
    fields=(
        DOC_ID,
        PAPER_ID,
        field("links", _strs, "All ids of the paper without version, paper_id among them, sorted.", nullable=False),
        field(
            "claims",
            _strs,
            "Those of links that nothing but a data row's own fields says: neither its name nor a record that its name led to. "
            "Null where there is none.",
        ),
        field("source", _str, "Name of the source in the config.", nullable=False),
        field(
            "version",
            pa.int32(),
            "arXiv version at hand; null when unknown, of a data row above all that its record lists, or no arXiv paper.",
        ),
        field("title", _str, "Title, white space folded."),
        field("authors", _str, "Authors, as the metadata writes them."),
        field("abstract", _text, "Abstract."),
        field("categories", _strs, "arXiv categories, primary first."),
        field("licence", _str, "Normalised licence (curation.identity.normalise_licence); null when unknown."),
        field("doi", _str, "DOI, lower case, without URL."),
        field("journal_ref", _str, "Journal reference as the metadata writes it."),
        field("bibcode", _str, "ADS bibcode, 19 characters."),
        field("comments", _str, "Author comments."),
        field("date", _str, "ISO date of this version, or the metadata's update date."),
        field("as_of", _str, "As papers.as_of."),
        field("is_withdrawn", pa.bool_(), "The paper says it was withdrawn."),
        field("is_journal", pa.bool_(), "The source's own word for it that this is a journal's version."),
        field("work_id", _str, "What the source calls the work that this is a version of."),
        field("n_records", pa.int32(), "Rows of records that it was made of.", nullable=False),
        field(
            "record_version",
            pa.int32(),
            "Version that the record speaks of, where it is another one and the licence therefore unknown.",
        ),
        field(
            "venue",
            _strs,
            "`key: value` of what records and row say of where it was published: journal, publisher, url and the like, each value apart. Withholding "
            "looks for benchmark sources in it, nothing else does.",
        ),
        field(
            "unsure",
            _strs,
            "`key: value` of what the metadata says and no column holds: it is no identifier, licence or date to its end, or "
            "records disagree, or it is too long. Withholding looks for benchmark sources in it.",
        ),
    ),
)

DOCUMENTS = Table(
    name="documents",
    version=4,
    doc="One row a paper: clean Markdown text with LaTeX math. A failed paper keeps its row with null text.",
    fields=(
        DOC_ID,
        field("title", _str, "Title that the text begins with; where a text has none, what a data row states."),
        field(
            "text",
            _text,
            "Markdown, math as LaTeX in $..$ and $$..$$: `# title`, `## Abstract`, body, acknowledgements, appendix, as far as the "
            "document has them. Null when failed.",
        ),
        field("text_sha256", _str, "sha256 of the UTF-8 text; spans refer to it."),
        SECTIONS,
        field("authors", _text, "Author block, plain text."),
        field("affiliations", _text, "Affiliations, plain text."),
        field("references", _text, "Bibliography, one entry a line."),
        field("facilities", _text, "Facilities and software statements."),
        field("route", _str, f"How the text was made: {', '.join(ROUTES)}."),
        field("n_words", pa.int64(), "Words of text outside math, tables and code (curation.text.count_words)."),
        field("n_equations", pa.int64(), "Display equations in text."),
        field("n_tables", pa.int64(), "Tables in text."),
        field("n_pages", pa.int64(), "Pages, when the text came from a PDF."),
        field(
            "read_by",
            _read_by,
            "Which share of a PDF came from where: the engine, or the status of pages that none could read; null for other texts.",
        ),
        field("undefined_macros", _strs, "Control words without a known meaning, sorted."),
        field("warnings", _strs, "What the extractor was not sure of."),
        *_STATUS,
    ),
)

PAGES = Table(
    name="pages",
    version=2,
    doc="One row a page of each PDF that was opened, failed ones too. How long a page took stands nowhere: it differs from run to run.",
    fields=(
        DOC_ID,
        field("row_id", _str, "The page's number in five digits.", nullable=False),
        field(
            "page", pa.int64(), "Its number, from 1; 0: the file as a whole, of which no page opens.", nullable=False
        ),
        field("made_by", _str, f"What its text is from: {', '.join(PAGE_MAKERS)}.", nullable=False),
        field("engine", _str, "The library or program that read it; null: none did."),
        field("version", _str, "Its version."),
        field("model", _str, "The model that it reads by; null where there is none."),
        field("model_licence", _str, "Licence of the model's weights."),
        field("status", _str, f"{', '.join(PAGE_STATUSES)}.", nullable=False),
        field("detail", _str, "Why it is not ok, or what was left out of it."),
        field(
            "quality",
            pa.int64(),
            "Of 100 words, those that are known (curation.extract.pdf.probe); null where there are too few to tell.",
        ),
        field("dpi", pa.int64(), "Resolution at which OCR saw it."),
        field("n_chars", pa.int64(), "Characters that it gave, running heads and references included.", nullable=False),
        field("width", pa.int64(), "Width, points; 0 when the page cannot be opened.", nullable=False),
        field("height", pa.int64(), "Height, points.", nullable=False),
    ),
)

EQUATIONS = Table(
    name="equations",
    version=1,
    doc="One row a display equation that a mark stands for in the text of a PDF, in the order of these marks. LaTeX texts hold theirs.",
    fields=(
        DOC_ID,
        field("row_id", _str, "Its place among the paper's in five digits, from 1.", nullable=False),
        field("page", pa.int64(), "The number of its page, from 1.", nullable=False),
        field("number", _str, "The number that is printed beside it, without parentheses."),
        field(
            "raw",
            _text,
            "Its characters as the PDF has them, a line for each of its rows, from top to bottom: no LaTeX, for fractions and limits stand "
            "in lines of their own.",
            nullable=False,
        ),
        *(
            field(
                name,
                pa.int64(),
                f"{what} of its box, points from the upper left corner of the page as it is read.",
                nullable=False,
            )
            for name, what in (("x0", "Left"), ("y0", "Upper"), ("x1", "Right"), ("y1", "Lower"))
        ),
    ),
)

SIGNALS = Table(
    name="signals",
    version=2,
    doc="One row a document: measured columns, no verdict.",
    fields=(
        DOC_ID,
        field("language", _str, "ISO 639 code of the most probable language."),
        field("language_score", pa.float32(), "Its probability, 0 to 1."),
        field("n_chars", pa.int64(), "Characters of text."),
        field("n_words", pa.int64(), "As documents.n_words."),
        field("mean_word_length", pa.float32(), "Characters a word, outside math, tables and code."),
        field("alpha_word_fraction", pa.float32(), "Share of words with a letter."),
        field("stop_words", pa.int64(), "Occurrences of the commonest English function words."),
        field("duplicate_line_fraction", pa.float32(), "Share of characters in lines seen before in the document."),
        field("top_ngram_fraction", pa.float32(), "Share of characters in the commonest word 3-gram."),
        field("replacement_chars", pa.int64(), "U+FFFD and control characters in the text."),
        field("math_fraction", pa.float32(), "Share of characters inside math."),
    ),
)

_CONVERSATION = pa.list_(pa.struct([pa.field("role", _str), pa.field("content", _text)]))
PAIRS = Table(
    name="pairs",
    version=3,
    doc="One row a question-answer pair for supervised fine-tuning, grounded in a span of a document.",
    fields=(
        field("pair_id", _str, "sha256 prefix over doc_id, span and engine.", nullable=False),
        DOC_ID,
        PAPER_ID,
        field("engine", _str, "What wrote it: extractive, or the name of a model.", nullable=False),
        field(
            "model_terms",
            _str,
            "What the strictest licence of the models that wrote, judged or checked it asks of who trains on it (schemas.MODEL_TERMS).",
        ),
        field("question", _text, "Question.", nullable=False),
        field("reasoning", _text, "Reasoning chain; null for an immediate answer."),
        field("answer", _text, "Answer.", nullable=False),
        field("evidence", _text, "The passage that grounds the answer, verbatim."),
        field("span_start", pa.int64(), "First byte of the evidence in text."),
        field("span_end", pa.int64(), "Byte after the evidence in text."),
        field("text_sha256", _str, "sha256 of the text that the span refers to."),
        field(
            "messages",
            _CONVERSATION,
            "The conversation as trainers read it: role and content only. With a chain its answer begins with `<think>`, the chain, `</think>`.",
        ),
        field("prompt", _CONVERSATION, "Its messages but the last, for trainers that learn from completions alone."),
        field("completion", _CONVERSATION, "Its last message, likewise."),
    ),
)

RELEASE = Table(
    name="release",
    version=4,
    doc="One row a released document, as trainers read it. Sorted by a hash of id.",
    fields=(
        field("id", _str, "doc_id of the run.", nullable=False),
        PAPER_ID,
        field("version", pa.int32(), "arXiv version, when known."),
        field("title", _str, "Title."),
        field("authors", _text, "Authors, as the metadata writes them, else as the document does."),
        field("text", _text, "Text to train on: Markdown with LaTeX math.", nullable=False),
        field("text_sha256", _str, "sha256 of the UTF-8 text.", nullable=False),
        SECTIONS,
        field("categories", _strs, "arXiv categories, primary first."),
        field("licence", _str, "Normalised licence; null when unknown."),
        field("doi", _str, "DOI."),
        field("bibcode", _str, "ADS bibcode."),
        field("url", _str, "Page of the paper: arXiv, DOI or ADS."),
        field(
            "attribution",
            _text,
            "Licence, page, title and authors on one line, as CC BY asks for them; null when unknown.",
        ),
        field("date", _str, "ISO date."),
        field("source", _str, "Name of the source in the config."),
        field("source_id", _str, "The id as the source spells it (file stem, id of a data row)."),
        field("route", _str, "How the text was made."),
        field("n_words", pa.int64(), "As documents.n_words."),
    ),
)

TABLES = {
    t.name: t
    for t in (
        PAPERS,
        RECORDS,
        METADATA,
        DOCUMENTS,
        PAGES,
        EQUATIONS,
        SIGNALS,
        PAIRS,
        RELEASE,
    )
}
