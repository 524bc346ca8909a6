"""`astrocorpus artefact`: files that a config names, learned from documents."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from curation.errors import UserError
from pipelines.cli.inputs import check_release, local_paths
from pipelines.cli.outputs import check_output
from pipelines.engine.terminal import show

QUESTIONS, WITHHELD_TEXTS = "questions", "withheld-texts"


def artefact(
    kind: Annotated[
        str, typer.Argument(help="What is learned: boilerplate, phrases, questions, or withheld-texts.", metavar="KIND")
    ],
    docs: Annotated[
        list[str],
        typer.Argument(
            help="Documents: files, a folder, a glob or a release; of questions a release with pairs, of withheld-texts the run folder.",
            metavar="DOCS",
        ),
    ],
    out: Annotated[Path, typer.Option(help="File to write; a config names it.")],
    tier: Annotated[str | None, typer.Option(help="Of a release, what is in this tier.")] = None,
    set_: Annotated[list[str] | None, typer.Option("--set", help="What counts: --set min_docs=50.")] = None,
) -> None:
    """Learn an artefact from documents: what later runs know, pinned by its content.

    Examples:

      astrocorpus artefact boilerplate runs/first/release-1a2b3c4d --tier research --out notices.parquet

      astrocorpus artefact boilerplate docs.jsonl.zst --out notices.parquet --set min_docs=50

      astrocorpus artefact questions runs/first/release-1a2b3c4d --out asked.parquet

      astrocorpus artefact withheld-texts runs/first --out withheld.parquet
    """
    from pipelines.artefacts import KINDS, make_artefact
    from pipelines.config_errors import validated
    from pipelines.document_files import find_documents
    from pipelines.overrides import override_value

    if kind == WITHHELD_TEXTS:
        _withheld_texts(docs, out, tier, set_)
        return
    if kind == QUESTIONS:
        _questions(docs, out, tier, set_)
        return
    if kind not in KINDS:
        raise UserError(f"no kind of artefact {kind!r}; kinds: {', '.join((*KINDS, QUESTIONS, WITHHELD_TEXTS))}")
    value: dict[str, object] = {}
    for override in set_ or []:
        override_value(value, override)
    step = validated(KINDS[kind], value, f"artefact {kind}", Path.cwd())
    documents = find_documents(docs, tier)
    for place in documents.left_out:
        show(f"not read: {place} is a run, a release or an index", error=True)
    check_output("--out", out, [*local_paths(docs), *(file.path for file in documents.files if file.path)])
    _check_kind(out, kind)
    written, rows = make_artefact(kind, step, documents, out)
    show(f"{out}: {rows:,} rows, sha256 {written.sha256}")


def _withheld_texts(runs: Sequence[str], out: Path, tier: str | None, set_: Sequence[str] | None) -> None:
    """An index of the works that a run withheld: it is made of a run, which alone knows them."""
    from pipelines.engine.run_tables import RunTables
    from pipelines.engine.store import open_store
    from pipelines.withheld_texts import make_withheld_texts

    if len(runs) != 1 or tier is not None or set_:
        raise UserError(f"artefact {WITHHELD_TEXTS} is made of one run folder, whole: without --tier and --set")
    tables = RunTables(open_store(runs[0]))
    check_output("--out", out, local_paths(runs))
    _check_kind(out, WITHHELD_TEXTS)
    written, rows, works = make_withheld_texts(tables, out)
    for name, count in works.items():
        show(f"{name}: {count:,} withheld works")
    show(f"{out}: {rows:,} hashes, sha256 {written.sha256}; name it as `texts: {out}` at the benchmark of that name")


def _questions(releases: Sequence[str], out: Path, tier: str | None, set_: Sequence[str] | None) -> None:
    """The questions that a release asked."""
    from curation.place import open_place
    from pipelines.released_questions import make_questions

    if len(releases) != 1 or set_:
        raise UserError(f"artefact {QUESTIONS} is made of one release, without --set")
    place = open_place(releases[0])
    check_release(place)
    check_output("--out", out, local_paths(releases))
    _check_kind(out, QUESTIONS)
    written, rows = make_questions(place, tier, out)
    show(f"{out}: {rows:,} questions, sha256 {written.sha256}; name it as `pairs: {{doubles: {{released: {out}}}}}`")


def _check_kind(out: Path, kind: str) -> None:
    """Raises UserError when a file is there that is no artefact of the kind."""
    from pipelines.artefacts import kind_of

    if out.exists() and kind_of(out) != kind:
        raise UserError(f"--out {out} is there and is no artefact of kind {kind}; remove it or give another name")
