"""`make demo`: the built-in papers, or a folder of yours, from sources to a release with its account."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

from curation.errors import AstrocorpusError, UserError
from pipelines.config import load_config, parse_config
from pipelines.corpus import pipeline
from pipelines.engine.terminal import plain_console
from pipelines.launch import Options, launch
from pipelines.show_run import show_funnel

HERE = Path(__file__).parent
RUN = Path("runs/demo")


def main(arguments: list[str]) -> int:
    """Run the demo config, or its settings over the folder named first."""
    console = plain_console()
    try:
        if arguments:
            folder = Path(arguments[0]).absolute()
            config, run = (
                parse_config(
                    {"name": "demo", "sources": [{"name": "yours", "path": str(folder)}], "pairs": {}}, Path()
                ),
                Path(f"runs/demo-{hashlib.sha256(os.fsencode(folder)).hexdigest()[:8]}"),  # each folder its own
            )
        else:
            config, run = load_config(HERE / "demo.yaml"), RUN
        outcome = launch(pipeline(config), run, Options())
    except AstrocorpusError as error:
        console.print(f"{type(error).__name__}: {error}")
        return 2 if isinstance(error, UserError) else 1
    show_funnel(console, outcome.report, run)
    console.print(f"one paper's way: .venv/bin/astrocorpus trace {run} ID", soft_wrap=True, markup=False)
    return 0


if __name__ == "__main__":
    sys.exit(main([a for a in sys.argv[1:] if a]))
