"""`astrocorpus doctor`: what this machine has, and what that means."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import psutil
import typer
from rich.table import Column, Table

from curation.artefact import artefacts_of
from curation.confine.sandbox import Sandbox
from curation.driver_step import DriverStep
from curation.errors import AstrocorpusError, RunError, UserError
from curation.extract.pandoc import find_pandoc
from curation.place import Place, is_address, open_place
from curation.quality.language import MODEL_FILE, model_sha256
from curation.sources.source import Source
from pipelines.engine.terminal import plain_console

NEEDED = ("msgpack", "numpy", "polars", "psutil", "pyarrow", "pydantic", "pymupdf", "pyyaml", "rich", "typer", "xxhash")
OPTIONAL = {
    "numba": "near duplicates",
    "fasttext-community": "language",
    "rapidocr": "OCR of scanned pages",
    "ray": "clusters",
    "boto3": "S3",
    "httpx": "arXiv's metadata by OAI-PMH",
    "lxml": "arXiv's manifests and metadata",
    "huggingface-hub": "Hub",
    "xllamacpp": "the embedded language model",
    "pypdfium2": "PDF without the AGPL",
}
MIN_FREE_BYTES = 2 * 2**30


def doctor(
    config: Annotated[
        Path | None,
        typer.Argument(help="A corpus whose artefacts and stores are looked at, too.", metavar="[CONFIG.yaml]"),
    ] = None,
    place: Annotated[
        str | None, typer.Option(help="A folder or s3://bucket/prefix that is asked for its files.", metavar="PLACE")
    ] = None,
) -> None:
    """Check this machine: Python, packages, programs, artefacts, credentials, memory, disk, byte code. Exit code 1 when a run cannot work.

    Examples:

      astrocorpus doctor

      astrocorpus doctor corpus.yaml

      astrocorpus doctor --place s3://my-lab/runs
    """
    table = Table(
        "",
        Column("what", overflow="fold"),
        Column("found", overflow="fold"),
        Column("meaning", overflow="fold"),
        box=None,
    )
    broken = False
    for ok, what, found, meaning in [
        *_machine(),
        *_confinement(),
        *_packages(),
        *_programs(),
        *_credentials(),
        *_config(config),
        *([_listed("place", open_place(place))] if place is not None else ()),
    ]:
        broken |= ok is False
        table.add_row({True: "ok", False: "NO", None: "-"}[ok], what, found, meaning)
    plain_console().print(table)
    if broken:
        raise typer.Exit(1)


def _machine() -> list[tuple[bool | None, str, str, str]]:
    free = shutil.disk_usage(Path.cwd()).free
    memory = psutil.virtual_memory().total
    cpus = len(os.sched_getaffinity(0))
    no_pyc = sys.dont_write_bytecode
    return [
        (sys.version_info >= (3, 11), "python", platform.python_version(), "3.11 or newer"),
        (sys.platform.startswith("linux"), "system", platform.system(), "limits on hostile papers need Linux"),
        (True, "cpus", str(cpus), "workers of the local executor"),
        (memory > 4 * 2**30, "memory", f"{memory / 2**30:.0f} GiB", "2 GiB a worker for hostile papers"),
        (free > MIN_FREE_BYTES, "disk here", f"{free / 2**30:.0f} GiB free", "a run keeps text and shards"),
        (
            None if no_pyc else True,
            "byte code",
            "off" if no_pyc else "on",
            "unset PYTHONDONTWRITEBYTECODE: Ray starts slowly without",
        ),
    ]


def _packages() -> list[tuple[bool | None, str, str, str]]:
    rows: list[tuple[bool | None, str, str, str]] = []
    for name in NEEDED:
        found = _version(name)
        rows.append((found is not None, name, found or "missing", "needed" if found else "needed: make install"))
    for name, use in OPTIONAL.items():
        found = _version(name)
        rows.append((True if found else None, name, found or "not installed", use))
    return rows


def _confinement() -> list[tuple[bool | None, str, str, str]]:
    """What holds a child that reads papers, asked of a real one."""
    try:
        with Sandbox() as sandbox:
            held = sandbox.confinement
    except RunError as error:
        return [(False, "papers' child", "does not start", str(error))]
    return [
        (True, "papers' files", held.files, "a hostile paper opens no file")
        if held.files != "none"
        else (None, "papers' files", "none", "this kernel holds no paper back: limits and an empty environment remain"),
        (True, "papers' network", held.network, "and reaches no server")
        if held.network != "none"
        else (None, "papers' network", "none", "this kernel closes no network"),
    ]


def _programs() -> list[tuple[bool | None, str, str, str]]:
    programs = {
        "pandoc": (find_pandoc(), "a second route for LaTeX that fails"),
        "tesseract": (shutil.which("tesseract"), "a second OCR engine"),
    }
    return [(True if path else None, name, path or "not installed", use) for name, (path, use) in programs.items()]


def _credentials() -> list[tuple[bool | None, str, str, str]]:
    """Whether boto3 finds credentials for S3, and by which way; what they are is shown nowhere."""
    with suppress(ModuleNotFoundError):
        import boto3
        from botocore.exceptions import BotoCoreError

        what, meaning = (
            "S3 credentials",
            "for s3:// and arXiv's bucket: set AWS_PROFILE, AWS_ACCESS_KEY_ID ..., or give the machine a role",
        )
        try:
            found = boto3.session.Session().get_credentials()
            if found is None:
                return [(None, what, "none", meaning)]
            found.get_frozen_credentials()  # renews those that end
        except BotoCoreError as error:  # a profile that is not there, a role or token that has ended
            return [(None, what, f"not to be used ({type(error).__name__})", meaning)]
        return [(True, what, f"found by {found.method}", "what they may do is seen at a place: doctor CONFIG.yaml")]
    return []


def _config(config: Path | None) -> list[tuple[bool | None, str, str, str]]:
    """Artefacts, those that are shipped and those that a config names by digest; and whether its sources and engines are there."""
    found = []
    with suppress(UserError):  # not installed: a run says so
        found += [(MODEL_FILE, model_sha256(), "tells the language of a text")]
    places: list[tuple[bool | None, str, str, str]] = []
    if config is not None:
        from pipelines.config import load_config
        from pipelines.config_errors import of_config
        from pipelines.corpus import pipeline

        loaded = load_config(config)
        with of_config(str(config)):
            run = pipeline(loaded)
        steps = {source.source: source for source in run.sources} | {
            stage.step.name: stage.step for stage in run.stages
        }
        for name, step in steps.items():
            found += [(key, sha256, "pinned in the config") for key, sha256 in artefacts_of(step.identity(), name)]
        places = [row for source in run.sources for row in _places(source)]
        places += [_engine(step) for step in steps.values() if isinstance(step, DriverStep)]
    return [*((True, f"artefact {key}", sha256[:16], use) for key, sha256, use in found), *places]


def _engine(step: DriverStep) -> tuple[bool | None, str, str, str]:
    """Whether what a stage needs to ask its engine is there; nothing is asked."""
    try:
        step.check_engine()
    except UserError as error:
        return (False, f"engine of {step.name}", "missing", str(error))
    return (
        True,
        f"engine of {step.name}",
        "there",
        "its key, or its model, is there; whether it answers is seen in a run",
    )


def _places(source: Source) -> Iterator[tuple[bool | None, str, str, str]]:
    """Whether the store of a source lets us list it; whether its folder and its metadata are there."""
    if is_address(source.path):
        place = open_place(source.path, requester_pays=getattr(source, "requester_pays", False))
        ok, what, found, meaning = _listed(f"source {source.source}", place)
        yield (False if ok is None else ok, what, found, meaning)
    local = {"path": source.path, "metadata": source.metadata}
    for key, path in local.items():
        if path is not None and not is_address(path):
            is_there = os.access(path, os.R_OK)
            meaning = "can be read" if is_there else f"is not there, or may not be read; mend the source's `{key}`"
            yield (is_there, f"source {source.source}", path, meaning)


def _listed(what: str, place: Place) -> tuple[bool | None, str, str, str]:
    """Whether a place lets us list it; None where it does and holds nothing."""
    try:
        first = next(place.list(), None)
    except (AstrocorpusError, OSError) as error:
        return (False, what, place.uri, str(error))
    return (True if first else None, what, place.uri, "can be listed" if first else "holds nothing")


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
