"""What publishing asks of the audit of a release."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from io import BytesIO
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from curation.errors import UserError
from curation.release.findings import Findings
from schemas.audit import AUDIT_NAME, HASHES_NAME, MANIFEST_KEY, MATRIX_NAME, AuditError, benchmarks_of, read_audit
from schemas.manifest import MANIFEST_NAME, Manifest
from schemas.withheld_texts import KIND

_KINDS = ("withheld", "rephrased")
"""What kinds of joins name benchmarks begin with (`curation.joins.Kind`)."""
_MODES = ("report", "mask", "withhold")
"""What a benchmark's hits do, the weakest first."""
_AGAIN = "audit this release again (`astrocorpus audit`), or take audit.json and what lies with it away"


def check_audit(manifest: Manifest) -> None:
    """Raises UserError for an audit that is not this release's, is not whole, is not the one that the card shows, or failed: such a
    release goes nowhere. One that was never audited passes here."""
    audit = _audit(manifest)
    if audit is None:
        return
    place, where = manifest.place, manifest.place.where(AUDIT_NAME)
    if not _passed(audit):
        finds = [f"{find.get('id')} ({find.get('benchmark')})" for find in audit["finds"][:3]]
        raise UserError(
            f"{where}: the audit failed: {len(audit['finds']):,} finds, first {', '.join(finds) or 'none that is named'}; make a release "
            "without these rows and audit that"
        )
    try:
        named = audit["hashes"]["sha256"]
    except (KeyError, TypeError):
        named = None
    hashes = _bytes(manifest, HASHES_NAME)
    if hashes is None or hashlib.sha256(hashes).hexdigest() != named:
        raise UserError(f"{place.where(HASHES_NAME)}: not the file that audit.json names; {_AGAIN}")
    matrix = _bytes(manifest, MATRIX_NAME)
    if matrix is None or _manifest_named(matrix) != manifest.sha256:
        raise UserError(
            f"{place.where(MATRIX_NAME)}: not of this release ({MANIFEST_NAME} is {manifest.sha256}); {_AGAIN}"
        )
    shown = (_card(manifest).get("audit") or {}).get("sha256")
    if shown != hashlib.sha256(place.read(AUDIT_NAME)).hexdigest():
        raise UserError(
            f"{where}: the card shows another audit, or none; draw it again with `astrocorpus card {place.uri}`"
        )


def why_not_public(manifest: Manifest) -> str | None:
    """What of its audit forbids that a release becomes public, with what to do; None when nothing does. `check_audit` comes first."""
    audit = _audit(manifest)
    if audit is None:
        return (
            f"this release was not audited: astrocorpus audit {manifest.place.uri} --benchmark CONFIG looks for the benchmarks of the "
            "config that it was made with"
        )
    if left := sorted(_withheld_for(manifest) - set(benchmarks_of(audit))):
        return (
            f"its audit did not look for {', '.join(left)}, for which papers were withheld: audit it with --benchmark CONFIG, the "
            "config that it was made with"
        )
    return _other_files(manifest, audit) or _too_weak(manifest, audit) or _unread_works(manifest, audit)


def _other_files(manifest: Manifest, audit: Mapping[str, Any]) -> str | None:
    """An audit that read for a benchmark of the run anything else than the run did: of another name, the same files say nothing of it."""
    read = {benchmark["name"]: benchmark for benchmark in audit["benchmarks"]}
    again = "audit it with --benchmark CONFIG, the config that it was made with, and its files as they were"
    for name, mine in sorted(_read_by_run(manifest).items()):
        if (theirs := read.get(name)) is None:
            return f"its audit did not look for {name}, for which its run did: {again}"
        told = theirs.get("files", {})
        if left := sorted(kind for kind, digests in mine["files"].items() if set(digests) - set(told.get(kind, ()))):
            return f"its audit did not read the files that its run read for {name} ({', '.join(left)}): {again}"
        for key in ("rule", "adapter"):
            if mine[key] and theirs.get(key) != mine[key]:
                return (
                    f"its audit looked for {name} with {key} {theirs.get(key)}, and its run with {mine[key]}: {again}"
                )
        known = mine["files"].get("phrases", ())
        if known and set(told.get("phrases", ())) - set(known):
            return f"its audit set other phrases aside than its run for {name}, so it may have looked for less: {again}"
    return None


def _too_weak(manifest: Manifest, audit: Mapping[str, Any]) -> str | None:
    """An audit that took a benchmark of the run less seriously than the run: what it finds of one that is only reported fails nothing."""
    told = _benchmarks(manifest)
    for benchmark in audit["benchmarks"]:
        name, mode = benchmark["name"], told.get(benchmark["name"], {}).get("mode", _MODES[-1])
        if name in {*told, *_withheld_for(manifest)} and _strength(benchmark["mode"]) < _strength(mode):
            return (
                f"its audit looked for {name} in mode {benchmark['mode']}, and its run in mode {mode}: audit it with --benchmark CONFIG, the "
                "config that it was made with"
            )
    return None


def _unread_works(manifest: Manifest, audit: Mapping[str, Any]) -> str | None:
    """Works that the run withheld, of whose texts the audit read no index."""
    read = {benchmark["name"]: benchmark.get("works", ()) for benchmark in audit["benchmarks"]}
    for name, mine in sorted(_benchmarks(manifest).items()):
        if mine["works"] and mine["works_key"] not in read.get(name, ()):
            return (
                f"its audit read no index of the works ({mine['works']:,}) that its run withheld for {name}, so it looked for no copies of them: "
                f"make one of the run of this release (`astrocorpus artefact {KIND} RUN --out withheld.parquet`), name it at that benchmark "
                f"(`texts: withheld.parquet`), and then `astrocorpus audit {manifest.place.uri} --benchmark CONFIG`"
            )
    return None


def _audit(manifest: Manifest) -> Mapping[str, Any] | None:
    try:
        return read_audit(manifest.place, manifest)
    except AuditError as error:
        raise UserError(str(error)) from error


def _passed(audit: Mapping[str, Any]) -> bool:
    """What audit.json says, and its finds and counts bear out."""
    benchmarks = [b for b in audit["benchmarks"] if isinstance(b, dict)]
    modes = {b.get("name"): b.get("mode") for b in benchmarks}
    layers = [dict(b.get("layers") or {}) for b in benchmarks if b.get("mode") != "report"]
    counts = [
        layer["hits"] for mine in layers for layer in mine.values() if isinstance(layer, dict) and "hits" in layer
    ]
    return (
        bool(audit["passed"])
        and not any(counts)
        and all(modes.get(find.get("benchmark")) == "report" for find in audit["finds"])
    )


def _bytes(manifest: Manifest, name: str) -> bytes | None:
    return None if manifest.place.size(name) is None else manifest.place.read(name)


def _manifest_named(parquet: bytes) -> str | None:
    try:
        metadata = pq.read_schema(BytesIO(parquet)).metadata or {}
    except (OSError, pa.ArrowException):
        return None
    return (metadata.get(MANIFEST_KEY.encode()) or b"").decode("utf-8", "replace")


def _card(manifest: Manifest) -> Mapping[str, Any]:
    """The card.json of the release, which was checked."""
    card = json.loads(manifest.place.read("card.json"))
    return card if isinstance(card, dict) else {}


def _withheld_for(manifest: Manifest) -> set[str]:
    """Benchmarks for which the run of the release withheld papers, as its card tells."""
    joins = [join for join in _card(manifest).get("joins") or () if isinstance(join, dict)]
    return {str(join.get("name")) for join in joins if str(join.get("kind")).startswith(_KINDS)}


def _benchmarks(manifest: Manifest) -> Mapping[str, Mapping[str, Any]]:
    """What the run of the release did for each benchmark with hits, or of another mode than withhold, as its card tells."""
    told: Mapping[str, Mapping[str, Any]] = (
        _card(manifest).get("summaries", {}).get(Findings.name, {}).get("benchmarks", {})
    )
    return told


def _strength(mode: str) -> int:
    return _MODES.index(mode) if mode in _MODES else -1


def _read_by_run(manifest: Manifest) -> Mapping[str, Mapping[str, Any]]:
    """By name what the run of the release read of each benchmark, as its card tells (`curation.benchmarks_read`)."""
    told: Mapping[str, Mapping[str, Any]] = _card(manifest).get("benchmarks") or {}
    return told
