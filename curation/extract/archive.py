"""Papers as they are shipped (tar, zip, gzip, bzip2, xz, folder) opened into {relative path: bytes}, whatever they hold.

Nothing is ever written to disk: members are read into memory, and only those that text is made of. An archive is
refused as a whole when one of its members tries to leave it, because nothing else in it is to be trusted then.
"""

from __future__ import annotations

import io
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import BinaryIO

from curation.errors import BadArchiveError, PaperError
from curation.extract.archive_members import Member, tar_members, zip_members
from curation.extract.packed import DEFAULT_LIMITS, MIB, ArchiveLimits, Inflated
from curation.sources.kinds import HEAD_BYTES, PACKED_LAYERS, ZIP, inflater, is_tar, kind_of, read_upto, without_packing
from curation.sources.paper_names import names_a_paper
from schemas import Reason

TEXT_SUFFIXES = frozenset(
    [
        ".tex",
        ".ltx",
        ".latex",
        ".bbl",
        ".bib",
        ".sty",
        ".cls",
        ".txt",
        ".def",
        ".clo",
        ".inc",
        ".cfg",
        ".fd",
        ".ldf",
        ".pstex_t",
        ".tikz",
        ".toc",
    ]
)


def open_file(data: bytes, name: str, limits: ArchiveLimits = DEFAULT_LIMITS) -> dict[str, bytes]:
    """The members of a shipped file that text is made of.

    A tar or zip gives its text files, or its PDFs when it holds no TeX; a single gzip or plain file gives one entry, named
    after the file (arXiv's `2301.00001.gz` of one TeX file becomes `2301.00001.tex`).

    Raises:
        BadArchiveError: BAD_ARCHIVE, UNSAFE_ARCHIVE or TOO_LARGE.
        PaperError: EMPTY_FILE, or UNKNOWN_FORMAT when no member can become text.
    """
    opener: Callable[[], BinaryIO] = lambda: io.BytesIO(data)  # noqa: E731 (reopened layer by layer below)
    stem = name
    for _ in range(PACKED_LAYERS):
        head = read_upto(opener(), HEAD_BYTES)
        if inflater(head) is None:
            break
        stem = without_packing(stem)
        opener = _inflated(opener, limits)
    head = read_upto(opener(), HEAD_BYTES)
    if not head:
        raise PaperError(Reason.EMPTY_FILE, f"{name} holds nothing")
    if is_tar(head):
        return _open_archive(lambda: tar_members(opener, limits), limits)
    if head.startswith(ZIP):
        return _open_archive(lambda: zip_members(opener, limits), limits)
    kind = kind_of(head, stem)
    bound = limits.max_pdf_bytes if kind == "pdf" else limits.max_file_bytes
    content = read_upto(opener(), bound + 1)
    if len(content) > bound:
        raise BadArchiveError(f"{name} is larger than {bound // MIB} MiB", Reason.TOO_LARGE)
    return {_with_suffix(stem, kind): content}


def _inflated(opener: Callable[[], BinaryIO], limits: ArchiveLimits) -> Callable[[], BinaryIO]:
    return lambda: io.BufferedReader(Inflated(opener(), limits), HEAD_BYTES)


def _with_suffix(stem: str, kind: str) -> str:
    suffix = {"tex": ".tex", "pdf": ".pdf", "text": ".txt"}.get(kind, "")
    return stem if stem.lower().endswith((suffix, ".ltx", ".latex", ".md")) else stem + suffix


def _open_archive(listed: Callable[[], Iterator[Member]], limits: ArchiveLimits) -> dict[str, bytes]:
    files = _members(listed(), is_wanted, limits.max_file_bytes, limits)
    if not any(holds_tex(name, data) for name, data in files.items()):
        files |= _members(listed(), lambda _, head: head.startswith(b"%PDF-"), limits.max_pdf_bytes, limits)
    if not any(holds_tex(name, data) or data.startswith(b"%PDF-") for name, data in files.items()):
        papers: list[str] = []
        files |= _heads_without_route(listed(), limits, papers)
        if not files and len(papers) > 1:
            raise PaperError(
                Reason.UNKNOWN_FORMAT,
                f"the archive holds {len(papers):,} files that are named by arXiv ids: a tar of papers, which was packed again; "
                "unpack it to a .tar",
            )
    if not files:
        raise PaperError(Reason.UNKNOWN_FORMAT, "the archive holds no TeX file, no PDF and no text")
    return files


def _heads_without_route(listed: Iterator[Member], limits: ArchiveLimits, papers: list[str]) -> dict[str, bytes]:
    """The first bytes of PostScript and HTML, so that the ledger says what there is in place of a paper that can be read.

    Args:
        papers: gets the names of members that are named as papers are.
    """
    heads: dict[str, bytes] = {}

    def note(name: str, head: bytes) -> bool:
        if kind_of(head, name) in ("postscript", "html"):
            heads[name] = head[:1024]
        if names_a_paper(PurePosixPath(name)):
            papers.append(name)
        return False

    _members(listed, note, limits.max_file_bytes, limits)
    return heads


def no_route(kinds: Iterable[str]) -> PaperError:
    """The failure of a paper that is there in kinds which no route reads."""
    if "postscript" in kinds:
        return PaperError(
            Reason.POSTSCRIPT, "PostScript has no route; a PDF of the paper beside it (same name) would be read"
        )
    if "html" in kinds:
        return PaperError(Reason.HTML, "HTML has no route: often a page that was saved in the place of a paper")
    return PaperError(Reason.UNKNOWN_FORMAT, f"no route for {', '.join(sorted(kinds)) or 'figures and data alone'}")


def is_wanted(name: str, head: bytes) -> bool:
    """True for files that text is made of; figures, fonts and data are not."""
    path = PurePosixPath(name)
    if path.name.lower().startswith("00readme") or path.suffix.lower() in TEXT_SUFFIXES:
        return True
    return not path.suffix and kind_of(head, name) == "tex"


def holds_tex(name: str, data: bytes) -> bool:
    """True for a member that may be the paper itself, not only its macros or its bibliography."""
    suffix = PurePosixPath(name).suffix.lower()
    if suffix in (".tex", ".ltx", ".latex"):
        return bool(data.strip())
    return suffix in ("", ".txt") and kind_of(data[:HEAD_BYTES], name) == "tex"


def _members(
    listed: Iterator[Member], wanted: Callable[[str, bytes], bool], max_file_bytes: int, limits: ArchiveLimits
) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    total = 0
    try:
        for name, size, stream in listed:
            head = stream.read(min(size, HEAD_BYTES))
            if not wanted(name, head):
                continue
            if size > max_file_bytes:
                raise BadArchiveError(f"{name} is larger than {max_file_bytes // MIB} MiB", Reason.TOO_LARGE)
            total += size
            if total > limits.max_text_bytes:
                raise BadArchiveError(f"more than {limits.max_text_bytes // MIB} MiB of text", Reason.TOO_LARGE)
            files[name] = head + stream.read()
    except (tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError) as error:
        raise BadArchiveError(f"broken archive: {error}") from error
    # tarfile and zipfile on hostile headers, methods that zipfile does not know, bzip2 (OSError) in a zip
    except (ValueError, OverflowError, EOFError, NotImplementedError, RuntimeError, OSError, struct.error) as error:
        raise BadArchiveError(f"broken archive: {type(error).__name__}: {error}") from error
    return files


def open_folder(
    files: Mapping[str, Callable[[], BinaryIO]], limits: ArchiveLimits = DEFAULT_LIMITS
) -> dict[str, bytes]:
    """The files of a paper's folder that text is made of; its PDFs when it holds no TeX.

    Args:
        files: path relative to the folder -> opens the file.

    Raises:
        BadArchiveError: TOO_LARGE.
        PaperError: UNKNOWN_FORMAT when no file can become text.
        OSError: a file cannot be opened or read.
    """
    found = _folder_members(files, is_wanted, limits.max_file_bytes, limits)
    if not any(holds_tex(name, data) for name, data in found.items()):
        found |= _folder_members(files, lambda _, head: head.startswith(b"%PDF-"), limits.max_pdf_bytes, limits)
    if not found:
        raise PaperError(Reason.UNKNOWN_FORMAT, "the folder holds no TeX file, no PDF and no text")
    return found


def _folder_members(
    files: Mapping[str, Callable[[], BinaryIO]],
    wanted: Callable[[str, bytes], bool],
    max_file_bytes: int,
    limits: ArchiveLimits,
) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    total = 0
    for name in sorted(files):
        with files[name]() as stream:
            head = stream.read(HEAD_BYTES)
            if not wanted(name, head):
                continue
            data = head + read_upto(stream, max_file_bytes + 1 - len(head))
        if len(data) > max_file_bytes:
            raise BadArchiveError(f"{name} is larger than {max_file_bytes // MIB} MiB", Reason.TOO_LARGE)
        total += len(data)
        if total > limits.max_text_bytes:
            raise BadArchiveError(f"more than {limits.max_text_bytes // MIB} MiB of text", Reason.TOO_LARGE)
        found[name] = data
    return found
