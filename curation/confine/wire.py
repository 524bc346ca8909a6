"""The form of what goes over the border between a parent and its child: plain data in msgpack, its length before it."""

from __future__ import annotations

from typing import Any

import msgpack

from curation.errors import PaperError
from schemas import Reason

HEADER_BYTES = 8
MAX_CONTAINERS = 2_000_000


def pack(value: object) -> bytes:
    """Plain data as bytes for the border. A lone surrogate goes through and is cleaned where the text is kept."""
    return msgpack.packb(value, unicode_errors="surrogatepass")  # type: ignore[no-any-return]


def unpack(data: bytes) -> Any:
    """What `pack` packed; data only, whoever made it, in at most MAX_CONTAINERS lists and maps: an empty map is one byte here
    and 64 in memory.

    Raises:
        ValueError: it is not msgpack, or more.
    """
    count = 0

    def counted(value: Any) -> Any:
        nonlocal count
        count += 1
        if count > MAX_CONTAINERS:
            raise ValueError(f"over {MAX_CONTAINERS:,} lists and maps")
        return value

    try:
        return msgpack.unpackb(
            data, unicode_errors="surrogatepass", strict_map_key=False, object_hook=counted, list_hook=counted
        )
    except (msgpack.UnpackException, UnicodeDecodeError, TypeError) as error:
        raise ValueError(f"no message: {error}") from error


def answer_of(data: bytes) -> tuple[str, Any]:
    """A child's answer in its form. A child that a paper took over may send anything.

    Raises:
        PaperError: CRASHED when it has another form.
    """
    try:
        kind, value = unpack(data)
        if kind == "error":
            value = {
                "reason": Reason(value["reason"]),
                "detail": str(value["detail"]),
                "exhausted": bool(value["exhausted"]),
            }
        elif kind not in ("result", "broken"):
            raise ValueError(f"kind {str(kind)[:20]!r}")
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise PaperError(Reason.CRASHED, f"the extraction process answered in no known form: {error}") from error
    return kind, value
