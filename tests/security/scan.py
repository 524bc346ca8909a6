"""Looks for planted secrets in whatever a run wrote, however they were spelled on the way."""

from __future__ import annotations

import base64
import codecs
import gzip
import io
import string
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from tests.security.planted import MARK

_KEPT = (string.ascii_letters + string.digits).encode()
_DROPPED = bytes(set(range(256)) - set(_KEPT))
_LOWER = bytes.maketrans(string.ascii_uppercase.encode(), string.ascii_lowercase.encode())


def normalised(data: bytes) -> bytes:
    """Letters and digits in lower case: nothing is left of breaks, hyphens, spacing, escapes, NULs of UTF-16."""
    return data.translate(_LOWER, _DROPPED)


def needles(secret: str = MARK) -> dict[str, bytes]:
    """Spellings of a secret as they look when normalised."""
    raw = secret.encode()
    forms: dict[str, bytes] = {
        "plain": raw,
        "reversed": raw[::-1],
        "hex, %-escapes": raw.hex().encode(),
        "decimal, &#..; entities": "".join(str(b) for b in raw).encode(),
        "octal": "".join(f"{b:o}" for b in raw).encode(),
        "\\x.. and &#x..; escapes": "".join(f"x{b:02x}" for b in raw).encode(),
        "\\u escapes": "".join(f"u{b:04x}" for b in raw).encode(),
        "rot13": codecs.encode(secret, "rot13").encode(),
    }
    for name, encode in (("base64", base64.b64encode), ("base32", base64.b32encode)):
        for shift in range(5 if name == "base32" else 3):
            core = encode(b"\0" * shift + raw)  # the first and last characters depend on what stands beside
            forms[f"{name} at {shift}"] = normalised(core[8:-8] if name == "base32" else core[4:-4])
    return forms


def outside() -> dict[str, bytes]:
    """Normalised beginnings of real files that no paper may read. Short ones would be found by chance."""
    found = {}
    for path in map(Path, ("/etc/passwd", "/etc/group", "/proc/self/mountinfo")):
        if path.is_file():
            lines = (normalised(line)[:60] for line in path.read_bytes().splitlines())
            found |= {f"{path} line {i}": line for i, line in enumerate(lines) if len(line) >= 20}
    return found


def leaks(data: bytes, searched: dict[str, bytes]) -> list[str]:
    text = normalised(data)
    return [name for name, needle in searched.items() if needle in text]


def contents(path: Path) -> Iterator[tuple[str, bytes]]:
    """The bytes of a file, and what is packed in them: the values of a Parquet file, an unpacked stream."""
    data = path.read_bytes()
    yield "bytes", data
    if data.startswith(b"PAR1"):
        sink = io.BytesIO()
        table = pq.read_table(io.BytesIO(data))
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        yield "values", sink.getvalue()
    elif data.startswith(b"\x1f\x8b"):
        yield "unpacked", gzip.decompress(data)
    elif data.startswith(b"\x28\xb5\x2f\xfd"):
        yield "unpacked", zstandard.ZstdDecompressor().decompressobj().decompress(data)


def leaking_files(folder: Path, searched: dict[str, bytes]) -> list[str]:
    """Files below a folder that give something away, by content or by name, and in which spelling."""
    found = []
    for path in sorted(folder.rglob("*")):
        found += [f"name of {path}: {name}" for name in leaks(bytes(path.relative_to(folder)), searched)]
        if path.is_file():
            found += [f"{path} ({what}): {name}" for what, data in contents(path) for name in leaks(data, searched)]
    return found
