"""A tar whose md5 is right goes to its place in the folder, whole or as a smaller tar, with its receipt."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from curation.sources.bulk.holdings import Holdings, Kept, Receipt, wanted_digest
from curation.sources.bulk.keep import UnreadableTarError, keep_wanted
from curation.sources.bulk.manifest import Chunk
from curation.sources.bulk.transfer import told_of_disk
from schemas.files import put_in_place


def received(
    holdings: Holdings, kept: Kept, chunk: Chunk, file: Path, wanted: Sequence[str], has_room: Callable[[int], None]
) -> Receipt:
    """Put a tar in its place, or its wanted members, and then its receipt.

    Args:
        file: all of the tar.
        wanted: ids that are wanted of it.
        has_room: is told how many bytes a smaller tar takes, before it is written.

    Raises:
        NoSpaceError, RunError: the folder cannot be written; `file` stays. Whatever `has_room` raises.
    """
    there = holdings.tar(chunk.filename)
    try:
        there.parent.mkdir(parents=True, exist_ok=True)
        if kept is Kept.WANTED:
            receipt = _smaller(holdings, chunk, file, wanted, has_room)
        else:
            receipt = whole(chunk, file)
            put_in_place(file, there)
    except OSError as error:
        raise told_of_disk(error, there) from error
    holdings.write_receipt(receipt)  # after the file: of one that came, a kill between leaves its parts
    return receipt


def _smaller(
    holdings: Holdings, chunk: Chunk, file: Path, wanted: Sequence[str], has_room: Callable[[int], None]
) -> Receipt:
    there, all_of_it = holdings.tar(chunk.filename), whole(chunk, file)
    out = holdings.parts() / f"{there.name}.wanted"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.unlink(missing_ok=True)  # of a fetch that was killed
    try:
        made = keep_wanted(file, wanted, out, has_room)
    except UnreadableTarError as error:
        put_in_place(file, there)
        return replace(all_of_it, note=f"what is wanted cannot be taken out for sure, so all of it is kept: {error}")
    except BaseException:  # a stop, too, leaves no half of a tar
        out.unlink(missing_ok=True)
        raise
    size, md5 = (out.stat().st_size, md5_of(out)) if made.kept else (0, "")
    receipt = Receipt(
        chunk.filename, chunk.md5sum, chunk.timestamp, chunk.size, Kept.WANTED, size, md5,
        wanted=wanted_digest(wanted), members=made.members, kept_members=made.kept, absent=made.absent, note=made.note,
    )  # fmt: skip
    if made.kept:
        put_in_place(out, there)
    else:
        out.unlink()
        there.unlink(missing_ok=True)
    return receipt


def whole(chunk: Chunk, file: Path) -> Receipt:
    """The receipt of a tar of which all is kept."""
    size = file.stat().st_size
    return Receipt(chunk.filename, chunk.md5sum, chunk.timestamp, chunk.size, Kept.ALL, size, chunk.md5sum)


def md5_of(path: Path) -> str:
    """md5 of a file, as manifests have it."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
