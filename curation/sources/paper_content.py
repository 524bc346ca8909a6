"""What lies at a place of a source, as it was opened."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from curation.errors import PaperError
from curation.sources.kinds import head_bytes, kind_of


@dataclass(frozen=True)
class Content:
    """What lies at a place: the bytes of a file, the files of a folder, or a text; what a confined child is given.

    Args:
        name: file name, for messages and for its suffix.
        kind: as `papers.content_kind`.
        sha256, size: of the content; of a folder over its sorted (path, sha256) pairs.
        data: bytes of a file.
        files: of a folder: path relative to it -> opens the file.
        text: in place of data: a text that a confined process has read and cleaned already.
        failure: why it cannot be read, where that is known already.
        record: metadata that the member itself states, by the keys of `curation.sources.metadata`.
        as_of: as `papers.as_of`.
    """

    name: str
    kind: str
    sha256: str
    size: int
    data: bytes = b""
    files: Mapping[str, Callable[[], BinaryIO]] | None = None
    text: str | None = None
    failure: PaperError | None = None
    record: Mapping[str, Any] = field(default_factory=dict)
    as_of: str | None = None

    @classmethod
    def of(cls, name: str, data: bytes, record: Mapping[str, Any] | None = None) -> Content:
        """Of a file that is in memory; its kind is told by its first bytes."""
        kind = kind_of(data[: head_bytes(data)], name)
        return cls(name, kind, hashlib.sha256(data).hexdigest(), len(data), data, record=record or {})
