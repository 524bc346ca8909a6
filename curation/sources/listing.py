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
   `id` and `text` are a paper each, and so are the members of a tar of papers, as arXiv ships them in bulk
   (`curation.sources.tar_members.is_container`). Whatever else lies there is an entry too, which becomes a failed row.
4. A folder named like a paper (`2301.00009/`, `dir.tar.gz/`) in which none is found is an entry, which fails, and so is a
   folder more than 100 folders deep.
5. Left out: what we wrote in runs, releases and indexes of our own at any depth (`curation.sources.ours`), hidden files, README, LICENSE,
   manifest and metadata files by name (unless their rows have id and text), LaTeX companions and figures outside of a paper,
   empty folders; in a tar of papers, too. They are named in `Listing.left_out`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path, PurePosixPath

from curation.confine.sandbox import Sandbox
from curation.errors import NoPapersError, PaperError, UserError
from curation.faults import cannot_be_read, is_away
from curation.sources.content import MAX_DEPTH
from curation.sources.data_file import is_data_file
from curation.sources.looks import Look
from curation.sources.members import path_of
from curation.sources.ours import RUN, kind_of_own, refuse_in_a_run
from curation.sources.paper_names import (
    COMPANIONS,
    is_named_like_a_paper,
    main_order,
    stem_of,
)
from curation.sources.tar_members import list_tar, open_tar
from curation.sources.unit import Entry, Listing, stretches_of


def root_of(path: Path) -> Path:
    """Where the members of a source lie: the folder itself, or that of the file which is the source."""
    return path.resolve().parent if path.is_file() else path


def list_folder(path: Path, skip: frozenset[Path] = frozenset()) -> Iterator[Listing]:
    """Every paper below a folder, or those of a single file, by the stretch; what was left out comes last.

    What is held meanwhile are the names in the folders on the way down, and PDFs that wait for a folder of their name.

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
        raise NoPapersError(f"{root} {what}; mend the source's path in the config")
    with Sandbox() as sandbox:
        lister = _Lister(root, skip, sandbox)
        if path.is_file():
            yield from stretches_of(lister.collect([], [path.resolve()]))
        else:
            try:
                os.scandir(root).close()
            except OSError as error:
                raise NoPapersError(f"{root} cannot be read: {error.strerror}; mend its permissions") from error
            yield from stretches_of(lister.visit(root))
    if is_away(root):
        raise NoPapersError(f"{root} is empty" if root.is_dir() else f"{root} is gone")
    yield lister.told()


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
        return Listing.whole([*stretches_of(lister.visit(folder)), lister.told()])


class _Lister:
    def __init__(self, root: Path, skip: frozenset[Path], sandbox: Sandbox) -> None:
        self.look = Look(root, sandbox)
        self.root = root
        self.skip = skip
        self.sandbox = sandbox
        self.left_out: list[str] = []
        self.in_run = kind_of_own(root, ("run.json",)) == RUN
        """Papers were put into a run folder; a release that is named itself is read."""

    def told(self) -> Listing:
        """What was left out, sorted; folders of our own come first, so that they are named."""
        return Listing([], [*sorted(self.look.own.values()), *sorted(self.left_out)], self.look.unreadable)

    def visit(self, folder: Path) -> Iterator[Entry]:
        """The papers in a folder."""
        if len(folder.relative_to(self.root).parts) > MAX_DEPTH:
            yield self.look.entry(folder)
            return
        try:
            children = sorted(os.scandir(folder), key=lambda e: e.name)
        except OSError as error:
            yield self.look.unseen(folder, error)
            return
        hidden: list[os.DirEntry[str]] = []
        shown: list[os.DirEntry[str]] = []
        for child in children:
            (hidden if child.name.startswith(".") or child.name == "__MACOSX" else shown).append(child)
        try:
            own = self.look.own_folder(folder, [c.name for c in shown]) if folder != self.root or self.in_run else None
        except OSError as error:
            yield self.look.unseen(folder, error)
            return
        if own is not None:
            for _, beside in groupby(own.strangers, key=lambda file: file.parent):
                yield from self.collect([], list(beside))
            return
        self.left_out += [self.look.relative(Path(c.path)) for c in hidden]
        dirs = [Path(c.path) for c in shown if c.is_dir(follow_symlinks=False)]
        files = [Path(c.path) for c in shown if not c.is_dir(follow_symlinks=False)]
        del children, hidden, shown
        paper = self.look.one_paper(folder, dirs, files)
        if paper is not None:
            yield paper
        else:
            yield from self.collect(dirs, files)

    def collect(self, dirs: list[Path], files: list[Path]) -> Iterator[Entry]:
        """The papers of a collection: one for each file or group of files, and what lies in its folders."""
        groups, data_files, tars, unseen = self._grouped(files)
        yield from unseen
        alone = {stem for stem, group in groups.items() if len(group) == 1 and group[0].suffix.lower() == ".pdf"}
        waiting: dict[str, Entry] = {}
        hollow: list[Path] = []
        for folder in dirs:
            for entry in self._below(folder, hollow):
                name = PurePosixPath(path_of(entry.member)).name if alone and "#" not in entry.member else ""
                if name not in alone:
                    yield entry
                    continue
                if (earlier := waiting.get(name)) is not None:  # the last of one name gets the PDF
                    yield earlier
                waiting[name] = entry
        for file in data_files:
            yield from self._rows(file)
        for file in tars:
            yield from self._members(file)
        yield from (self.look.entry(folder) for folder in hollow if folder.name not in groups)
        for stem, group in groups.items():
            yield from self._papers_of(group, waiting.get(stem))

    def _grouped(self, files: list[Path]) -> tuple[dict[str, list[Path]], list[Path], list[Path], list[Entry]]:
        """Files of a collection by stem, data files, tars of papers, and links of which cannot be told where they lead."""
        groups: dict[str, list[Path]] = {}
        data_files: list[Path] = []
        tars: list[Path] = []
        unseen: list[Entry] = []
        for file in files:
            try:
                if file.is_symlink() and (own := self.look.own_folder(file)) and not own.strangers:
                    continue
            except OSError as error:
                unseen.append(self.look.unseen(file, error))
                continue
            if _resolved(file) in self.skip or self.look.is_stray(file) or file.suffix.lower() in COMPANIONS:
                self.left_out.append(self.look.relative(file))
            elif is_data_file(file.name):
                data_files.append(file)
            elif self.look.holds_papers(file):
                tars.append(file)
            else:
                groups.setdefault(stem_of(file.name), []).append(file)
        return groups, data_files, tars, unseen

    def _papers_of(self, group: list[Path], folder: Entry | None) -> Iterator[Entry]:
        """The papers of files with one stem, and of the folder whose name that is."""
        group.sort(key=lambda f: main_order(f.name))
        pdf = group[-1] if group[-1].suffix.lower() == ".pdf" else None
        if folder is not None:
            if pdf and folder.pdf_member is None and (self.root / path_of(folder.member)).is_dir():
                yield self.look.with_pdf(folder, pdf)
                return
            yield folder
        if pdf and len(group) > 1:
            yield self.look.entry(group[0], pdf)
            group = group[1:-1]
        yield from map(self.look.entry, group)

    def _below(self, folder: Path, hollow: list[Path]) -> Iterator[Entry]:
        """The papers in a folder; one that is named like a paper and holds none is hollow."""
        named = len(self.left_out) + len(self.look.own)
        is_hollow = True
        for entry in self.visit(folder):
            is_hollow = False
            yield entry
        if not is_hollow or folder in self.look.own:
            return
        if is_named_like_a_paper(folder):
            hollow.append(folder)
        elif len(self.left_out) + len(self.look.own) == named:
            self.left_out.append(f"{self.look.relative(folder)}/")

    def _rows(self, file: Path) -> Iterator[Entry]:
        from curation.sources.row_entries import list_rows  # with numpy; few folders hold data files

        is_found = False
        try:
            if file.resolve(strict=True).is_relative_to(self.root.resolve()) and file.is_file():
                for entry in list_rows(file, self.look.member(file), self.sandbox):
                    is_found = True
                    yield entry
        except RuntimeError:  # links that form a loop
            pass
        except (OSError, PaperError) as error:
            self.look.note(file, error)
        if not is_found:
            yield self.look.entry(file)

    def _members(self, file: Path) -> Iterator[Entry]:
        """The papers in a tar."""
        place = self.look.member(file)
        try:
            with open_tar(file) as tar:
                yield from list_tar(tar, place, self.left_out)
        except OSError as error:
            self.look.note(file, error)
            yield Entry.failed(place, cannot_be_read(error, place))


class _PaperLister(_Lister):
    def _members(self, file: Path) -> Iterator[Entry]:
        return self._rows(file)

    def _rows(self, file: Path) -> Iterator[Entry]:
        self.left_out.append(self.look.relative(file))
        return iter(())


def _resolved(file: Path) -> Path | None:
    try:
        return file.resolve()
    except (OSError, RuntimeError):  # links that form a loop
        return None
