"""What every place can do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from copy import copy
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, Protocol, TypeVar

from curation.errors import UserError
from schemas.files import Sink

ABANDONED_S = 86_400.0
"""What was begun a day ago and is not whole is nobody's: no file takes so long to write."""


P = TypeVar("P", bound="Place")


class Listed(NamedTuple):
    """A file of a place: its name below the place, bytes, and a stamp that is another when the file is another."""

    name: str
    size: int
    stamp: str


class Children(NamedTuple):
    """What stands directly in a folder of a place, each sorted: files and names of folders (last word only)."""

    files: list[Listed]
    folders: list[str]


class Held(Protocol):
    """A lease that is held."""

    def check(self) -> None:
        """Raises RunError when the lease was lost: another one may hold it, so nothing more may be written."""


class Place(ABC):
    """A place where files lie under names (`a/b.parquet`). It pickles to its address: a worker opens it anew.

    Every method raises UserError where the user can mend it (no rights, no such bucket, a name that leads out of the place),
    PlaceError where the place cannot be reached, read or written (NoSpaceError: it is full), after a network was given
    time to come back.
    """

    uri: str
    _check: Callable[[], None] | None = None

    @abstractmethod
    def read(self, name: str) -> bytes:
        """A whole file. Raises FileNotFoundError when it is not there."""

    @abstractmethod
    def range(self, name: str, first: int, after: int) -> bytes:
        """Bytes from `first` up to and without `after`; fewer where the file ends before. Raises FileNotFoundError."""

    @abstractmethod
    def open(self, name: str) -> BinaryIO:
        """A file to read anywhere in it (seekable). Raises FileNotFoundError."""

    @abstractmethod
    def stream(self, name: str, first: int = 0) -> BinaryIO:
        """A file to read once from `first` to its end. Raises FileNotFoundError."""

    @abstractmethod
    def in_a_row(self, name: str) -> BinaryIO:
        """A file to read in a row from wherever one seeks to (seekable), by a request a row; of one that is replaced meanwhile no
        byte of the other is read. Raises FileNotFoundError."""

    @abstractmethod
    def size(self, name: str) -> int | None:
        """Bytes of a file, None when there is none."""

    @abstractmethod
    def list(self, prefix: str = "") -> Iterator[Listed]:
        """The files whose names begin with a prefix, without temp files, in the order of their names' bytes (a server that is
        not Amazon's may go folder by folder). Holds one page (S3) or the folders on the way (folder) in memory."""

    @abstractmethod
    def children(self, folder: str = "") -> Children:
        """What stands directly in a folder, without temp files; empty when there is none."""

    @abstractmethod
    def writing(
        self, name: str, *, anew: bool = False, check: Callable[[], None] | None = None
    ) -> AbstractContextManager[Sink]:
        """A sink for a file that appears whole at the end of the block, and not at all when the block raises; what was there is
        replaced.

        Args:
            anew: nothing is: the end of the block raises FileExistsError where there is a file, and of many who try at once one
                succeeds.
            check: asked right before the one request by which the file appears; where it raises, nothing does.
        """

    @abstractmethod
    def put_if_absent(self, name: str, data: bytes) -> str | None:
        """Write a file unless there is one; its tag, None when there was one. Of many who try at once one succeeds."""

    @abstractmethod
    def put_if_match(self, name: str, data: bytes, tag: str) -> str | None:
        """Write a file unless it is another than that with this tag; its new tag, None when it is another or gone."""

    @abstractmethod
    def tag(self, name: str) -> str | None:
        """The tag of a file for `put_if_match`, None when there is none."""

    @abstractmethod
    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""

    @abstractmethod
    def remove_folder(self, folder: str) -> None:
        """Remove a folder with all that lies below it, if it is there."""

    @abstractmethod
    def sweep(self, older_than_s: float = 0.0) -> int:
        """Remove what killed writers left (temp files, open multiparts); returns how many.

        Args:
            older_than_s: only what was begun so long ago. For who holds no lease: younger ones may be another's who writes now
                (`ABANDONED_S`).
        """

    @abstractmethod
    def lease(self, name: str, what: str) -> AbstractContextManager[Held]:
        """Hold a file of this name for one process while the block runs.

        Args:
            what: what holds it, for the error of a second one ("run").

        Raises:
            UserError: another one holds it; the text says who, where, since when. One whose process is dead and that
                ran on this host is taken over at once, one of another host when it was not renewed for a while.
        """

    @abstractmethod
    def below(self, folder: str) -> Place:
        """A folder of this place as a place of its own, guarded as this one is."""

    def guarded(self, check: Callable[[], None]) -> Place:
        """The same place, where `writing` asks `check` of every file. For this process: what pickles is the place alone."""
        guarded = copy(self)
        guarded._check = check
        return guarded

    def _as_guarded(self, other: P) -> P:
        other._check = self._check
        return other

    def __getstate__(self) -> dict[str, Any]:
        return {key: value for key, value in vars(self).items() if key != "_check"}

    def local(self, name: str) -> Path | None:
        """The path of a file where the place is a folder of this machine, else None."""
        return None

    def where(self, name: str) -> str:
        """The address of a file, for people."""
        return f"{self.uri.rstrip('/')}/{name}" if name else self.uri


def inside(name: str) -> str:
    """A name below a place. Raises UserError when it leads out of it."""
    if name.startswith("/") or ".." in name.split("/") or "\0" in name:
        raise UserError(f"{name!r} is no name of a file below a place: it begins with / or has .. in it")
    return name
