"""Whether the model that a server names in its reply is the one that was asked for: a gateway may let another one answer, under other terms."""

from __future__ import annotations

import re
from collections.abc import Collection

MAX_NAME = 300
"""Most characters that are kept of a name."""
_CACHED = re.compile(r"models--(?:[^/]+?--)?([^/]+?)(?:/.*)?\Z")
_FILE = re.compile(r"(?:[-.]i?q[0-9]\w*|[-.](?:bf16|f16|f32))?(?:-[0-9]{5}-of-[0-9]{5})?\.gguf\Z")
_ROUTE = re.compile(r"(?::(?:free|latest|nitro|floor|online|extended|beta)|-latest)\Z")
_ISSUE = re.compile(
    r"[-@:](?:[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{2}-[0-9]{4}|[0-9]{3,4}|[0-9]{6}|[0-9]{8}|v[0-9]+([-:][0-9]+)*)"
)


def told_name(served: str) -> str:
    """A name as a server tells it, in one line of bounded length."""
    return "".join(c for c in served if c.isprintable())[:MAX_NAME]


def is_same_model(asked: str, served: str, also: Collection[str] = ()) -> bool:
    """Whether two names are of one model, kindly: case, the provider before it (`openai/`), a path and the quantisation of its GGUF file, how
    it is routed (`:free`, `-latest`) do not matter, nor a date or a version (`-2026-01-01`, `-v2`) that only one of them has.

    Args:
        asked: as the config has it.
        served: as the server says; empty where it says nothing, which is no other model.
        also: other names under which the model answers; one that ends in `*` is the beginning of such names.
    """
    told = plain(served)
    return not told or _alike(plain(asked), told) or any(goes_by(name, served) for name in also)


def goes_by(name: str, served: str) -> bool:
    """Whether a served name is one of the config's."""
    return begins_as(name, served) or _alike(plain(name), plain(served))


def begins_as(name: str, served: str) -> bool:
    """Whether a name of the config ends in `*`, and a served one begins as it does; without a `/`, what stands behind the last one."""
    begin, whole = name[:-1].strip().lower(), served.strip().lower()
    return name.endswith("*") and (
        whole.startswith(begin) or ("/" not in begin and whole.rpartition("/")[2].startswith(begin))
    )


def plain(name: str) -> str:
    """A name without what says where it is."""
    name = name.strip().lower().replace("\\", "/").rstrip("/")
    if cached := _CACHED.search(name):
        name = cached[1]
    name = _ROUTE.sub("", _FILE.sub("", name.rpartition("/")[2]))
    return re.sub(r"[ ._]", "-", name)


def _alike(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return short == long or (long.startswith(short) and _ISSUE.fullmatch(long, len(short)) is not None)
