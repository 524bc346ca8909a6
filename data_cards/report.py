"""What a card reads of a run's `report.json`. Keys that it does not read are ignored."""

from __future__ import annotations

from pydantic import BaseModel, Field


class PapersIn(BaseModel):
    """`papers` of the report: how many the sources gave."""

    papers_in: int = Field(alias="in", ge=0)


class StageReport(BaseModel):
    """One entry of `stages`: what was done. Times and costs stay in the report; a card has none, so that it is
    the same for the same release."""

    stage: str
    step: str
    version: int | str
    fingerprint: str
    rows: int = Field(ge=0)


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
    dropped: int = Field(ge=0)
    withheld: int = Field(ge=0)
    failed: int = Field(ge=0)
    reasons: list[ReasonReport]
    words: int = Field(ge=0)


class RunReport(BaseModel):
    """`report.json` of a run."""

    run: str
    papers: PapersIn
    stages: list[StageReport]
    tiers: dict[str, TierReport]
    versions: dict[str, str]
    withheld_sources: int = Field(ge=0)
    """Distinct works of the table `withheld`: versions and copies of one work count once, whatever became of them."""
