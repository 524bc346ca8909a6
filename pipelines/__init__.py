"""What runs: configs become stages, stages become tables in a run folder.

Arrow takes its memory from the system's allocator here, unless ARROW_DEFAULT_MEMORY_POOL says another. The one it has by default
(mimalloc) keeps what it once took, apart for each thread that reads: a driver that closed a run of 200,000 rows held 275 bytes a
row more than at 40,000 rows, against 55 with the system's, for the same CPU (`tests.benchmarks.scale`). Arrow asks once, when it
is loaded, so this stands before all else.
"""

import os

os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
