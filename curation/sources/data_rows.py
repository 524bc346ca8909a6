"""The rows of data files that a part names, for every step that reads them: each file once, and once more when it fails."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from curation.confine.quiet import alone
from curation.confine.sandbox import Sandbox
from curation.errors import PaperError
from curation.faults import cannot_be_read
from curation.sources.content import locate
from curation.sources.data_file import read_rows
from curation.sources.members import row_of
from curation.sources.rows import DataRow, Fields
from schemas import MACHINE_REASONS


def rows_of_members(
    root: Path, where: Mapping[str, tuple[int, int] | None], fields: Fields, sandbox: Sandbox
) -> dict[str, DataRow | PaperError]:
    """The rows by member. Those of a file that cannot be read are its failure; one that is gone is missing.

    A file that the machine keeps from being read is tried once more at once, with nothing of ours beside it.

    Args:
        root: the folder of the source.
        where: member -> where its row was seen (`Entry.where`). Members that are no rows of a data file are passed over.
        sandbox: reads the rows; a second try waits as long for others as its wall-clock limit.
    """
    files: dict[str, dict[str, str]] = {}
    for member in where:
        if (row := row_of(member)) is not None:
            files.setdefault(member.partition("#")[0], {})[row] = member
    found: dict[str, DataRow | PaperError] = {}
    for file, members in files.items():
        places = {row: where[member] for row, member in members.items()}
        try:
            rows = _read_twice(root, file, places, fields, sandbox)
        except PaperError as error:
            found |= dict.fromkeys(members.values(), error)
        else:
            found |= {members[row]: data for row, data in rows.items()}
    return found


def _read_twice(
    root: Path, file: str, places: Mapping[str, tuple[int, int] | None], fields: Fields, sandbox: Sandbox
) -> dict[str, DataRow]:
    try:
        return _read(root, file, places, fields, sandbox)
    except PaperError as error:
        if error.reason not in MACHINE_REASONS:
            raise
    with alone(sandbox.limits.max_wall_s):
        return _read(root, file, places, fields, sandbox)


def _read(
    root: Path, file: str, places: Mapping[str, tuple[int, int] | None], fields: Fields, sandbox: Sandbox
) -> dict[str, DataRow]:
    try:
        return read_rows(locate(root, file), places, fields, sandbox)
    except OSError as error:
        raise cannot_be_read(error, file) from error
