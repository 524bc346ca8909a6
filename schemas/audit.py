"""What an audit of a release leaves beside it, on which several rooms and strangers agree: `data_cards/AUDIT.md` says how."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from schemas._table import Table, field
from schemas.files import AUDIT_FILES, Files
from schemas.manifest import MANIFEST_NAME, Manifest

AUDIT_NAME, HASHES_NAME, MATRIX_NAME = AUDIT_FILES
AUDIT_FORMAT = 5
MANIFEST_KEY = "astrocorpus.manifest_sha256"
"""Key of a Parquet footer: sha256 of the manifest.json of the release that the file speaks of."""

_str = pa.string()
_names = pa.dictionary(pa.int32(), pa.string())
"""Text of which few values stand in many rows: an index of thousands of withheld texts has millions."""
BENCHMARK_HASHES = Table(
    name="benchmark_hashes",
    version=3,
    doc="One row a hash of a benchmark: of the ids and n-grams of its sources, of texts withheld for it, of its items. No text.",
    fields=(
        field("benchmark", _names, "Name of the benchmark.", nullable=False),
        field("layer", _names, "identity, copy or text: what the hash is compared with.", nullable=False),
        field(
            "entry",
            _names,
            "Item, or work: file and row, or of a withheld text its doc_id.",
            nullable=False,
        ),
        field("digest", _names, "Of the item, or sha256 of the withheld text; null for identity."),
        field(
            "part",
            _names,
            "id, text, question, answer, passage, explanation or choice/0 ...: which field of the entry.",
            nullable=False,
        ),
        field("n", pa.int32(), "Tokens of the n-gram; 0 for an id.", nullable=False),
        field("place", pa.int32(), "Token of the field at which the n-gram begins; 0 for an id.", nullable=False),
        field(
            "hash",
            pa.uint64(),
            "First 8 bytes, big endian, of sha256 of the n-gram's tokens joined by one blank, or of the id.",
            nullable=False,
        ),
    ),
    sort_by=("benchmark", "layer", "entry", "part", "place", "hash"),
)

MATRIX = Table(
    name="matrix",
    version=1,
    doc="One row a source, kind, benchmark and layer: how many rows of a release were compared, and how many were found.",
    fields=(
        field("source", _str, "Name of the source in the config; null for pairs of documents that name none."),
        field("kind", _str, "documents or pairs.", nullable=False),
        field("benchmark", _str, "Name of the benchmark.", nullable=False),
        field("layer", _str, "Layer of the audit.", nullable=False),
        field("rows", pa.int64(), "Rows of the source.", nullable=False),
        field("found", pa.int64(), "Rows of them in which the layer found the benchmark.", nullable=False),
    ),
    sort_by=("source", "kind", "benchmark", "layer"),
)


class AuditError(ValueError):
    """There is no audit that speaks of this release; the text says why and what to do."""


def read_audit(release: Files, manifest: Manifest) -> Mapping[str, Any] | None:
    """The audit.json of a release, None when there is none.

    Raises:
        AuditError: it cannot be read, is none, or is that of another release.
    """
    where, mend = release.where(AUDIT_NAME), "audit this release (`astrocorpus audit`), or take the file away"
    if release.size(AUDIT_NAME) is None:
        return None
    try:
        audit = json.loads(release.read(AUDIT_NAME))
    except OSError as error:
        raise AuditError(f"{where}: cannot be read ({error.strerror}); {mend}") from error
    except (ValueError, RecursionError) as error:
        raise AuditError(f"{where}: not an audit; {mend}") from error
    if not isinstance(audit, dict):
        raise AuditError(f"{where}: not an audit; {mend}")
    if (named := audit.get("manifest_sha256")) != manifest.sha256:
        raise AuditError(
            f"{where}: the audit of another release (it names {named}, {MANIFEST_NAME} is {manifest.sha256}); {mend}"
        )
    wanted = {"format": int, "passed": bool, "benchmarks": list, "finds": list}
    if not all(type(audit.get(key)) is kind for key, kind in wanted.items()):
        raise AuditError(f"{where}: not an audit; {mend}")
    if audit["format"] != AUDIT_FORMAT:
        raise AuditError(f"{where}: format {audit['format']}, this version reads {AUDIT_FORMAT}; {mend}")
    return audit


def audit_text(audit: Mapping[str, Any]) -> bytes:
    """The bytes of an audit.json: sorted keys, so that equal audits are equal files."""
    return (json.dumps(audit, sort_keys=True, indent=1, ensure_ascii=True) + "\n").encode()


def left_out_of(audit: Mapping[str, Any]) -> Mapping[str, tuple[int, int]]:
    """By benchmark how many of its items the audit could look for, and how many not, where there are such."""
    layers = {b["name"]: b["layers"]["text"] for b in audit["benchmarks"]}
    return {name: (layer["checked"], layer["left_out"]) for name, layer in layers.items() if layer.get("left_out")}


def benchmarks_of(audit: Mapping[str, Any]) -> Sequence[str]:
    """Names of the benchmarks that an audit looked for."""
    return [str(benchmark.get("name")) for benchmark in audit["benchmarks"] if isinstance(benchmark, dict)]
