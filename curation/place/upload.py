"""A file that is written to S3: one put where it is small, else a multipart that is completed or aborted."""

from __future__ import annotations

import errno
import secrets
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from curation.errors import AstrocorpusError, PlaceError

if TYPE_CHECKING:
    from curation.place.s3 import S3Place

PART = 16 << 20
"""Bytes of a part of a multipart; it grows so that 10,000 parts, the most there may be, hold any file."""
_GROWS_EVERY = 1000


class Upload:
    """Bytes on their way to a file. A killed process leaves an open multipart, which `sweep` aborts, and never a file.

    Args:
        anew, check: as of `Place.writing`.
    """

    def __init__(
        self, place: S3Place, name: str, *, anew: bool = False, check: Callable[[], None] | None = None
    ) -> None:
        self._place, self._name, self._anew, self._check = place, name, anew, check
        self._buffer = bytearray()
        self._id: str | None = None
        self._this = secrets.token_hex(16)
        self._parts: list[dict[str, Any]] = []

    def write(self, data: memoryview) -> None:
        self._buffer += data
        while len(self._buffer) >= self._part_bytes():
            size = self._part_bytes()
            self._send(bytes(memoryview(self._buffer)[:size]))
            del self._buffer[:size]

    def flush(self) -> None:
        return None

    def finish(self) -> None:
        """The file appears. Raises FileExistsError where one is there and this is to be the first."""
        if self._id is not None and self._buffer:
            self._send(bytes(self._buffer))
        if self._check is not None:
            self._check()
        if self._id is None:
            self._put()
            return
        asked = {"UploadId": self._id, "MultipartUpload": {"Parts": self._parts}, **self._condition()}
        try:
            done = self._place.ask_if(self._name, "complete_multipart_upload", **asked)
        except FileNotFoundError as error:  # perhaps a second try of one that was done, whose answer was lost
            if self._is_there():
                return
            if self._anew and self._place.head(self._name) is not None:
                raise self._exists() from error
            raise PlaceError(
                f"{self._place.where(self._name)} was not written: what was sent of it is gone there, swept away or in conflict with "
                "another who wrote it; run again"
            ) from error
        if done is None and not self._is_there():
            raise self._exists()

    def _put(self) -> None:
        body = bytes(self._buffer)
        if not self._anew:
            self._place.put(self._name, body)
        elif self._place.put_if_absent(self._name, body) is None:
            raise self._exists()

    def _condition(self) -> dict[str, str]:
        return {"IfNoneMatch": "*"} if self._anew else {}

    def _is_there(self) -> bool:
        """Whether what lies there is this upload."""
        there = self._place.head(self._name)
        return there is not None and there.get("Metadata", {}).get("put") == self._this

    def _exists(self) -> FileExistsError:
        return FileExistsError(errno.EEXIST, "there is such a file", self._place.where(self._name))

    def abort(self) -> None:
        """Nothing appears; where S3 cannot be told, `sweep` does it later."""
        if self._id is not None:
            with suppress(AstrocorpusError, OSError):
                self._place.ask(self._name, "abort_multipart_upload", absent_is_fine=True, UploadId=self._id)

    def _part_bytes(self) -> int:
        return PART << (len(self._parts) // _GROWS_EVERY)

    def _send(self, data: bytes) -> None:
        if self._id is None:
            begun = self._place.ask(self._name, "create_multipart_upload", Metadata={"put": self._this})
            self._id = begun["UploadId"]
        number = len(self._parts) + 1
        sent = self._place.ask(self._name, "upload_part", UploadId=self._id, PartNumber=number, Body=data)
        self._parts.append({"PartNumber": number, "ETag": sent["ETag"], **_checksums(sent)})


def _checksums(sent: dict[str, Any]) -> dict[str, str]:
    return {key: value for key, value in sent.items() if key.startswith("Checksum") and key != "ChecksumType"}
