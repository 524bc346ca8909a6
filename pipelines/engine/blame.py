"""Errors that nobody raised on purpose, told with the step that they came from."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from curation.errors import RunError, UserError


@contextmanager
def blame(what: str) -> Iterator[None]:
    """Turn any error that is not the project's own, `sys.exit` included, into one that names its step and place.

    Args:
        what: step and part, source, or whose code runs.

    Raises:
        RunError: instead of what came; its cause is the original.
    """
    try:
        yield
    except (UserError, RunError):
        raise
    except (Exception, SystemExit) as error:
        text = " ".join(str(error).split())[:500]
        raise RunError(f"{what}: {type(error).__name__}{f': {text}' if text else ''}{_place(error)}") from error


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
