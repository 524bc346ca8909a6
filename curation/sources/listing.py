"""What in a folder is a paper. Nothing is opened but directories, heads of TeX files, and data files.

1. A directory with a `source` (or `src`, `tex`) folder that holds TeX, or with an archive or PDF of a name that names no
   paper (`arxiv.tar.gz`, `single.gz`, `paper.pdf` ...), is one paper: the source folder, else the archive, else a single
   file is its main content; its PDF is the paper's PDF. The directory's name is its id.
2. A directory that holds TeX files is one paper with all that lies below it, unless it holds nothing but complete TeX
   documents (two or more), or files named by arXiv ids: then each is a paper. For the root itself, LaTeX companions (.bbl,
   .bib, .cls, figures ...) beside the TeX make it one paper. TeX beside folders that are papers (named by arXiv ids, or
   more than three with complete documents) makes no paper of the whole.
3. Any other directory is a collection. In it every archive, packed file, TeX, PDF and text is a paper; files of one stem
   (`2301.00001.tar.gz`, `2301.00001.pdf`), or a folder and a PDF of its name, are one. Rows of JSONL and Parquet files with
   `id` and `text` are a paper each. Whatever else lies there is an entry too, which becomes a failed row.
4. A folder named like a paper (`2301.00009/`, `dir.tar.gz/`) in which none is found is an entry, which fails, and so is a
   folder more than 100 folders deep.
5. Left out: runs, releases and indexes of our own at any depth (`curation.sources.ours`), hidden files, README, LICENSE,
   manifest and metadata files by name (unless their rows have id and text), LaTeX companions and figures outside of a paper,
   empty folders. They are named in `Listing.left_out`.
"""

from __future__ import annotations

import os
import re
import stat
from dataclasses import replace
from pathlib import Path, PurePosixPath

from curation.confine.sandbox import Sandbox
from curation.errors import NoPapersError, PaperError, UserError
from curation.faults import is_away, is_io_error
from curation.identity import parse_arxiv_id
from curation.sources.content import MAX_DEPTH
from curation.sources.data_file import holds_documents, is_data_file, list_rows
from curation.sources.kinds import HEAD_BYTES, TEX_SUFFIXES, as_utf8
from curation.sources.ours import ours, refuse_in_a_run
from curation.sources.paper_names import (
    COMPANIONS,
    SOURCE_FOLDERS,
    STRAY,
    is_generic,
    is_named_like_a_paper,
    is_paper,
    main_order,
    names_a_paper,
    pdf_of,
    source_order,
    stem_of,
)
from curation.sources.place import path_of, place_of, row_of
from curation.sources.stamps import UNSEEN, joint_stamp, size_and_stamp, walk
from curation.sources.unit import Entry, Listing
from schemas import MACHINE_REASONS

_STARTS_DOCUMENT = re.compile(rb"^[^%\n]*\\document(?:class|style)\b", re.MULTILINE)


MIN_COLLECTION = 3
"""So many complete documents in a source's own folder are papers; two may be one and its supplement."""


def root_of(path: Path) -> Path:
    """Where the members of a source lie: the folder itself, or that of the file which is the source."""
    return path.resolve().parent if path.is_file() else path


def list_folder(path: Path, skip: frozenset[Path] = frozenset()) -> Listing:
    """Every paper below a folder, sorted by member, or those of a single file.

    Args:
        skip: files that are no papers (the metadata snapshot), resolved paths.

    Raises:
        NoPapersError: the path is missing or cannot be read, now or at the end.
        UserError: it lies in a run folder.
    """
    refuse_in_a_run(path)
    root = root_of(path)
    if not path.is_file() and not root.is_dir():
        what = "is neither file nor folder" if root.exists() else "is not there"
        raise NoPapersError(f"source folder {root} {what}; mend the source's path in the config")
    with Sandbox() as sandbox:
        lister = _Lister(root, skip, sandbox)
        if path.is_file():
            lister.collect([], [path.resolve()])
        else:
            try:
                os.scandir(root).close()
            except OSError as error:
                raise NoPapersError(
                    f"source folder {root} cannot be read: {error.strerror}; mend its permissions"
                ) from error
            lister.visit(root)
    if is_away(root):
        raise NoPapersError(f"source folder {root} is gone or empty")
    return lister.found()


def list_papers(folder: Path) -> Listing:
    """The folder itself, where it is one paper, else the papers in it, as a run over the folder around it finds them.

    Members are relative to that folder. Data files hold rows: they are left out.

    Raises:
        UserError: the folder cannot be read.
    """
    try:
        os.scandir(folder).close()
    except OSError as error:
        raise UserError(f"{folder} cannot be read: {error.strerror}; mend its permissions") from error
    with Sandbox() as sandbox:
        lister = _PaperLister(folder.parent, frozenset(), sandbox)
        lister.visit(folder)
    return lister.found()


class _Lister:
    def __init__(self, root: Path, skip: frozenset[Path], sandbox: Sandbox) -> None:
        self.root = root
        self.skip = skip
        self.sandbox = sandbox
        self.listing = Listing()
        self.own: dict[Path, str] = {}
        """Folders of our own, and how they are named."""

    def found(self) -> Listing:
        """What was listed, sorted; folders of our own come first among what was left out, so that they are named."""
        self.listing.entries.sort(key=lambda e: e.member)
        self.listing.left_out = [*sorted(self.own.values()), *sorted(self.listing.left_out)]
        return self.listing

    def visit(self, folder: Path) -> None:
        if len(folder.relative_to(self.root).parts) > MAX_DEPTH:
            self._add(folder)
            return
        try:
            children = sorted(os.scandir(folder), key=lambda e: e.name)
        except OSError as error:
            self._add_unseen(folder, error)
            return
        hidden = [c for c in children if c.name.startswith(".") or c.name == "__MACOSX"]
        shown = [c for c in children if c not in hidden]
        if folder != self.root and self._is_ours(folder, [c.name for c in shown]):
            return
        self.listing.left_out += [self._relative(Path(c.path)) for c in hidden]
        dirs = [Path(c.path) for c in shown if c.is_dir(follow_symlinks=False)]
        files = [Path(c.path) for c in shown if not c.is_dir(follow_symlinks=False)]
        if not (self._one_paper(folder, dirs, files)):
            self.collect(dirs, files)

    def _one_paper(self, folder: Path, dirs: list[Path], files: list[Path]) -> bool:
        is_root = folder == self.root
        if any(names_a_paper(f) or (is_data_file(f.name) and not self._is_stray(f)) for f in files):
            return False
        if not is_root or (len(dirs) == 1 and all(is_generic(f) or self._is_stray(f) for f in files)):
            pdf = pdf_of(folder, files)
            for source in sorted((d for d in dirs if d.name.lower() in SOURCE_FOLDERS), key=source_order):
                if self._holds_tex(source):
                    self._add(source, pdf)
                    return True
        tex = [f for f in files if f.name.lower().endswith(TEX_SUFFIXES)]
        if (
            tex
            and not self._holds_folders_of_papers(dirs)
            and not self._is_collection_of_tex(is_root, dirs, files, tex)
        ):
            self._add(folder, pdf_of(folder, files, tex))
            return True
        if is_root or dirs or tex:
            return False
        generic = [f for f in files if is_generic(f)]
        if generic and all(f in generic or self._is_stray(f) for f in files):
            main = min(generic, key=lambda f: main_order(f.name))
            pdf = pdf_of(folder, [f for f in files if f != main])
            self._add(main, pdf)
            return True
        return False

    def _is_collection_of_tex(self, is_root: bool, dirs: list[Path], files: list[Path], tex: list[Path]) -> bool:
        others = [f for f in files if f not in tex and not self._is_stray(f)]
        if is_root:
            companions = any(f.suffix.lower() in COMPANIONS for f in files)
            if not companions or any(is_paper(f.name) and f.suffix.lower() != ".pdf" for f in others):
                return True
            return sum(map(self._starts_document, tex)) >= MIN_COLLECTION  # figures lie beside papers, too
        return not dirs and not others and len(tex) > 1 and all(self._starts_document(f) for f in tex)

    def collect(self, dirs: list[Path], files: list[Path]) -> None:
        """The papers of a collection: one for each file or group of files, and what lies in its folders."""
        before = len(self.listing.entries)
        hollow = [folder for folder in dirs if self._is_hollow(folder) and is_named_like_a_paper(folder)]
        folders = {
            PurePosixPath(path_of(e.member)).name: i
            for i, e in enumerate(self.listing.entries[before:], before)
            if row_of(e.member) is None
        }
        groups: dict[str, list[Path]] = {}
        for file in files:
            if file.is_symlink() and self._is_ours(file):
                continue
            if _resolved(file) in self.skip or self._is_stray(file) or file.suffix.lower() in COMPANIONS:
                self.listing.left_out.append(self._relative(file))
            elif is_data_file(file.name):
                self._add_rows(file)
            else:
                groups.setdefault(stem_of(file.name), []).append(file)
        for folder in hollow:
            if folder.name not in groups:
                self._add(folder)
        for stem, group in groups.items():
            group.sort(key=lambda f: main_order(f.name))
            pdf = group[-1] if group[-1].suffix.lower() == ".pdf" else None
            if pdf and len(group) == 1 and (place := folders.get(stem)) is not None:
                entry = self.listing.entries[place]
                if entry.pdf_member is None and (self.root / path_of(entry.member)).is_dir():
                    self.listing.entries[place] = self._with_pdf(entry, pdf)
                    continue
            if pdf and len(group) > 1:
                self._add(group[0], pdf)
                group = group[1:-1]
            for file in group:
                self._add(file)

    def _is_hollow(self, folder: Path) -> bool:
        """Visit a folder; True when there is no paper in it."""
        entries, named = len(self.listing.entries), len(self.listing.left_out) + len(self.own)
        self.visit(folder)
        if len(self.listing.entries) > entries or folder in self.own:
            return False
        if len(self.listing.left_out) + len(self.own) == named and not is_named_like_a_paper(folder):
            self.listing.left_out.append(f"{self._relative(folder)}/")
        return True

    def _is_stray(self, file: Path) -> bool:
        if not STRAY.fullmatch(file.name) or is_paper(file.name):
            return False
        return not (is_data_file(file.name) and file.is_file() and self._holds_documents(file))

    def _holds_documents(self, file: Path) -> bool:
        try:
            return holds_documents(file, self.sandbox)
        except (OSError, PaperError) as error:
            self._note(file, error)
            return True

    def _add_rows(self, file: Path) -> None:
        try:
            inside = file.resolve(strict=True).is_relative_to(self.root.resolve()) and file.is_file()
            rows = list_rows(file, self._place(file), self.sandbox) if inside else []
        except RuntimeError:  # links that form a loop
            rows = []
        except (OSError, PaperError) as error:
            self._note(file, error)
            rows = []
        self.listing.entries += rows
        if not rows:
            self._add(file)

    def _add(self, path: Path, pdf: Path | None = None) -> None:
        size, stamp, own = self._size_and_stamp(path)
        for folder, what in own:
            self._leave_out(folder, what)
        entry = Entry(self._place(path), size, stamp)
        self.listing.entries.append(self._with_pdf(entry, pdf) if pdf else entry)

    def _with_pdf(self, entry: Entry, pdf: Path) -> Entry:
        stamp = joint_stamp(entry.stamp, self._size_and_stamp(pdf)[1])
        return replace(entry, pdf_member=self._place(pdf), stamp=stamp)

    def _is_ours(self, folder: Path, names: list[str] | None = None) -> bool:
        """Leave out a folder of our own; one of which that cannot be told fails alone, and no paper is looked for in it."""
        try:
            what = ours(folder, names)
        except OSError as error:
            self._add_unseen(folder, error)
            return True
        if what:
            self._leave_out(folder, what)
        return bool(what)

    def _add_unseen(self, folder: Path, error: OSError) -> None:
        self._note(folder, error)
        self.listing.entries.append(Entry(self._place(folder), 0, f"{UNSEEN}{type(error).__name__}"))

    def _leave_out(self, folder: Path, what: str) -> None:
        self.own[folder] = f"{self._relative(folder)}/ ({what})"

    def _size_and_stamp(self, path: Path) -> tuple[int, str, list[tuple[Path, str]]]:
        try:
            return size_and_stamp(path)
        except OSError as error:
            self._note(path, error)
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
            self._note(folder, error)
            return []

    def _holds_tex(self, folder: Path) -> bool:
        below = walk(folder, lambda error: self._note(folder, error))
        return any(name.lower().endswith(TEX_SUFFIXES) for _, _, names in below for name in names)

    def _starts_document(self, file: Path) -> bool:
        try:
            if not stat.S_ISREG(file.stat().st_mode):  # a pipe would be waited for
                return False
            with file.open("rb") as stream:
                return bool(_STARTS_DOCUMENT.search(as_utf8(stream.read(HEAD_BYTES))))
        except OSError as error:
            self._note(file, error)
            return False

    def _note(self, path: Path, error: OSError | PaperError) -> None:
        """Say of what an outage may hide that it could not be looked into."""
        if isinstance(error, PaperError):
            if error.reason in MACHINE_REASONS:
                self.listing.unreadable[self._place(path)] = error.detail
        elif is_io_error(error):
            self.listing.unreadable[self._place(path)] = error.strerror or str(error)

    def _relative(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()

    def _place(self, path: Path) -> str:
        return place_of(self._relative(path))


class _PaperLister(_Lister):
    def _add_rows(self, file: Path) -> None:
        self.listing.left_out.append(self._relative(file))


def _resolved(file: Path) -> Path | None:
    try:
        return file.resolve()
    except (OSError, RuntimeError):  # links that form a loop
        return None
