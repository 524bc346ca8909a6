"""`astrocorpus extract`: one paper to text."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import IO, Annotated

import typer

from curation.errors import PaperError, RunError, UserError
from curation.extract.router import extract_path
from pipelines.engine.store import Store


def extract(
    path: Annotated[Path, typer.Argument(help="A paper: folder, .tar.gz, .gz, .tex or .pdf.", metavar="PATH")],
    out: Annotated[Path | None, typer.Option("--out", help="Markdown file to write. Default: standard output.")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="All fields (references, authors, warnings ...) as JSON.")
    ] = False,
) -> None:
    """Turn one paper into Markdown with LaTeX math, in the same sandbox as a run.

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
    text = json.dumps(dataclasses.asdict(found), ensure_ascii=False, indent=2) if as_json else found.text
    body = text if text.endswith("\n") else text + "\n"
    if out is None:
        print(body, end="")
    else:
        Store(out.absolute().parent).write(out.name, lambda sink: _fill(sink, body))


def _fill(sink: IO[bytes], body: str) -> None:
    sink.write(body.encode())
