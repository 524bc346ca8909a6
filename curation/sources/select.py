"""Which papers of a source are wanted, by their metadata records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from curation.identity import check_licence
from curation.sources.metadata import categories_of, date_of, kept, licence_of

_LICENCES = ("license", "licence")


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
        """Whether a record's paper is wanted; asked of millions, so what is cheap and takes out most comes first."""
        if self.categories is not None and not self._is_of(categories_of(record.get("categories"))):
            return False
        if self.from_ is not None or self.to is not None:
            when = date_of(record)
            if (
                when is not None
                and not (self.from_ or date.min).isoformat() <= when <= (self.to or date.max).isoformat()
            ):
                return False
        return (
            self.licences is None or licence_of(kept({k: record[k] for k in _LICENCES if k in record})) in self.licences
        )

    def is_sure(self, record: Mapping[str, Any]) -> bool:
        """Whether a record that it takes says what was asked, so that it is not taken for want of a category or date."""
        has_category = self.categories is None or bool(categories_of(record.get("categories")))
        return has_category and ((self.from_ is None and self.to is None) or date_of(record) is not None)

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
