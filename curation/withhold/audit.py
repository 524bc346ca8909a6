"""The audit of a release: what of benchmarks stands in its published rows, by hashes, by rule and by title."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from curation.withhold.audit_row import Row, across_rows, ids_beside, in_document, in_pair, in_strings
from curation.withhold.compared import COLUMNS, EDGE_CHARS, ROWS_BEFORE, misfit
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
    HashIndex,
    Match,
)
from curation.withhold.hashed import NGRAM, SHORT
from curation.withhold.identity import by_araa, by_title
from schemas.manifest import MANIFEST_NAME, DataFile, Manifest, ManifestError, strings_of
from schemas.released import MEND, check_schema

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
    "edge_chars": EDGE_CHARS,
    "rows_before": ROWS_BEFORE,
}
"""What an audit counts by; they stand in audit.json."""
_NEEDED = {
    "documents": ("id", "paper_id", "text", "text_sha256"),
    "pairs": ("pair_id", "doc_id", "question", "answer", "messages"),
}
_UNSAID = dict.fromkeys(("unsure", "venue", "journal_ref", "comments", "date", "text", "front"))
"""What the identity layer asks of a paper, and no row of a release says."""
_Rows = Sequence[Row]


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


def each_once(finds: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Finds in their order, of those of one row, entry, layer and rule the best."""
    best: dict[tuple[str, ...], dict[str, Any]] = {}
    for find in sorted(finds, key=lambda row: (-row["score"], row["where"])):
        best.setdefault(find_order(find), find)
    return [best[key] for key in sorted(best)]


def audit_file(manifest: Manifest, file: DataFile, index: HashIndex, rules: Rules) -> Tally:
    """What stands in a data file of a release. Rows are read a row group at a time.

    Raises:
        schemas.manifest.ManifestError: the file is missing, is another than the manifest names, has no columns that tell what its rows
            say, or holds what no table of ours has (`schemas.released`), or a value that is not one of its column's
            (`curation.withhold.compared`): what cannot be read must not pass.
    """
    if file.kind not in COLUMNS:
        raise ManifestError(
            f"{manifest.where(file)}: rows of kind {file.kind}, of which nobody knows what an audit should read"
        )
    manifest.check(file, digest=True)
    check_schema(manifest, file)
    tally, before = Tally(), list[Row]()
    with pq.ParquetFile(manifest.source(file)) as shard:
        _check_columns(manifest, file, shard.schema_arrow)
        for group in range(shard.num_row_groups):
            table = shard.read_row_group(group, columns=_wanted(file.kind, shard.schema_arrow))
            if odd := misfit(file.kind, table):
                raise ManifestError(f"{manifest.where(file)}: {odd}: nobody has compared it; {MEND}")
            rows = _whole(table)
            _audit_rows(tally, file, rows, before, index, rules)
            before = [*before, *rows][-ROWS_BEFORE:]
    return tally


def audit_manifest(manifest: Manifest, index: HashIndex) -> Tally:
    """What stands in the words of manifest.json: the name of the corpus, tiers, licences, names of files and papers.

    Raises:
        schemas.manifest.ManifestError: it has keys that we do not write.
    """
    tally = Tally()
    who = {"tier": "", "kind": "manifest", "id": MANIFEST_NAME, "doc_id": MANIFEST_NAME, "source": None}
    for match in _best(in_strings(strings_of(manifest), index, MANIFEST_NAME)):
        tally.finds.append({**who, **_told(match), "where": match.where})
    return tally


def _wanted(kind: str, schema: pa.Schema) -> list[str]:
    """The columns of a file that have strings, and `source`, by which rows are counted."""
    columns = COLUMNS[kind]
    return [name for name in schema.names if name in {*columns.texts, *columns.beside, *columns.forms, "source"}]


def _check_columns(manifest: Manifest, file: DataFile, schema: pa.Schema) -> None:
    """Raises ManifestError unless the names and texts of the rows are there."""
    needed = _NEEDED[file.kind]
    if lost := [name for name in needed if name not in schema.names]:
        raise ManifestError(f"{manifest.where(file)}: no column {', '.join(lost)}; rows of kind {file.kind} have one")


def _whole(rows: pa.Table) -> _Rows:
    """Rows with every column that an audit knows; one that is not there is null."""
    found: list[dict[str, Any]] = rows.to_pylist()
    return [defaultdict(lambda: None, row) for row in found]


def _audit_rows(tally: Tally, file: DataFile, rows: _Rows, before: _Rows, index: HashIndex, rules: Rules) -> None:
    """Add what stands in the rows of a group, and in them together with some before them."""
    look, columns = (in_document if file.kind == "documents" else in_pair), COLUMNS[file.kind]
    found: dict[int, list[Match]] = defaultdict(list)
    for at, match in _by_rules(file.kind, rows, rules):
        found[at].append(match)
    for at, row in enumerate(rows):
        tally.rows[row["source"], file.kind] += 1
        found[at] += look(row, index)
    for at, match in across_rows([*before, *rows], columns, index):
        found[at - len(before)].append(match)
    for at, matches in sorted(found.items()):
        _tell(tally, file, rows[at] if at >= 0 else before[at], _best(matches))


def _tell(tally: Tally, file: DataFile, row: Row, matches: Iterable[Match]) -> None:
    is_document = file.kind == "documents"
    who = {"tier": file.tier, "kind": file.kind, "id": row["id"] if is_document else row["pair_id"]}
    who |= {"source": row["source"], "doc_id": row["id"] if is_document else row["doc_id"]}
    for match in matches:
        told = {**who, **_told(match)}
        if match.found:
            tally.finds.append({**told, "where": match.where})
        else:
            key = (match.benchmark, match.layer)
            tally.near[key] = nearest([*tally.near[key], told])


def _told(match: Match) -> dict[str, Any]:
    return {key: getattr(match, key) for key in ("benchmark", "layer", "entry", "rule", "score")}


def _best(matches: Iterable[Match]) -> list[Match]:
    """Of each benchmark, layer, entry and rule the best match, and none that is near where another rule found the entry."""
    best: dict[tuple[str, str, str, str], Match] = {}
    for match in matches:
        key = (match.benchmark, match.layer, match.entry, match.rule)
        best[key] = max(match, best.get(key, match), key=lambda m: (m.found, m.score))
    found = {key[:3] for key, match in best.items() if match.found}
    return sorted(match for key, match in best.items() if match.found or key[:3] not in found)


def _by_rules(kind: str, rows: _Rows, rules: Rules) -> Iterator[tuple[int, Match]]:
    """Rows that a rule or a title names; of a pair the paper that it was made of."""
    papers = [_paper(at, row) if kind == "documents" else _paper_of_pair(at, row) for at, row in enumerate(rows)]
    for match in by_araa(papers) if rules.araa else ():
        for benchmark in rules.araa:
            yield match["doc_id"], Match(benchmark, "identity", "rule araa", match["rule"], 1000, True, where="ids")
    for match in by_title(papers, rules.works, set()) if kind == "documents" else ():
        yield (
            match["doc_id"],
            Match(match["mark"], "bibliographic", match["entry"], "title", match["score"], True, where="title"),
        )


def _paper_of_pair(at: int, row: Row) -> dict[str, Any]:
    names = filter(None, (row["doc_id"], row["paper_id"]))
    return {**_UNSAID, "doc_id": at, "links": [*names, *sorted(ids_beside(row, COLUMNS["pairs"]))]}


def _paper(at: int, row: Row) -> dict[str, Any]:
    """A row of a release as the identity layer reads papers; its doc_id is its place among the rows."""
    links = [f"{kind}:{row[kind]}" for kind in ("doi", "bibcode") if row[kind]]
    named = (*links, *filter(None, (row["paper_id"], row["url"])), *sorted(ids_beside(row, COLUMNS["documents"])))
    heading = next((line[2:] for line in (row["text"] or "").splitlines()[:1] if line.startswith("# ")), None)
    return {
        **_UNSAID,
        "doc_id": at,
        "links": list(dict.fromkeys(named)),
        "venue": [f"url: {row['url']}"] if row["url"] else None,
        "titles": [title for title in dict.fromkeys((row["title"], heading)) if title],
        "authors": row["authors"],
        "date": row["date"],
        "text": row["text"],
        "front": None,
    }
