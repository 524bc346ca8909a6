"""Shingles and signatures of Arrow texts: the front of the compiled kernel.

A shingle is a run of `shingle_words` words (`curation.text.buffers` says what a word is); a text of fewer words is one shingle,
a text without words has none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import xxhash
from pydantic import BaseModel, ConfigDict, Field

from curation.artefact import Artefact
from curation.text import kernel
from curation.text.boilerplate import without_boilerplate
from curation.text.buffers import Texts, buffers, fold_tables
from curation.text.kernel import I64, U32, U64
from curation.text.marks import stream_safe

KEY_BYTES = 16
_REFERENCES = re.compile(
    r"(?im)^[ \t]*(?:#{1,6}[ \t]*|\\section\*?\{|\*\*)?(?:\d+\.?[ \t]*)?(?:references|bibliography|literature cited)"
    r"(?:\}|\*\*)?[ \t]*:?[ \t]*$"
)


class Shingling(BaseModel):
    """What is compared, and how signatures are cut into bands.

    Args:
        shingle_words: words a shingle.
        bands, rows: bands of a signature and values of a band; bands x rows permutations.
        seed: of the permutations, as datasketch uses it.
        unicode: NFKC folds ligatures, full-width letters and the like before words are cut.
        strip_references: leave out the last heading "References" or "Bibliography" and what follows it.
        strip_boilerplate: leave out the paragraphs that an artefact names (`curation.text.boilerplate`).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    shingle_words: int = Field(default=5, ge=1, le=64)
    bands: int = Field(default=16, ge=1, le=512)
    rows: int = Field(default=7, ge=1, le=64)
    seed: int = Field(default=1, ge=0, le=2**32 - 1)
    unicode: Literal["none", "NFKC"] = "none"
    strip_references: bool = False
    strip_boilerplate: Artefact | None = None

    def expected_recall(self, jaccard: float) -> float:
        """Chance that two documents share a band: 1 - (1 - j^rows)^bands (Leskovec et al., Mining of Massive Datasets, 3.4)."""
        return float(1.0 - (1.0 - jaccard**self.rows) ** self.bands)

    def prepare(self, texts: Texts) -> Texts:
        """Texts as they are compared: folded and stripped as the config says."""
        if self.strip_boilerplate is not None:
            texts = pa.array(without_boilerplate(texts.to_pylist(), self.strip_boilerplate), texts.type)
        if self.unicode == "NFKC":
            safe = pa.array([None if t is None else stream_safe(t) for t in texts.to_pylist()], texts.type)
            texts = pc.utf8_normalize(safe, form="NFKC")
        if self.strip_references:
            kind = texts.type
            texts = pa.array([None if t is None else without_references(t) for t in texts.to_pylist()], kind)
        return texts


def without_references(text: str) -> str:
    """A text up to its last reference heading, if that stands in its second half; else all of it."""
    headings = [m.start() for m in _REFERENCES.finditer(text)]
    return text[: headings[-1]] if headings and headings[-1] > len(text) // 2 else text


def permutations(seed: int, count: int) -> tuple[U32, U32]:
    """Factors and summands of datasketch's scheme affine32 (2.0), drawn as it draws them."""
    random = np.random.RandomState(seed)
    a = random.randint(0, 1 << 31, count, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    b = random.randint(0, 1 << 32, count, dtype=np.uint32)
    return a, b


@dataclass(frozen=True)
class Sketch:
    """What is known of n documents without their text.

    Args:
        signatures: n x (bands x rows) uint32; all ones for a document without words.
        n_words: words of each.
        exact: xxh3-128 of each one's normalised words, n x 16 bytes; zero for a document without words.
        sets: sorted shingle hashes of each, when they were asked for.
    """

    signatures: U32
    n_words: I64
    exact: npt.NDArray[np.void]
    sets: list[U64] = dataclass_field(default_factory=list)


def sketch(texts: Texts, config: Shingling, *, with_sets: bool = False) -> Sketch:
    """Signatures, word counts and exact keys, with the sets of shingles if they are wanted; the text is read once."""
    data, offsets = buffers(config.prepare(texts))
    n = len(offsets) - 1
    a, b = permutations(config.seed, config.bands * config.rows)
    signatures = np.empty((n, len(a)), np.uint32)
    n_words, ends = np.zeros(n, np.int64), np.zeros(n, np.int64)
    folded = np.empty((int(offsets[-1] - offsets[0])) * 3 // 2 + 8, np.uint8)
    hashes = np.empty(int(offsets[-1] - offsets[0]) + n + 1 if with_sets else 0, np.uint64)
    counts = np.zeros(n, np.int64)
    kernel.sketch(
        data,
        offsets,
        *fold_tables(),
        config.shingle_words,
        a,
        b,
        signatures,
        n_words,
        folded,
        ends,
        hashes,
        counts,
    )
    view, digests, start = folded.data, [], 0
    for end in ends.tolist():
        digests.append(xxhash.xxh3_128_digest(view[start:end]) if end > start else bytes(KEY_BYTES))
        start = end
    sets = _sets(hashes, counts) if with_sets else []
    return Sketch(signatures, n_words, np.frombuffer(b"".join(digests), f"V{KEY_BYTES}"), sets)


def shingle_sets(texts: Texts, config: Shingling) -> list[U64]:
    """The set of 64-bit shingle hashes of every text, sorted."""
    data, offsets = buffers(config.prepare(texts))
    n = len(offsets) - 1
    size = int(offsets[-1] - offsets[0])
    hashes, counts = np.empty(size + n + 1, np.uint64), np.zeros(n, np.int64)
    folded = np.empty(int(np.diff(offsets).max(initial=0)) * 3 // 2 + 8, np.uint8)
    kernel.shingle_lists(data, offsets, *fold_tables(), config.shingle_words, hashes, counts, folded)
    return _sets(hashes, counts)


def _sets(hashes: U64, counts: I64) -> list[U64]:
    """The hashes of each document, sorted, without repetition, in an array of their own."""
    found, at = [], 0
    for count in counts.tolist():
        mine = hashes[at : at + count]
        mine.sort()
        found.append(mine[: kernel.distinct(mine)].copy())
        at += count
    return found


def band_keys(signatures: U32, config: Shingling) -> U64:
    """One 64-bit key for each band of each signature, n x bands."""
    keys = np.empty((len(signatures), config.bands), np.uint64)
    kernel.band_keys(np.ascontiguousarray(signatures), config.bands, config.rows, keys)
    return keys
