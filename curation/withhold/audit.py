"""The audit of a release: what of benchmarks stands in its published rows, by hashes, by rule and by title."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from curation.identity import ids_of
from curation.withhold.hash_index import (
    COMPANION_TOKENS,
    MIN_ALONE,
    MIN_ALONE_SHARE,
    MIN_COPY,
    MIN_COPY_SHARED,
    MIN_EVIDENCE,
    MIN_EVIDENCE_SHARED,
    MIN_FIELD,
    MIN_FIELD_SHARED,
    NEAR,
    Hashed,
    HashIndex,
    Match,
)
from curation.withhold.hashed import DOC_ID, NGRAM, SHORT, said_by_document, said_by_pair
from curation.withhold.identity import by_araa, by_title
from schemas.manifest import DataFile, Manifest, ManifestError
from schemas.released import check_schema

LAYERS = ("identity", "bibliographic", "copy", "text")
"""Layers of an audit, as those of `schemas.HITS`."""
NEAREST = 5
PARAMETERS: Mapping[str, int] = {
    "ngram": NGRAM,
    "short_tokens": SHORT,
    "companion_tokens": COMPANION_TOKENS,
    "min_alone": MIN_ALONE,
    "min_alone_share": MIN_ALONE_SHARE,
    "min_field": MIN_FIELD,
    "min_field_shared": MIN_FIELD_SHARED,
    "min_copy": MIN_COPY,
    "min_copy_shared": MIN_COPY_SHARED,
    "min_evidence": MIN_EVIDENCE,
    "min_evidence_shared": MIN_EVIDENCE_SHARED,
    "near": NEAR,
}
"""What an audit counts by; they stand in audit.json."""
_DOCUMENT = (
    "id",
    "paper_id",
    "doi",
    "bibcode",
    "source",
    "source_id",
    "title",
    "authors",
    "date",
    "url",
    "text",
    "text_sha256",
)
_PAIR = ("pair_id", "doc_id", "paper_id", "text_sha256", "question", "reasoning", "answer", "evidence", "messages")
_COLUMNS = {"documents": _DOCUMENT, "pairs": _PAIR}
_NEEDED = {
    "documents": ("id", "paper_id", "text", "text_sha256"),
    "pairs": ("pair_id", "doc_id", "question", "answer", "messages"),
}
_UNSAID = dict.fromkeys(("unsure", "venue", "journal_ref", "comments", "date", "text", "front"))
"""What the identity layer asks of a paper, and no row of a release says."""
_Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Rules:
    """What of benchmarks no hash says.

    Args:
        araa: names of those with the rule of that name.
        works: rows of the table `withhold_titles`.
    """

    araa: tuple[str, ...] = ()
    works: tuple[dict[str, Any], ...] = ()

    def checked(self, benchmark: str) -> dict[str, int]:
        """By layer the rules and works of a benchmark that can be found."""
        return {
            "identity": self.araa.count(benchmark),
            "bibliographic": sum(w["mark"] == benchmark for w in self.works),
        }


@dataclass
class Tally:
    """What an audit found in some files.

    Args:
        rows: by (source, kind).
        finds: rows of audit.json.
        near: by (benchmark, layer) the nearest misses, likewise.
    """

    rows: Counter[tuple[str | None, str]] = field(default_factory=Counter)
    finds: list[dict[str, Any]] = field(default_factory=list)
    near: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))

    def add(self, other: Tally) -> None:
        """Add what was found in other files; the order does not matter."""
        self.rows.update(other.rows)
        self.finds += other.finds
        for key, rows in other.near.items():
            self.near[key] = nearest([*self.near[key], *rows])


def nearest(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The nearest misses, each once whatever its tiers, best first."""
    best: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in sorted(rows, key=lambda r: (-r["score"], r["kind"], r["id"], r["entry"], r["rule"], r["tier"])):
        best.setdefault((row["kind"], row["id"], row["entry"], row["rule"]), row)
    return list(best.values())[:NEAREST]


def find_order(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Where a find stands among others."""
    return tuple(row[key] for key in ("tier", "kind", "id", "benchmark", "layer", "entry", "rule"))


def audit_file(manifest: Manifest, file: DataFile, index: HashIndex, rules: Rules) -> Tally:
    """What stands in a data file of a release. Rows are read a row group at a time.

    Raises:
        schemas.manifest.ManifestError: the file is missing, is another than the manifest names, has no columns that tell what its rows
            say, or holds what no table of ours has (`schemas.released`): what cannot be read must not pass.
    """
    if file.kind not in _COLUMNS:
        raise ManifestError(
            f"{manifest.where(file)}: rows of kind {file.kind}, of which nobody knows what an audit should read"
        )
    manifest.check(file, digest=True)
    check_schema(manifest, file)
    tally = Tally()
    with pq.ParquetFile(manifest.source(file)) as shard:
        _check_columns(manifest, file, shard.schema_arrow)
        wanted = [c for c in _COLUMNS[file.kind] if c in shard.schema_arrow.names]
        for group in range(shard.num_row_groups):
            rows = shard.read_row_group(group, columns=wanted)
            _audit_rows(tally, file, _whole(rows), index, rules)
    return tally


def _check_columns(manifest: Manifest, file: DataFile, schema: pa.Schema) -> None:
    """Raises ManifestError unless the names and texts of the rows are there."""
    needed = _NEEDED[file.kind]
    if lost := [name for name in needed if name not in schema.names]:
        raise ManifestError(f"{manifest.where(file)}: no column {', '.join(lost)}; rows of kind {file.kind} have one")


def _whole(rows: pa.Table) -> _Rows:
    """Rows with every column that an audit knows; one that is not there is null."""
    found: list[dict[str, Any]] = rows.to_pylist()
    return [defaultdict(lambda: None, row) for row in found]


def _audit_rows(tally: Tally, file: DataFile, rows: _Rows, index: HashIndex, rules: Rules) -> None:
    named: dict[int, list[Match]] = defaultdict(list)
    if file.kind == "documents":
        for at, match in _by_rules(rows, rules):
            named[at].append(match)
    for at, row in enumerate(rows):
        is_document = file.kind == "documents"
        tally.rows[row["source"], file.kind] += 1
        found = [*named[at], *(_in_document(row, index) if is_document else _in_pair(row, index, rules))]
        who = {"tier": file.tier, "kind": file.kind, "id": row["id"] if is_document else row["pair_id"]}
        who |= {"source": row["source"], "doc_id": row["id"] if is_document else row["doc_id"]}
        for match in _best(found):
            told = {
                **who,
                "benchmark": match.benchmark,
                "layer": match.layer,
                "entry": match.entry,
                "rule": match.rule,
                "score": match.score,
            }
            if match.found:
                tally.finds.append(told)
            else:
                key = (match.benchmark, match.layer)
                tally.near[key] = nearest([*tally.near[key], told])


def _best(matches: Iterable[Match]) -> list[Match]:
    """Of each benchmark, layer, entry and rule the best match, and none that is near where another rule found the entry."""
    best: dict[tuple[str, str, str, str], Match] = {}
    for match in matches:
        key = (match.benchmark, match.layer, match.entry, match.rule)
        best[key] = max(match, best.get(key, match), key=lambda m: (m.found, m.score))
    found = {key[:3] for key, match in best.items() if match.found}
    return sorted(match for key, match in best.items() if match.found or key[:3] not in found)


def _in_document(row: Mapping[str, Any], index: HashIndex) -> Iterator[Match]:
    ids = [row["id"], row["paper_id"], *(f"{kind}:{row[kind]}" for kind in ("doi", "bibcode") if row[kind])]
    yield from _by_ids(index, ids, [row[name] for name in ("source_id", "doi", "bibcode", "url")])
    yield from index.by_digest(row["text_sha256"] or "")
    text = Hashed(said_by_document(row["title"], row["text"]))
    yield from index.by_copies(text)
    yield from index.by_fields(text)


def _in_pair(row: Mapping[str, Any], index: HashIndex, rules: Rules) -> Iterator[Match]:
    """Of a pair the paper that it was made of counts, what it says, and the evidence by itself."""
    yield from _by_ids(index, [row["doc_id"], row["paper_id"], f"{DOC_ID}{row['doc_id']}"], [])
    yield from index.by_digest(row["text_sha256"] or "")
    for match in by_araa([{**_UNSAID, "doc_id": row["doc_id"], "links": [row["paper_id"] or ""]}]):
        for benchmark in rules.araa:
            yield Match(benchmark, "identity", "rule araa", match["rule"], 1000, True)
    for said in said_by_pair(row):
        text = Hashed(said)
        yield from index.by_copies(text)
        yield from index.by_fields(text, of_pair=True)
    evidence = Hashed(row["evidence"])
    yield from index.by_copies(evidence, MIN_EVIDENCE, MIN_EVIDENCE_SHARED)
    yield from index.by_fields(evidence, of_pair=True)


def _by_ids(index: HashIndex, ids: Sequence[str | None], more: Sequence[str | None]) -> Iterator[Match]:
    """Entries that a row names, rule `id`; and those that it names as only our parser reads (a DOI as URL, an arXiv id in a doc_id),
    rule `spelled`."""
    plain = [name for name in ids if name]
    found = list(index.by_ids(plain))
    yield from found
    stems = [name.partition("~")[0] for name in plain]
    read = ids_of(*stems, *(name.partition(":")[2] for name in stems), *filter(None, more))
    known = {(match.benchmark, match.entry) for match in found}
    for match in index.by_ids(sorted(read - set(plain))):
        if (match.benchmark, match.entry) not in known:
            yield replace(match, rule="spelled")


def _by_rules(rows: _Rows, rules: Rules) -> Iterator[tuple[int, Match]]:
    """Documents that a rule or a title names."""
    papers = [_paper(at, row) for at, row in enumerate(rows)]
    for match in by_araa(papers) if rules.araa else ():
        for benchmark in rules.araa:
            yield match["doc_id"], Match(benchmark, "identity", "rule araa", match["rule"], 1000, True)
    for match in by_title(papers, rules.works, set()):
        yield match["doc_id"], Match(match["mark"], "bibliographic", match["entry"], "title", match["score"], True)


def _paper(at: int, row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of a release as the identity layer reads papers; its doc_id is its place among the rows."""
    links = [f"{kind}:{row[kind]}" for kind in ("doi", "bibcode") if row[kind]]
    heading = next((line[2:] for line in (row["text"] or "").splitlines()[:1] if line.startswith("# ")), None)
    return {
        **_UNSAID,
        "doc_id": at,
        "links": [*links, *filter(None, (row["paper_id"], row["url"]))],
        "venue": [f"url: {row['url']}"] if row["url"] else None,
        "titles": [title for title in dict.fromkeys((row["title"], heading)) if title],
        "authors": row["authors"],
        "date": row["date"],
        "text": row["text"],
        "front": None,
    }
