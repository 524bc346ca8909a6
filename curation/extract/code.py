"""The digest of the code that makes text: part of what an extraction is made by."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path

ROOMS = ("extract", "confine")
OTHER_ROOMS = (
    "faults.py",
    "sources/json_rows.py",
    "sources/kinds.py",
    "sources/member_names.py",
    "sources/parquet_rows.py",
    "sources/row_child.py",
    "sources/row_values.py",
    "sources/rows.py",
    "sources/text_file.py",
    "sources/withdrawal.py",
    "text/blocks.py",
    "text/boilerplate.py",
    "text/buffers.py",
    "text/accents.py",
    "text/chat_marks.py",
    "text/clean.py",
    "text/encoding.py",
    "text/escapes.py",
    "text/letters.py",
    "text/kernel.py",
    "text/marks.py",
    "text/masks.py",
    "text/paragraphs.py",
    "text/sections.py",
    "text/unseen.py",
    "text/words.py",
)
"""Modules outside of `curation.extract` and `curation.confine` that a text, or the words of a failure, is made by: which files
are texts and UTF-16, rows of data files, their decoding, cleaning, escapes, joiners in long runs of marks, sections, what nobody sees, paragraphs that are
cut out. What these rooms import stands here; `tests/extract/test_code.py` names the exceptions."""


@functools.cache
def code_sha256() -> str:
    """sha256 over the names and bytes of every module of `curation.extract`, of `curation.confine`, whose limits fail papers, and of
    `OTHER_ROOMS`; read once a process (about 1 MB)."""
    root = Path(__file__).parent.parent
    found = hashlib.sha256()
    for path in sorted(
        [*(p for room in ROOMS for p in (root / room).rglob("*.py")), *(root / name for name in OTHER_ROOMS)]
    ):
        found.update(f"{path.relative_to(root).as_posix()}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return found.hexdigest()
