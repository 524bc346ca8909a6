"""Runs a pipeline in a process of its own: python -m tests.engine.driver SOURCE RUN EXECUTOR WORKERS [KILL_AT].

SOURCE is a folder of .txt files for the small pipeline of these tests, or a config for the whole chain. With KILL_AT = n
the process kills itself with SIGKILL just before (odd n) or after (even n) a rename: there are two moments a file.
"""

from __future__ import annotations

import itertools
import os
import signal
import sys
from pathlib import Path

from pipelines.config import load_config
from pipelines.corpus import pipeline
from pipelines.launch import Options, launch
from tests.engine.steps import text_pipeline


def kill_at(n: int) -> None:
    rename, moments = os.replace, itertools.count(1)

    def replace(source: object, target: object) -> None:
        if next(moments) == n:
            os.kill(os.getpid(), signal.SIGKILL)
        rename(source, target)
        if next(moments) == n:
            os.kill(os.getpid(), signal.SIGKILL)

    os.replace = replace


if __name__ == "__main__":
    source, run, executor, workers, *rest = sys.argv[1:]
    if rest:
        kill_at(int(rest[0]))
    chosen = pipeline(load_config(Path(source))) if source.endswith(".yaml") else text_pipeline(Path(source))
    launch(chosen, Path(run), Options(executor=executor, workers=int(workers)))
