"""A network that is cut for a while is waited for; what does not mend is told in words, and never with a credential."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import TypeVar

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    HTTPClientError,
    IncompleteReadError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
)
from botocore.exceptions import (
    ConnectionError as BotoConnectionError,
)
from urllib3.exceptions import HTTPError as BodyError

from curation.errors import AstrocorpusError, NoSpaceError, PlaceError, UserError

T = TypeVar("T")

PATIENCE_S = 120.0
"""For how long a request, or a body that brings no more byte, is tried again."""
FIRST_PATIENCE_S = 45.0
"""The same before this process had an answer: an address that is wrong should not be waited for."""
_LONGEST_WAIT_S = 5.0
_AGAIN = frozenset({"SlowDown", "RequestTimeout", "InternalError", "ServiceUnavailable", "ConditionalRequestConflict"})
_ENDED = frozenset({"ExpiredToken", "RequestExpired", "TokenRefreshRequired"})

CUT = (BotoConnectionError, HTTPClientError, IncompleteReadError, BodyError, ConnectionError, TimeoutError)
"""What a cut connection raises, at a request or in the middle of a body."""

_answered = False


def status_of(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def code_of(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def passes(error: Exception) -> bool:
    """Whether an error may be gone at the next try."""
    if isinstance(error, ClientError):
        return code_of(error) in _AGAIN or status_of(error) in (0, 429) or status_of(error) >= 500
    return isinstance(error, CUT)


def patiently(where: str, call: Callable[[], T]) -> T:
    """What a call gives, tried again while the network is cut.

    Args:
        where: the address, for errors.

    Raises:
        ClientError: an answer that no further try changes; who called knows what it means (`explained` tells it).
        UserError, PlaceError: the rest, in words.
    """
    again = Again(where)
    while True:
        try:
            answer = call()
        except ClientError as error:
            if not passes(error):
                answered()
                raise
            again.wait(error)
        except (*CUT, BotoCoreError) as error:
            again.wait(error)
        else:
            answered()
            return answer


class Again:
    """Waits before the next try, a while longer each time, and ends when patience does."""

    def __init__(self, where: str) -> None:
        self._where = where
        self.progress()

    def progress(self) -> None:
        """Something came: patience begins anew."""
        self._end = time.monotonic() + (PATIENCE_S if _answered else FIRST_PATIENCE_S)
        self._wait_s = 0.2

    def wait(self, error: Exception) -> None:
        """Raises `explained` when the error does not pass, or when it did not pass for too long."""
        if not passes(error) or time.monotonic() + self._wait_s > self._end:
            raise explained(error, self._where) from error
        time.sleep(self._wait_s * random.uniform(0.5, 1))
        self._wait_s = min(2 * self._wait_s, _LONGEST_WAIT_S)


def answered() -> None:
    global _answered
    _answered = True


def explained(error: Exception, where: str) -> AstrocorpusError:
    """An error of S3 in words: what, where, what to do."""
    if isinstance(error, NoCredentialsError | PartialCredentialsError | ProfileNotFound | NoRegionError):
        return UserError(
            f"{where}: no credentials for S3 ({type(error).__name__}); set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, "
            "or run where the machine has a role; `astrocorpus doctor` says what is found"
        )
    if isinstance(error, BotoCoreError) and not isinstance(error, CUT):
        return UserError(
            f"{where}: S3 could not be asked ({type(error).__name__}); look at the address, at AWS_ENDPOINT_URL and AWS_DEFAULT_REGION, and "
            "at ~/.aws/config"
        )
    if not isinstance(error, ClientError):
        return PlaceError(
            f"{where}: S3 does not answer ({type(error).__name__}), in spite of several tries; look at the network and at "
            "AWS_ENDPOINT_URL, then run again: it goes on where it was"
        )
    code, status = code_of(error), status_of(error)
    if code in _ENDED:
        return UserError(f"{where}: the credentials for S3 have expired ({code}); renew them and run again")
    if code == "NoSuchBucket":
        return UserError(f"{where}: there is no such bucket; make it, or mend the address")
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return UserError(
            f"{where}: S3 refuses this ({code}); the credentials that boto3 finds have no right to it "
            "(of a bucket whose requester pays, such as arxiv, a source says so: `requester_pays: true`)"
        )
    if code in ("QuotaExceeded", "EntityTooLarge") or status == HTTPStatus.INSUFFICIENT_STORAGE:
        return NoSpaceError(f"{where}: no space left there ({code}); free some and run again")
    return PlaceError(f"{where}: S3 answered {status} {code}; run again: it goes on where it was")
