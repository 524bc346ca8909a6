"""A manifest wherever it lies: a file, or a bucket, whose reader pays for it as for a tar."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from curation.place import is_address, local_path, open_file
from curation.sources.bulk.manifest import Manifest, ManifestError, read_manifest

MAX_BYTES = 256 << 20
"""Of a manifest in a bucket; that of all sources has about 6 MB in 2026."""
_PART_BYTES = 8 << 20


def manifest_at(where: str, charge: Callable[[int], None]) -> Manifest:
    """A manifest of a file or an address; one part of it is held in memory.

    Args:
        charge: is told of the bytes of each request to a bucket before it is sent.

    Raises:
        ManifestError: as `read_manifest`, or it has more than `MAX_BYTES`. PlaceError: the bucket cannot be read. Whatever
            `charge` raises.
    """
    if not is_address(where):
        return read_manifest(local_path(where))
    place, name = open_file(where, requester_pays=True)
    charge(0)
    size = place.size(name)
    if size is None:
        raise ManifestError(f"manifest {where} is not there")
    if size > MAX_BYTES:
        raise ManifestError(
            f"manifest {where} has {size:,} bytes, which no manifest of arXiv's has; nothing of it is read"
        )
    with TemporaryDirectory() as here:
        file = Path(here) / "manifest"
        with file.open("wb") as sink:
            for first in range(0, size, _PART_BYTES):
                after = min(first + _PART_BYTES, size)
                charge(after - first)
                sink.write(place.range(name, first, after))
        return read_manifest(file, where)
