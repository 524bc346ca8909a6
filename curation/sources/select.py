"""Which papers of a source are wanted, by their metadata records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from curation.release.licences import check_licence
from curation.sources.metadata import columns_of

_ASKED = ("id", "arxiv_id", "version", "versions", "categories", "license", "licence", "date", "update_date")
"""Keys of a record that a selection looks at: the others, which are long, are not cleaned for it."""


class Select(BaseModel):
    """Papers that are wanted. A record that says nothing of its category or date is wanted, so that nothing is lost unseen; one that
    says no known licence is not, where licences are asked for.

    Args:
        categories: at least one is the record's, in whatever place: `astro-ph` stands for `astro-ph.CO` too, and so does
            `astro-ph.*`.
        from: first day, of the version that the record speaks of.
        to: last day.
        licences: as `licences` of a tier.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    categories: tuple[str, ...] | None = Field(default=None, min_length=1)
    from_: date | None = Field(default=None, alias="from")
    to: date | None = None
    licences: tuple[Annotated[str, AfterValidator(check_licence)], ...] | None = Field(default=None, min_length=1)

    @model_validator(mode="after")
    def _is_a_time(self) -> Self:
        if self.from_ and self.to and self.from_ > self.to:
            raise ValueError(f"from {self.from_} is after to {self.to}, which selects nothing")
        return self

    def takes(self, record: Mapping[str, Any]) -> bool:
        """Whether a record's paper is wanted."""
        columns = columns_of({key: record[key] for key in _ASKED if key in record})
        when = columns.get("date")
        return (
            (self.categories is None or self._is_of(columns.get("categories")))
            and (self.licences is None or columns.get("licence") in self.licences)
            and (when is None or self.from_ is None or when >= self.from_.isoformat())
            and (when is None or self.to is None or when <= self.to.isoformat())
        )

    def _is_of(self, categories: Iterable[str] | None) -> bool:
        named = [word.removesuffix(".*") for word in self.categories or ()]
        return categories is None or any(c == word or c.startswith(f"{word}.") for c in categories for word in named)

    def told(self) -> str:
        """What is asked for, in words."""
        asked = [
            f"categories {', '.join(self.categories)}" if self.categories else "",
            f"from {self.from_}" if self.from_ else "",
            f"to {self.to}" if self.to else "",
            f"licences {', '.join(self.licences)}" if self.licences else "",
        ]
        return "; ".join(word for word in asked if word) or "all"
