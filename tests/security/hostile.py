"""What a hostile entry of a corpus is, and how its files are made."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

PDF_ROUTES = frozenset({"pdf", "claims", "scans", "names"})
"""Kinds that the second backend and the second OCR engine are tried with."""


@dataclass(frozen=True)
class Hostile:
    """One entry at the top of a corpus.

    Args:
        kind: the kind of attack.
        name: of the file or folder; lone surrogates stand for bytes that are no UTF-8.
        make: writes it at the path it is given.
        rows: rows that the ledger must have of it.
    """

    kind: str
    name: str
    make: Callable[[Path], object]
    rows: int = 1


def file(kind: str, name: str, content: bytes | str, rows: int = 1) -> Hostile:
    data = content.encode() if isinstance(content, str) else content
    return Hostile(kind, name, lambda path: write(path, data), rows)


def folder(kind: str, name: str, files: Mapping[str, bytes | str], links: Mapping[str, str] | None = None) -> Hostile:
    """A folder of files, and of symbolic links by their targets."""

    def make(path: Path) -> None:
        for member, content in files.items():
            write(path / member, content.encode() if isinstance(content, str) else content)
        for member, target in (links or {}).items():
            (path / member).parent.mkdir(parents=True, exist_ok=True)
            (path / member).symlink_to(target)

    return Hostile(kind, name, make)


def tar(kind: str, name: str, members: list[tarfile.TarInfo | tuple[str, bytes | str]]) -> Hostile:
    """A .tar.gz of files (name, content) and of members that are whatever their header says."""
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                archive.addfile(member)
                continue
            data = member[1].encode() if isinstance(member[1], str) else member[1]
            info = tarfile.TarInfo(member[0])
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return file(kind, name, gzip.compress(sink.getvalue(), mtime=0))


def special(name: str, type_: bytes, target: str = "") -> tarfile.TarInfo:
    """A tar member without content: a link, a device, a pipe."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname = type_, target
    return info


def write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def touch(path: Path) -> str:
    """Python that makes a file: what a paper would run if it could."""
    return f"open({os.fspath(path)!r}, 'w').close()\n"
