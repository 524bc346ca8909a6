"""Rules of a config: drop documents by a column of any table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Literal, Self

import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator, model_validator

from curation.errors import ConfigError, did_you_mean
from schemas import Reason, Table

_OF_RULES = (
    *(Reason.RULE, Reason.LOW_QUALITY, Reason.LANGUAGE, Reason.LICENCE, Reason.LICENCE_UNKNOWN, Reason.WITHDRAWN),
)
"""Reasons that a rule may give: what it says of a document itself, not of another one or of a benchmark."""
_BOUND: TypeAdapter[float | date | None] = TypeAdapter(float | date | None, config=ConfigDict(allow_inf_nan=False))


class SignalRule(BaseModel):
    """Drop documents by a column of any table with doc_ids. A null value never drops.

    Args:
        name: stands in the evidence, and finds the papers: `astrocorpus ledger RUN --reason NAME`.
        table, column: what to look at; `python -m schemas` prints them.
        min, max: a value outside drops the document; numbers, or ISO dates for a column of dates (both ends included).
        one_of: a value outside the list drops it.
        any_of: for a word or a list of words (categories): drops the document unless one of them is named here, or
            belongs to one that is: `astro-ph` stands for `astro-ph.CO` too.
        rows: of a table with many rows a document: `any` drops it when one row is so, `all` when every row with a value is.
        reason: the ledger's word: rule, low_quality, language, licence, licence_unknown or withdrawn.
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
    rows: Literal["any", "all"] | None = None
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

    @field_validator("reason")
    @classmethod
    def _is_a_rules(cls, reason: Reason) -> Reason:
        if reason not in _OF_RULES:
            raise ValueError(f"a rule cannot drop for the reason {reason}; it can for {', '.join(_OF_RULES)}")
        return reason

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if isinstance(self.min, date) != isinstance(self.max, date) and None not in (self.min, self.max):
            raise ValueError(f"rule {self.name!r}: min and max are two numbers or two dates")
        if self.min is not None and self.max is not None and self.min > self.max:  # type: ignore[operator]
            raise ValueError(f"rule {self.name!r}: min is above max, which would drop every document with a value")
        if all(asked is None for asked in (self.min, self.max, self.one_of, self.any_of)):
            raise ValueError(f"rule {self.name!r} needs min, max, one_of or any_of")
        return self

    def check(self, available: Mapping[str, Table]) -> None:
        """Check that the column is there, that its values can be compared with the rule's, and that it says which rows count.

        Args:
            available: tables that stand before the findings, by name.

        Raises:
            ConfigError: they cannot; the table has many rows a document, and the rule does not say whether one is enough.
        """
        if (table := available.get(self.table)) is None:
            raise ConfigError(
                f"rule {self.name!r}: there is no table {self.table!r}{did_you_mean(self.table, available)} "
                f"(there are: {', '.join(available)})"
            )
        if self.column not in table.columns:
            raise ConfigError(
                f"rule {self.name!r}: table {self.table} has no column {self.column!r}{did_you_mean(self.column, table.columns)} "
                f"(it has: {', '.join(table.columns)})"
            )
        column = table.arrow.field(self.column).type
        many = "row_id" in table.columns or len(table.sort_by) > 1  # what it is sorted by tells its rows apart
        if many and self.rows is None:
            raise ConfigError(self._which_rows())
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

    def is_of(self, source: str) -> bool:
        """Whether it looks at documents of a source."""
        return self.sources is None or source in self.sources

    def values(self, table: pa.Table) -> dict[str, list[Any]]:
        """The values of each document of a table: doc_id -> one, or those of its rows. Nulls are left out.

        Raises:
            ConfigError: a document has several rows, and the rule does not say which ones count.
        """
        found: dict[str, list[Any]] = {}
        for doc_id, value in zip(table["doc_id"].to_pylist(), table[self.column].to_pylist(), strict=True):
            values = found.setdefault(doc_id, [])
            if value is not None:
                values.append(value)
        if self.rows is None and table.num_rows > len(found):
            raise ConfigError(self._which_rows())
        return {doc_id: values for doc_id, values in found.items() if values}

    def breaks(self, values: Sequence[Any]) -> bool:
        """Whether the values of a document's rows drop it."""
        broken = map(self.broken_by, values)
        return bool(values) and (all(broken) if self.rows == "all" else any(broken))

    def _which_rows(self) -> str:
        return (
            f"rule {self.name!r}: table {self.table} has many rows a document; say `rows: any` (one that is so drops it) or "
            "`rows: all` (only when all are)"
        )

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
