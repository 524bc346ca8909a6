"""`astrocorpus extract`: papers to text."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import typer

from curation.errors import PaperError, RunError, UserError
from curation.extract.paper_reader import Ocr, PaperReader
from curation.extract.result import Extracted
from curation.sources.content import read_file, read_member
from curation.sources.members import member_at, name_in_tar, path_of
from curation.sources.paper_content import Content
from curation.sources.paper_file import check_paper
from curation.sources.paper_names import source_id_of
from pipelines.cli.outputs import check_folder, check_output, write_text
from pipelines.engine.terminal import json_text, show, show_text
from schemas import Reason

NAMED = 5
"""Files that are no papers and are named; of more, only the number is told."""


@dataclass(frozen=True)
class Paper:
    """A paper that was asked for: the folder that its member and its PDF lie in, and what its file is called."""

    root: Path
    member: str
    name: str
    pdf_member: str | None = None

    @property
    def path(self) -> Path:
        return self.root / path_of(self.member)


def extract(
    paths: Annotated[
        list[Path],
        typer.Argument(
            help="Papers, or folders of papers: folders of TeX, .tar.gz, .gz, .zip, .tex, .pdf.",
            metavar="PATH",
            readable=False,
        ),
    ],
    out: Annotated[Path | None, typer.Option("--out", help="Markdown file to write. Default: standard output.")] = None,
    out_dir: Annotated[Path | None, typer.Option("--out-dir", help="Folder for a file a paper, of any number.")] = None,
    references: Annotated[bool, typer.Option("--references", help="With the bibliography at the end.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="All fields (references, authors, warnings, pages ...) as JSON.")
    ] = False,
    backend: Annotated[
        Literal["pymupdf", "pypdfium2"],
        typer.Option("--backend", help="What reads PDFs. A page that it cannot read is asked of the other one, too."),
    ] = "pymupdf",
    ocr: Annotated[
        Ocr, typer.Option("--ocr", help="What reads pages of PDFs that are scans or have no text; none: they fail.")
    ] = "rapidocr",
    page: Annotated[
        list[str] | None,
        typer.Option("--page", help="Only this page of one PDF, or pages as 3-5; again for more.", metavar="N"),
    ] = None,
) -> None:
    """Turn papers into Markdown with LaTeX math, in the same sandbox as a run.

    The file holds the text that a run makes: title, abstract, body, acknowledgements and appendix. TeX is read before a PDF
    beside it. Pages that are scans are read by OCR, 3 to 5 CPU seconds each.
    One paper goes to standard output or --out; more go to --out-dir, and the exit code is 1 when one of them fails.
    A file that is there is replaced only when this command wrote it.

    Examples:

      astrocorpus extract papers/2301.00001.tar.gz --out paper.md

      astrocorpus extract paper/ --json

      astrocorpus extract papers/ --out-dir texts/

      astrocorpus extract paper.pdf --backend pypdfium2 --ocr none --page 3-5
    """
    pages = _numbers(page or [])
    if out is not None and out_dir is not None:
        raise UserError("give --out FILE for one paper, or --out-dir FOLDER for any number")
    if out is not None:
        check_output("--out", out, [p for p in paths if not p.is_dir()])
    if out_dir is not None:
        check_folder("--out-dir", out_dir, paths)
    papers, refused = _papers(paths)
    if not papers:
        raise refused[0]
    if out_dir is None and (count := len(papers) + len(refused)) > 1:
        raise UserError(f"these are {count:,} papers; give --out-dir FOLDER, which takes a file of each")
    if pages and out_dir is not None:
        raise UserError("--page is for one PDF, and --out-dir for any number of papers")
    reader = PaperReader(pdf_backend=backend, ocr=ocr)
    try:
        if out_dir is not None:
            _extract_all(reader, papers, refused, out_dir, references=references, as_json=as_json)
            return
        try:
            text = _text(reader, papers[0], references=references, as_json=as_json, pages=pages)
        except PaperError as error:
            raise RunError(f"{papers[0].path}: {error}") from error
        if out is None:
            show_text(text)
        else:
            write_text(out, text)
    finally:
        reader.close()


def _numbers(pages: Sequence[str]) -> list[int]:
    """Page numbers, from 0, of what `--page` says.

    Raises:
        UserError: it says no page.
    """
    found: set[int] = set()
    for said in pages:
        match = re.fullmatch(r"([1-9]\d{0,4})(?:-([1-9]\d{0,4}))?", said.strip())
        if match is None or int(match[2] or match[1]) < int(match[1]):
            raise UserError(f"--page {said}: give the number of a page, from 1, or the first and the last one, as 3-5")
        found.update(range(int(match[1]) - 1, int(match[2] or match[1])))
    return sorted(found)


def _papers(paths: Sequence[Path]) -> tuple[list[Paper], list[UserError]]:
    """All papers at the paths, each once, and why others are none."""
    found: dict[Path, Paper] = {}
    refused = []
    for path in paths:
        try:
            if not path.exists():
                raise UserError(f"{path} is not there; give a folder of TeX, an archive, a .tex or a .pdf file")
            found |= {paper.path: paper for paper in _papers_at(path.resolve())}
        except UserError as error:
            refused.append(error)
    return list(found.values()), refused


def _papers_at(path: Path) -> Iterator[Paper]:
    """Raises UserError when there is no paper, or a file is none."""
    if not path.is_dir():
        check_paper(path)
        yield Paper(path.parent, member_at(path.name), source_id_of(member_at(path.name), path.parent.name))
        return
    from curation.sources.listing import list_papers  # a single file needs none

    listing = list_papers(path)
    for name in listing.left_out[:NAMED]:
        show(f"no paper: {path.parent / name}", error=True)
    if (more := len(listing.left_out) - NAMED) > 0:
        show(f"no papers: {more:,} other files in {path}", error=True)
    if not listing.entries:
        raise UserError(f"the folder {path} holds no papers: no folders of TeX, .tar.gz, .gz, .tex or .pdf files")
    for entry in listing.entries:
        below = entry.member.partition("/")[2]
        name = source_id_of(below, path.name) if below else path.name
        yield Paper(path.parent, entry.member, name, entry.pdf_member)


def _extract_all(
    reader: PaperReader,
    papers: Sequence[Paper],
    refused: Sequence[UserError],
    out_dir: Path,
    *,
    references: bool,
    as_json: bool,
) -> None:
    """A file a paper; a paper that fails is told with its reason, and the others go on.

    Raises:
        RunError: papers failed, or something is no paper.
    """
    for reason in refused:
        show(f"refused: {reason}", error=True)
    failed = len(refused)
    for paper, name in zip(papers, _names(papers), strict=True):
        target = out_dir / f"{name}{'.json' if as_json else '.md'}"
        try:
            write_text(target, _text(reader, paper, references=references, as_json=as_json))
        except (PaperError, UserError) as error:
            failed += 1
            show(f"{paper.path}: failed: {error}", error=True)
        else:
            show(f"{paper.path}: {target}")
    if failed:
        total = len(papers) + len(refused)
        raise RunError(f"{failed:,} of {total:,} papers gave no text; the others are in {out_dir}")


def _names(papers: Sequence[Paper]) -> Iterator[str]:
    """A file name for each paper: its id, with a number where two papers have the same."""
    taken: set[str] = set()
    for paper in papers:
        base = re.sub(r"[^\w.+-]", "_", paper.name)[:150].lstrip(".") or "paper"
        name, n = base, 1
        while name.lower() in taken:
            n += 1
            name = f"{base}-{n}"
        taken.add(name.lower())
        yield name


def _text(reader: PaperReader, paper: Paper, *, references: bool, as_json: bool, pages: Sequence[int] = ()) -> str:
    """Raises UserError for a file of a folder that is no paper, PaperError for a paper without text."""
    if paper.path.is_file() and paper.pdf_member is None:
        check_paper(paper.path)
    beside = None if paper.pdf_member is None else partial(read_file, paper.root, paper.pdf_member)
    found = reader.read(_opened(paper), beside, pages=pages)
    if pages and not found.pages:
        raise UserError(f"--page is for PDFs, and {paper.path} was read by way of {found.route}")
    if not found.text.strip():
        raise PaperError(Reason.NO_TEXT, "no text was found")
    if as_json:
        return json_text(_fields(found, pages), indent=2) + "\n"
    listed = f"\n\n## References\n\n{found.references}" if references and found.references else ""
    return f"{found.text}{listed}\n"


def _fields(found: Extracted, pages: Sequence[int]) -> dict[str, object]:
    """All fields; pages with their numbers, from 1, and display equations by the names of their columns."""
    numbers = [number + 1 for number in pages] or range(1, len(found.pages) + 1)
    told = [{"page": n, **page._asdict()} for n, page in zip(numbers, found.pages, strict=True)]
    return {**dataclasses.asdict(found), "pages": told, "equations": [one._asdict() for one in found.equations]}


def _opened(paper: Paper) -> Content:
    """Raises PaperError: it cannot be read."""
    if name_in_tar(paper.member) is None:
        return read_member(paper.root, paper.member)
    from curation.sources.folder import FolderSource  # the config of a run comes with it

    return FolderSource(path=str(paper.root)).open({"member": paper.member, "pdf_member": None})
