"""A folder of papers as a source: what lies there (`entries`), and what it holds (`open`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Annotated, ClassVar

from pydantic import PrivateAttr

from curation.confine.sandbox import Sandbox
from curation.errors import NoPapersError, PaperError
from curation.faults import cannot_be_read, is_away
from curation.place import is_address, open_place
from curation.sources.content import locate, look_at, read_file, read_member
from curation.sources.data_file import is_data_file
from curation.sources.data_rows import rows_of_members
from curation.sources.far import Far
from curation.sources.listing import list_folder, root_of
from curation.sources.members import id_of_row, name_in_tar, path_of, row_of, utf8
from curation.sources.paper_content import Content
from curation.sources.paper_names import source_id_of
from curation.sources.rows import DataRow, Fields
from curation.sources.source import Reading, Row, Source
from curation.sources.stamps import is_as_listed
from curation.sources.tar_content import Tars
from curation.sources.tar_members import TarFile, open_tar
from curation.sources.unit import UNSEEN, Entry, Listing
from curation.step import Execution
from schemas import Reason


class FolderSource(Source):
    """Papers in a folder.

    Fields:
        source: name of the source; part of every doc_id.
        path: the folder, or a single file; what in it is a paper is said in `curation.sources.listing`. Or the address of a bucket
            (s3://bucket/src), of which tars, packed papers and PDFs are read.
        requester_pays: say on every request to the bucket that this account pays for it, as arXiv's asks for.
    """

    version: ClassVar[int] = 13

    source: str = "folder"
    requester_pays: Annotated[bool, Execution()] = False

    _sandbox: Sandbox = PrivateAttr(default_factory=Sandbox)
    """Reads rows of data files; starts when there are any."""
    _tars: Tars = PrivateAttr(default_factory=Tars)
    _far: Far | None = PrivateAttr(default=None)
    """Reads the papers at an address."""

    def model_post_init(self, _: object) -> None:
        if is_address(self.path):
            self._far = Far(open_place(self.path, requester_pays=self.requester_pays))

    def child_pids(self) -> tuple[int, ...]:
        return () if self._sandbox.pid is None else (self._sandbox.pid,)

    def child_memory_mb(self) -> int:
        return self._sandbox.limits.max_memory_mb

    def close(self) -> None:
        """End the child process."""
        self._sandbox.close()

    @property
    def root(self) -> Path:
        """Where members lie."""
        return root_of(Path(self.path))

    def listing(self) -> Iterator[Listing]:
        """The papers by the stretch, as the folder is walked through; with the last, what was left out.

        Raises:
            UserError: the folder cannot be read, or there is no paper.
        """
        if self._far is not None:
            yield from self._some(self._far.listing())
            return
        skip = frozenset({Path(self.metadata).resolve()}) if self.metadata else frozenset()
        yield from self._some(list_folder(Path(self.path), skip))

    def _some(self, stretches: Iterable[Listing]) -> Iterator[Listing]:
        count = left_out = 0
        for stretch in stretches:
            count += len(stretch.entries)
            left_out += len(stretch.left_out)
            yield stretch
        if not count:
            raise NoPapersError(
                f"{self.path} holds no papers; put .tar.gz, .gz, .zip, .tex, .pdf, .jsonl or .parquet files or folders "
                f"of TeX there ({left_out} other files were left out)"
            )

    def entries(self) -> list[Entry]:
        """The papers of the folder, sorted by member."""
        return Listing.whole(self.listing()).entries

    def source_id(self, member: str) -> str:
        row = row_of(member)
        return id_of_row(row) if row else source_id_of(member, self._root_name)

    @property
    def _root_name(self) -> str:
        return PurePosixPath(self.path).name if self._far is not None else self.root.resolve().name

    def reading(self, entries: Iterable[Entry]) -> Reading | None:
        return None if self._far is None else self._far.reading(entries)

    def is_away(self) -> bool:
        return is_away(self.root) if self._far is None else self._far.is_away()

    def open(self, row: Row, *, beside: bool = False) -> Content:
        """A file, a folder with its files, a member of a tar, the PDF beside it, or the text of a row of a data file."""
        member = row["member"]
        if self._far is not None:
            return self._far.read(row, beside=beside)
        if beside:
            return read_file(self.root, row["pdf_member"])
        if name_in_tar(member) is not None:
            with _tar(self.root, member, was_read=True) as tar:
                return self._tars.read(tar, row)
        if row_of(member) is None:
            return read_member(self.root, member)
        return _opened(self._rows([row], "text").get(member), member)

    def open_together(self, rows: Sequence[Row]) -> Mapping[str, Content | PaperError]:
        """Rows of data files: each file is read once."""
        rows = [row for row in rows if row_of(row["member"]) is not None]
        found = self._rows(rows, "text")
        return {row["member"]: _or_error(partial(_opened, found.get(row["member"]), row["member"])) for row in rows}

    def papers(self, entries: Sequence[Entry]) -> list[dict[str, object]]:
        unread = [vars(entry) for entry in entries if row_of(entry.member) is not None and entry.seen is None]
        found = self._rows(unread, "record")

        def look(entry: Entry) -> Content:
            if row_of(entry.member) is None:
                return self.look_twice(entry)
            if entry.seen is None:
                return _opened(found.get(entry.member), entry.member)
            return _opened(DataRow(None, **entry.seen), entry.member)

        return [self.paper(entry, partial(look, entry)) for entry in entries]

    def look(self, entry: Entry) -> Content:
        """An entry's content without its bytes."""
        entry.check()
        if self._far is not None:
            return self._far.look(entry)
        if name_in_tar(entry.member) is not None:
            with _tar(self.root, entry.member) as tar:
                return self._tars.look(tar, entry)
        for place in (entry.member, entry.pdf_member or ""):
            if utf8(place) != place:
                raise PaperError(Reason.UNREADABLE, f"the file name {utf8(place)} is no UTF-8; rename the file")
        if is_data_file(path_of(entry.member)) and (self.root / path_of(entry.member)).is_file():
            raise PaperError(
                Reason.UNREADABLE, f"{entry.member} has no rows with one id and one text each, or is broken"
            )
        return _as_listed(self.root, entry)

    def _rows(self, rows: Sequence[Row], fields: Fields) -> dict[str, DataRow | PaperError]:
        return rows_of_members(self.root, {row["member"]: row.get("where") for row in rows}, fields, self._sandbox)


@contextmanager
def _tar(root: Path, member: str, *, was_read: bool = False) -> Iterator[TarFile]:
    """The tar of a member. Raises PaperError, also for what fails while it is read."""
    try:
        with open_tar(locate(root, member, was_read=was_read)) as tar:
            yield tar
    except OSError as error:
        raise cannot_be_read(error, member) from error


def _or_error(look: Callable[[], Content]) -> Content | PaperError:
    try:
        return look()
    except PaperError as error:
        return error


def _opened(row: DataRow | PaperError | None, member: str) -> Content:
    """A row of a data file.

    Raises:
        PaperError: it cannot be read, or is gone.
    """
    if isinstance(row, PaperError):
        raise row
    if row is None:
        raise PaperError(Reason.SOURCE_CHANGED, f"{member} is no longer in the file")
    is_empty = row.reason == Reason.EMPTY_FILE
    failure = PaperError(Reason(row.reason), row.detail or "") if row.reason and not is_empty else None
    kind = "empty" if is_empty else "text"
    return Content(member, kind, row.sha256, row.size, text=row.text or "", record=row.record, failure=failure)


def _as_listed(root: Path, entry: Entry) -> Content:
    """An entry's main content without its bytes. A folder must hold what the listing saw in it: a file that is only away is
    no other paper."""
    was_seen = entry.pdf_member is None and not entry.stamp.startswith(UNSEEN)
    is_folder = locate(root, entry.member, was_read=was_seen).is_dir()
    if is_folder:
        _check_as_listed(root, entry)
    content = look_at(root, entry.member)
    if is_folder:  # a file may have gone and come back meanwhile
        _check_as_listed(root, entry)
    return content


def _check_as_listed(root: Path, entry: Entry) -> None:
    try:
        is_same = is_as_listed(root, entry)
    except OSError as error:
        raise cannot_be_read(error, entry.member) from error
    if not is_same:
        raise PaperError(Reason.SOURCE_CHANGED, f"{entry.member} holds other files than were listed; run again")
