"""A benchmark whose sources stay out of training data."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, model_validator

from curation.artefact import Artefact, is_of_config
from curation.errors import ConfigError
from curation.withhold.sources import read_sources


class Benchmark(BaseModel):
    """A benchmark whose sources are withheld. The list that a config names is read with it, so that no run begins with one that
    is not understood.

    Args:
        name: stands in the tables `hits` and `spread`, and on the card.
        rule: `araa` recognises every article of the Annual Review of Astronomy and Astrophysics.
        sources: a list of works. `.txt`: an arXiv id, DOI, bibcode or title a line, `#` begins a comment; `.jsonl` and
            `.parquet`: any of paper_id, arxiv_id, doi, bibcode, title, first_author and year a row.
        allow_unmatched: go on when no work of the list is in the corpus; else that is an error, since a list of other ids
            withholds nothing.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1)
    rule: Literal["araa"] | None = None
    sources: Artefact | None = None
    allow_unmatched: bool = False

    @model_validator(mode="after")
    def _one_of_both(self, info: ValidationInfo) -> Benchmark:
        if (self.rule is None) == (self.sources is None):
            raise ValueError(f"benchmark {self.name!r}: give either `rule: araa` or `sources: FILE`")
        if self.sources is not None and is_of_config(info):
            try:
                read_sources(self.sources)
            except ConfigError as error:
                raise ValueError(f"benchmark {self.name!r}: {error}") from error
        return self
