"""No function that takes a text or a folder from outside works quadratically on it: the one timed test that there is.

Extraction bounds what it runs by a child's limits; these run in the parent, on titles, comments, rows and whole texts.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pyarrow as pa
import pytest

from curation import identity
from curation.dedup import why
from curation.extract.form import assemble
from curation.extract.latex.flatten import flatten
from curation.extract.markdown_parts import mark_floats, read_markdown
from curation.quality import language, signals
from curation.release.licences import is_redistributable
from curation.sft import passages, rendering
from curation.sft.extractive import ask, pair_id
from curation.sources import kinds, listing, members, paper_names
from curation.sources.metadata import columns_of
from curation.text import (
    Offsets,
    blocks,
    buffers,
    count_words,
    masks,
    paragraphs,
    prose,
    sentences,
    shingles,
    spans,
    word_spans,
    words,
)
from curation.text.accents import join_accents
from curation.text.blocks import heading_title
from curation.text.clean import clean_text, decode_text
from curation.text.sections import Section, cut_out
from curation.withhold import araa, journal_name, sources, title_form, titles
from data_cards.collect import cut, without_controls
from data_cards.render import escape_markdown

CHARS = 1 << 12
BASE_SECONDS = 0.005
SCREEN_SECONDS = 0.003
"""What needs no more for 8 times `CHARS` is not quadratic: looking at all that follows, from every character on, at 32 bytes
a nanosecond takes 17 ms."""
MAX_GROWTH = 16
TRIES = 3

Function = Callable[[str], object]


def _valid(text: str) -> str:
    """The text as it comes out of a file: no lone surrogates."""
    return text.encode("utf-8", "replace").decode()


def _array(text: str) -> pa.Array:
    return pa.array([_valid(text)], pa.large_string())


def _column(*keys: str) -> Function:
    return lambda text: columns_of({"id": "2301.00001", **dict.fromkeys(keys, text)})


def _pairs(text: str) -> object:
    text = _valid(text)
    return ask({"doc_id": "d", "paper_id": "p", "title": "Masses of Small Galaxies", "text": text})


FUNCTIONS: Mapping[str, Function] = {
    "text.words": words,
    "text.word_spans": word_spans,
    "text.sentences": sentences,
    "text.blocks": blocks,
    "text.heading_title": heading_title,
    "text.masks": masks,
    "text.prose": prose,
    "text.slice_bytes": lambda t: spans.slice_bytes(f"abc{_valid(t)}", 1, 3),
    "text.Offsets": lambda t: Offsets(_valid(t)).byte_of(5),
    "text.paragraphs": lambda t: paragraphs.paragraphs(_array(t), 1),
    "text.paragraphs.sentences": lambda t: paragraphs.sentences(_array(t), 1),
    "text.cut_out": lambda t: cut_out(
        _valid(t),
        [Section("body", 0, len(_valid(t).encode()))],
        [(i, i + 1) for i in range(0, len(t), 100) if t.isascii()],
    ),
    "extract.read_markdown": read_markdown,
    "extract.assemble": lambda t: assemble(read_markdown(t)),
    "text.normalise": buffers.normalise,
    "text.without_references": shingles.without_references,
    "text.shingle_sets": lambda t: shingles.shingle_sets(_array(t), shingles.Shingling()),
    "text.sketch": lambda t: shingles.sketch(_array(t), shingles.Shingling(bands=1)),
    "text.shingle_sets NFKC": lambda t: shingles.shingle_sets(
        _array(t), shingles.Shingling(unicode="NFKC", strip_references=True)
    ),
    "text.clean_text": clean_text,
    "text.count_words": count_words,
    "text.decode_text": lambda t: decode_text(t.encode("utf-8", "surrogatepass")),
    "text.decode_text, old": lambda t: decode_text(t.encode("latin-1", "replace") + b"\xe9t\xe9"),
    "text.decode_text, bad bytes": lambda t: decode_text(
        t.replace("a", "é").encode("utf-8", "replace") + "é".encode() * 9 + b"\xff"
    ),
    "text.join_accents": lambda t: join_accents(t + "´e"),
    "extract.flatten": lambda t: flatten(
        {"ms.tex": b"\\documentclass{a}" + t.encode("utf-8", "replace"), "b.tex": b"x"}
    ),
    "sources.kind_of": lambda t: kinds.kind_of(t.encode("utf-8", "surrogatepass"), "a.txt"),
    "sources.is_text": lambda t: kinds.is_text(t.encode("utf-8", "surrogatepass")),
    "sources.member_at": members.member_at,
    "sources.path_of": members.path_of,
    "sources.utf8": members.utf8,
    "sources.stem_of": paper_names.stem_of,
    "sources.source_id_of": lambda t: paper_names.source_id_of(t, "root"),
    "metadata.title": _column("title", "journal-ref", "authors"),
    "metadata.abstract": _column("abstract"),
    "metadata.comments": _column("comments"),
    "metadata.categories": _column("categories"),
    "metadata.names": _column("doi", "bibcode", "license", "arxiv_id", "version", "work_id"),
    "metadata.dates": _column("date", "update_date"),
    "metadata.versions": lambda t: columns_of({"versions": [{"version": t, "created": t, "size": t}], "id": t}),
    "identity.parse_arxiv_id": identity.parse_arxiv_id,
    "identity.parse_doi": identity.parse_doi,
    "identity.parse_bibcode": identity.parse_bibcode,
    "identity.arxiv_of_bibcode": identity.arxiv_of_bibcode,
    "identity.normalise_licence": identity.normalise_licence,
    "identity.unescaped": identity.unescaped,
    "identity.paper_id_for": lambda t: identity.paper_id_for(arxiv=t, doi=t, bibcode=t, content_sha256="0"),
    "identity.doc_id_for": lambda t: identity.doc_id_for(t, t, t),
    "release.is_redistributable": is_redistributable,
    "withhold.title_of": title_form.title_of.__wrapped__,
    "withhold.words_of": title_form.words_of,
    "withhold.names_in": lambda t: journal_name.names_in(journal_name.plain(t)),
    "withhold.agreement": lambda t: titles.agreement(t, "2001-01-01", t, 2001),
    "withhold.is_araa_doi": araa.is_araa_doi,
    "withhold.is_araa_bibcode": araa.is_araa_bibcode,
    "withhold.araa_name": araa.araa_name,
    "withhold.araa_announced": araa.araa_announced,
    "withhold.ids_of": sources.ids_of,
    "quality.signals_of": lambda t: signals.signals_of(_valid(t)),
    "quality.duplicate_line_fraction": signals.duplicate_line_fraction,
    "quality.replacement_chars": signals.replacement_chars,
    "quality.top_ngram_fraction": lambda t: signals.top_ngram_fraction(t.split()),
    "quality.detect": lambda t: language.detect(_valid(t)),
    "sft.section_title": passages.section_title,
    "sft.stands_alone": lambda t: passages.stands_alone(f"A{t}.", 1, 10**9),
    "sft.passages": lambda t: passages.passages(t, 1, 10**9),
    "sft.ask": _pairs,
    "sft.render": lambda t: rendering.render("q", "a", t.replace("think>", "")),
    "sft.pair_id": lambda t: pair_id(_valid(t), 0, 1),
    "dedup.why.passages": lambda t: why.passages(t, t[1:]),
    "data_cards.escape_markdown": escape_markdown,
    "data_cards.cut": lambda t: cut(t, 1000),
    "data_cards.without_controls": without_controls,
}

SHAPES = [  # what comes first, what is repeated, what comes last
    *(("We find ", mark, "x") for mark in " \t\n$`|#*_~<>([{\"'.,;:!?-–+&%\\/0a8Zé\u0301\u0f73\u200b\u00ad\x00\x1b"),
    *(("", mark, "") for mark in " \n.-[\ud800/#|$>"),
    ("", "\u0301\u0323", ""),
    ("a", "\u0f73\u0301", ""),
    ("", "a\u0301\u0323", ""),
    ("", "\ud800a", ""),
    ("", "\\usepackage[", ""),
    ("\\input", " ", "x"),
    ("", "\\input{zz}", ""),
    ("", "\r\n", "x"),
    ("x", " \n", "x"),
    ("", "word ", "."),
    ("", "a b ", ""),
    ("", "A long line of words that go on. ", ""),
    ("", "One short line.\n", ""),
    ("", "A paragraph.\n\n", ""),
    ("%", "25", ""),
    ("%", "25", "41"),
    ("", "%25", "41"),
    ("&", "amp;", ""),
    ("", "&amp;", ""),
    ("&#", "9", ";"),
    ("", "&#38;#38;", ""),
    ("10.1/", "x(", "x"),
    ("10.1", ".1", "/x"),
    ("10.1146/annurev.aa", ".1", "."),
    ("", "doi:", "10.1/x"),
    ("", "https://doi.org/", "10.1/x"),
    ("", "https://a.bc/d?e=f ", ""),
    ("arXiv", " ", ": 2301.00001"),
    ("2301.00001", " ", "[astro-ph.CO]"),
    ("2301.00001 ", "[a", "]"),
    ("", "2301.00001, ", ""),
    ("cc by ", "(", ")"),
    ("MIT (", "a/", ")"),
    ("", "withdrawn ", ""),
    ("", "paper (", ""),
    ("", "this paper early ", ""),
    ("this paper ", "early ", ""),
    ("this paper ", "ly", ""),
    ("", "authors have ", ""),
    ("", "-a", " paper withdrawn"),
    ("", "a-", ""),
    ("", "ann. ", "x"),
    ("", "ann. rev. ", "x"),
    ("", "ARA&A ", ""),
    ("to appear in ", "the ", "ARA&A"),
    ("", "annual review of astronomy and ", ""),
    ("", "(A, ", ""),
    ("", "(A 2000; ", ""),
    ("", "[1,", ""),
    ("", "[@", ""),
    ("", "\\cite[", ""),
    ("", "\\cite{", ""),
    ("", "$x", ""),
    ("", "$$ ", ""),
    ("", "\\$", ""),
    ("", "``` ", ""),
    ("", "```\n", "x"),
    ("", "| a ", ""),
    ("", "| a |\n", ""),
    ("", "# ", ""),
    ("", "# A\n", ""),
    ("", "## References\n", ""),
    ("# ", " #", "x"),
    ("", "<!-- -->", ""),
    ("", "\\begin", ""),
    ("", "A1.", " x"),
    ("", "Fig. ", ""),
    ("", "Hsu et al. (2019) ", ""),
    ("We ", "find that ", "it is 1."),
    ("The ", "mass ", "is 1."),
]


def _text(shape: tuple[str, str, str], chars: int) -> str:
    first, unit, last = shape
    return first + unit * (chars // len(unit)) + last


def _seconds(function: Function, text: str) -> float:
    start = time.process_time()
    function(text)
    return time.process_time() - start


def _growth(function: Function, shape: tuple[str, str, str]) -> float:
    """How much longer 8 times the text takes; 0 when it takes no time to speak of."""
    chars = CHARS
    base, more = (_seconds(function, _text(shape, n)) for n in (chars, 8 * chars))
    if more <= max(SCREEN_SECONDS, 12 * base):
        return 0.0
    while (base := _seconds(function, _text(shape, chars))) < BASE_SECONDS:
        chars *= 2
    return min(_seconds(function, _text(shape, 8 * chars)) for _ in range(2)) / base


@pytest.fixture(autouse=True)
def _no_collection() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


@pytest.mark.slow
@pytest.mark.parametrize("name", FUNCTIONS)
def test_eight_times_the_text_takes_about_eight_times_as_long(name: str) -> None:
    function = FUNCTIONS[name]
    function("A first call compiles and loads.")
    slow = []
    for shape in SHAPES:
        found = []
        while len(found) < TRIES and (not found or found[-1] > MAX_GROWTH):
            found.append(_growth(function, shape))
        if found[-1] > MAX_GROWTH:
            slow.append(f"{shape}: {min(found):.0f} times")
    assert not slow, f"{name} on {'; '.join(slow)}"


def _growth_of(seconds: Callable[[int], float], few: int) -> float:
    """How much longer 8 times as many take."""
    found = []
    while len(found) < TRIES and (not found or found[-1] > MAX_GROWTH):
        found.append(seconds(8 * few) / seconds(few))
    return min(found)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["paper-{}.tex", "._{}"])
def test_eight_times_the_files_are_listed_in_about_eight_times_as_long(tmp_path: Path, name: str) -> None:
    def seconds(files: int) -> float:
        folder = tmp_path / str(files)
        folder.mkdir(exist_ok=True)
        for i in range(files):
            (folder / name.format(i)).touch()
        (folder / "2301.00001.txt").touch()
        start = time.process_time()
        listed = sum(len(some.entries) + len(some.left_out) for some in listing.list_folder(folder))
        assert listed == files + 1
        return time.process_time() - start

    assert _growth_of(seconds, 1 << 10) <= MAX_GROWTH


@pytest.mark.slow
def test_eight_times_the_code_beside_a_note_takes_about_eight_times_as_long() -> None:
    assert _growth_of(lambda n: _seconds(mark_floats, "^[n]\n\n" + "`a`\n\n" * n), 1 << 12) <= MAX_GROWTH


def test_the_measure_finds_what_is_quadratic() -> None:
    def quadratic(text: str) -> int:
        return sum(text[i:].count("\0") for i in range(0, len(text), 8))

    assert _growth(quadratic, ("", "a ", "")) > MAX_GROWTH
    assert _growth(str.split, ("", "a ", "")) <= MAX_GROWTH
