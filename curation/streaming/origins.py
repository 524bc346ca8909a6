"""Where a sample of the order comes from."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from curation.streaming.named import name_columns
from curation.streaming.state import State
from curation.streaming.tier_rows import TierRows


@dataclass(frozen=True)
class Origin:
    """One sample of an epoch and the row that it is.

    Attributes:
        sample: its number in the epoch's global order.
        lane: the place in a round, sample mod lanes.
        file, row_group, row: where the row lies.
        names: its ids.
        source: of a mixture, whose row it is. source_epoch: how often that lane of the source was read to its end before.
    """

    epoch: int
    sample: int
    lane: int
    file: str
    row_group: int
    row: int
    names: dict[str, Any]
    source: str | None = None
    source_epoch: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """For JSON, ids beside the rest."""
        fields = {name: value for name, value in asdict(self).items() if value is not None}
        names: dict[str, Any] = fields.pop("names")
        return fields | names


def origin(rows: TierRows, state: State, sample: int, number: int, row: int) -> Origin:
    """The origin of a sample of the state's epoch that is row `row` of row group `number`."""
    group = rows.groups[number]
    table = rows.files.read(group.file, group.number, name_columns(rows.files, group.file))
    names = {name: table[name][row].as_py() for name in table.column_names if name != "links"}
    names = {name: value for name, value in names.items() if value is not None}
    file = rows.files.files[group.file].file
    return Origin(state.epoch, sample, sample % state.lanes, file, group.number, row, names)
