"""What a file is, told by its first bytes. Names decide only between TeX and plain text."""

from __future__ import annotations

import re
import tarfile
import zlib
from pathlib import PurePosixPath

HEAD_BYTES = 65_536
"""Bytes of a file that the kind is told from."""
GZIP_LAYERS = 3
"""arXiv ships gzip of tar; a layer more happens when somebody packs that again."""

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
    """tar, tex, pdf, postscript, html, text, empty or unknown, from the first bytes; gzip layers are opened.

    Args:
        head: the first `HEAD_BYTES` bytes of the file, or all of it.
        name: file name; `.tex` makes TeX of plain text.
    """
    name = name.lower()
    for _ in range(GZIP_LAYERS):
        if not head.startswith(b"\x1f\x8b"):
            break
        name = name.removesuffix(".gz")
        try:
            head = zlib.decompressobj(wbits=31).decompress(head, HEAD_BYTES)
        except zlib.error:
            return "unknown"
    return _kind_of_plain(head, name)


def _kind_of_plain(head: bytes, name: str) -> str:
    if not head:
        return "empty"
    if b"%PDF-" in head[:1024]:  # readers accept junk before the header within the first 1,024 bytes
        return "pdf"
    if is_tar(head):
        return "tar"
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
