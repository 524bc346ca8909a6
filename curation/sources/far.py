"""Papers at an address, such as `s3://bucket/src`: arXiv's bulk tars read in place, packed papers, PDFs. Of a folder of this machine
`curation.sources.listing` says what is a paper; here only files are, and of those some."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import PurePosixPath

from curation.errors import PaperError, PlaceError, UserError
from curation.place import Listed, Place
from curation.sources.content import MAX_DEPTH, MAX_READ_BYTES, digest
from curation.sources.data_file import is_data_file
from curation.sources.kinds import CHUNK_BYTES, TEX_SUFFIXES
from curation.sources.members import TAR, member_at, name_in_tar, path_of
from curation.sources.paper_content import Content
from curation.sources.paper_names import main_order, stem_of
from curation.sources.source import Reading, Row
from curation.sources.stamps import joint_stamp
from curation.sources.tar_content import Tars
from curation.sources.tar_members import PIECE_BYTES, TarFile, is_container, is_left_out, list_tar
from curation.sources.unit import Entry, Listing, stretches_of
from schemas import MACHINE_REASONS, Reason

WINDOW_BYTES = 64 << 10
"""What a request asks for where a few bytes are wanted: the header of a small member's successor is often among them."""

PAGE_NAMES = 1000
"""What S3 tells of a folder in an answer."""
SIDE_WINDOWS = 3
SIDE_REQUESTS = SIDE_WINDOWS + 2
"""Of a member that is looked at: its header, its end, its header again for the time in it. Each of both readings asks for the size of the
tar, too."""


class Far:
    """Lists and opens the papers of a place.

    Args:
        place: whose files they are.
    """

    def __init__(self, place: Place) -> None:
        self._place, self._tars = place, Tars()
        self._requests = self._bytes = 0

    def listing(self) -> Iterator[Listing]:
        """The papers by the stretch, then what was left out by its name and what could not be looked into: files of one stem in one
        folder are a paper and its PDF.

        Raises:
            UserError: there are papers that only a folder of this machine can be read for.
            PlaceError: the place cannot be read.
        """
        told = Listing()
        yield from stretches_of(self._folder("", told))
        told.left_out.sort()
        yield told

    def is_away(self) -> bool:
        """Whether nothing lies there. Raises UserError or PlaceError where that cannot be told."""
        return next(self._place.list(), None) is None

    def reading(self, entries: Iterable[Entry]) -> Reading:
        """What it takes to read some entries, at most where nothing is tried twice: each is read once to look at it and once to extract
        it, with the PDF beside it, by pieces, with windows around its header and its end. What was asked for until now is what the
        listing took."""
        papers = requests = size = 0
        for entry in entries:
            papers += 1
            requests += 2 * max(1, -(-entry.size // PIECE_BYTES)) + SIDE_REQUESTS
            size += 2 * entry.size + SIDE_WINDOWS * WINDOW_BYTES
        return Reading(self._requests, self._bytes, papers, requests, size)

    def look(self, entry: Entry) -> Content:
        """An entry's content without its bytes. Raises PaperError as `Tars.look`, IO_ERROR where the file cannot be read."""
        path = path_of(entry.member)
        if name_in_tar(entry.member) is not None:
            return self._tars.look(self._tar(path), entry)
        with self._reading(path), self._place.stream(path) as stream:
            return digest(iter(partial(stream.read, CHUNK_BYTES), b""), PurePosixPath(path).name)

    def read(self, row: Row, *, beside: bool = False) -> Content:
        """The content of a row, or the PDF beside it. Raises PaperError as `Tars.read`, IO_ERROR where the file cannot be read."""
        member = row["pdf_member"] if beside else row["member"]
        path = path_of(member)
        if name_in_tar(member) is not None:
            return self._tars.read(self._tar(path), row)
        if self._size(path) > MAX_READ_BYTES:
            raise PaperError(Reason.TOO_LARGE, f"{member} is larger than {MAX_READ_BYTES >> 20} MiB")
        with self._reading(path):
            data = self._place.read(path)
        return Content.of(PurePosixPath(path).name, data)

    def _folder(self, folder: str, told: Listing, depth: int = 0) -> Iterator[Entry]:
        if depth > MAX_DEPTH:
            yield Entry.failed(member_at(folder), PaperError(Reason.TOO_LARGE, f"more than {MAX_DEPTH} folders deep"))
            return
        children = self._place.children(folder)
        self._requests += 1 + (len(children.files) + len(children.folders)) // PAGE_NAMES
        groups: dict[str, list[Listed]] = {}
        for file in children.files:
            name = PurePosixPath(file.name).name
            if is_left_out(name):
                told.left_out.append(file.name)
            elif name.lower().endswith(TAR) and (members := self._members(file, told)) is not None:
                yield from members
            else:
                self._check(file.name)
                groups.setdefault(stem_of(name), []).append(file)
        for group in groups.values():
            group.sort(key=lambda file: main_order(PurePosixPath(file.name).name))
            pdf = group.pop() if len(group) > 1 and group[-1].name.lower().endswith(".pdf") else None
            yield _entry(group[0], pdf)
            yield from (_entry(file) for file in group[1:])
        for name in children.folders:
            path = f"{folder}/{name}" if folder else name
            if not name:  # of a key such as `src//x.tar`, which no path names
                told.left_out.append(f"{path}/ (a folder without a name)")
            elif name.startswith(".") or name == "__MACOSX":
                told.left_out.append(path)
            else:
                yield from self._folder(path, told, depth + 1)

    def _members(self, file: Listed, told: Listing) -> list[Entry] | None:
        """The papers in a tar, None where it is one itself; an entry that fails where it cannot be read."""

        def tell(what: str) -> None:
            told.left_out.append(f"{file.name} ({what})")

        try:
            tar = self._tar(file.name, file.size)
            if not is_container(tar, PurePosixPath(file.name).name, tell):
                return None
            return list(list_tar(tar, member_at(file.name), told.left_out))
        except PaperError as error:
            if error.reason in MACHINE_REASONS:
                told.unreadable[member_at(file.name)] = error.detail
            return [Entry.failed(member_at(file.name), error)]

    def _check(self, name: str) -> None:
        """Raises UserError for what would be read otherwise than in a folder."""
        if name.lower().endswith(TEX_SUFFIXES) or is_data_file(name):
            raise UserError(
                f"{self._place.where(name)}: at an address only tars, packed papers and PDFs are read; copy folders of TeX and files "
                "of rows to a folder of this machine, and name it as the source's path"
            )

    def _tar(self, name: str, size: int | None = None) -> TarFile:
        size = self._size(name) if size is None else size

        def read(offset: int, count: int) -> bytes:
            after = min(offset + count, size)
            self._requests, self._bytes = self._requests + 1, self._bytes + max(0, after - offset)
            with self._reading(name):
                return self._place.range(name, offset, after)

        return TarFile(read, size, (name, size), WINDOW_BYTES)

    def _size(self, name: str) -> int:
        with self._reading(name):
            size = self._place.size(name)
        if size is None:
            raise _gone(name)
        return size

    @contextmanager
    def _reading(self, name: str) -> Iterator[None]:
        """What keeps one file from being read is its own failure; what keeps the whole place from being read goes on as it is.

        Raises:
            PaperError: IO_ERROR. UserError, PlaceError: nothing of the place can be listed either.
        """
        try:
            yield
        except FileNotFoundError:
            raise _gone(name) from None
        except (PlaceError, UserError) as error:
            self.is_away()
            words = str(error).replace(self._place.where(name), name)  # tables hold no address
            raise PaperError(Reason.IO_ERROR, words) from error


def _entry(file: Listed, pdf: Listed | None = None) -> Entry:
    if pdf is None:
        return Entry(member_at(file.name), file.size, file.stamp)
    return Entry(member_at(file.name), file.size + pdf.size, joint_stamp(file.stamp, pdf.stamp), member_at(pdf.name))


def _gone(member: str) -> PaperError:
    return PaperError(Reason.IO_ERROR, f"{member} is not there")
