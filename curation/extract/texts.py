"""Texts that a source gives as they are (rows of data files), read in the child a stretch at a time: a call costs as much as
some hundred short rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from curation.confine.sandbox import Sandbox
from curation.errors import PaperError
from curation.extract.result import Extracted, from_plain
from curation.sources.paper_content import Content
from schemas import Reason

TEXTS = "curation.extract.one_paper:texts_main"
STRETCH_ROWS = 256
STRETCH_CHARS = 1 << 20
Row = Mapping[str, Any]


def read_texts(sandbox: Sandbox, papers: Sequence[tuple[Row, str]], max_cpu_s: float) -> list[Extracted]:
    """The texts of some rows of papers, with the titles and abstracts that the rows state.

    Raises:
        PaperError: the child gave no answer, or none of a known form; it reads no other paper then.
    """
    asked = [[text, paper.get("title"), paper.get("abstract")] for paper, text in papers]
    value = sandbox.call(TEXTS, asked, max_cpu_s=max_cpu_s)
    try:
        if not isinstance(value, list) or len(value) != len(papers):
            raise PaperError(Reason.CRASHED, f"the child gave no list of {len(papers)} texts")
        return [from_plain(item) for item in value]
    except PaperError:
        sandbox.close()
        raise


class Ahead:
    """Reads ahead what is a text already. A row of a stretch that failed is given to nobody: it is read alone.

    Args:
        papers: the rows of a part, which are asked for in their order.
        contents: doc_id -> what the source opened.
    """

    def __init__(self, papers: Sequence[Row], contents: Mapping[str, Content | PaperError], max_cpu_s: float) -> None:
        self._papers = papers
        self._contents = contents
        self._max_cpu_s = max_cpu_s
        self._next = 0
        self._found: dict[str, Extracted] = {}

    def of(self, number: int, sandbox: Callable[[], Sandbox]) -> Extracted | None:
        """The text of a row by its number in `papers`; None where it is to be opened or to be read alone."""
        if number >= self._next and self._text(self._papers[number]) is not None:
            self._read(number, sandbox())
        return self._found.pop(self._papers[number]["doc_id"], None)

    def _text(self, paper: Row) -> str | None:
        content = self._contents.get(paper["doc_id"])
        if not isinstance(content, Content) or content.failure or content.sha256 != paper["content_sha256"]:
            return None
        return content.text

    def _read(self, number: int, sandbox: Sandbox) -> None:
        stretch: list[tuple[Row, str]] = []
        size = 0
        self._next = number
        while self._next < len(self._papers) and len(stretch) < STRETCH_ROWS and size < STRETCH_CHARS:
            paper = self._papers[self._next]
            self._next += 1
            if (text := self._text(paper)) is not None:
                stretch.append((paper, text))
                size += len(text)
        try:
            found = read_texts(sandbox, stretch, self._max_cpu_s)
        except PaperError:
            return
        self._found |= {paper["doc_id"]: made for (paper, _), made in zip(stretch, found, strict=True)}
