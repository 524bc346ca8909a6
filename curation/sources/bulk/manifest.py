"""arXiv's manifests: the list of the tars in its bucket, `src/arXiv_src_manifest.xml` and `pdf/arXiv_pdf_manifest.xml`.

https://info.arxiv.org/help/bulk_data_s3.html describes them. A tar of about 500 MB is a *chunk* of a month's papers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from curation.errors import BrokenFileError, UserError, one_line
from curation.sources.tar_headers import BLOCK
from curation.sources.text_file import CHUNK_BYTES, open_text_file

_KINDS = {"arXivSRC": "src", "arXivPDF": "pdf"}
_FILENAME = re.compile(r"(src|pdf)/arXiv_(src|pdf)_(\d{2}(?:0[1-9]|1[0-2]))_(\d{3,5})\.tar", re.ASCII)
_FORMS = {
    "content_md5sum": re.compile(r"[0-9a-f]{32}"),
    "filename": _FILENAME,
    "first_item": re.compile(r"[a-z-]{2,12}\d{7}|\d{4}\.\d{4,5}", re.ASCII),
    "last_item": re.compile(r"[a-z-]{2,12}\d{7}|\d{4}\.\d{4,5}", re.ASCII),
    "md5sum": re.compile(r"[0-9a-f]{32}"),
    "num_items": re.compile(r"\d{1,9}", re.ASCII),
    "seq_num": re.compile(r"\d{1,5}", re.ASCII),
    "size": re.compile(r"\d{1,15}", re.ASCII),
    "timestamp": re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}", re.ASCII),
    "yymm": re.compile(r"\d{2}(?:0[1-9]|1[0-2])", re.ASCII),
}
"""Field -> what may stand there. A file name leads to places on disk and in a bucket, so it has exactly arXiv's form."""
MAX_DEPTH = 3
MAX_CHILDREN = 32
"""Of one `<file>`, which has ten; a hostile file may have any number."""
MAX_TARS = 500_000
"""About 10,000 in 2026."""
TAR_RECORD = 10_240
"""Bytes of which a tar is made, and to a multiple of which it is filled up (POSIX ustar, GNU tar)."""
CENTURY = 50
"""Two-digit years from here on are of the last century; the first manifest begins with 9107."""


class ManifestError(UserError):
    """A manifest is no manifest of arXiv's, is hostile, or is cut."""


@dataclass(frozen=True)
class Chunk:
    """A tar as a manifest lists it, by the manifest's own names.

    Args:
        content_md5sum: of what the tar holds, as arXiv has it. It decides nothing here: between the manifests of 2018 and 2020
            src/arXiv_src_1805_024.tar keeps it and grows by 32 MB.
        filename: its key in the bucket, `src/arXiv_src_0001_001.tar`.
        first_item, last_item: ids without slash (`astro-ph0001001`, `0704.0001`), in the order of their letters.
        md5sum: of the tar; what else is said of it is compared with nothing.
        num_items: papers.
        seq_num: its number in the month, from 1.
        size: bytes; of sources those of the papers alone, it seems (`max_bytes`).
        timestamp: when it was made, `YYYY-MM-DD hh:mm:ss`; no zone is given.
        yymm: the month, two digits of the year first.
    """

    content_md5sum: str
    filename: str
    first_item: str
    last_item: str
    md5sum: str
    num_items: int
    seq_num: int
    size: int
    timestamp: str
    yymm: str

    @property
    def max_bytes(self) -> int:
        """At most so many bytes the tar has. `size` is a multiple of 512 in no more source tars than by chance, so it is none of
        a tar: of arXiv_src_0001_001.tar it is 225.6 MB, and the tar is said to have 227 MB
        (https://github.com/NVIDIA-NeMo/Curator, latexml). The difference are a header and padding a paper, the folder, and the end."""
        return self.size + (self.num_items + 1) * 2 * BLOCK + TAR_RECORD

    @property
    def order(self) -> tuple[int, int]:
        """Months in their order, a month's tars by number: of the names alone 0001 would stand before 9912."""
        return (month_number(self.yymm), self.seq_num)


@dataclass(frozen=True)
class Manifest:
    """A manifest.

    Args:
        kind: `src` or `pdf`.
        chunks: its tars, in the order of months.
        timestamp: the words at its end that say when it was made; None where there are none.
        unknown: names of fields that were passed over, with how often each stands there.
    """

    kind: str
    chunks: tuple[Chunk, ...]
    timestamp: str | None
    unknown: Mapping[str, int]


def month_number(yymm: str) -> int:
    """A month as a number that grows with time: 9108 is 199108, 0001 is 200001."""
    return int(f"{19 if int(yymm[:2]) >= CENTURY else 20}{yymm}")


def read_manifest(path: Path, called: str | None = None) -> Manifest:
    """A manifest, plain, gzip or zstd; read as a stream, and nothing but its rows is kept.

    Args:
        called: what it is called in errors; default its path.

    Raises:
        ManifestError: it is missing or cut, no XML, has a document type (and so entities), a row lacks a field or has one
            that is none, or two rows name one tar.
    """
    reader = _Reader(path, called or str(path))
    for _ in reader.rows():
        pass
    if not reader.chunks:
        raise ManifestError(f"manifest {reader.called} lists no tar; get it anew")
    chunks = sorted(reader.chunks.values(), key=lambda chunk: chunk.order)
    return Manifest(reader.kind, tuple(chunks), reader.timestamp, dict(sorted(reader.unknown.items())))


class _Reader:
    """Reads the elements of a manifest one after another."""

    def __init__(self, path: Path, called: str) -> None:
        self.path, self.called = path, called
        self.kind = ""
        self.chunks: dict[str, Chunk] = {}
        self.timestamp: str | None = None
        self.unknown: dict[str, int] = {}

    def rows(self) -> Iterator[None]:
        from lxml import etree

        parser = etree.XMLPullParser(
            events=("start", "end"),
            remove_comments=True,  # of millions of them each would be asked for what it stands in
            remove_pis=True,
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
        )
        depth = 0
        try:
            for data in self._pieces():
                parser.feed(data)
                for event, element in parser.read_events():
                    depth = self._look(event, element, depth)
                    yield
            parser.close()
        except etree.XMLSyntaxError as error:
            raise self._error(f"is no whole XML ({error.msg}); get it anew") from error

    def _pieces(self) -> Iterator[bytes]:
        try:
            with open_text_file(self.path) as stream:
                while data := stream.read(CHUNK_BYTES):
                    yield data
        except FileNotFoundError as error:
            raise ManifestError(f"manifest {self.called} is not there") from error
        except OSError as error:
            raise self._error(f"cannot be read: {error.strerror}") from error
        except BrokenFileError as error:
            raise self._error(f"{error.words}; get it anew") from error

    def _look(self, event: str, element: Any, depth: int) -> int:
        """One event; gives the depth behind it."""
        if event == "start":
            if depth == 0:
                self._begin(element)
            if depth >= MAX_DEPTH or (depth == 2 and len(element.getparent()) > MAX_CHILDREN):
                raise self._error(
                    f"line {element.sourceline}: is no list of tars: elements nest, or a row has too many fields"
                )
            return depth + 1
        if depth == 2:
            self._row(element)
            element.getparent().remove(element)
        return depth - 1

    def _begin(self, root: Any) -> None:
        if root.getroottree().docinfo.internalDTD is not None:
            raise self._error("has a document type, which no manifest of arXiv's has; nothing of it is read")
        if root.tag not in _KINDS:
            raise self._error(
                f"begins with <{root.tag}>; a manifest of arXiv's begins with {' or '.join(f'<{k}>' for k in _KINDS)}"
            )
        self.kind = _KINDS[root.tag]

    def _row(self, element: Any) -> None:
        if element.tag == "timestamp":
            self.timestamp = one_line((element.text or "").strip()) or None
            return
        if element.tag != "file":
            self.unknown[element.tag] = self.unknown.get(element.tag, 0) + 1
            return
        where = f"line {element.sourceline}"
        values: dict[str, str] = {}
        for child in element:
            if not isinstance(child.tag, str):
                raise self._error(f"{where}: has an entity where a field is due")
            if child.tag in values or len(child):
                raise self._error(f"{where}: the field {child.tag} stands there twice or holds others")
            values[child.tag] = (child.text or "").strip()
        chunk = self._chunk(values, where)
        if chunk.filename in self.chunks:
            raise self._error(f"{where}: lists {chunk.filename} a second time; get it anew")
        self.chunks[chunk.filename] = chunk
        if len(self.chunks) > MAX_TARS:
            raise self._error(f"{where}: lists over {MAX_TARS:,} tars, which no manifest of arXiv's does")

    def _chunk(self, values: Mapping[str, str], where: str) -> Chunk:
        for name, form in _FORMS.items():
            if name not in values:
                raise self._error(f"{where}: a file has no {name}")
            if not form.fullmatch(values[name]):
                raise self._error(f"{where}: {name} is {values[name][:80]!r}, which is none")
        for name in values.keys() - _FORMS.keys():
            self.unknown[name] = self.unknown.get(name, 0) + 1
        made = {f.name: int(values[f.name]) if f.type == "int" else values[f.name] for f in fields(Chunk)}
        chunk = Chunk(**made)  # type: ignore[arg-type]
        if f"{self.kind}/arXiv_{self.kind}_{chunk.yymm}_{chunk.seq_num:03d}.tar" != chunk.filename:
            raise self._error(
                f"{where}: {chunk.filename} is not the name of tar {chunk.seq_num} of {chunk.yymm} in a list of {self.kind}"
            )
        return chunk

    def _error(self, words: str) -> ManifestError:
        return ManifestError(
            f"manifest {self.called} {words}" if not words.startswith("line") else f"manifest {self.called}, {words}"
        )


@dataclass(frozen=True)
class Difference:
    """What a newer manifest says otherwise than an older one.

    Args:
        new: tars that only the newer lists.
        rewritten: (older, newer) of tars whose md5sum, size or timestamp is another.
        gone: tars that only the older lists.
    """

    new: tuple[Chunk, ...]
    rewritten: tuple[tuple[Chunk, Chunk], ...]
    gone: tuple[Chunk, ...]

    @property
    def with_old_content(self) -> tuple[Chunk, ...]:
        """Of the rewritten ones those whose content_md5sum is the same as before."""
        return tuple(new for old, new in self.rewritten if old.content_md5sum == new.content_md5sum)


def difference(older: Manifest, newer: Manifest) -> Difference:
    """What changed between two manifests of one kind.

    Raises:
        ManifestError: one lists sources and the other PDFs.
    """
    if older.kind != newer.kind:
        raise ManifestError(f"one manifest lists {older.kind}, the other {newer.kind}; compare two of one kind")
    before = {chunk.filename: chunk for chunk in older.chunks}
    after = {chunk.filename: chunk for chunk in newer.chunks}
    both = [(before[name], chunk) for name, chunk in after.items() if name in before]
    return Difference(
        new=tuple(chunk for name, chunk in after.items() if name not in before),
        rewritten=tuple((old, new) for old, new in both if old != new),
        gone=tuple(chunk for name, chunk in before.items() if name not in after),
    )
