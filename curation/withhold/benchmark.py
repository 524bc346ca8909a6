"""A benchmark whose sources and items stay out of training data."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from curation.artefact import Artefact, content_sha256, is_of_config
from curation.errors import ConfigError
from curation.withhold.adapters import AdapterName
from curation.withhold.items import read_files
from curation.withhold.phrases import check_phrases, phrases_sha256, read_phrases
from curation.withhold.sources import BenchmarkSource, read_sources, refs_of


class Benchmark(BaseModel):
    """A benchmark: the works that it was made from, by a rule, a list, or both, and its items. The files that a config names are
    read with it, so that no run begins with one that is not understood.

    Args:
        name: stands in the tables `hits` and `spread`, and on the card.
        rule: `araa` recognises every article of the Annual Review of Astronomy and Astrophysics.
        sources: a list of works. `.txt`: an arXiv id, DOI, bibcode, journal reference or title a line, `#` begins a comment, or
            an export with tags of ADS, EndNote or RIS; `.jsonl` and `.parquet`: any of paper_id, arxiv_id, doi, bibcode, alternate_bibcode, journal_ref,
            title, first_author and year a row; `.bib`: BibTeX; `.json`: an answer of ADS's search, or CSL.
        items: its questions, one file or several (all splits): `.csv`, `.jsonl`, `.json` or `.parquet`. The works that they name (paper_id,
            arxiv_id, doi, bibcode) are sources, too.
        adapter: the layout of their rows: `plain` (question, choices or A, B, C ..., answer, explanation, passage), `astromlab1`,
            `gpqa`, `mmlu`, `mmlu_pro`, `sciq`, or `free` (question or problem, answer, solution).
        phrases: runs of tokens that many texts share, which say nothing of its items: a file that `astrocorpus artefact phrases DOCS` made of
            texts that do not hold the benchmark (it may not take most of a question); by default ours, of few.
        texts: indexes of withheld texts, one file or several, that `astrocorpus artefact withheld-texts RUN` made: what is a copy of a text
            that an earlier run withheld for the benchmark of this name is a hit.
        mode: what a hit does; `withhold`: the whole document stays out, with its copies; `mask`: the passages that were found are taken
            out of its text, `[withheld]` in their place, and a document that was found by an id or title alone, in whose title one
            stands, or of which they are more than half, is withheld; `report`: nothing, it is counted and told.
        allow_unmatched: go on when no work of the list is in the corpus; else that is an error, since a list of other ids
            withholds nothing.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1)
    rule: Literal["araa"] | None = None
    sources: Artefact | None = None
    items: tuple[Artefact, ...] = ()
    adapter: AdapterName | None = None
    phrases: Artefact | None = None
    texts: tuple[Artefact, ...] = ()
    mode: Literal["withhold", "mask", "report"] = "withhold"
    allow_unmatched: bool = False

    @field_validator("items", "texts", mode="before")
    @classmethod
    def _one_or_several(cls, items: Any) -> Any:
        return items if isinstance(items, list | tuple) else (items,)

    def listed(self) -> list[BenchmarkSource]:
        """The works of its list. Raises ConfigError, as `named`: a file cannot be read."""
        return read_sources(self.sources) if self.sources is not None else []

    def named(self) -> list[BenchmarkSource]:
        """The works that its items name, an entry an item."""
        return list(_named(self.items, self.adapter, tuple(map(content_sha256, self.items)))) if self.adapter else []

    def names_works(self) -> bool:
        """Whether its list or items name any."""
        return self.sources is not None or bool(self.named())

    @model_validator(mode="after")
    def _is_whole(self, info: ValidationInfo) -> Benchmark:
        if self.rule is None and self.sources is None and not self.items and not self.texts:
            raise ValueError(
                f"benchmark {self.name!r}: give `rule: araa`, `sources: FILE`, `items: FILE`, `texts: FILE`, or several of them"
            )
        if bool(self.items) != (self.adapter is not None):
            raise ValueError(f"benchmark {self.name!r}: `items` and `adapter`, the layout of their rows, go together")
        if is_of_config(info):
            try:
                self.listed(), self.named(), read_phrases(self.phrases)
                if self.adapter is not None:
                    sha256 = tuple(map(content_sha256, self.items))
                    _check_phrases(self.phrases, phrases_sha256(self.phrases), self.items, self.adapter, sha256)
            except ConfigError as error:
                raise ValueError(f"benchmark {self.name!r}: {error}") from error
        return self


@lru_cache(maxsize=16)
def _named(paths: tuple[Path, ...], adapter: AdapterName, sha256: tuple[str, ...]) -> tuple[BenchmarkSource, ...]:
    """Read once a process, and again where a file has changed: every step that looks for works asks for them."""
    named = ((item.item_id, item.source_ids) for item in read_files(paths, adapter) if item.source_ids)
    return tuple(BenchmarkSource(item_id, ids | refs_of(*sorted(ids))) for item_id, ids in named)


@lru_cache(maxsize=16)
def _check_phrases(
    phrases: Path | None, _: str, paths: tuple[Path, ...], adapter: AdapterName, sha256: tuple[str, ...]
) -> None:
    """Once a process, and again where a file has changed."""
    check_phrases(phrases, ((item.item_id, item.question) for item in read_files(paths, adapter)))
