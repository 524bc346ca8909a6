"""`astrocorpus extract`: one paper to text."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import IO, Annotated

import typer

from curation.errors import PaperError, RunError, UserError
from curation.extract.latex import render_markdown
from curation.extract.router import extract_path
from pipelines.engine.store import Store


def extract(
    path: Annotated[Path, typer.Argument(help="A paper: folder, .tar.gz, .gz, .tex or .pdf.", metavar="PATH")],
    out: Annotated[Path | None, typer.Option("--out", help="Markdown file to write. Default: standard output.")] = None,
    references: Annotated[bool, typer.Option("--references", help="With the bibliography at the end.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="All fields (references, authors, warnings ...) as JSON.")
    ] = False,
) -> None:
    """Turn one paper into Markdown with LaTeX math, in the same sandbox as a run.

    The file holds title, abstract, body, acknowledgements and appendix. A run keeps the last two in columns of their own.

    Examples:

      astrocorpus extract papers/2301.00001.tar.gz --out paper.md

      astrocorpus extract paper/ --json
    """
    if not path.exists():
        raise UserError(f"{path} does not exist")
    try:
        found = extract_path(path)
    except PaperError as error:
        raise RunError(f"{path}: {error}") from error
    if as_json:
        body = json.dumps(dataclasses.asdict(found), ensure_ascii=False, indent=2) + "\n"
    else:
        body = render_markdown(found, references=references)
    if out is None:
        print(body, end="")
    else:
        Store(out.absolute().parent).write(out.name, lambda sink: _fill(sink, body))


def _fill(sink: IO[bytes], body: str) -> None:
    sink.write(body.encode())
