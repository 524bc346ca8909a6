"""Tars in the layout of arXiv's bulk data, made for tests: honest ones, and members that no honest tar has."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Mapping
from pathlib import Path

BLOCK = 512
WORDS = (
    "We follow the light curve of the star {0} through three seasons and fit the period of its dips with a model of the dust. "
    "The radius of the companion is found from the depth, and the mass from the velocity of the lines, for system {0}. "
)


def document(name: str) -> bytes:
    """A small paper, each name with its own words."""
    body = WORDS.format(name) * 3
    return (
        rf"\documentclass{{article}}\title{{On the star {name}}}\begin{{document}}\maketitle"
        rf"\section{{Observations}} {body} \end{{document}}"
    ).encode()


def single(name: str) -> bytes:
    """A paper of one TeX file, as arXiv packs it."""
    return gzip.compress(document(name), mtime=1)


def bundle(name: str, **more: bytes) -> bytes:
    """A paper of several files, as arXiv packs it."""
    files = {"ms.tex": document(name), **{key.replace("__", "."): data for key, data in more.items()}}
    return gzip.compress(tar_of(files, folder=None), mtime=1)


def entry(name: str, data: bytes = b"", kind: bytes = tarfile.REGTYPE, **fields: object) -> bytes:
    """A member as it lies in a tar: header, content, padding."""
    info = tarfile.TarInfo(name)
    info.size, info.type, info.mtime = len(data), kind, 1_675_209_600
    for key, value in fields.items():
        setattr(info, key, value)
    header = info.tobuf(tarfile.GNU_FORMAT, "utf-8", "surrogateescape")
    return header + data + bytes(-len(data) % BLOCK)


def tar_of(files: Mapping[str, bytes], folder: str | None = "2301") -> bytes:
    """A tar of files, with its end mark."""
    head = entry(f"{folder}/", kind=tarfile.DIRTYPE) if folder else b""
    return head + b"".join(entry(name, data) for name, data in files.items()) + bytes(2 * BLOCK)


def write_tar(path: Path, files: Mapping[str, bytes], folder: str | None = "2301") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(tar_of(files, folder))
    return path


def with_header(data: bytes, **changed: tuple[int, bytes]) -> bytes:
    """A member whose header holds other bytes, under a right check sum. Values: offset, bytes."""
    block = bytearray(data[:BLOCK])
    for at, value in changed.values():
        block[at : at + len(value)] = value
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block) + data[BLOCK:]


def pax(records: Mapping[str, str], member: bytes, kind: bytes = tarfile.XHDTYPE) -> bytes:
    """A member with a pax header before it."""
    body = b"".join(record(key, value) for key, value in records.items())
    return entry("pax", body, kind) + member


def record(key: str, value: str) -> bytes:
    text = f" {key}={value}\n".encode()
    length = len(text) + len(str(len(text)))
    length += len(str(length)) - len(str(len(text)))
    return str(length).encode() + text


def members_of(path: Path) -> dict[str, bytes]:
    """Name -> bytes, as Python's own tarfile reads an honest tar: the oracle."""
    with tarfile.open(path) as tar:
        return {info.name: tar.extractfile(info).read() for info in tar if info.isfile()}  # type: ignore[union-attr]


def opened(data: bytes) -> list[str]:
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        return tar.getnames()
