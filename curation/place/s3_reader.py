"""The bytes of a file on S3: what an answer brings is what was asked for, and what was cut is asked for again."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from curation.errors import PlaceError
from curation.place.patience import CUT, Again, answered, code_of, explained, patiently, status_of
from curation.place.ranged import Body

if TYPE_CHECKING:
    from curation.place.s3 import S3Place

_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")


class Reader:
    """The bytes of a file from one place to another; goes on by a range where an answer was cut.

    Args:
        after: where it ends, None for the end of the file.
        tag: of the file that is meant, None for the one that is found first.
    """

    def __init__(self, place: S3Place, name: str, first: int, after: int | None = None, tag: str | None = None) -> None:
        self._place, self._name, self._at, self._after, self._tag = place, name, first, after, tag
        self._body: Body | None = None
        self._again = Again(place.where(name))

    def begin(self) -> None:
        """Ask for the rest. Raises FileNotFoundError."""
        asked: dict[str, Any] = {"Bucket": self._place.bucket, "Key": self._place.key(self._name)}
        if self._at or self._after is not None:
            asked["Range"] = f"bytes={self._at}-" + ("" if self._after is None else str(self._after - 1))
        if self._tag is not None:
            asked["IfMatch"] = self._tag
        where = self._place.where(self._name)
        try:
            answer = patiently(where, lambda: self._place.asked("get_object")(**asked))
        except ClientError as error:
            if code_of(error) == "NoSuchKey":
                raise self._place.absent(self._name) from error
            if status_of(error) == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:  # it ends before
                self._after = self._at
                return
            if status_of(error) == HTTPStatus.PRECONDITION_FAILED:
                raise PlaceError(
                    f"{where} was replaced while it was read; run again when nothing writes to it"
                ) from error
            raise explained(error, where) from error
        self._body = answer["Body"]
        self._check(answer, where)
        self._tag = answer["ETag"]

    def _check(self, answer: dict[str, Any], where: str) -> None:
        """Take the end from an answer; a shorter one is gone on from. Raises PlaceError for one that is not of what was asked for: a
        server, or a proxy before it, that knows no ranges or conditions would give other bytes."""
        status, length = answer["ResponseMetadata"]["HTTPStatusCode"], int(answer.get("ContentLength", -1))
        said, tag = answer.get("ContentRange"), answer.get("ETag")
        if self._tag not in (None, tag):
            self._refuse(f"{where} was replaced while it was read; run again when nothing writes to it")
        if self._after is None and not self._at:
            first, total = 0, length if status == HTTPStatus.OK else -1
        elif status == HTTPStatus.OK and length == 0 and self._tag is None:  # of an empty file there is no range
            first, total = self._at, self._at
        else:
            found = _RANGE.fullmatch(said or "") if status == HTTPStatus.PARTIAL_CONTENT else None
            first, last, total = map(int, found.groups()) if found else (0, 0, -1)
            if last >= total or length != last + 1 - first:
                total = -1
        after = total if self._after is None else min(self._after, total)
        if tag is None or total < 0 or first != self._at or length > after - first:
            asked = f"bytes from {self._at:,}" + ("" if self._after is None else f" to {self._after:,}")
            self._refuse(
                f"{where}: asked for {asked}, and the answer is {status} of {said or 'the whole'}, {length} bytes; the server, or a proxy "
                "before it, does not answer as S3 does: look at AWS_ENDPOINT_URL and at proxies"
            )
        self._after = after

    def _refuse(self, words: str) -> None:
        self.close()
        raise PlaceError(words)

    def piece(self, most: int) -> bytes:
        """The next bytes, none at the end."""
        while self._after is None or self._at < self._after:
            try:
                if self._body is None:
                    self.begin()
                    continue
                if piece := self._body.read(most):
                    self._at += len(piece)
                    answered()
                    self._again.progress()
                    return piece
                raise ConnectionResetError("the answer ended before the file")
            except CUT as error:
                self.close()
                self._again.wait(error)
        return b""

    def close(self) -> None:
        if self._body is not None:
            self._body.close()
            self._body = None
