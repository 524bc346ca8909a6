"""What a file is, told by its first bytes. Names decide only between TeX and plain text."""

from __future__ import annotations

import bz2
import codecs
import lzma
import re
import tarfile
import zlib
from pathlib import PurePosixPath
from typing import Any, BinaryIO

CHUNK_BYTES = 1 << 20
HEAD_BYTES = 65_536
"""Bytes of a file that the kind is told from."""
BZIP2_HEAD_BYTES = 1 << 20
"""The same for bzip2, which unpacks whole blocks of up to 900,000 bytes."""
PACKED_LAYERS = 3
"""arXiv ships gzip of tar; a layer more happens when somebody packs that again."""
XZ_MEMORY = 128 << 20
"""Memory that unpacking xz may take; `xz -9` needs 65 MiB."""
GZIP, BZIP2, XZ, ZIP = b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0", (b"PK\x03\x04", b"PK\x05\x06")
PACKED_SUFFIXES = (".gz", ".bz2", ".xz")

_TEX = re.compile(
    rb"\\(?:documentclass|documentstyle|begin\s*\{|end\s*\{|input\b|include\b|section|title|chapter|magnification|def\b"
    rb"|font\b|newcommand|centerline|hsize|vsize|bye\b|usepackage|bibitem|let\b|noindent|overfullrule)"
    rb"|\A%&(?:latex|tex|plain)|\A%auto-ignore"
)
_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:(?><!--.*?-->)\s*)*+<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0e-\x19\x1c-\x1f]")
TEX_SUFFIXES = (".tex", ".ltx", ".latex")


def kind_of(head: bytes, name: str) -> str:
    """tar, zip, tex, pdf, postscript, html, text, empty or unknown, from the first bytes; gzip, bzip2 and xz are opened.

    Args:
        head: the first `head_bytes` bytes of the file, or all of it.
        name: file name; `.tex` makes TeX of plain text.
    """
    try:
        head, name = unpacked_head(head, name)
    except (zlib.error, lzma.LZMAError, OSError, EOFError):
        return "unknown"
    return _kind_of_plain(as_utf8(head), name.lower())


def head_bytes(head: bytes) -> int:
    """How many of a file's first bytes its kind is told from."""
    return BZIP2_HEAD_BYTES if head.startswith(BZIP2) else HEAD_BYTES


def unpacked_head(head: bytes, name: str) -> tuple[bytes, str]:
    """What the layers of gzip, bzip2 and xz around the first bytes of a file hold, and its name without their suffixes.

    Raises:
        zlib.error, lzma.LZMAError, OSError, EOFError: a layer is broken.
    """
    for _ in range(PACKED_LAYERS):
        if (inflate := inflater(head)) is None:
            break
        name = without_packing(name)
        head = inflate.decompress(head, HEAD_BYTES)
    return head, name


def inflater(head: bytes) -> Any:
    """An object that unpacks the gzip, bzip2 or xz stream that begins so, None for anything else."""
    if head.startswith(GZIP):
        return zlib.decompressobj(wbits=31)
    if head.startswith(BZIP2) and head[3:4] in b"123456789" and head[4:10] in (b"1AY&SY", b"\x17rE8P\x90"):
        return bz2.BZ2Decompressor()
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, XZ_MEMORY) if head.startswith(XZ) else None


def without_packing(name: str) -> str:
    """A file name without `.gz`, `.bz2` or `.xz`."""
    return name[: -len(suffix)] if (suffix := PurePosixPath(name).suffix.lower()) in PACKED_SUFFIXES else name


def as_utf8(data: bytes) -> bytes:
    """The bytes; UTF-16 with its byte order mark as UTF-8, what is broken in it as U+FFFD."""
    is_utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and len(data) > 2
    return data.decode("utf-16", "replace").encode() if is_utf16 else data


def _kind_of_plain(head: bytes, name: str) -> str:
    if not head:
        return "empty"
    if b"%PDF-" in head[:1024]:  # readers accept junk before the header within the first 1,024 bytes
        return "pdf"
    if is_tar(head):
        return "tar"
    if head.startswith(ZIP):
        return "zip"
    if head.startswith((b"%!PS", b"\x04%!PS", b"%!\n", b"\xc5\xd0\xd3\xc6")):
        return "postscript"
    head = head.removeprefix(b"\xef\xbb\xbf")
    if _HTML.match(head[:4096]):
        return "html"
    if not is_text(head):
        return "unknown"
    if not head.strip():
        return "empty"
    if _TEX.search(head) or PurePosixPath(name).suffix in TEX_SUFFIXES:
        return "tex"
    return "text"


def is_tar(head: bytes) -> bool:
    """True when the first 512 bytes are a tar header with a right check sum."""
    if len(head) < 512:
        return False
    try:
        tarfile.TarInfo.frombuf(head[:512], "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return False
    return True


def is_text(data: bytes) -> bool:
    """True when at most one byte in a hundred is a control character, and none is NUL. Any 8-bit encoding passes."""
    if b"\0" in data:
        return False
    return len(_CONTROL.findall(data)) * 100 <= len(data)


def read_upto(stream: BinaryIO, size: int) -> bytes:
    """At most `size` bytes, in pieces: `read(size)` would allocate all of it for a file of any length."""
    chunks = []
    while size > 0 and (chunk := stream.read(min(size, CHUNK_BYTES))):
        chunks.append(chunk)
        size -= len(chunk)
    return b"".join(chunks)
