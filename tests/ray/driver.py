"""Runs the small text pipeline on Ray in a process of its own: python -m tests.ray.driver TEXTS RUN STEP MAX_TASK_S.

A process joins one cluster, with the token that it was started with. STEP is the class of tests.engine.steps that makes the
documents, with its config as JSON: `DiesOnce{"mark": "/tmp/died"}`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from curation.errors import AstrocorpusError
from pipelines import launch
from pipelines.engine.ray import RayExecutor
from tests.engine import steps

if __name__ == "__main__":
    texts, run, step, max_task_s = sys.argv[1:]
    name, brace, config = step.partition("{")
    documents = getattr(steps, name)(**json.loads(brace + config or "{}"))
    launch.make_executor = lambda name, workers: RayExecutor(max_task_s=float(max_task_s))
    try:
        launch.launch(steps.text_pipeline(Path(texts), documents=documents), Path(run), launch.Options(executor="ray"))
    except AstrocorpusError as error:
        sys.exit(f"{type(error).__name__}: {error}")
