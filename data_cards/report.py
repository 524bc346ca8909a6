"""What a card reads of a run's `report.json`. Keys that it does not read are ignored."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field


class PapersIn(BaseModel):
    """`papers` of the report: how many the sources gave."""

    papers_in: int = Field(alias="in", ge=0)


class TookReport(BaseModel):
    """What the replies of a stage took, whichever run paid for them. What they cost stays in the report, as prices change."""

    requests: int = Field(ge=0)
    prompt_tokens: int = Field(ge=0)
    completion_tokens: int = Field(ge=0)


class EngineReport(BaseModel):
    """The model that a stage asked."""

    model: str
    licence: str
    in_all: TookReport
    others: dict[str, int] = {}
    """Replies by the model that has answered in its place, as the server says."""
    other_licences: dict[str, str | None] = {}
    """Licences of these as the config names them; null where it does not know the model."""


class StageReport(BaseModel):
    """One entry of `stages`: what was done. Times and costs stay in the report; a card has none, so that it is
    the same for the same release."""

    stage: str
    step: str
    version: int | str
    fingerprint: str
    rows: int = Field(ge=0)
    engine: EngineReport | None = None


class ReasonReport(BaseModel):
    """One entry of `tiers.<tier>.reasons`: documents that a tier left out for one reason (schemas.Reason) in one stage."""

    reason: str
    stage: str
    verdict: str
    count: int = Field(ge=0)


class TierReport(BaseModel):
    """One entry of `tiers`: where the documents of a tier went."""

    documents_in: int = Field(ge=0)
    released: int = Field(ge=0)
    masked: int = Field(default=0, ge=0)
    """Of those released: their text lacks passages that a benchmark masks."""
    dropped: int = Field(ge=0)
    withheld: int = Field(ge=0)
    failed: int = Field(ge=0)
    reasons: list[ReasonReport]
    words: int = Field(ge=0)


class SideReport(BaseModel):
    """One side of a join: how many there are, how many the other side knows, and some that it does not."""

    what: str
    count: int = Field(ge=0)
    matched: int = Field(ge=0)
    unmatched: int = Field(ge=0)
    samples: list[str]


class JoinReport(BaseModel):
    """One entry of `joins`: what a join or rule of the config matched."""

    kind: str
    name: str
    given: SideReport
    papers: SideReport


class NearFamily(BaseModel):
    """Near duplicates that one kept copy stands for."""

    documents: int = Field(ge=0)
    kept: str
    samples: list[str]


class NearFamilies(BaseModel):
    """`near_families`: how many large ones there are, their documents, and the largest by name."""

    count: int = Field(default=0, ge=0)
    documents: int = Field(default=0, ge=0)
    largest: list[NearFamily] = []


class AgreementWorst(BaseModel):
    """A paper on which two routes agree little: the share of what one has that the other has, too."""

    id: str
    share: float = Field(ge=0, le=1)


class AgreementMeasure(BaseModel):
    """One share over the papers that were compared; mean and 10th percentile are null where no paper has any of what is counted."""

    what: str
    papers: int = Field(ge=0)
    mean: float | None
    p10: float | None
    worst: list[AgreementWorst]


class RouteAgreement(BaseModel):
    """`route_agreement`: papers that have LaTeX and a PDF, how many of them were drawn and compared, and how far both agree."""

    with_both: int = Field(ge=0)
    drawn: int = Field(ge=0)
    compared: int = Field(ge=0)
    not_compared: dict[str, int] = {}
    measures: list[AgreementMeasure] = []


def share_shown(value: float) -> str:
    """A share in three places, cut and not rounded, so that 1.000 is all; shares of reports have four."""
    return f"{round(value * 10_000) // 10 / 1000:.3f}"


class BenchmarkRead(BaseModel):
    """What a run read of a benchmark: the name of a rule, how its items were read, and by field of the config the digests of its files."""

    rule: str | None = None
    adapter: str | None = None
    files: dict[str, list[str]] = {}


class RunReport(BaseModel):
    """`report.json` of a run."""

    run: str
    papers: PapersIn
    stages: list[StageReport]
    tiers: dict[str, TierReport]
    versions: dict[str, str]
    artefacts: dict[str, str] = {}
    """Key of the config, as an identity spells it -> sha256 of the file that was named there."""
    benchmarks: dict[str, BenchmarkRead] = {}
    """By name what was read of each."""
    joins: list[JoinReport] = []
    near_families: NearFamilies | None = None
    route_agreement: RouteAgreement | None = None
    summaries: dict[str, dict[str, Any]] = {}
    """Stage -> small sums that its step tells of its tables; a card shows them as they are."""
    warnings: list[str] = []
    withheld_sources: int = Field(ge=0)
    """Distinct works of the table `hits`: versions and copies of one work count once, whatever became of them."""
