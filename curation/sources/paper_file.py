"""Whether a file that somebody names is a paper, told by its name and its first bytes, before it is read."""

from __future__ import annotations

import re
from pathlib import Path

from curation.errors import UserError
from curation.identity import parse_arxiv_id
from curation.sources.data_file import is_data_file
from curation.sources.kinds import (
    HEAD_BYTES,
    TEX_SUFFIXES,
    as_utf8,
    head_bytes,
    kind_of,
    unpacked_head,
    without_packing,
)
from curation.sources.paper_names import GENERIC_STEMS, PAPER_SUFFIXES, stem_of

PLAIN_SUFFIXES = (".txt", ".md")
PAPERS = "papers are folders of TeX, .tar.gz, .gz, .zip, .tex, .pdf and .txt files"
_DOCUMENT = re.compile(rb"^[^%\n]*\\(?:document(?:class|style)|magnification|nopagenumbers|bye)\b", re.MULTILINE)
_HINTS = {
    "html": "is HTML, which no route reads",
    "postscript": "is PostScript, which no route reads; give a PDF of the paper",
    "empty": "is empty",
}


def check_paper(file: Path) -> None:
    """Let a paper pass, broken or not. Plain text is one only under the name of a text file or of a paper.

    Raises:
        UserError: it is no regular file, cannot be read, holds rows, or is no paper.
    """
    if not file.is_file():
        raise UserError(f"{file} is no regular file; {PAPERS}")
    if is_data_file(file.name):
        raise UserError(f"{file} holds rows, not a paper; name it as a source in a config, `astrocorpus run` reads it")
    try:
        with file.open("rb") as stream:
            head = stream.read(HEAD_BYTES)
            head += stream.read(head_bytes(head) - HEAD_BYTES)
    except OSError as error:
        raise UserError(f"{file} cannot be read: {error.strerror}") from error
    kind = kind_of(head, file.name)
    if not _is_paper(file.name, kind, head):
        what = {"text": "is plain text", "tex": "holds a few TeX commands but is no document"}.get(kind, "is no paper")
        raise UserError(f"{file} {_HINTS.get(kind, what)}; {PAPERS}")


def _is_paper(name: str, kind: str, head: bytes) -> bool:
    stem, plain = stem_of(name), without_packing(name.lower())
    is_named = bool(parse_arxiv_id(stem)) or stem.lower() in GENERIC_STEMS
    match kind:
        case "pdf" | "tar":
            return True
        case "tex":
            return is_named or plain.endswith(TEX_SUFFIXES) or bool(_DOCUMENT.search(_opened(head)))
        case "text":
            return plain.endswith(PLAIN_SUFFIXES) or (is_named and not plain.endswith(PAPER_SUFFIXES))
    return is_named or name.lower().endswith(PAPER_SUFFIXES)


def _opened(head: bytes) -> bytes:
    """The head, or what its gzip, bzip2 or xz holds, as UTF-8."""
    return as_utf8(unpacked_head(head, "")[0])
