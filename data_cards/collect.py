"""The figures of a data card, from a run's report and the shards of a release, checked against one another."""

from __future__ import annotations

import hashlib
import importlib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from data_cards.card import (
    AuditedLayer,
    AuditShown,
    Card,
    CardError,
    Figures,
    FunnelRow,
    SampleRow,
    Share,
    TierCard,
    TokenizerError,
    TokenizerUsed,
)
from data_cards.report import ReasonReport, RunReport, TierReport
from data_cards.shards import TierFigures, Tokenizer, measure
from schemas import Tier
from schemas.audit import AUDIT_NAME, AuditError, read_audit
from schemas.files import Files
from schemas.manifest import Manifest, read_manifest

EXCERPT_CHARS = 600
NAME_CHARS = 300
"""Longest title, licence and the like of a sample row; the longest titles on arXiv have 250-300 characters."""
VERDICTS = {"drop": "dropped", "withhold": "withheld", "fail": "failed"}


def collect(
    release: Path | Files,
    tiers: Sequence[str] | None,
    report: Mapping[str, Any],
    *,
    tokenizer_json: Path | None = None,
    counted: Card | None = None,
    samples: int = 5,
    seed: int = 0,
) -> Card:
    """The figures of a release.

    Args:
        release: the folder with manifest.json, or another place.
        tiers: some tiers, or None for all of the report.
        report: the run's report.json (data_cards.report.RunReport).
        tokenizer_json: counts tokens when given; needs the `tokenizers` library.
        counted: a card of the same shards; its token counts are taken unless another tokenizer is named.
        samples: sample rows a tier, chosen by `seed`.

    Raises:
        CardError: the report is malformed, does not add up, or does not agree with the release.
        TokenizerError: there is no usable tokenizer.json.
        schemas.manifest.ManifestError: the folder is no complete release.
    """
    try:
        run = RunReport.model_validate(report)
    except ValidationError as error:
        raise CardError(f"report.json: {error}") from error
    manifest = read_manifest(release)
    if unreported := [t for t in manifest.tiers if t not in run.tiers]:
        raise CardError(f"{manifest.place.uri}: the report of run {run.run} knows no tier {', '.join(unreported)}")
    if unknown := sorted(set(tiers or ()) - set(run.tiers)):
        raise CardError(f"no tier {unknown} in the report of run {run.run}; it has {', '.join(run.tiers)}")
    tokenizer, used = load_tokenizer(tokenizer_json) if tokenizer_json else (None, None)
    known: dict[str, Figures] = {}
    if counted and counted.tokenizer and (used is None or used.sha256 == counted.tokenizer.sha256):
        tokenizer, used = None, counted.tokenizer
        known = {t.tier: t.figures for t in counted.tiers}
    cards = []
    for name in tier_order(run.tiers if tiers is None else tiers):
        figures = measure(manifest, name, tokenizer=tokenizer, samples=samples, seed=seed)
        if name in known:
            figures.cpt_tokens, figures.sft_tokens = known[name].cpt_tokens, known[name].sft_tokens
        cards.append(tier_card(name, run, figures))
    card = Card(
        name=manifest.name,
        run=run.run,
        manifest_sha256=manifest.sha256,
        papers_in=run.papers.papers_in,
        tiers=cards,
        tokenizer=used,
        sample_seed=seed,
        stages=run.stages,
        versions=run.versions,
        artefacts=run.artefacts,
        benchmarks=run.benchmarks,
        joins=run.joins,
        near_families=run.near_families,
        route_agreement=run.route_agreement,
        summaries=run.summaries,
        warnings=run.warnings,
        audit=audit_shown(manifest),
    )
    return Card.model_validate(without_controls(card.model_dump()))


def audit_shown(manifest: Manifest) -> AuditShown | None:
    """The audit of a release as its card shows it; None where there is none that speaks of this very release."""
    try:
        audit = read_audit(manifest.place, manifest)
        if audit is None:
            return None
        layers = [
            AuditedLayer(
                benchmark=benchmark["name"],
                mode=benchmark["mode"],
                layer=name,
                checked=layer["checked"],
                left_out=layer.get("left_out", 0),
                set_aside=layer.get("set_aside", 0),
                hits=layer["hits"],
                nearest=max((miss["score"] for miss in layer["nearest"]), default=None),
            )
            for benchmark in audit["benchmarks"]
            for name, layer in sorted(benchmark["layers"].items())
            if layer["checked"] or layer.get("left_out")
        ]
        digest = hashlib.sha256(manifest.place.read(AUDIT_NAME)).hexdigest()
        return AuditShown(sha256=digest, passed=audit["passed"], layers=layers)
    except (AuditError, ValidationError, KeyError, TypeError, AttributeError):
        return None


def tier_order(tiers: Iterable[str]) -> list[str]:
    """Tiers as a card lists them, however a config or report orders them: those of schemas first, then by name."""
    known = list(Tier)
    return sorted(tiers, key=lambda t: (known.index(Tier(t)) if t in known else len(known), t))


def tier_card(tier: str, run: RunReport, figures: TierFigures) -> TierCard:
    """One tier's part of the card, after the sums were checked.

    Raises:
        CardError: documents in are not released + dropped + withheld + failed, a verdict's reasons do not add up
            to it, or the release has another number of rows.
    """
    report = run.tiers[tier]
    check_sums(tier, report, figures.rows)
    return TierCard(
        tier=tier,
        figures=Figures(
            papers=figures.papers,
            cpt_tokens=figures.cpt_tokens,
            sft_pairs=figures.sft_pairs,
            sft_tokens=figures.sft_tokens,
            withheld_sources=run.withheld_sources,
        ),
        **report.model_dump(include={"documents_in", "released", "masked", "dropped", "withheld", "failed"}),
        words=figures.words,
        funnel=funnel(report, [s.stage for s in run.stages]),
        reasons=sorted(report.reasons, key=lambda row: (-row.count, row.reason, row.stage)),
        years=[Share(name=y, documents=n) for y, n in sorted(figures.years.items())],
        licences=shares(figures.licences, figures.licence_words),
        routes=shares(figures.routes),
        sources=shares(figures.sources, figures.source_words),
        engines=dict(sorted(figures.engines.items())),
        samples=[sample_row(row) for row in figures.samples],
        files=[f.file for f in figures.files],
        pair_files=[f.file for f in figures.pair_files],
        bytes=sum(f.bytes for f in figures.files),
        pair_bytes=sum(f.bytes for f in figures.pair_files),
    )


def check_sums(tier: str, report: TierReport, rows: int) -> None:
    """Raise CardError unless the account of a tier adds up and is the account of these shards."""
    accounted = report.released + report.dropped + report.withheld + report.failed
    if report.documents_in != accounted:
        raise CardError(f"tier {tier}: {report.documents_in} documents in, {accounted} accounted for; run it again")
    by_verdict: Counter[str] = Counter()
    for entry in report.reasons:
        if entry.verdict not in VERDICTS:
            raise CardError(
                f"tier {tier}, reason {entry.reason}: verdict {entry.verdict!r}; one of {', '.join(VERDICTS)}"
            )
        by_verdict[entry.verdict] += entry.count
    for verdict, name in VERDICTS.items():
        if by_verdict[verdict] != (total := getattr(report, name)):
            raise CardError(f"tier {tier}: {total} {name}, but its reasons add up to {by_verdict[verdict]}")
    if rows != report.released:
        raise CardError(f"tier {tier}: the report says {report.released} released, the shards have {rows} rows")


def funnel(report: TierReport, stages: list[str]) -> list[FunnelRow]:
    """One row a stage that took something out, in the order of the run; stages unknown to it come last."""
    by_stage: dict[str, list[ReasonReport]] = {}
    for entry in report.reasons:
        if entry.count:
            by_stage.setdefault(entry.stage, []).append(entry)
    place = {stage: i for i, stage in enumerate(stages)}
    left, rows = report.documents_in, []
    for stage in sorted(by_stage, key=lambda s: (place.get(s, len(place)), s)):
        taken: Counter[str] = Counter()
        for entry in by_stage[stage]:
            taken[VERDICTS[entry.verdict]] += entry.count
        left -= taken.total()
        rows.append(FunnelRow(stage=stage, left=left, **taken))
    return rows


def shares(documents: Counter[str], words: Counter[str] | None = None) -> list[Share]:
    """Bars from the most documents to the fewest."""
    ordered = sorted(documents.items(), key=lambda item: (-item[1], item[0]))
    return [
        Share(name=cut(name, NAME_CHARS), documents=n, words=words[name] if words is not None else None)
        for name, n in ordered
    ]


def sample_row(row: Mapping[str, Any]) -> SampleRow:
    names = {name: row.get(name) and cut(row[name], NAME_CHARS) for name in ("title", "licence", "date", "route")}
    excerpt = cut(row["text"], EXCERPT_CHARS)
    return SampleRow(id=cut(row["id"], NAME_CHARS), words=row.get("n_words"), excerpt=excerpt, **names)


def cut(text: str, chars: int) -> str:
    return text if len(text) <= chars else text[:chars].rstrip() + " …"


def without_controls(value: Any) -> Any:
    """A value of JSON, its strings without control and format characters (NUL, ESC, marks of writing direction), which a
    page does not show but obeys; line ends and tabs stay."""
    if isinstance(value, str):
        return "".join(c for c in value if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cf", "Cs"))
    if isinstance(value, list):
        return [without_controls(v) for v in value]
    if isinstance(value, dict):
        return {without_controls(k): without_controls(v) for k, v in value.items()}
    return value


def load_tokenizer(path: Path) -> tuple[Tokenizer, TokenizerUsed]:
    """The tokenizer of a tokenizer.json, and what names it.

    Raises:
        TokenizerError: the file is missing or no tokenizer, or the `tokenizers` library is not there.
    """
    if not path.is_file():
        raise TokenizerError(f"{path}: no such tokenizer.json; leave it out to have tokens shown as not counted")
    try:
        library = importlib.import_module("tokenizers")
    except ImportError as error:
        raise TokenizerError("counting tokens needs the tokenizers library: pip install tokenizers") from error
    try:
        tokenizer = library.Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises nothing more special
        raise TokenizerError(f"{path} is no tokenizer.json ({error})") from error
    tokenizer.no_truncation()  # a file may carry the settings of its model's inputs: they are none of a count
    tokenizer.no_padding()
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    name = path.parent.name if path.name == "tokenizer.json" else path.stem
    return tokenizer, TokenizerUsed(name=name, sha256=digest)
