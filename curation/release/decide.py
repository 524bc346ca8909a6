"""The config section `decide`: what a tier leaves out, and the steps that say so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from curation.dedup.config import Dedup
from curation.release.copies import Copies
from curation.release.decisions import Decisions
from curation.release.findings import Findings
from curation.release.licences import OPEN, is_redistributable
from curation.release.masking import Mode
from curation.release.quality import Quality
from curation.release.rules import SignalRule
from curation.release.texts import Texts
from curation.release.tiers import TierRule, check_tier
from curation.step import Step
from schemas import Tier


class Decide(BaseModel):
    """What each tier leaves out.

    Args:
        tiers: what each asks of a licence; the names are yours, and `public` is what will be passed on.
        quality: floors of language and quality, the same in all tiers.
        rules: thresholds on columns of any table.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

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

    def licences(self) -> dict[str, tuple[str, ...]]:
        """By tier the licences that it may release; none for a tier that takes any."""
        return {tier: rule.licences for tier, rule in self.tiers.items() if rule.licences is not None}

    def steps(self, dedup: Dedup, modes: Mapping[str, Mode] | None = None) -> tuple[Step, ...]:
        """The steps from marks and edges to decisions, and where a benchmark masks to texts, in their order.

        Args:
            modes: benchmarks that do another thing than withhold.
        """
        tiers, modes = tuple(self.tiers), dict(modes or {})
        masks = tuple(sorted(name for name, mode in modes.items() if mode == "mask"))
        return (
            Findings(tiers=self.tiers, modes=modes, quality=self.quality, rules=self.rules),
            Copies(
                tiers=tiers,
                contained=dedup.containment,
                max_edges=dedup.max_edges,
                max_removed_share=dedup.max_removed_share,
                max_cluster=dedup.max_cluster,
            ),
            Decisions(tiers=tiers),
            *((Texts(masks=masks, tiers=tiers),) if masks else ()),
        )
