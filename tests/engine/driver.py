"""Runs a pipeline in a process of its own: python -m tests.engine.driver SOURCE RUN EXECUTOR WORKERS [KILL_AT].

SOURCE is a folder of .txt files for the small pipeline of these tests, or a config for the whole chain. With KILL_AT = n
the process kills itself with SIGKILL just before (odd n) or after (even n) a file appears, by a rename or a put: there are
two moments a file.
"""

from __future__ import annotations

import itertools
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from curation.place.s3 import S3Place
from pipelines.config import load_config
from pipelines.corpus import pipeline
from pipelines.launch import Options, launch
from tests.engine.steps import text_pipeline


def kill_at(n: int) -> None:
    asked, moments = S3Place.asked, itertools.count(1)

    def watched(call: Callable[..., Any]) -> Callable[..., Any]:
        def appear(*args: object, **kwargs: object) -> Any:
            if next(moments) == n:
                os.kill(os.getpid(), signal.SIGKILL)
            answer = call(*args, **kwargs)
            if next(moments) == n:
                os.kill(os.getpid(), signal.SIGKILL)
            return answer

        return appear

    def asks(self: S3Place, operation: str) -> Callable[..., Any]:
        call = asked(self, operation)
        return watched(call) if operation in ("put_object", "complete_multipart_upload") else call

    os.replace, os.link = watched(os.replace), watched(os.link)
    S3Place.asked = asks


if __name__ == "__main__":
    source, run, executor, workers, *rest = sys.argv[1:]
    if rest:
        kill_at(int(rest[0]))
    chosen = pipeline(load_config(Path(source))) if source.endswith(".yaml") else text_pipeline(Path(source))
    launch(chosen, run, Options(executor=executor, workers=int(workers)))
