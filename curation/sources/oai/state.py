"""Where a harvest stands: one small file beside its pages, replaced whole after each page."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from curation.errors import RunError, UserError
from curation.place import Place

STATE = "harvest.json"
WINDOW_DAYS = 31
"""Days that are asked for at a time. A token that expired costs their pages and no more; all of arXiv takes 250 windows."""
DAY = timedelta(days=1)


class Window(BaseModel):
    """Days of datestamps that one list is asked for.

    Args:
        first, last: both are part of it; no last day for a list that goes on to now.
        token: what asks for the next page; None before the first.
        pages, records: so many came since the list was begun.
        listed: so many the server says that it has.
        tries: how often the list was begun anew.
        was: what it listed and held when it was read before: a size that the protocol allows to be estimated is off again.
    """

    model_config = ConfigDict(extra="forbid")

    first: date
    last: date | None
    token: str | None = None
    pages: int = 0
    records: int = 0
    listed: int | None = None
    tries: int = 0
    was: tuple[int, int] | None = None

    def again(self) -> Window:
        """The same days from their first page on."""
        was = None if self.listed is None else (self.listed, self.records)
        return Window(first=self.first, last=self.last, tries=self.tries + 1, was=was)


class Going(BaseModel):
    """A harvest of a set that is not finished.

    Args:
        first, last: the days that it is of; no last one: until now.
        days: days of a window.
        window: what is asked for; the days before it are complete,
        uneven: but from this day on, whose list changed each time it was read, or was not answered: the next harvest begins there.
    """

    model_config = ConfigDict(extra="forbid")

    first: date
    last: date | None
    days: int = WINDOW_DAYS
    window: Window
    uneven: date | None = None


class OfSet(BaseModel):
    """What is known of a set.

    Args:
        first: its records are complete from this day on
        since: until before this one. None before its first harvest has ended.
        going: the harvest that is not finished.
    """

    model_config = ConfigDict(extra="forbid")

    first: date | None = None
    since: date | None = None
    going: Going | None = None


class State(BaseModel):
    """A harvest's folder.

    Args:
        url, prefix: base URL of the server and metadataPrefix, the same for ever.
        next_page: number of the next file of a page.
        first_page: of the first that is not folded into the records yet.
        sets: by setSpec; the empty one is all that the server has.
    """

    model_config = ConfigDict(extra="forbid")

    version: Literal[1] = 1
    url: str
    prefix: str
    next_page: int = 0
    first_page: int = 0
    sets: dict[str, OfSet] = Field(default_factory=dict)


def read_state(place: Place) -> State | None:
    """The state of a harvest's folder, None when there is none.

    Raises:
        RunError: it is damaged, or of another version of this program.
    """
    try:
        return State.model_validate_json(place.read(STATE))
    except FileNotFoundError:
        return None
    except ValidationError as error:
        raise RunError(
            f"{place.where(STATE)} is not what a harvest writes there ({error.error_count()} faults); begin in another folder"
        ) from error


def write_state(place: Place, state: State) -> None:
    """Replace it whole."""
    with place.writing(STATE) as sink:
        sink.write(state.model_dump_json(indent=2).encode() + b"\n")


def window_from(first: date, last: date | None, today: date, days: int) -> Window:
    """The window that begins at a day.

    Windows that are past can only lose records (a changed one gets a later datestamp), and the last one, which goes on to
    now, begins the day before today, where the next harvest begins again: so what changes while lists are read is in one of
    them, in whatever order a server gives its records.
    """
    end = first + (days - 1) * DAY
    last = None if last is not None and last >= today else last
    if last is not None and end >= last:
        return Window(first=first, last=last)
    if last is None and end >= today - DAY:
        past = today - 2 * DAY
        return Window(first=first, last=past if past >= first else None)
    return Window(first=first, last=end)


def refuse_gap(spec: str, of_set: OfSet, first: date | None, last: date | None) -> None:
    """Raises UserError for days from and until which a harvest of a set would leave a gap to what the folder has, for those that
    it has already, and for others than those of a harvest that is not finished."""
    name = spec or "all records"
    if first is not None and last is not None and first > last:
        raise UserError(f"--from {first} is after --until {last}")
    if (going := of_set.going) is not None:
        asked = (first or going.first, last or going.last)
        if asked != (going.first, going.last):
            raise UserError(
                f"a harvest of {name} from {going.first} until {going.last or 'now'} is not finished in this folder; run without --from and "
                "--until to finish it, then with others"
            )
    elif of_set.since is not None and first is not None and first > of_set.since:
        raise UserError(
            f"this folder has the records of {name} until before {of_set.since}; --from {first} would leave a gap. Leave --from out"
        )
    elif of_set.first is not None and first is not None and last is not None and last + DAY < of_set.first:
        raise UserError(
            f"this folder has the records of {name} from {of_set.first} on; --until {last} would leave a gap before it"
        )
    elif of_set.since is not None and first is None and last is not None and last < of_set.since:
        raise UserError(
            f"this folder has the records of {name} until before {of_set.since} already; --until {last} adds none"
        )
