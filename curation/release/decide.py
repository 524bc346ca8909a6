"""The only place that drops: one verdict a document and tier, with its reason.

Order of the questions, the first that applies decides: failed, withdrawn, withheld for a benchmark, licence, language and
quality, rules of the config, duplicates. Duplicates come last and look at what is left: clusters are made anew of the documents
that nothing else dropped, so a closed journal copy never hides its open preprint, and what is dropped for another document
was compared with it. What verified edges tie to a withheld document is withheld with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Any, ClassVar, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    field_validator,
    model_validator,
)

from curation.dedup.clusters import EDGE_COLUMNS, KINDS, Families, all_edges
from curation.dedup.rank import Flags, ranked
from curation.errors import ConfigError
from curation.joins import Join, Kind, Side
from curation.release.licences import OPEN, check_licence, is_redistributable
from curation.step import Inputs, Requires, WholeStep
from schemas import DECISIONS, Reason, Status, Table, Tier, Verdict

RESERVED_TIERS = ("documents", "pairs")
"""Folders of a release that hold work in progress. Pairs of a tier lie in `<tier>-pairs`, which no tier can be called."""


class TierRule(BaseModel):
    """What a tier asks of a licence.

    Args:
        licences: licences that may be released, as `curation.identity.normalise_licence` writes them; None: any, also
            unknown ones (for use inside one's own walls).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    licences: tuple[Annotated[str, AfterValidator(check_licence)], ...] | None = Field(default=None, min_length=1)


def check_tier(name: str) -> str:
    """The name itself when it can be a folder of a release beside all others.

    Raises:
        ValueError: it cannot.
    """
    if not re.fullmatch(r"[a-z0-9][a-z0-9_]*", name):
        raise ValueError(f"tier {name!r}: a name has lower-case letters, digits and underscores only")
    if name in RESERVED_TIERS:
        raise ValueError(f"tier {name!r}: a release has a folder of that name; choose another")
    return name


_BOUND: TypeAdapter[float | date | None] = TypeAdapter(float | date | None, config=ConfigDict(allow_inf_nan=False))


class SignalRule(BaseModel):
    """Drop documents by a column of any per-paper table. A null value never drops.

    Args:
        table, column: what to look at.
        min, max: a value outside drops the document; numbers, or ISO dates for a column of dates (both ends included).
        one_of: a value outside the list drops it.
        any_of: for a word or a list of words (categories): drops the document unless one of them is named here, or
            belongs to one that is: `astro-ph` stands for `astro-ph.CO` too.
        tiers, sources: where the rule holds; default all.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: str
    table: str
    column: str
    min: float | date | None = None
    max: float | date | None = None
    one_of: tuple[str, ...] | None = Field(default=None, min_length=1)
    any_of: tuple[str, ...] | None = Field(default=None, min_length=1)
    reason: Reason = Reason.RULE
    tiers: tuple[str, ...] | None = None
    sources: tuple[str, ...] | None = None

    @field_validator("min", "max", mode="before")
    @classmethod
    def _number_or_date(cls, value: object) -> object:
        try:
            return _BOUND.validate_python(value)
        except ValidationError as error:
            raise ValueError(f"{value!r} is neither a number nor an ISO date") from error

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if isinstance(self.min, date) != isinstance(self.max, date) and None not in (self.min, self.max):
            raise ValueError(f"rule {self.name!r}: min and max are two numbers or two dates")
        if self.min is not None and self.max is not None and self.min > self.max:  # type: ignore[operator]
            raise ValueError(f"rule {self.name!r}: min is above max, which would drop every document with a value")
        if all(asked is None for asked in (self.min, self.max, self.one_of, self.any_of)):
            raise ValueError(f"rule {self.name!r} needs min, max, one_of or any_of")
        return self

    def check(self, column: pa.DataType) -> None:
        """Raise ConfigError unless values of the column can be compared with the rule's."""
        number = pa.types.is_integer(column) or pa.types.is_floating(column)
        text = pa.types.is_string(column) or pa.types.is_large_string(column)
        dates = text or pa.types.is_temporal(column)
        fits = {
            "numbers": number or not any(isinstance(bound, float) for bound in (self.min, self.max)),
            "dates": dates or not any(isinstance(bound, date) for bound in (self.min, self.max)),
            "single values (any_of is for lists)": not pa.types.is_nested(column) or self.one_of is None,
            "words": text or pa.types.is_list(column) or self.any_of is None,
        }
        if wrong := [needed for needed, fit in fits.items() if not fit]:
            raise ConfigError(
                f"rule {self.name!r} needs {wrong[0]}, and {self.table}.{self.column} is of type {column}"
            )

    def holds(self, tier: str, source: str) -> bool:
        return (self.tiers is None or tier in self.tiers) and (self.sources is None or source in self.sources)

    def broken_by(self, value: Any) -> bool:
        if value is None:
            return False
        if self.one_of is not None and str(value) not in self.one_of:
            return True
        words = value if isinstance(value, list) else [value]
        if self.any_of is not None and not any(f"{word}.".startswith(f"{a}.") for word in words for a in self.any_of):
            return True
        below = self.min is not None and _key(value, self.min) < _key(self.min, self.min)
        return below or (self.max is not None and _key(value, self.max) > _key(self.max, self.max))


def _key(value: Any, bound: float | date) -> Any:
    """What of a value is compared with a bound: the day, as ISO date, for a date; else the value itself."""
    return str(value)[:10] if isinstance(bound, date) else value


class Finding(BaseModel):
    """A verdict in the making."""

    verdict: Verdict
    stage: str
    reason: Reason
    evidence: str | None = None
    score: float | None = None


class Quality(BaseModel):
    """Language and quality of prose; a null signal never drops.

    Thresholds are far below what papers measure, because Gopher's and C4's own reject astronomy papers for their math and
    tables (10 and 13 of 13 papers); only the floor of 50 words and two of the commonest function words are theirs
    (Rae et al. 2021, arXiv:2112.11446, table A1).

    Args:
        languages: ISO codes that stay; a document is dropped when another one has at least `min_language_score`;
            above 1 none is.
        min_words, min_stop_words: counts in prose.
        min_alpha_word_fraction: share of words with a letter.
        max_duplicate_line_fraction: share of characters in repeated lines.
        max_top_ngram_fraction: share of characters in the commonest 3-gram.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    languages: tuple[str, ...] = ("en",)
    min_language_score: float = Field(default=0.5, ge=0.0, le=2.0)
    min_words: int = Field(default=50, ge=0, le=1_000_000)
    min_stop_words: int = Field(default=2, ge=0, le=1_000_000)
    min_alpha_word_fraction: float = Field(default=0.5, ge=0.0, le=1.0)
    max_duplicate_line_fraction: float = Field(default=0.5, ge=0.0, le=1.0)
    max_top_ngram_fraction: float = Field(default=0.2, ge=0.0, le=1.0)

    def finding(self, signals: dict[str, Any]) -> Finding | None:
        """The first thing wrong with a document, None when nothing is."""
        language, score = signals["language"], signals["language_score"]
        if language is not None and language not in self.languages and score >= self.min_language_score:
            return _quality(Reason.LANGUAGE, f"language is {language}", score)
        for column in ("words", "stop_words", "alpha_word_fraction"):
            name = "n_words" if column == "words" else column
            if signals[name] is not None and signals[name] < getattr(self, f"min_{column}"):
                return _quality(Reason.LOW_QUALITY, f"{name} is below {getattr(self, f'min_{column}')}", signals[name])
        for column in ("duplicate_line_fraction", "top_ngram_fraction"):
            if signals[column] is not None and signals[column] > getattr(self, f"max_{column}"):
                return _quality(
                    Reason.LOW_QUALITY, f"{column} is above {getattr(self, f'max_{column}')}", signals[column]
                )
        return None


def _quality(reason: Reason, evidence: str, score: float) -> Finding:
    return Finding(verdict=Verdict.DROP, stage="signals", reason=reason, evidence=evidence, score=score)


class Decide(WholeStep):
    """Verdicts for every tier; a document without one is kept."""

    name: ClassVar[str] = "decide"
    version: ClassVar[int] = 3
    requires: ClassVar[Requires] = {
        "papers": (
            *(
                "doc_id",
                "paper_id",
                "source",
                "status",
                "licence",
                "is_withdrawn",
                "comments",
                "version",
                "date",
                "is_journal",
            ),
        ),
        "documents": ("doc_id", "paper_id", "status", "reason", "detail", "n_words"),
        "sketches": ("doc_id", "n_words", "alone"),
        "signals": (
            *("doc_id", "language", "language_score", "n_words", "stop_words", "alpha_word_fraction"),
            *("duplicate_line_fraction", "top_ngram_fraction"),
        ),
        "withheld": ("doc_id", "benchmark", "layer", "rule", "evidence", "score"),
        "exact_edges": EDGE_COLUMNS,
        "identity_edges": EDGE_COLUMNS,
        "near_edges": EDGE_COLUMNS,
    }
    provides: ClassVar[Table] = DECISIONS

    tiers: dict[Annotated[str, AfterValidator(check_tier)], TierRule] = Field(
        default={Tier.RESEARCH.value: TierRule(), Tier.PUBLIC.value: TierRule(licences=OPEN)}, min_length=1
    )
    quality: Quality = Quality()
    rules: tuple[SignalRule, ...] = ()

    @model_validator(mode="after")
    def _public_is_open(self) -> Self:
        """What bears the name `public` is passed on, so it must say under which licences."""
        if (public := self.tiers.get(Tier.PUBLIC)) is None:
            return self
        if public.licences is None:
            raise ValueError(f"tier public must name its licences, for example licences: [{', '.join(OPEN)}]")
        if closed := [licence for licence in public.licences if not is_redistributable(licence)]:
            raise ValueError(f"tier public: {', '.join(closed)} does not let full text be passed on")
        return self

    @model_validator(mode="after")
    def _rules_name_tiers(self) -> Self:
        for rule in self.rules:
            if unknown := set(rule.tiers or ()) - set(self.tiers):
                raise ValueError(
                    f"rule {rule.name!r} names no tier of ours: {sorted(unknown)}; tiers: {sorted(self.tiers)}"
                )
        return self

    def reads(self) -> Requires:
        reads = {name: list(columns) for name, columns in self.requires.items()}
        for rule in self.rules:
            columns = reads.setdefault(rule.table, ["doc_id"])
            if rule.column not in columns:
                columns.append(rule.column)
        return {name: tuple(columns) for name, columns in reads.items()}

    def check(self, available: Mapping[str, Table]) -> None:
        """As of every step; and a rule must fit the type of its column."""
        super().check(available)
        for rule in self.rules:
            rule.check(available[rule.table].arrow.field(rule.column).type)

    def run(self, inputs: Inputs) -> pa.Table:
        ranking, ids = ranked(inputs)
        families = Families(ranking, all_edges(inputs, ids))
        by_row = set(self.requires) - set(_CLUSTERED) | {rule.table for rule in self.rules}
        tables = {name: _by_id(inputs[name]) for name in sorted(by_row)}
        _withhold_copies(tables["withheld"], families, ids)
        papers = tables["papers"]
        rows: list[dict[str, object]] = []
        for tier, rule in self.tiers.items():
            found = {d: f for d in papers if (f := self._first(tier, rule, d, tables)) is not None}
            dropped = pc.is_in(ids, value_set=pa.array(list(found), pa.string())).to_numpy(zero_copy_only=False)
            found.update(_duplicates(families, ~dropped, ids))
            rows += [
                {"doc_id": d, "paper_id": papers[d]["paper_id"], "tier": tier, **f.model_dump(mode="json")}
                for d, f in found.items()
            ]
        return DECISIONS.rows(rows)

    def summary(self, inputs: Inputs, made: Mapping[str, pa.Table]) -> Mapping[str, Any]:
        """What each rule matches, of the documents that were read and are of its sources."""
        papers = inputs["papers"].select(["doc_id", "source"]).to_pydict()
        read = pc.equal(inputs["documents"]["status"], Status.OK.value)
        is_read = set(inputs["documents"]["doc_id"].filter(read).to_pylist())
        sources = {d: s for d, s in zip(*papers.values(), strict=True) if d in is_read}
        joins = []
        for rule in self.rules:
            table = inputs[rule.table]
            values = dict(zip(table["doc_id"].to_pylist(), table[rule.column].to_pylist(), strict=True))
            mine = {d: values.get(d) for d, source in sources.items() if rule.sources is None or source in rule.sources}
            without = [d for d, value in mine.items() if value is None]
            kept = [d for d, value in mine.items() if not rule.broken_by(value)]
            given = Side.of(f"values of {rule.table}.{rule.column}", len(mine) - len(without), without)
            papers_side = Side("documents", len(mine), len(mine) - len(kept))
            joins.append(Join(Kind.RULE, rule.name, given, papers_side).to_json())
        return {"joins": joins}

    def _first(
        self, tier: str, rule: TierRule, doc_id: str, tables: dict[str, dict[str, dict[str, Any]]]
    ) -> Finding | None:
        paper, document = tables["papers"][doc_id], tables["documents"][doc_id]
        if document["status"] == Status.FAILED:
            stage = "papers" if paper["status"] == Status.FAILED else "documents"
            return Finding(
                verdict=Verdict.FAIL, stage=stage, reason=Reason(document["reason"]), evidence=document["detail"]
            )
        if paper["is_withdrawn"]:
            return Finding(verdict=Verdict.DROP, stage="papers", reason=Reason.WITHDRAWN, evidence=paper["comments"])
        if withheld := tables["withheld"].get(doc_id):
            source = withheld["layer"] == "identity"
            return Finding(
                verdict=Verdict.WITHHOLD,
                stage="withheld",
                reason=Reason.BENCHMARK_SOURCE if source else Reason.BENCHMARK_OVERLAP,
                evidence=f"{withheld['benchmark']}: {withheld['rule']}: {withheld['evidence']}",
                score=withheld["score"],
            )
        if rule.licences is not None and paper["licence"] not in rule.licences:
            reason = Reason.LICENCE_UNKNOWN if paper["licence"] is None else Reason.LICENCE
            return Finding(verdict=Verdict.DROP, stage="papers", reason=reason, evidence=paper["licence"])
        return self.quality.finding(tables["signals"][doc_id]) or next(self._broken(tier, doc_id, tables), None)

    def _broken(self, tier: str, doc_id: str, tables: dict[str, dict[str, dict[str, Any]]]) -> Iterator[Finding]:
        for rule in self.rules:
            if not rule.holds(tier, tables["papers"][doc_id]["source"]):
                continue
            value = tables[rule.table].get(doc_id, {}).get(rule.column)
            if rule.broken_by(value):
                evidence = f"{rule.name}: {rule.table}.{rule.column} is {value}"
                score = float(value) if isinstance(value, int | float) else None
                yield Finding(
                    verdict=Verdict.DROP, stage=rule.table, reason=rule.reason, evidence=evidence, score=score
                )


_CLUSTERED = ("sketches", "exact_edges", "identity_edges", "near_edges")
"""Tables that are read as columns, not row by row."""
_REASONS = {"exact": Reason.DUPLICATE, "near": Reason.NEAR_DUPLICATE, "identity": Reason.SUPERSEDED}
_TIES = {"exact": "same words as", "near": "near copy of", "identity": "same work as"}


def _withhold_copies(withheld: dict[str, dict[str, Any]], families: Families, ids: pa.Array) -> None:
    """Withhold what says what a withheld document says: a preprint of a benchmark source is that source."""
    marked = pc.is_in(ids, value_set=pa.array(list(withheld), pa.string())).to_numpy(zero_copy_only=False)
    rows, sources, kinds, jaccard = families.spread(marked)
    left = {
        ids[row].as_py(): (ids[source].as_py(), KINDS[kind], None if np.isnan(j) else j)
        for row, source, kind, j in zip(*(x.tolist() for x in (rows, sources, kinds, jaccard)), strict=True)
    }
    for doc_id, (source, kind, j) in left.items():
        origin = source
        while origin in left:
            origin = left[origin][0]
        evidence = f"{_TIES[kind]} {source}" + (f", a copy of {origin}" if origin != source else "")
        withheld[doc_id] = {**withheld[origin], "rule": "duplicate", "evidence": evidence, "score": j}


def _duplicates(families: Families, active: Flags, ids: pa.Array) -> Iterator[tuple[str, Finding]]:
    """Verdicts for all documents that a kept one stands for, among those that nothing else dropped."""
    found = families.cluster(active)
    for row in np.flatnonzero(found.kind >= 0).tolist():
        kind, j = KINDS[found.kind[row]], float(found.jaccard[row])
        finding = Finding(
            verdict=Verdict.DROP,
            stage="duplicates",
            reason=_REASONS[kind],
            evidence=f"keeps {ids[int(found.head[row])].as_py()}",
            score=None if np.isnan(j) else j,
        )
        yield ids[row].as_py(), finding


def _by_id(table: pa.Table) -> dict[str, dict[str, Any]]:
    rows: list[dict[str, Any]] = table.to_pylist()
    return {row["doc_id"]: row for row in rows}
