"""Tells a machine that fails from a paper that is broken, and the ledger's words for either."""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path

from curation.errors import AstrocorpusError, PaperError
from schemas import Reason

PAPERS_OWN = frozenset({errno.ELOOP, errno.ENAMETOOLONG, errno.EISDIR, errno.EFBIG, errno.EILSEQ})
"""Errors that the place itself causes, on every machine and at every time."""
NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT})
SHORT = NO_SPACE | {errno.EAGAIN, errno.EMFILE, errno.ENFILE}
"""Errors of a machine that is short of processes, open files or space."""
_BROKEN = frozenset({errno.EIO, errno.ESTALE, errno.ETIMEDOUT})

_ABSOLUTE = re.compile(r"""'/[^']*'|"/[^"]*"|(?<![\w./])/[^\s'",;]+""")


def is_io_error(error: BaseException) -> bool:
    """Whether an error came from the file system or the network below a file, not from what the file holds.

    Libraries raise OSError without a number for damaged content (gzip, Parquet): that is the paper's.
    """
    return isinstance(error, OSError) and error.errno is not None and error.errno not in PAPERS_OWN


def words_of(error: OSError | RuntimeError) -> str:
    """What an error of the file system says, without the path that its own text names: tables hold no paths of a machine."""
    if isinstance(error, RuntimeError):  # pathlib's only one
        return "a loop of links"
    words = " ".join((error.strerror or str(error) or type(error).__name__).split())
    return _ABSOLUTE.sub("its place", words)[:200]


def cannot_be_read(error: OSError | RuntimeError, what: str) -> PaperError:
    """The failure of a listed file that cannot be opened or read: IO_ERROR, UNREADABLE when the file itself is the cause."""
    reason = Reason.IO_ERROR if is_io_error(error) else Reason.UNREADABLE
    return PaperError(reason, f"{what} cannot be read: {words_of(error)}")


def is_away(root: Path) -> bool:
    """Whether a source's folder is gone or, like the place where nothing is mounted, empty."""
    try:
        with os.scandir(root) as found:
            return next(found, None) is None
    except OSError:
        return True


def describe_error(error: Exception) -> tuple[Reason, str]:
    """The ledger's words for any exception of one paper: its reason, else type, text and place."""
    if isinstance(error, PaperError):
        return error.reason, error.detail
    if isinstance(error, MemoryError):
        return Reason.OUT_OF_MEMORY, "an allocation was refused"
    if isinstance(error, OSError) and error.errno in SHORT | _BROKEN:
        return Reason.IO_ERROR, words_of(error)
    if isinstance(error, AstrocorpusError):
        return Reason.EXTRACT_ERROR, str(error)
    if isinstance(error, RecursionError):
        return Reason.EXTRACT_ERROR, "nested too deeply (RecursionError)"
    place = ""
    trace = error.__traceback__
    while trace is not None:
        place = f" ({Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno})"
        trace = trace.tb_next
    text = words_of(error) if isinstance(error, OSError) else " ".join(str(error).split())[:300]
    return Reason.EXTRACT_ERROR, f"{type(error).__name__}: {text}{place}"
