"""A folder of a local or mounted file system as a place."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from curation.errors import NoSpaceError, PlaceError, UserError
from curation.faults import NO_SPACE
from curation.place.base import Children, Held, Listed, Place, inside
from curation.place.holder import HeldError, Holder
from schemas.files import TEMP_PREFIX, Sink, UnwrittenError, alone, sha256_of, writing


class FolderPlace(Place):
    """A folder. What stands below it is read through links to files; links to folders are not followed by `list`.

    Args:
        root: the folder, absolute; made by the first that is written.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.uri = str(root)

    def local(self, name: str) -> Path:
        return self.root / inside(name)

    def below(self, folder: str) -> FolderPlace:
        return self._as_guarded(FolderPlace(self.local(folder)))

    def read(self, name: str) -> bytes:
        with self._reading(name):
            return self.local(name).read_bytes()

    def range(self, name: str, first: int, after: int) -> bytes:
        with self._reading(name), self.local(name).open("rb") as file:
            file.seek(first)
            return file.read(max(0, after - first))

    def open(self, name: str) -> BinaryIO:
        with self._reading(name):
            return self.local(name).open("rb")

    def stream(self, name: str, first: int = 0) -> BinaryIO:
        file = self.open(name)
        file.seek(first)
        return file

    def in_a_row(self, name: str) -> BinaryIO:
        return self.open(name)

    def size(self, name: str) -> int | None:
        try:
            return self.local(name).stat().st_size
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise self._cannot("read", name, error) from error

    def children(self, folder: str = "") -> Children:
        found = self._entries(folder)
        files = [file for name, entry in found if entry.is_file() for file in self._listed(entry, name)]
        return Children(files, sorted(entry.name for _, entry in found if entry.is_dir()))

    @contextmanager
    def writing(self, name: str, *, anew: bool = False, check: Callable[[], None] | None = None) -> Iterator[Sink]:
        path, check = self.local(name), check or self._check
        try:
            with writing(path, anew=anew) as sink:
                yield sink
                if check is not None:
                    check()
        except UnwrittenError as error:
            raise self._cannot("written", name, error) from error
        except FileExistsError:
            raise
        except OSError as error:  # of what it is made of
            raise PlaceError(f"{path} was not written: {error}") from error

    def put_if_absent(self, name: str, data: bytes) -> str | None:
        try:
            return self._put(name, data, anew=True)
        except FileExistsError:
            return None

    def put_if_match(self, name: str, data: bytes, tag: str) -> str | None:
        with self._alone(name):
            return self._put(name, data) if self.tag(name) == tag else None

    def tag(self, name: str) -> str | None:
        try:
            return sha256_of(self.local(name))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise self._cannot("read", name, error) from error

    def remove(self, name: str) -> None:
        try:
            self.local(name).unlink(missing_ok=True)
        except OSError as error:
            raise self._cannot("removed", name, error) from error

    def remove_folder(self, folder: str) -> None:
        try:
            shutil.rmtree(self.local(folder))
        except FileNotFoundError:
            return
        except OSError as error:
            raise self._cannot("removed", folder, error) from error

    def sweep(self, older_than_s: float = 0.0) -> int:
        swept, newest = 0, time.time() - older_than_s
        for path in self.root.rglob(f"{TEMP_PREFIX}*"):
            with suppress(FileNotFoundError):  # its writer was quicker
                if path.is_file() and path.stat().st_mtime <= newest:
                    path.unlink()
                    swept += 1
        return swept

    @contextmanager
    def lease(self, name: str, what: str) -> Iterator[Held]:
        """As in every place; the kernel frees it when the process dies, so it is never renewed and never lost."""
        path = self.local(name)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle = path.open("a+")
        except OSError as error:
            raise UserError(f"the folder {path.parent} cannot be written: {error.strerror}") from error
        with handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                handle.seek(0)
                raise HeldError(Holder.parse(handle.read()), self.uri) from error
            except OSError as error:
                raise UserError(
                    f"{path} cannot be locked ({error.strerror}), so that two could write there at once; name a folder of a file system "
                    "that has locks"
                ) from error
            handle.truncate(0)
            handle.write(json.dumps(Holder.here(what).told()))
            handle.flush()
            yield _Kernel()

    def _put(self, name: str, data: bytes, *, anew: bool = False) -> str:
        with self.writing(name, anew=anew) as sink:
            sink.write(data)
        return sha256(data).hexdigest()

    def _entries(self, folder: str) -> list[tuple[str, os.DirEntry[str]]]:
        """(name below the place, entry) of a folder, in the order of names in which a folder's ends with /."""
        try:
            with os.scandir(self.local(folder)) as found:
                entries = [entry for entry in found if not entry.name.startswith(TEMP_PREFIX)]
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise self._cannot("listed", folder, error) from error
        named = [(f"{folder}/{entry.name}" if folder else entry.name, entry) for entry in entries]
        return sorted(named, key=lambda each: os.fsencode(each[0]) + (b"/" if each[1].is_dir() else b""))

    def _below(self, folder: str, prefix: str) -> Iterator[Listed]:
        for name, entry in self._entries(folder):
            if entry.is_dir(follow_symlinks=False):
                if f"{name}/".startswith(prefix) or prefix.startswith(f"{name}/"):
                    yield from self._below(name, prefix)
            elif name.startswith(prefix) and entry.is_file():
                yield from self._listed(entry, name)

    def _listed(self, entry: os.DirEntry[str], name: str) -> Iterator[Listed]:
        """The file, unless it was removed meanwhile."""
        try:
            found = entry.stat()
        except FileNotFoundError:
            return
        except OSError as error:
            raise self._cannot("read", name, error) from error
        stamp = f"{found.st_mtime_ns}-{found.st_ctime_ns}-{found.st_size}-{found.st_ino}"
        yield Listed(name, found.st_size, stamp)

    @contextmanager
    def _alone(self, name: str) -> Iterator[None]:
        """Hold the file's folder, so that of those who put on a condition one looks and writes at a time."""
        folder = self.local(name).parent
        with ExitStack() as held:
            try:
                folder.mkdir(parents=True, exist_ok=True)
                held.enter_context(alone(folder))
            except OSError as error:
                raise self._cannot("written", name, error) from error
            yield

    @contextmanager
    def _reading(self, name: str) -> Iterator[None]:
        try:
            yield
        except NotADirectoryError as error:
            raise FileNotFoundError(error.errno, error.strerror, str(self.local(name))) from error

    def _cannot(self, be: str, name: str, error: OSError) -> PlaceError | UserError:
        where = self.local(name)
        if error.errno in NO_SPACE:
            return NoSpaceError(f"no space left while writing {where}; free some and run again")
        if isinstance(error, PermissionError) and be != "written":
            return UserError(f"{where} cannot be {be}: {error.strerror}; mend its permissions or name another folder")
        what = f"cannot write {where}" if be == "written" else f"{where} cannot be {be}"
        return PlaceError(f"{what}: {error.strerror or error}")

    def list(self, prefix: str = "") -> Iterator[Listed]:
        folder, _, _ = inside(prefix).rpartition("/")
        return self._below(folder, prefix)


class _Kernel:
    """A lease that the kernel holds."""

    def check(self) -> None:
        return None
