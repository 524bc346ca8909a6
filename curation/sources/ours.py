"""Folders that astrocorpus wrote: runs, releases, indexes of deduplication. What we wrote there is no paper, wherever they lie:
a run below its own source would read itself, and twice as much the next time. What others put there is: a file called
manifest.json or run.json hides no paper beside it, whoever wrote it."""

from __future__ import annotations

import errno
import json
import os
import re
import stat
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path, PurePath, PurePosixPath
from typing import Any

from curation.errors import NoPapersError, UserError
from curation.faults import is_io_error
from schemas.files import AUDIT_FILES, sha256_of

RUN = "a run of astrocorpus"
RELEASE = "a release of astrocorpus"
INDEX = "an index of astrocorpus dedup"
MAX_MARK_BYTES = 64 << 20
"""A larger file is none of ours: a release of 100,000 files has a manifest.json of 25 MB."""
STAGE = re.compile(r"[\w.-]{1,200}-[0-9a-f]{8}")
"""What a folder of a run is called: the stage, or the stage whose split it is, and the first digits of its identity."""
TRACES = "traces"
ENGINES = "engines"
"""Folder of a run with what engines sealed; what they keep on the disk of one machine lies in `.engines` beside it."""
_TRACE = re.compile(r"[\w.-]+-[0-9a-f]{8}-[\w.-]+\.txt")
_OF_INDEX = re.compile(r"index\.json|(?:documents|edges)-\d+\.parquet|shingles-\d+\.u64")
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


MARKS = {"run.json": (RUN, is_run), "manifest.json": (RELEASE, is_release), "index.json": (INDEX, is_index)}
"""File -> what a folder is that has it, when it holds what we write there."""
_FILES = {what: name for name, (what, _) in MARKS.items()}


@dataclass(frozen=True)
class Own:
    """A folder that we wrote.

    Args:
        what: it is, in words.
        strangers: files below it that we did not write, sorted: papers that lie beside ours are papers.
    """

    what: str
    strangers: tuple[Path, ...]


def ours(folder: Path, names: Collection[str] | None = None) -> str | None:
    """What of ours a folder is with all that lies in it, in words; None for any other folder, and where strangers lie in it.

    Args, Raises: as of `own`.
    """
    found = own(folder, names)
    return found.what if found and not found.strangers else None


def own(folder: Path, names: Collection[str] | None = None) -> Own | None:
    """What of ours a folder is, and what else lies in it. One that only a file of our name speaks for is none.

    Args:
        names: of the files in it, where they are known: folders of papers then cost no look at the disk.

    Raises:
        OSError: it cannot be told, since a file that would say so cannot be read.
    """
    what = kind_of_own(folder, names)
    if what is None:
        return None
    return Own(what, tuple(sorted(_strangers(folder, what, _json(folder / _FILES[what])))))


def kind_of_own(folder: Path, names: Collection[str] | None = None) -> str | None:
    """What of ours a folder is, whatever else lies in it. Args, Raises: as of `own`."""
    for name, (what, is_it) in MARKS.items():
        if (names is None or name in names) and is_it(value := _json(folder / name)) and _holds(folder, what, value):
            return what
    return None


def _holds(folder: Path, what: str, value: Mapping[str, Any]) -> bool:
    """Whether a folder holds something of what its mark speaks of: one small file alone is nobody's work. A run has its lock or
    a folder of a stage; of a release or an index one file that is named, the smallest, has the digest that is told."""
    if what == RUN:
        stages = (stage["folder"] for stage in value["stages"].values())
        return any(_is_there(folder / name) for name in (".lock", *filter(STAGE.fullmatch, stages)))
    files = [file for file in _named(what, value) if _size(folder / file["file"]) == file["bytes"]]
    return any(
        sha256_of(folder / file["file"]) == file["sha256"] for file in sorted(files, key=itemgetter("bytes"))[:1]
    )


def _named(what: str, value: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The files that a release or an index names and that may be its own: tables inside it."""
    files = value["files"] if what == RELEASE else [value["edges"], *(r.get("documents") for r in value["releases"])]
    return [f for f in files if isinstance(f, Mapping) and _is_table(f.get("file")) and isinstance(f.get("bytes"), int)]


def _is_table(name: object) -> bool:
    """Whether a name leads to a table inside the folder: none of `..`, none absolute."""
    path = PurePosixPath(name) if isinstance(name, str) else PurePosixPath("..")
    return path.suffix == ".parquet" and not path.is_absolute() and ".." not in path.parts and "\0" not in path.name


def _strangers(folder: Path, what: str, value: Any) -> Iterator[Path]:
    """The files below a folder of ours that are not of a kind, or not under a name, that we write there."""
    sizes = {f["file"]: f["bytes"] for f in _named(what, value)} if what == RELEASE else {}
    for place, dirs, names in os.walk(folder, onerror=_raise):
        parts = Path(place).relative_to(folder).parts
        is_stage = what == RUN and parts and STAGE.fullmatch(parts[0])
        if parts and not is_stage and (inner := own(Path(place), names)):
            yield from inner.strangers
            dirs.clear()
            continue
        linked = [name for name in dirs if (Path(place) / name).is_symlink()]
        dirs[:] = [name for name in dirs if not name.startswith(".")]
        for name in (*linked, *names):
            path = Path(place) / name
            if not name.startswith(".") and not _is_written(path.relative_to(folder), what, path, sizes):
                yield path


def _is_written(inside: PurePath, what: str, path: Path, sizes: Mapping[str, int]) -> bool:
    """Whether a path inside a folder of ours is one that we write there."""
    if what == INDEX:
        return bool(_OF_INDEX.fullmatch(inside.as_posix()))
    if inside.suffix == ".json" or inside.name in ("README.md", "card.html"):
        return True
    if what == RELEASE:
        return inside.as_posix() in AUDIT_FILES or sizes.get(inside.as_posix(), -1) == _size(path)
    if inside.parts[0] == TRACES:
        return bool(_TRACE.fullmatch(inside.name))
    return inside.suffix in (".parquet", ".arrow") and (
        inside.parts[0] == ENGINES or bool(STAGE.fullmatch(inside.parts[0]))
    )


def _size(path: Path) -> int | None:
    """Bytes of a file; None where there is none."""
    try:
        found = path.lstat()
    except OSError as error:
        if is_io_error(error) and error.errno not in (errno.ENOENT, errno.ENOTDIR):
            raise
        return None
    return found.st_size if stat.S_ISREG(found.st_mode) else None


def _raise(error: OSError) -> None:
    raise error


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
    """Raises UserError for a source that is a run folder or one of its own folders: a run changes what it reads; NoPapersError
    when that cannot be told. Papers that somebody put into a run folder are none of its files."""
    path = path.resolve()
    for folder in (path, *path.parents):
        try:
            is_within = kind_of_own(folder, ("run.json",)) == RUN and (
                ours(folder) == RUN if folder == path else _is_of_run(path.relative_to(folder).parts[0])
            )
        except OSError as error:
            raise NoPapersError(f"{folder / 'run.json'} cannot be read: {error.strerror}") from error
        if is_within:
            raise UserError(
                f"source {path} lies in the run folder {folder}, whose files are no papers; name a folder outside "
                f"it. To read what a run released, take it out first: astrocorpus release {folder} --out DIR"
            )


def _is_of_run(name: str) -> bool:
    return name in (TRACES, ENGINES) or bool(STAGE.fullmatch(name))
