"""What may be a run folder: nothing yet, or what a run left there."""

from __future__ import annotations

import json
from typing import Any

from curation.errors import UserError
from curation.sources.ours import ENGINES, STAGE, TRACES, is_run
from pipelines.engine.gc import is_stage
from pipelines.engine.store import LOCK, Store

RUN_FILES = ("run.json", "report.json")


def check_run_folder(store: Store) -> None:
    """Refuse a folder of other things: a run removes temporary files below it, and its source may be what lies there.

    Raises:
        UserError: the folder holds something and no run, or that cannot be told.
    """
    there = store.place.children()
    files = [file.name for file in there.files]
    if is_run(_run_json(store)) and (LOCK in files or any(map(STAGE.fullmatch, there.folders))):
        return
    stages = [folder for folder in there.folders if is_stage(store, folder)]
    # a run that was killed before its first word, or whose run.json was spoiled, is told by its stages
    known = {LOCK, TRACES, ENGINES, f".{ENGINES}", *(RUN_FILES if stages else ()), *stages}
    if strange := sorted({*files, *there.folders} - known):
        raise UserError(
            f"{store.uri} is no run folder: it holds {strange[0]!r} and no run.json of a run. "
            "Give --run a folder of its own, new or empty"
        )


def _run_json(store: Store) -> Any:
    try:
        return json.loads(store.place.read("run.json"))
    except (FileNotFoundError, IsADirectoryError, ValueError, RecursionError):
        return None
    except OSError as error:
        raise UserError(
            f"{store.uri} cannot be told for a run folder: run.json cannot be read: {error.strerror}"
        ) from error
