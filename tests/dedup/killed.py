"""Runs `astrocorpus dedup` in a process that kills itself: python -m tests.dedup.killed N ARGUMENT...

N as in tests.engine.driver: odd, just before a rename; even, just after it.
"""

from __future__ import annotations

import sys

from pipelines.cli import main
from tests.engine.driver import kill_at

if __name__ == "__main__":
    kill_at(int(sys.argv[1]))
    sys.exit(main(sys.argv[2:]))
