"""Files that commands write where the user says: checked before work begins, never over what is not theirs."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from curation.errors import UserError
from curation.place import FolderPlace
from schemas.files import sha256_of

MARK = "user.astrocorpus.sha256"
"""Extended attribute of a text file that a command wrote: its digest, so that a file that somebody changed is no longer
ours."""
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+:/")
"""s3://bucket/name, which as a path is s3:/bucket/name."""


def check_output(option: str, out: Path, inputs: Sequence[Path] = ()) -> None:
    """Whether a file can be written there, told before the work begins.

    Raises:
        UserError: it is a folder, an input or lies in one, or its folder cannot be written.
    """
    if _ADDRESS.match(str(out)):
        raise UserError(f"{option} {out}: this file is written to a folder of this machine; give its path")
    if out.is_dir():
        raise UserError(f"{option} {out} is a folder; give the name of a file in it")
    if out.exists() and not out.is_file():
        raise UserError(f"{option} {out} is no regular file; give another name")
    for given in inputs:
        if _is_same(out, given):
            raise UserError(f"{option} {out} is an input itself; give another file")
        if given.is_dir() and out.resolve().is_relative_to(given.resolve()):
            raise UserError(
                f"{option} {out} lies in the input {given}, which would hold it next time; choose another place"
            )
    check_folder(option, out.absolute().parent)


def check_folder(option: str, folder: Path, inputs: Sequence[Path] = ()) -> None:
    """Whether files can be written to a folder, which need not be there yet.

    Raises:
        UserError: it lies in an input, which would hold it next time; it, or what should hold it, is a file or cannot be
            written.
    """
    for given in inputs:
        if given.is_dir() and folder.resolve().is_relative_to(given.resolve()):
            raise UserError(
                f"{option}: {folder} lies in the input {given}, which would hold it next time; choose another"
            )
    there = next(p for p in (folder.absolute(), *folder.absolute().parents) if os.path.lexists(p))
    if not there.is_dir():
        raise UserError(f"{option}: {there} is no folder; choose another place")
    if not os.access(there, os.W_OK | os.X_OK):
        raise UserError(f"{option}: the folder {there} cannot be written; mend its permissions or choose another")


def write_text(out: Path, text: str) -> None:
    """Write a file whole. A file that is there is replaced only when it is as a command wrote it.

    Raises:
        UserError: it holds something else.
        RunError: it cannot be written.
    """
    body = text.encode()
    if out.exists():
        if out.is_file() and out.read_bytes() == body:
            return
        if not _is_ours(out):
            raise UserError(f"{out} is there and was not written by this command; remove it or give another name")
    with FolderPlace(out.absolute().parent).writing(out.name) as sink:
        sink.write(body)
    with suppress(OSError):  # a file system without them: what is there is then never replaced
        os.setxattr(out, MARK, sink.written.sha256.encode())


def _is_ours(file: Path) -> bool:
    try:
        return os.getxattr(file, MARK).decode() == sha256_of(file)
    except (OSError, ValueError):
        return False


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return one.absolute() == other.absolute()
