"""What a child finds around itself: its environment, and the code that it may read."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

HELPERS = ("pandoc", "tesseract")
"""Programs that the child may start, wherever they lie."""
KEPT = (
    *("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "LD_LIBRARY_PATH", "TESSDATA_PREFIX"),
    *("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "PYTHONHASHSEED", "PYTHONDONTWRITEBYTECODE"),
)
"""Environment variables of the parent that the child has too: none that holds a secret anywhere."""
THREADS = ("OMP_NUM_THREADS", "OMP_THREAD_LIMIT", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "ARROW_NUM_THREADS")


def environment() -> dict[str, str]:
    """What the child needs to find its code, and nothing else: a worker may have got the code by another way than
    installation, so the import path is this process's own."""
    here = str(Path(__file__).resolve().parent.parent.parent)
    path = dict.fromkeys([here, *(p for p in sys.path if Path(p).is_absolute())])
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    own = {"PYTHONPATH": os.pathsep.join(path), "PYTHONUNBUFFERED": "1", "HOME": "/"}
    return kept | dict.fromkeys(THREADS, "1") | own


def readable(packages: Sequence[str]) -> list[str]:
    """Folders and files of code that the child reads: this Python, installed packages, ours, and programs to start.

    Not all of a prefix: pip.conf and .condarc, which may hold credentials, lie there too.
    """
    prefixes = dict.fromkeys((sys.prefix, sys.base_prefix, sys.exec_prefix))
    python = [f"{prefix}/{part}" for prefix in prefixes for part in ("bin", "lib", "lib64", "share", "pyvenv.cfg")]
    installed = [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]
    ours = [place for name in packages for place in _places_of(name)]
    programs = [str(Path(found).resolve()) for name in HELPERS if (found := shutil.which(name))]
    named = [path for name in ("LD_LIBRARY_PATH", "TESSDATA_PREFIX") for path in os.environ.get(name, "").split(":")]
    paths = [*python, *installed, *ours, *programs, *named]
    return [path for path in dict.fromkeys(paths) if Path(path).is_absolute() and path != "/"]


def _places_of(package: str) -> Iterator[str]:
    found = importlib.util.find_spec(package)
    for place in (found.submodule_search_locations or ()) if found else ():
        yield str(Path(place).resolve())
