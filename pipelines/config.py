"""YAML -> pydantic: one section a stage; the sections are the steps themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from curation.artefact import Artefact, Located
from curation.dedup.config import Dedup
from curation.dedup.paragraphs import BoilerplateSpans
from curation.errors import ConfigError, UserError
from curation.extract.router import Extract
from curation.quality.both_routes import AgreementConfig
from curation.release.decide import Decide
from curation.release.shards import MAX_SHARD_ROWS
from curation.sft.config import FILLED, PairsConfig
from curation.sft.stages.rephrased_judge import JudgedWithhold
from curation.sources.steps import JoinedMetadata
from curation.sources.text_file import read_text
from curation.step import Execution, Step
from curation.text.boilerplate import check_artefact
from curation.withhold.benchmark import Benchmark
from pipelines.config_errors import INSTEAD, validated
from pipelines.config_keys import Key, keys_of
from pipelines.named_steps import SOURCES, SourceConfig, StepConfig
from pipelines.overrides import override_value
from pipelines.strict_yaml import YamlError, read_yaml


class Boilerplate(BaseModel):
    """Paragraphs that many documents repeat word for word (licences, collaboration lists).

    Args:
        artefact: the file that `astrocorpus artefact boilerplate` made.
        use: mark: their spans stand in the table `boilerplate`, no text is changed; compare_without: marked, and left out
            where near duplicates are looked for; remove: cut out of every text.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    artefact: Artefact
    use: Literal["mark", "compare_without", "remove"] = "mark"

    @field_validator("artefact")
    @classmethod
    def _is_boilerplate(cls, path: Path) -> Path:
        try:
            check_artefact(path)
        except ConfigError as error:
            raise ValueError(str(error)) from error
        return path


class ReleaseConfig(BaseModel):
    """Shape of the release.

    Args:
        shard_rows: documents a shard, on average.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    shard_rows: int = Field(default=4096, ge=1, le=MAX_SHARD_ROWS)


class CardConfig(BaseModel):
    """The data card.

    Args:
        tokenizer: tokenizer.json that counts tokens.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    tokenizer: Annotated[Located | None, Execution()] = None


class CorpusConfig(BaseModel):
    """A run from papers to a release.

    Args:
        name: of the corpus: letters, digits, `.`, `_` and `-`; runs/NAME is its run folder unless `--run` says another.
        sources: where papers lie, one item a source: `- {name: arxiv, path: /data/papers}`.
        metadata: how records of snapshots meet papers.
        extract: limits and choices of extraction.
        agreement: papers that are read by LaTeX and by PDF, to see how far the two agree.
        boilerplate: paragraphs that many papers repeat; without this section none are looked for.
        withhold: benchmarks whose sources no tier releases.
        dedup: what counts as a duplicate.
        steps: steps of your own.
        decide: tiers of the release, and what each leaves out.
        pairs: question-answer pairs beside the texts; without this section none are made, `pairs: {}` makes them.
        release: shape of the release.
        card: the data card.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    sources: tuple[SourceConfig, ...] = Field(min_length=1)
    metadata: JoinedMetadata = JoinedMetadata()
    extract: Extract = Extract()
    agreement: AgreementConfig = AgreementConfig()
    boilerplate: Boilerplate | None = None
    withhold: JudgedWithhold = JudgedWithhold(benchmarks=(Benchmark(name="AstroMLab-1", rule="araa"),))
    dedup: Dedup = Dedup()
    steps: tuple[StepConfig, ...] = ()
    decide: Decide = Decide()
    pairs: PairsConfig | None = None
    release: ReleaseConfig = ReleaseConfig()
    card: CardConfig = CardConfig()

    @field_validator("name")
    @classmethod
    def _names_a_folder(cls, name: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name):
            raise ValueError(
                f"{name!r} cannot name a folder; write letters, digits, '.', '_' and '-', a letter or digit first"
            )
        return name

    def marks(self) -> tuple[Step, ...]:
        """What marks texts beside the steps that every run has."""
        given = self.boilerplate
        return (BoilerplateSpans(artefact=given.artefact),) if given and given.use != "remove" else ()


ELSEWHERE = {
    *(*INSTEAD, "sources[].source"),
    *(f"pairs.{section}.{name}" for section, names in FILLED.items() for name in names),
}
"""Fields of our models that are no keys: `boilerplate`, the name of a source, and other sections fill them."""


def config_keys() -> Iterator[Key]:
    """Every key of a config, with those of a source of kind `folder`. Those of an engine stand once, at `pairs.engine`."""
    for key in keys_of(CorpusConfig, {SourceConfig: SOURCES["folder"]}):
        before, engine, behind = key.path.partition(".engine")
        if key.path in ELSEWHERE or (behind and before != "pairs"):
            continue
        is_other = engine and not behind and before != "pairs"
        yield replace(key, doc=f"{key.doc} Its keys are those of pairs.engine.") if is_other else key


def load_config(path: Path, overrides: Sequence[str] = ()) -> CorpusConfig:
    """Read a config file; relative paths start at its folder.

    Args:
        overrides: `a.b=value` strings; the value is YAML, a list item is named by its number.

    Raises:
        ConfigError: names the key, what is wrong with it, and what would be right.
    """
    try:
        value = read_yaml(read_text(path))
    except FileNotFoundError as error:
        raise UserError(f"config {path} does not exist") from error
    except (OSError, YamlError) as error:
        raise ConfigError(f"config {path} cannot be read: {error}") from error
    if not isinstance(value, dict):
        raise ConfigError(f"config {path} holds no keys; the first lines are `name:` and `sources:`")
    for override in overrides:
        override_value(value, override)
    return parse_config(value, base=path.parent, where=str(path))


def parse_config(value: Mapping[str, Any], base: Path, where: str = "config") -> CorpusConfig:
    """Check a config given as a mapping; `base` is where relative paths start."""
    config = validated(CorpusConfig, value, where, base)
    names = [s.name for s in config.sources]
    if len(set(names)) < len(names):
        raise ConfigError(f"{where}: two sources have one name; names: {', '.join(names)}")
    if unknown := {s for rule in config.decide.rules for s in rule.sources or ()} - set(names):
        raise ConfigError(f"{where}: decide.rules: no source {sorted(unknown)}; sources: {', '.join(names)}")
    if unknown := set(config.dedup.scope.root) - set(names):
        raise ConfigError(f"{where}: dedup.scope: no source {sorted(unknown)}; sources: {', '.join(names)}")
    closed = [one for one in config.pairs.closed() if one.of_every_pair] if config.pairs else []
    if closed and all(rule.licences is not None for rule in config.decide.tiers.values()):
        raise ConfigError(
            f"{where}: pairs: {closed[0].why}; no pair would be released, for every tier asks for licences ({', '.join(config.decide.tiers)}); "
            "name it in pairs.allowed_models when you have read its terms, or release a tier that asks for none"
        )
    return _with_boilerplate(config)


def _with_boilerplate(config: CorpusConfig) -> CorpusConfig:
    """The config with its boilerplate where it is used."""
    given = config.boilerplate
    if given is None or given.use == "mark":
        return config
    if given.use == "remove":
        cut = config.extract.model_copy(update={"remove_boilerplate": given.artefact})
        return config.model_copy(update={"extract": cut})
    without = config.dedup.shingling.model_copy(update={"strip_boilerplate": given.artefact})
    return config.model_copy(update={"dedup": config.dedup.model_copy(update={"shingling": without})})
