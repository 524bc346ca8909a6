"""The digest of the code that makes text: part of what an extraction is made by."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path


@functools.cache
def code_sha256() -> str:
    """sha256 over the names and bytes of every module of `curation.extract`; read once a process (about 1 MB)."""
    root = Path(__file__).parent
    found = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        found.update(f"{path.relative_to(root).as_posix()}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return found.hexdigest()
