"""Which sources are compared with which: a namespace for each document, mixed into every key that could join two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import xxhash
from pydantic import RootModel, field_validator

from curation.text.kernel import U64

Scope = Literal["across", "within", "papers", "off"]


class Scopes(RootModel[dict[str, Scope]]):
    """Scope of each source by name; a source that is not named has scope across.

    across: compared with every source of scope across; within: only with its own source; papers: with sources of scope
    across, never with itself or another of scope papers (replay text); off: never compared, never removed. So it is of copies and of
    what a document contains. Rows that one source gives one work_id are versions of one work in every scope but off.
    """

    @field_validator("root", mode="before")
    @classmethod
    def _off_is_a_word(cls, given: Any) -> Any:
        """YAML reads a bare `off` as false."""
        return {k: "off" if v is False else v for k, v in given.items()} if isinstance(given, dict) else given

    def of(self, source: str | None) -> Scope:
        return self.root.get(source or "", "across")

    def namespaces(self, sources: pa.Array | pa.ChunkedArray) -> Namespaces:
        """Namespaces of documents by the names of their sources."""
        if not self.root:
            none = np.zeros(len(sources), bool)
            return Namespaces(salt=np.zeros(len(sources), np.uint64), off=none, alone=none)
        if isinstance(sources, pa.ChunkedArray):
            sources = sources.combine_chunks()
        encoded = sources.fill_null("").dictionary_encode()
        names = encoded.dictionary.to_pylist()
        which = encoded.indices.to_numpy(zero_copy_only=False)
        salts = np.array([_salt(n) if self.of(n) == "within" else 0 for n in names] or [0], np.uint64)
        return Namespaces(
            salt=salts[which],
            off=np.array([self.of(n) == "off" for n in names] or [False])[which],
            alone=np.array([self.of(n) == "papers" for n in names] or [False])[which],
        )


@dataclass(frozen=True)
class Namespaces:
    """Where each document is compared.

    Args:
        salt: mixed into its keys; 0 for the common namespace.
        off: it has no keys at all.
        alone: it makes no pair with another such document.
    """

    salt: U64
    off: npt.NDArray[np.bool_]
    alone: npt.NDArray[np.bool_]

    def exact(self, keys: npt.NDArray[np.void]) -> npt.NDArray[np.void]:
        """Exact keys of the namespace; zero, which joins nothing, for a document that is off or has no words."""
        halves = np.frombuffer(keys.tobytes(), np.uint64).reshape(-1, 2)
        used = halves.any(axis=1) & ~self.off
        return np.frombuffer(np.where(used[:, None], halves ^ self.salt[:, None], 0).tobytes(), keys.dtype)

    def bands(self, keys: U64) -> U64:
        """Band keys of the namespace; documents that are off must be left out by their exact key."""
        return keys ^ self.salt[:, None]


def _salt(name: str) -> int:
    return xxhash.xxh64_intdigest(name.encode()) or 1
