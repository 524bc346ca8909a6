"""Names of members of archives, which anybody may have chosen."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from curation.errors import BadArchiveError
from schemas import Reason


def safe_name(text: str) -> str:
    """The path of a member of an archive.

    Raises:
        BadArchiveError: UNSAFE_ARCHIVE when it leads out of the archive.
    """
    path = PurePosixPath(text)
    if path.is_absolute() or text.startswith("\\") or re.match(r"[A-Za-z]:[\\/]", text):
        raise BadArchiveError(f"member {text[:200]!r} has an absolute name", Reason.UNSAFE_ARCHIVE)
    if ".." in path.parts or ".." in text.split("\\") or "\0" in text:
        raise BadArchiveError(f"member {text[:200]!r} leaves the archive", Reason.UNSAFE_ARCHIVE)
    return path.as_posix()
