"""What a step does once on each machine in a run."""

from __future__ import annotations

import fcntl
import platform

from curation.artefact import placed_config
from curation.place.own import own_folder
from curation.step import Step
from pipelines.engine.fingerprint import digest


def set_up_once(step: Step, run_id: str) -> None:
    """Call `Step.set_up`, unless a process of this machine did in the same run; others wait for the one that does.

    Args:
        run_id: another one for each run; without one nothing is set up.
    """
    if not run_id or type(step).set_up is Step.set_up:
        return
    folder = own_folder() / "set-up"  # machines may share it
    folder.mkdir(mode=0o700, exist_ok=True)
    name = digest([platform.node(), type(step).__module__, type(step).__qualname__, placed_config(step)])[:32]
    with (folder / name).open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        if file.read() != run_id:
            step.set_up()
            file.seek(0)
            file.truncate()
            file.write(run_id)
