"""Audits a release against benchmarks: reads the published shards alone, writes audit.json and what repeats it."""

from __future__ import annotations

import multiprocessing
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from curation.artefact import content_sha256
from curation.errors import ConfigError, RunError, UserError
from curation.parquet import write
from curation.withhold.audit import LAYERS, PARAMETERS, Rules, Tally, audit_file, audit_manifest, each_once
from curation.withhold.benchmark import Benchmark
from curation.withhold.compared import COLUMNS
from curation.withhold.hash_index import HashIndex
from curation.withhold.hashed import NGRAM, SHORT, hashes_of_benchmark, joined, set_aside, why_left_out
from curation.withhold.items import read_all, told_rows
from curation.withhold.phrases import DEFAULT, read_phrases
from curation.withhold.sources import read_sources
from curation.withhold.withheld_texts import read_texts, works_in
from schemas.audit import (
    AUDIT_FORMAT,
    AUDIT_NAME,
    HASHES_NAME,
    MANIFEST_KEY,
    MATRIX,
    MATRIX_NAME,
    audit_text,
)
from schemas.files import Files, Written
from schemas.manifest import MANIFEST_NAME, DataFile, Manifest, ManifestError, read_manifest

_worker: tuple[Manifest, HashIndex, Rules] | None = None
"""What a process of the pool was started with."""


@dataclass(frozen=True)
class Audited:
    """An audit as it was written.

    Args:
        audit: content of audit.json.
        place: where it lies.
        near: by (benchmark, layer) the rows that came nearest. They stand in no file: a row, and that it nearly asks a question, would
            tell the question.
    """

    audit: Mapping[str, Any]
    place: Files
    near: Mapping[tuple[str, str], Sequence[Mapping[str, Any]]]

    @property
    def passed(self) -> bool:
        """Whether nothing was found of a benchmark that is to be kept out."""
        return bool(self.audit["passed"])


def audit_release(
    release: Files,
    benchmarks: Sequence[Benchmark],
    *,
    out: Files | None = None,
    workers: int = 1,
) -> Audited:
    """Audit a release and write audit.json, benchmark-hashes.parquet and matrix.parquet.

    Args:
        out: where the audit is written; default: beside the manifest.
        workers: processes that read files; the audit is the same for any number.

    Raises:
        UserError: no release, a damaged one, a benchmark's file that cannot be read, or one of which nothing can be looked for.
    """
    try:
        manifest = read_manifest(release)
        hashes = _hashes(benchmarks)
        rules = _rules(benchmarks)
        _check_looked_for(benchmarks, HashIndex(hashes), rules)
        tally = audit_manifest(manifest, HashIndex(hashes))
        tally.add(_tally(manifest, hashes, rules, workers))
    except ManifestError as error:
        raise UserError(str(error)) from error
    place = out or release
    written = _write(place, HASHES_NAME, hashes, {})
    audit = _audit(manifest, benchmarks, HashIndex(hashes), rules, tally)
    audit["hashes"] = {"file": HASHES_NAME, "sha256": written.sha256, "rows": hashes.num_rows}
    matrix = _matrix(tally, benchmarks)
    _write(place, MATRIX_NAME, matrix, {MANIFEST_KEY: manifest.sha256})
    with place.writing(AUDIT_NAME) as sink:
        sink.write(audit_text(audit))
    return Audited(audit, place, tally.near)


def _hashes(benchmarks: Sequence[Benchmark]) -> pa.Table:
    names = [benchmark.name for benchmark in benchmarks]
    if not names:
        raise ConfigError("no benchmark is named: nothing would be looked for")
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ConfigError(f"two benchmarks are named {', '.join(twice)}; give each a name of its own")
    return joined([made(benchmark) for benchmark in benchmarks for made in (hashes_of_benchmark, read_texts)])


def _check_looked_for(benchmarks: Sequence[Benchmark], index: HashIndex, rules: Rules) -> None:
    """Raises ConfigError for a benchmark of which nothing can be found: that nothing was found would say nothing."""
    for b in benchmarks:
        if not any((*index.checked(b.name).values(), *rules.checked(b.name).values())):
            raise ConfigError(
                f"benchmark {b.name!r}: nothing of it can be looked for in a release. A question of up to {SHORT} tokens counts only with its "
                f"answer, or three of four choices, of two tokens or more, and one of fewer than {NGRAM} not at all; name its sources, or "
                "a file whose rows have answers, or leave it out"
            )


def _rules(benchmarks: Sequence[Benchmark]) -> Rules:
    works = [
        {
            "mark": benchmark.name,
            "entry": work.place,
            "title": work.title,
            "first_author": work.first_author,
            "year": work.year,
        }
        for benchmark in benchmarks
        if benchmark.sources is not None
        for work in read_sources(benchmark.sources)
        if work.title
    ]
    return Rules(tuple(b.name for b in benchmarks if b.rule == "araa"), tuple(works))


def _tally(manifest: Manifest, hashes: pa.Table, rules: Rules, workers: int) -> Tally:
    total = Tally()
    files = sorted(manifest.files, key=lambda file: file.file)
    if workers == 1 or len(files) < 2:
        index = HashIndex(hashes)
        for file in files:
            total.add(audit_file(manifest, file, index, rules))
        return total
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / HASHES_NAME
        with path.open("wb") as sink:
            write(hashes, sink)
        for tally in _in_processes(manifest, files, path, rules, min(workers, len(files))):
            total.add(tally)
    return total


def _in_processes(
    manifest: Manifest, files: Sequence[DataFile], hashes: Path, rules: Rules, workers: int
) -> Iterator[Tally]:
    context = multiprocessing.get_context("spawn")
    try:
        with ProcessPoolExecutor(workers, context, _start, (manifest, hashes, rules)) as pool:
            yield from pool.map(_audit_in_worker, files)
    except BrokenProcessPool as error:
        raise RunError(
            "a worker process died; look for the kernel's out-of-memory messages, or use fewer --workers"
        ) from error


def _start(manifest: Manifest, hashes: Path, rules: Rules) -> None:
    global _worker
    _worker = manifest, HashIndex(pq.read_table(hashes)), rules


def _audit_in_worker(file: DataFile) -> Tally:
    if _worker is None:
        raise RuntimeError("the worker was not started with an index")
    manifest, index, rules = _worker
    return audit_file(manifest, file, index, rules)


def _audit(
    manifest: Manifest,
    benchmarks: Sequence[Benchmark],
    index: HashIndex,
    rules: Rules,
    tally: Tally,
) -> dict[str, Any]:
    rows: Counter[str] = Counter()
    for (_, kind), count in tally.rows.items():
        rows[kind] += count
    finds = each_once(tally.finds)
    free = {benchmark.name for benchmark in benchmarks if benchmark.mode == "report"}
    return {
        "format": AUDIT_FORMAT,
        "release": manifest.name,
        "manifest_sha256": manifest.sha256,
        "parameters": dict(PARAMETERS),
        "compared": {kind: columns.told() for kind, columns in COLUMNS.items() if rows[kind]}
        | {MANIFEST_NAME: ["text", "ids"]},
        "rows": dict(rows),
        "benchmarks": [_of_benchmark(b, index, rules, tally) for b in sorted(benchmarks, key=lambda b: b.name)],
        "finds": finds,
        "passed": all(find["benchmark"] in free for find in finds),
    }


def _of_benchmark(benchmark: Benchmark, index: HashIndex, rules: Rules, tally: Tally) -> dict[str, Any]:
    checked = Counter(index.checked(benchmark.name))
    checked.update(rules.checked(benchmark.name))
    layers: dict[str, dict[str, Any]] = {}
    for layer in LAYERS:
        mine = [f for f in tally.finds if (f["benchmark"], f["layer"]) == (benchmark.name, layer)]
        layers[layer] = {
            "checked": checked[layer],
            "hits": _rows_of(mine),
            "rules": {rule: _rows_of([f for f in mine if f["rule"] == rule]) for rule in {f["rule"] for f in mine}},
            "nearest": [
                {key: miss[key] for key in ("kind", "entry", "rule", "score")}
                for miss in tally.near.get((benchmark.name, layer), ())
            ],
        }
    rows: dict[str, Any] = {}
    if benchmark.adapter is not None:
        items, others = read_all(benchmark.items, benchmark.adapter)
        rows = told_rows(others)
        layers["text"]["set_aside"] = set_aside(items, read_phrases(benchmark.phrases))
        found = index.items(benchmark.name)
        left = [item for item in items if item.item_id not in found]
        names: dict[str, list[str]] = {}
        for item in left:
            names.setdefault(why_left_out(item), []).append(item.item_id)
        layers["text"] |= {"left_out": len(left), "left_out_items": names}
    digests = {name: [content_sha256(path) for path in paths] for name, paths in _files_of(benchmark).items()}
    return {
        "name": benchmark.name,
        "mode": benchmark.mode,
        "rule": benchmark.rule,
        "adapter": benchmark.adapter,
        "files": digests,
        "rows_that_are_no_items": rows,
        "works": sorted({key for path in benchmark.texts if (key := works_in(path).get(benchmark.name))}),
        "layers": layers,
    }


def _files_of(benchmark: Benchmark) -> dict[str, Sequence[Path]]:
    sources = (benchmark.sources,) if benchmark.sources else ()
    found = {"sources": sources, "items": benchmark.items, "texts": benchmark.texts}
    if benchmark.items:
        found["phrases"] = (benchmark.phrases or DEFAULT,)
    return {name: paths for name, paths in found.items() if paths}


def _rows_of(finds: Sequence[Mapping[str, Any]]) -> int:
    """Rows of a release that some finds name; a row of two tiers counts in each."""
    return len({(find["tier"], find["kind"], find["id"]) for find in finds})


def _matrix(tally: Tally, benchmarks: Sequence[Benchmark]) -> pa.Table:
    found: dict[tuple[str | None, str, str, str], set[tuple[str, str]]] = {}
    for find in tally.finds:
        key = (find["source"], find["kind"], find["benchmark"], find["layer"])
        found.setdefault(key, set()).add((find["tier"], find["id"]))
    rows: list[dict[str, object]] = [
        {
            "source": source,
            "kind": kind,
            "benchmark": benchmark.name,
            "layer": layer,
            "rows": count,
            "found": len(found.get((source, kind, benchmark.name, layer), ())),
        }
        for (source, kind), count in tally.rows.items()
        for benchmark in benchmarks
        for layer in LAYERS
    ]
    return MATRIX.rows(sorted(rows, key=lambda row: tuple(str(row[name] or "") for name in MATRIX.sort_by)))


def _write(place: Files, name: str, table: pa.Table, metadata: dict[str, str]) -> Written:
    with place.writing(name) as sink:
        write(table, sink, metadata=metadata)  # type: ignore[arg-type]
    return sink.written
