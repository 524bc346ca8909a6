"""A prefix of a bucket of S3, or of any server that speaks its protocol, as a place."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from http import HTTPStatus
from io import BufferedReader
from typing import Any, BinaryIO, TypeVar, cast

import boto3
from botocore.client import Config
from botocore.exceptions import ClientError

from curation.errors import UserError
from curation.place.base import Children, Held, Listed, Place, inside
from curation.place.patience import code_of, explained, patiently, status_of
from curation.place.ranged import InARow, Ranged, Streamed
from curation.place.s3_lease import hold
from curation.place.s3_reader import Reader
from curation.place.upload import Upload
from schemas.files import Sink

T = TypeVar("T")

_ADDRESS = re.compile(r"s3://([a-z0-9][a-z0-9._-]{1,61}[a-z0-9])(?:/(.*))?", re.DOTALL)
_PUT = "put"
"""Key of the metadata that names one put, so that one whose answer was lost is known again."""
PIECE = 1 << 20
_ROW_BUFFER = 1 << 16
"""Of a file that waits to be read in a row: all files of a release may."""


class S3Place(Place):
    """A prefix of a bucket. Raises as `open_place`; the client is made at the first request, one a process.

    Args:
        uri: s3://bucket/prefix.
        requester_pays: say on every request that this account pays for it.
    """

    def __init__(self, uri: str, *, requester_pays: bool = False) -> None:
        if not (found := _ADDRESS.fullmatch(uri)):
            raise UserError(f"{uri}: no address of a bucket; write s3://bucket/prefix")
        self.bucket, prefix = found[1], (found[2] or "").strip("/")
        self._prefix = f"{inside(prefix)}/" if prefix else ""
        self.uri = f"s3://{self.bucket}/{prefix}".rstrip("/")
        self.requester_pays = requester_pays

    def below(self, folder: str) -> S3Place:
        return self._as_guarded(S3Place(self.where(inside(folder)), requester_pays=self.requester_pays))

    def read(self, name: str) -> bytes:
        with self.stream(name) as file:
            return file.read()

    def range(self, name: str, first: int, after: int) -> bytes:
        if after <= first:
            return b""
        reader = Reader(self, name, first, after)
        pieces = iter(lambda: reader.piece(after - first), b"")
        try:
            return b"".join(pieces)
        finally:
            reader.close()

    def open(self, name: str) -> BinaryIO:
        size, tag = self._found(name)

        def fetch(first: int, after: int) -> bytes:
            reader = Reader(self, name, first, after, tag)
            try:
                return b"".join(iter(lambda: reader.piece(after - first), b""))
            finally:
                reader.close()

        return cast(BinaryIO, Ranged(size, fetch))

    def stream(self, name: str, first: int = 0) -> BinaryIO:
        return self._streamed(name, first)

    def in_a_row(self, name: str) -> BinaryIO:
        size, tag = self._found(name)
        return cast(BinaryIO, BufferedReader(InARow(size, lambda first: self._streamed(name, first, tag)), _ROW_BUFFER))

    def size(self, name: str) -> int | None:
        found = self.head(name)
        return None if found is None else int(found["ContentLength"])

    def list(self, prefix: str = "") -> Iterator[Listed]:
        for page in self._pages(Prefix=self.key(prefix)):
            yield from map(self._listed, page.get("Contents", ()))

    def children(self, folder: str = "") -> Children:
        start = self.key(f"{folder}/" if folder else "")
        files, folders = [], []
        for page in self._pages(Prefix=start, Delimiter="/"):
            files += [self._listed(entry) for entry in page.get("Contents", ()) if entry["Key"] != start]
            folders += [entry["Prefix"][len(start) : -1] for entry in page.get("CommonPrefixes", ())]
        return Children(files, sorted(folders))

    @contextmanager
    def writing(self, name: str, *, anew: bool = False, check: Callable[[], None] | None = None) -> Iterator[Sink]:
        upload = Upload(self, name, anew=anew, check=check or self._check)
        sink = Sink(cast(Any, upload))
        try:
            yield sink
            upload.finish()
        except BaseException:  # a stop, too, leaves no upload open
            upload.abort()
            raise

    def put(self, name: str, data: bytes) -> str:
        """Write a file with one put; its tag."""
        return str(self.ask(name, "put_object", Body=data)["ETag"])

    def put_if_absent(self, name: str, data: bytes) -> str | None:
        return self._put_if(name, data, IfNoneMatch="*")

    def put_if_match(self, name: str, data: bytes, tag: str) -> str | None:
        return self._put_if(name, data, IfMatch=tag)

    def tag(self, name: str) -> str | None:
        found = self.head(name)
        return None if found is None else str(found["ETag"])

    def remove(self, name: str) -> None:
        self.ask(name, "delete_object")

    def remove_folder(self, folder: str) -> None:
        for file in self.list(f"{folder}/"):
            self.remove(file.name)

    def sweep(self, older_than_s: float = 0.0) -> int:
        if not self._prefix:  # of a whole bucket nobody knows whose uploads they are
            return 0
        newest = datetime.now(UTC) - timedelta(seconds=older_than_s)
        asked, swept = {"Bucket": self.bucket, "Prefix": self._prefix}, 0
        while True:
            page = self._call(self.uri, "list_multipart_uploads", lambda ask, asked=asked: ask(**asked))  # type: ignore[misc]
            for upload in page.get("Uploads", ()):
                if older_than_s and upload["Initiated"] > newest:
                    continue
                name = upload["Key"][len(self._prefix) :]
                self.ask(name, "abort_multipart_upload", absent_is_fine=True, UploadId=upload["UploadId"])
                swept += 1
            marks = {"KeyMarker": page.get("NextKeyMarker"), "UploadIdMarker": page.get("NextUploadIdMarker")}
            if not page.get("IsTruncated") or marks == {key: asked.get(key) for key in marks}:
                return swept
            asked = {**asked, **{key: mark for key, mark in marks.items() if mark}}

    @contextmanager
    def lease(self, name: str, what: str) -> Iterator[Held]:
        with hold(self, name, what) as held:
            yield held

    def key(self, name: str) -> str:
        return self._prefix + inside(name)

    def head(self, name: str) -> dict[str, Any] | None:
        """The head of a file, None when there is none."""
        try:
            return self.ask(name, "head_object")
        except FileNotFoundError:
            return None

    def ask(self, name: str, operation: str, *, absent_is_fine: bool = False, **more: Any) -> dict[str, Any]:
        """One request about a file. Raises FileNotFoundError when it is not there, unless that is fine."""
        try:
            return self._call(
                self.where(name), operation, lambda ask: ask(Bucket=self.bucket, Key=self.key(name), **more)
            )
        except FileNotFoundError:
            if absent_is_fine:
                return {}
            raise self.absent(name) from None

    def ask_if(self, name: str, operation: str, **more: Any) -> dict[str, Any] | None:
        """One request on a condition: None where what lies there does not meet it. Raises FileNotFoundError."""
        where = self.where(name)
        asked = {"Bucket": self.bucket, "Key": self.key(name), **more}
        try:
            return patiently(where, lambda: self.asked(operation)(**asked))
        except ClientError as error:
            if status_of(error) == HTTPStatus.PRECONDITION_FAILED:
                return None
            raise self._told(error, where) from error

    def absent(self, name: str) -> FileNotFoundError:
        return FileNotFoundError(2, "there is no such file", self.where(name))

    def asked(self, operation: str) -> Callable[..., dict[str, Any]]:
        """An operation of the client, without patience of ours."""
        asked: Callable[..., dict[str, Any]] = getattr(_client(os.getpid(), self.requester_pays), operation)
        return asked

    def _found(self, name: str) -> tuple[int, str]:
        """Bytes and tag of a file. Raises FileNotFoundError."""
        if (found := self.head(name)) is None:
            raise self.absent(name)
        return int(found["ContentLength"]), str(found["ETag"])

    def _streamed(self, name: str, first: int, tag: str | None = None) -> BinaryIO:
        reader = Reader(self, name, first, tag=tag)
        reader.begin()
        return cast(BinaryIO, BufferedReader(Streamed(reader.piece, reader.close), PIECE))

    def _call(self, where: str, operation: str, call: Callable[[Callable[..., Any]], dict[str, Any]]) -> dict[str, Any]:
        try:
            return patiently(where, lambda: call(self.asked(operation)))
        except ClientError as error:
            raise self._told(error, where) from error

    def _told(self, error: ClientError, where: str) -> Exception:
        """What an answer means that no further try changes."""
        if code_of(error) in ("NoSuchKey", "NoSuchUpload") or (status_of(error), code_of(error)) == (404, "404"):
            return FileNotFoundError(2, "there is no such file", where)
        return explained(error, where)

    def _pages(self, **more: Any) -> Iterator[dict[str, Any]]:
        token: dict[str, str] = {}
        while True:
            asked = {"Bucket": self.bucket, **more, **token}
            page = self._call(self.uri, "list_objects_v2", lambda ask, asked=asked: ask(**asked))  # type: ignore[misc]
            yield page
            if not page.get("IsTruncated"):
                return
            token = {"ContinuationToken": page["NextContinuationToken"]}

    def _listed(self, entry: dict[str, Any]) -> Listed:
        return Listed(entry["Key"][len(self._prefix) :], int(entry["Size"]), entry["ETag"])

    def _put_if(self, name: str, data: bytes, **condition: str) -> str | None:
        """Put on a condition. A refusal may answer a second try of a put whose first was done: what lies there tells."""
        this = secrets.token_hex(16)
        with suppress(FileNotFoundError):  # what was to be replaced is gone
            if done := self.ask_if(name, "put_object", Body=data, Metadata={_PUT: this}, **condition):
                return str(done["ETag"])
        there = self.head(name)
        return str(there["ETag"]) if there and there.get("Metadata", {}).get(_PUT) == this else None


@lru_cache(maxsize=4)
def _client(process: int, requester_pays: bool) -> Any:
    """boto3's client for S3, one a process (a fork shares no connection with its parent)."""
    config = Config(
        retries={"mode": "standard", "max_attempts": 3},
        connect_timeout=10,
        read_timeout=60,
        max_pool_connections=32,
        tcp_keepalive=True,
    )
    try:
        client = boto3.session.Session().client("s3", config=config)
    except Exception as error:  # boto3's own, of its configuration
        raise explained(error, "S3") from error
    client.meta.events.register("before-sign.s3", _send_at_once)
    if requester_pays:
        client.meta.events.register("before-sign.s3", _pay)
    return client


def forget_clients() -> None:
    """Make the client anew at the next request: the environment names another server or other keys."""
    _client.cache_clear()


def _send_at_once(request: Any, **_: Any) -> None:
    """Leave out `Expect: 100-continue`: it costs each put a way there and back, and botocore reads for ever where a connection
    ends in the answer to it (`awsrequest._consume_headers`)."""
    del request.headers["Expect"]


def _pay(request: Any, **_: Any) -> None:
    request.headers["x-amz-request-payer"] = "requester"
