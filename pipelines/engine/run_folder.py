"""What may be a run folder: nothing yet, or what a run left there."""

from __future__ import annotations

from pathlib import Path

from curation.errors import UserError
from curation.sources.ours import RUN, TRACES, kind_of_own
from pipelines.engine.gc import is_stage
from pipelines.engine.store import TEMP_PREFIX


def check_run_folder(root: Path) -> None:
    """Refuse a folder of other things: a run removes temporary files below it, and its source may be what lies there.

    Raises:
        UserError: the folder holds something and no run, or that cannot be told.
    """
    try:
        if not root.is_dir() or kind_of_own(root, ("run.json",)) == RUN:
            return
    except OSError as error:
        raise UserError(f"{root} cannot be told for a run folder: run.json cannot be read: {error.strerror}") from error
    held = sorted(root.iterdir())
    stages = [path for path in held if path.is_dir() and is_stage(path)]
    # a run that was killed before its first word, or whose run.json was spoiled, is told by its stages
    known = {".lock", TRACES, *(("run.json", "report.json") if stages else ())}
    strange = [p for p in held if p not in stages and p.name not in known and not p.name.startswith(TEMP_PREFIX)]
    if strange:
        raise UserError(
            f"{root} is no run folder: it holds {strange[0].name!r} and no run.json of a run. "
            "Give --run a folder of its own, new or empty"
        )
