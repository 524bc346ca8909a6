"""Lines sorted in little memory: sorted runs on disk, merged."""

from __future__ import annotations

import heapq
import io
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import cast

import zstandard

from curation.errors import NoSpaceError, PlaceError
from curation.faults import NO_SPACE

RUN_BYTES = 64 << 20
"""Of a run in memory. All of arXiv's metadata makes 80 runs, and each is read with a window of 128 kB."""
_PACKED = zstandard.ZstdCompressionParameters.from_level(1, window_log=17)


def sorted_lines(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Lines (without their ends) in the order of their bytes. What is over one run lies in the folder for temporary files, until
    the iterator ends or is closed. Raises NoSpaceError, PlaceError: that folder cannot be written."""
    with ExitStack() as held:
        runs: list[Iterable[bytes]] = []
        folder: Path | None = None
        run: list[bytes] = []
        size = 0
        for line in lines:
            run.append(line)
            size += len(line)
            if size >= RUN_BYTES:
                folder = folder or Path(held.enter_context(tempfile.TemporaryDirectory(prefix="astrocorpus-sort-")))
                path = folder / str(len(runs))
                _write(path, sorted(run))
                runs.append(_read(held, path))
                run, size = [], 0
        run.sort()
        runs.append(run)
        yield from heapq.merge(*runs)


def _write(path: Path, lines: list[bytes]) -> None:
    """Raises NoSpaceError, PlaceError."""
    packed = zstandard.ZstdCompressor(compression_params=_PACKED)
    try:
        with path.open("wb") as file, packed.stream_writer(file) as writer:
            sink = io.BufferedWriter(cast(io.RawIOBase, writer), 1 << 20)
            for line in lines:
                sink.write(line)
                sink.write(b"\n")
            sink.flush()
    except OSError as error:
        where = f"{path.parent.parent}, the folder for temporary files, where lines are sorted"
        mend = "set TMPDIR to a folder with room for a third of the snapshot"
        if error.errno in NO_SPACE:
            raise NoSpaceError(f"no space left in {where}; free some, or {mend}") from error
        raise PlaceError(f"cannot write in {where} ({error.strerror or error}); mend it, or {mend}") from error


def _read(held: ExitStack, path: Path) -> Iterator[bytes]:
    """The lines of a run; opened when the first is asked for."""
    file = held.enter_context(path.open("rb"))
    reader = zstandard.ZstdDecompressor().stream_reader(file, read_size=1 << 16)
    for line in io.BufferedReader(cast(io.RawIOBase, reader), 1 << 16):
        yield line[:-1]
