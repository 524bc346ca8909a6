"""Where bytes lie: a folder, or a prefix of a bucket of S3. Everything that reads or writes a place by its address is on it.

place = open_place("s3://lab/runs/one")
with place.writing("notes/a.txt") as sink:
    sink.write(b"whole or not at all")
place.read("notes/a.txt")
"""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import unquote

from curation.errors import UserError
from curation.place.base import Children, Held, Listed, Place
from curation.place.folder import FolderPlace

__all__ = ["Children", "FolderPlace", "Held", "Listed", "Place", "is_address", "local_path", "open_file", "open_place"]


def is_address(text: str | os.PathLike[str]) -> bool:
    """Whether a text is the address of something else than a local file or folder."""
    text = os.fspath(text)
    return "://" in text and not text.startswith("file://")


def local_path(text: str | os.PathLike[str]) -> Path:
    """The path of a file or folder of this machine, which may be given as `file:///a%20b`."""
    text = os.fspath(text)
    return Path(unquote(text.removeprefix("file://")) if text.startswith("file://") else text)


def open_place(uri: str | os.PathLike[str], *, requester_pays: bool = False) -> Place:
    """The place at an address. Give it as the user wrote it: a `Path` makes `s3:/bucket` of `s3://bucket`.

    Args:
        uri: the path of a folder, `file:///folder`, or `s3://bucket/prefix`. The endpoint and credentials of S3 are those that
            boto3 finds by itself (AWS_ENDPOINT_URL, AWS_PROFILE, the role of the machine, ...); nothing else is asked.
        requester_pays: say on every request to S3 that this account pays for it.

    Raises:
        UserError: another scheme, no bucket, or boto3 is not installed. Nothing is asked of a server yet.
    """
    text = os.fspath(uri)
    if text.startswith("s3://"):
        from curation.place.s3 import S3Place  # boto3 only when asked for

        return S3Place(text, requester_pays=requester_pays)
    if text.startswith("s3:/"):
        raise UserError(f"{text} is no path; the address of a bucket is s3://bucket/prefix")
    if is_address(text):
        raise UserError(
            f"{text}: of this scheme nothing can be read or written; give a folder (mount it as a file system), or s3://bucket/prefix"
        )
    return FolderPlace(local_path(text).absolute())


def open_file(uri: str | os.PathLike[str], *, requester_pays: bool = False) -> tuple[Place, str]:
    """The place of a file and its name there, by its path or address; of a link in a folder, those of what it leads to.

    Args:
        uri, requester_pays: as of `open_place`.

    Raises:
        UserError: as `open_place`.
    """
    text = os.fspath(uri) if is_address(uri) else str(local_path(uri).resolve())
    folder, _, name = text.rpartition("/")
    return open_place(folder or "/", requester_pays=requester_pays), name
