"""Looking at what lies in a source: whether a folder is one paper, and the entry of what is one (`curation.sources.listing`
has the rules)."""

from __future__ import annotations

import re
import stat
from dataclasses import replace
from functools import partial
from pathlib import Path

from curation.confine.sandbox import Sandbox
from curation.errors import PaperError
from curation.faults import is_io_error
from curation.identity import parse_arxiv_id
from curation.sources.data_file import holds_documents, is_data_file
from curation.sources.kinds import HEAD_BYTES, TEX_SUFFIXES, as_utf8
from curation.sources.members import TAR, member_at
from curation.sources.ours import Own, own
from curation.sources.paper_names import (
    COMPANIONS,
    SOURCE_FOLDERS,
    STRAY,
    is_generic,
    is_paper,
    main_order,
    names_a_paper,
    pdf_of,
    source_order,
)
from curation.sources.stamps import joint_stamp, size_and_stamp, walk
from curation.sources.tar_members import is_container, open_tar
from curation.sources.unit import UNSEEN, Entry
from schemas import MACHINE_REASONS

MIN_COLLECTION = 3
"""So many complete documents in a source's own folder are papers; two may be one and its supplement."""
_STARTS_DOCUMENT = re.compile(rb"^[^%\n]*\\document(?:class|style)\b", re.MULTILINE)


class Look:
    """Looks at files and folders of a source.

    Args:
        root: the source's.
        sandbox: looks into data files.

    Fields:
        own: folders of our own that were met, and how they are named; tars that might hold papers, and are one.
        unreadable: as `Listing.unreadable`.
    """

    def __init__(self, root: Path, sandbox: Sandbox) -> None:
        self.root, self.sandbox = root, sandbox
        self.own: dict[Path, str] = {}
        self.unreadable: dict[str, str] = {}

    def one_paper(self, folder: Path, dirs: list[Path], files: list[Path]) -> Entry | None:
        """The paper that a folder is with all that lies in it; None for a collection."""
        is_root = folder == self.root
        if any(names_a_paper(f) or (is_data_file(f.name) and not self.is_stray(f)) for f in files):
            return None
        if not is_root or (len(dirs) == 1 and all(is_generic(f) or self.is_stray(f) for f in files)):
            pdf = pdf_of(folder, files)
            for source in sorted((d for d in dirs if d.name.lower() in SOURCE_FOLDERS), key=source_order):
                if self._holds_tex(source):
                    return self.entry(source, pdf)
        tex = [f for f in files if f.name.lower().endswith(TEX_SUFFIXES)]
        if (
            tex
            and not self._holds_folders_of_papers(dirs)
            and not self._is_collection_of_tex(is_root, dirs, files, tex)
        ):
            return self.entry(folder, pdf_of(folder, files, tex))
        if is_root or dirs or tex:
            return None
        generic = [f for f in files if is_generic(f) and not self.holds_papers(f)]
        if generic and all(f in generic or self.is_stray(f) for f in files):
            main = min(generic, key=lambda f: main_order(f.name))
            pdf = pdf_of(folder, [f for f in files if f != main])
            return self.entry(main, pdf)
        return None

    def _is_collection_of_tex(self, is_root: bool, dirs: list[Path], files: list[Path], tex: list[Path]) -> bool:
        is_tex = set(tex)
        others = [f for f in files if f not in is_tex and not self.is_stray(f)]
        if is_root:
            companions = any(f.suffix.lower() in COMPANIONS for f in files)
            if not companions or any(is_paper(f.name) and f.suffix.lower() != ".pdf" for f in others):
                return True
            return sum(map(self._starts_document, tex)) >= MIN_COLLECTION  # figures lie beside papers, too
        return not dirs and not others and len(tex) > 1 and all(self._starts_document(f) for f in tex)

    def holds_papers(self, file: Path) -> bool:
        """Whether a file is a tar whose members are papers. One that cannot be read holds some: what it holds is not known."""
        if not file.name.lower().endswith(TAR) or not self._is_own_file(file):
            return False
        try:
            with open_tar(file) as tar:
                return is_container(tar, file.name, partial(self._tell, file))
        except OSError:
            return True

    def _tell(self, file: Path, what: str) -> None:
        self.own[file] = f"{self.relative(file)} ({what})"

    def _is_own_file(self, file: Path) -> bool:
        """Whether a file, after links are followed, is a regular one in the source."""
        try:
            return file.resolve(strict=True).is_relative_to(self.root.resolve()) and file.is_file()
        except (OSError, RuntimeError):  # links that form a loop
            return False

    def is_stray(self, file: Path) -> bool:
        """Whether the name of a file is that of no paper, and it holds no rows with id and text."""
        if not STRAY.fullmatch(file.name) or is_paper(file.name):
            return False
        return not (is_data_file(file.name) and file.is_file() and self._holds_documents(file))

    def _holds_documents(self, file: Path) -> bool:
        try:
            return holds_documents(file, self.sandbox)
        except (OSError, PaperError) as error:
            self.note(file, error)
            return True

    def entry(self, path: Path, pdf: Path | None = None) -> Entry:
        """The entry of a file or folder, and of a PDF beside it."""
        size, stamp, own = self._size_and_stamp(path)
        for folder, what in own:
            self._leave_out(folder, what)
        entry = Entry(self.member(path), size, stamp)
        return self.with_pdf(entry, pdf) if pdf else entry

    def with_pdf(self, entry: Entry, pdf: Path) -> Entry:
        """An entry and the PDF beside it."""
        size, stamp, _ = self._size_and_stamp(pdf)
        stamp = joint_stamp(entry.stamp, stamp)
        return replace(entry, size=entry.size + size, pdf_member=self.member(pdf), stamp=stamp)

    def own_folder(self, folder: Path, names: list[str] | None = None) -> Own | None:
        """Leave out what we wrote in a folder of our own.

        Raises:
            OSError: whether it is one cannot be told.
        """
        found = own(folder, names)
        if found:
            others = f"; listed: {len(found.strangers)} files of others" if found.strangers else ""
            self._leave_out(folder, found.what + others)
        return found

    def unseen(self, folder: Path, error: OSError) -> Entry:
        """An entry that fails, for a folder which cannot be looked into: no paper is looked for in it."""
        self.note(folder, error)
        return Entry(self.member(folder), 0, f"{UNSEEN}{type(error).__name__}")

    def _leave_out(self, folder: Path, what: str) -> None:
        self.own[folder] = f"{self.relative(folder)}/ ({what})"

    def _size_and_stamp(self, path: Path) -> tuple[int, str, list[tuple[Path, str]]]:
        try:
            return size_and_stamp(path)
        except OSError as error:
            self.note(path, error)
            return 0, f"{UNSEEN}{type(error).__name__}", []

    def _holds_folders_of_papers(self, dirs: list[Path]) -> bool:
        """True when folders beside a TeX file are papers, not its figures and sections: named so, or over three of them."""
        if any(parse_arxiv_id(d.name) for d in dirs):
            return True
        complete = (d for d in dirs for f in self._tex_in(d) if self._starts_document(f))
        return len(dict.fromkeys(complete)) > 3

    def _tex_in(self, folder: Path) -> list[Path]:
        try:
            return [file for file in folder.iterdir() if file.name.endswith(".tex")]
        except OSError as error:
            self.note(folder, error)
            return []

    def _holds_tex(self, folder: Path) -> bool:
        below = walk(folder, lambda error: self.note(folder, error))
        return any(name.lower().endswith(TEX_SUFFIXES) for _, _, names in below for name in names)

    def _starts_document(self, file: Path) -> bool:
        try:
            if not stat.S_ISREG(file.stat().st_mode):  # a pipe would be waited for
                return False
            with file.open("rb") as stream:
                return bool(_STARTS_DOCUMENT.search(as_utf8(stream.read(HEAD_BYTES))))
        except OSError as error:
            self.note(file, error)
            return False

    def note(self, path: Path, error: OSError | PaperError) -> None:
        """Say of what an outage may hide that it could not be looked into."""
        if isinstance(error, PaperError):
            if error.reason in MACHINE_REASONS:
                self.unreadable[self.member(path)] = error.detail
        elif is_io_error(error):
            self.unreadable[self.member(path)] = error.strerror or str(error)

    def relative(self, path: Path) -> str:
        """A path relative to the source's root."""
        return path.relative_to(self.root).as_posix()

    def member(self, path: Path) -> str:
        """The member that is a file or folder (`curation.sources.members`)."""
        return member_at(self.relative(path))
