"""What the names of files and folders say of papers: suffixes, stems, ids, which of several files is the main one."""

from __future__ import annotations

import re
from pathlib import Path, PurePath, PurePosixPath

from curation.identity import parse_arxiv_id
from curation.sources.kinds import TEX_SUFFIXES
from curation.sources.members import id_of_row, name_in_tar, path_of, row_of

SOURCE_FOLDERS = ("source", "sources", "src", "tex", "latex")
GENERIC_STEMS = frozenset(
    {*SOURCE_FOLDERS, "arxiv", "single", "paper", "main", "ms", "article", "manuscript", "submission"}
)
"""Names that name no paper; the folder's name does."""
ARCHIVE_SUFFIXES = (
    ".tar.gz",
    ".tgz",
    ".tar",
    ".gz",
    ".tar.bz2",
    ".tbz2",
    ".tbz",
    ".bz2",
    ".tar.xz",
    ".txz",
    ".xz",
    ".zip",
)
PAPER_SUFFIXES = (*ARCHIVE_SUFFIXES, *TEX_SUFFIXES, ".pdf")
COMPANIONS = frozenset(
    {".bbl", ".bib", ".bst", ".cls", ".sty", ".clo", ".aux", ".log", ".out", ".toc", ".png", ".jpg", ".jpeg", ".gif"}
    | {".svg", ".eps", ".py", ".ipynb", ".sh", ".yml", ".yaml", ".toml", ".cfg", ".ini", ".md5", ".sha256"}
)
STRAY = re.compile(
    r"(?:readme|arxiv_(?:src|pdf)_manifest|licen[cs]e|copying|notice|citation|changelog|authors|contributors|manifest|metadata|arxiv-metadata"
    r"|makefile|checksums?|sha256sums?|md5sums?|thumbs\.db|desktop\.ini|__macosx)(?:[^a-z0-9].*)?",
    re.IGNORECASE,
)


def stem_of(name: str) -> str:
    """A file name without the suffixes of papers: `2301.00001v2.tar.gz` is `2301.00001v2`."""
    for suffix in sorted((*PAPER_SUFFIXES, ".txt", ".md", ".html", ".htm", ".ps", ".ps.gz"), key=len, reverse=True):
        if name.lower().endswith(suffix) and len(name) > len(suffix):
            return name[: -len(suffix)]
    return name


def source_id_of(member: str, root_name: str) -> str:
    """The id that a member's name carries: stem, folder name, or both for old arXiv ids (`astro-ph/9901001`, which arXiv's tars
    spell `astro-ph9901001`); a row's own."""
    if row := row_of(member):
        return id_of_row(row)
    path = path_of(member) if (name := name_in_tar(member)) is None else name
    parts = [p for p in PurePosixPath(path).parts if p != "."] or [root_name]
    parts[-1] = stem_of(parts[-1])
    while len(parts) > 1 and parts[-1].lower() in GENERIC_STEMS:
        parts.pop()
    if len(parts) > 1 and parse_arxiv_id(parts[-1]) is None and parse_arxiv_id("/".join(parts[-2:])):
        return "/".join(parts[-2:])
    squashed = parse_arxiv_id(parts[-1]) if name is not None else None
    return str(squashed) if squashed else parts[-1]


def is_paper(name: str) -> bool:
    """Whether a file of this name may be a paper."""
    return name.lower().endswith(PAPER_SUFFIXES)


def is_named_like_a_paper(folder: Path) -> bool:
    """Whether a folder has the name of a paper's file, or an arXiv id."""
    return is_paper(folder.name) or parse_arxiv_id(folder.name) is not None


def is_generic(file: Path) -> bool:
    """Whether a paper's file has a name that names no paper."""
    return is_paper(file.name) and stem_of(file.name).lower() in GENERIC_STEMS


def names_a_paper(file: PurePath) -> bool:
    """True for `2301.00001.gz`, and for `9901001.gz` in a folder `astro-ph`."""
    stem = stem_of(file.name)
    return is_paper(file.name) and bool(parse_arxiv_id(stem) or parse_arxiv_id(f"{file.parent.name}/{stem}"))


def source_order(folder: Path) -> int:
    """The place of a folder among SOURCE_FOLDERS."""
    return SOURCE_FOLDERS.index(folder.name.lower())


def main_order(name: str) -> tuple[int, str]:
    """Archives first, then TeX, then text, then what we cannot read, a PDF last."""
    lower = name.lower()
    for rank, suffixes in enumerate((ARCHIVE_SUFFIXES, TEX_SUFFIXES, (".txt", ".md"))):
        if lower.endswith(suffixes):
            return rank, name
    return (9 if lower.endswith(".pdf") else 5), name


def pdf_of(folder: Path, files: list[Path], tex: list[Path] | None = None) -> Path | None:
    """The paper's own PDF: by its name; in a folder without TeX files also the only one there is."""
    pdfs = [f for f in files if f.name.lower().endswith(".pdf")]
    if tex is None and len(pdfs) == 1:
        return pdfs[0]
    names = [folder.name.lower(), "paper", "main", "ms", "article", "manuscript"]
    if tex and len(tex) == 1:
        names.insert(0, tex[0].stem.lower())
    by_name = {f.stem.lower(): f for f in reversed(pdfs)}
    return next((by_name[name] for name in names if name in by_name), None)
