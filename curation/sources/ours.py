"""Folders that astrocorpus wrote: runs, releases, indexes of deduplication. What lies in them is no paper, wherever they lie:
a run below its own source would read itself, and twice as much the next time."""

from __future__ import annotations

import errno
import json
import stat
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from curation.errors import NoPapersError, UserError
from curation.faults import is_io_error

RUN = "a run of astrocorpus"
RELEASE = "a release of astrocorpus"
INDEX = "an index of astrocorpus dedup"
MAX_MARK_BYTES = 64 << 20
"""A larger file is none of ours: a release of 100,000 files has a manifest.json of 25 MB."""
_FILE_KEYS = {"tier", "file", "rows", "row_groups", "bytes", "sha256"}


def is_run(value: object) -> bool:
    """Whether a value of JSON is what a run writes to run.json."""
    return (
        isinstance(value, Mapping)
        and isinstance(value.get("order"), list)
        and isinstance(value.get("stages"), Mapping)
        and all(isinstance(s, Mapping) and isinstance(s.get("folder"), str) for s in value["stages"].values())
    )


def is_release(value: object) -> bool:
    """Whether a value of JSON is what a release has in manifest.json."""
    if (
        not isinstance(value, Mapping)
        or not isinstance(value.get("files"), list)
        or not {"format", "name"} <= set(value)
    ):
        return False
    return all(isinstance(file, Mapping) and set(file) >= _FILE_KEYS for file in value["files"])


def is_index(value: object) -> bool:
    """Whether a value of JSON is what an index of deduplication has in index.json."""
    if not isinstance(value, Mapping) or not isinstance(value.get("edges"), Mapping):
        return False
    return isinstance(value.get("releases"), list) and "format" in value


_MARKS = {"run.json": (RUN, is_run), "manifest.json": (RELEASE, is_release), "index.json": (INDEX, is_index)}
"""File -> what a folder is that has it, when it holds what we write there."""


def ours(folder: Path, names: Collection[str] | None = None) -> str | None:
    """What of ours a folder is, in words; None for any other folder.

    Args:
        names: of the files in it, where they are known: folders of papers then cost no look at the disk.

    Raises:
        OSError: it cannot be told, since a file that would say so cannot be read.
    """
    for name, (what, is_it) in _MARKS.items():
        if (names is None or name in names) and is_it(value := _json(folder / name)) and _holds(folder, what, value):
            return what
    return None


def _holds(folder: Path, what: str, value: Mapping[str, Any]) -> bool:
    """Whether a folder holds something of what its mark speaks of: one small file alone hides no papers."""
    if what == RUN:
        named = (*(stage["folder"] for stage in value["stages"].values()), ".lock")
    elif what == RELEASE:
        named = tuple(str(file["file"]) for file in value["files"])
    else:
        return True
    return any(_is_there(folder / name) for name in named)


def _is_there(path: Path) -> bool:
    """Whether a path that a mark names leads to something; a name that no file can have does not.

    Raises:
        OSError: an I/O error, after which it cannot be told.
    """
    try:
        return path.exists()
    except OSError as error:
        if is_io_error(error):
            raise
        return False


def _json(path: Path) -> Any:
    """What a file holds; None where there is none, or none of JSON that we write."""
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode) or found.st_size > MAX_MARK_BYTES:
            return None
        with path.open("rb") as file:
            return json.loads(file.read(MAX_MARK_BYTES + 1))
    except (ValueError, RecursionError, MemoryError):
        return None
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR) or not is_io_error(error):
            return None
        raise


def refuse_in_a_run(path: Path) -> None:
    """Raises UserError for a source that is a run folder or lies in one: a run changes what it reads; NoPapersError when
    that cannot be told."""
    for folder in (path.resolve(), *path.resolve().parents):
        try:
            is_within = ours(folder, ("run.json",)) == RUN
        except OSError as error:
            raise NoPapersError(f"{folder / 'run.json'} cannot be read: {error.strerror}") from error
        if is_within:
            raise UserError(
                f"source {path} lies in the run folder {folder}, whose files are no papers; name a folder outside "
                f"it. To read what a run released, take it out first: astrocorpus release {folder} --out DIR"
            )
