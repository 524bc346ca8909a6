"""YAML -> pydantic: one section a stage; the sections are the steps themselves."""

from __future__ import annotations

import difflib
import importlib
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo

from curation.dedup.config import Dedup
from curation.errors import ConfigError, UserError
from curation.extract.router import Extract
from curation.release.decide import Decide
from curation.release.shards import MAX_SHARD_ROWS
from curation.sft.extractive import Extractive
from curation.sources.folder import FolderSource
from curation.sources.text_file import read_text
from curation.step import Execution, MapStep, Step
from curation.withhold.identity import Benchmark, WithholdSources
from pipelines.strict_yaml import YamlError, read_yaml

M = TypeVar("M", bound=BaseModel)

_LOW, _HIGH = ("ge", "gt"), ("le", "lt")
_BOUNDS = (*_LOW, *_HIGH)
"""Names of bounds in the metadata of a pydantic field."""

SOURCES: Mapping[str, type[MapStep]] = {"folder": FolderSource}


class SourceConfig(BaseModel):
    """One source: `step` is a name above or a dotted path to a class of your own; other keys are its config."""

    model_config = ConfigDict(frozen=True, extra="allow")

    name: str = Field(min_length=1)
    step: str = "folder"


class StepConfig(BaseModel):
    """A step of your own between documents and decisions: `step` is the dotted path of its class."""

    model_config = ConfigDict(frozen=True, extra="allow")

    step: str


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
        tokenizer: tokenizer.json that counts tokens; a relative path starts at the config's folder.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    tokenizer: Annotated[Path | None, Execution()] = None


class CorpusConfig(BaseModel):
    """A run from papers to a release."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    sources: tuple[SourceConfig, ...] = Field(min_length=1)
    extract: Extract = Extract()
    withhold: WithholdSources = WithholdSources(benchmarks=(Benchmark(name="AstroMLab-1", rule="araa"),))
    dedup: Dedup = Dedup()
    steps: tuple[StepConfig, ...] = ()
    decide: Decide = Decide()
    pairs: Extractive | None = None
    release: ReleaseConfig = ReleaseConfig()
    card: CardConfig = CardConfig()


def load_config(path: Path, overrides: Sequence[str] = ()) -> CorpusConfig:
    """Read a config file; relative source paths are taken from its folder.

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
        _override(value, override)
    return parse_config(value, base=path.parent, where=str(path))


def parse_config(value: Mapping[str, Any], base: Path, where: str = "config") -> CorpusConfig:
    """Check a config given as a mapping; `base` is where relative source paths start."""
    config = _validated(CorpusConfig, value, where)
    sources = []
    for source in config.sources:
        extra = dict(source.model_extra or {})
        for key in ("path", "metadata"):
            if isinstance(extra.get(key), str):
                extra[key] = str(base / extra[key])
        sources.append(SourceConfig(name=source.name, step=source.step, **extra))
    names = [s.name for s in sources]
    if len(set(names)) < len(names):
        raise ConfigError(f"{where}: two sources have one name; names: {', '.join(names)}")
    if unknown := {s for rule in config.decide.rules for s in rule.sources or ()} - set(names):
        raise ConfigError(f"{where}: decide.rules: no source {sorted(unknown)}; sources: {', '.join(names)}")
    if unknown := set(config.dedup.scope.root) - set(names):
        raise ConfigError(f"{where}: dedup.scope: no source {sorted(unknown)}; sources: {', '.join(names)}")
    benchmarks = [
        b.model_copy(update={"sources": base / b.sources}) if b.sources else b for b in config.withhold.benchmarks
    ]
    extract = config.extract
    if extract.remove_boilerplate is not None:
        artefact = _artefact(base / extract.remove_boilerplate, where, "extract.remove_boilerplate")
        extract = extract.model_copy(update={"remove_boilerplate": artefact})
    dedup = config.dedup
    if dedup.boilerplate is not None:
        artefact = _artefact(base / dedup.boilerplate, where, "dedup.boilerplate")
        dedup = dedup.model_copy(update={"boilerplate": artefact})
    if dedup.shingling.strip_boilerplate is not None:
        artefact = _artefact(base / dedup.shingling.strip_boilerplate, where, "dedup.shingling.strip_boilerplate")
        shingling = dedup.shingling.model_copy(update={"strip_boilerplate": artefact})
        dedup = dedup.model_copy(update={"shingling": shingling})
    card = config.card
    if card.tokenizer is not None:
        card = CardConfig(tokenizer=base / card.tokenizer)
    withhold = config.withhold.model_copy(update={"benchmarks": tuple(benchmarks)})
    return config.model_copy(
        update={"sources": tuple(sources), "withhold": withhold, "extract": extract, "dedup": dedup, "card": card}
    )


def _artefact(path: Path, where: str, key: str) -> Path:
    """The path of a boilerplate artefact that can be read."""
    from curation.text.boilerplate import check_artefact  # numba, which few configs need

    try:
        check_artefact(path)
    except ConfigError as error:
        raise ConfigError(f"{where}: {key}: {error}") from error
    return path


def make_source(config: SourceConfig) -> MapStep:
    """The first step of a source."""
    kind = SOURCES.get(config.step) or import_step(config.step)
    given = config.model_extra or {}
    if "source" in given:
        raise ConfigError(f"source {config.name!r}: unknown key 'source'; the name of a source is its key 'name'")
    return _validated(kind, {"source": config.name, **given}, f"source {config.name!r}")  # type: ignore[return-value]


def make_step(config: StepConfig) -> Step:
    """A step of the user's own."""
    return _validated(import_step(config.step), config.model_extra or {}, f"step {config.step}")


def import_step(dotted: str) -> type[Step]:
    """A step class by dotted path, looked for in the working directory too.

    Raises:
        ConfigError: no such module or class, a module that cannot be run, no step, or half a step.
    """
    module, _, name = dotted.rpartition(".")
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.append(here)
    if not all(part.isidentifier() for part in dotted.split(".")) or not module:
        raise ConfigError(f"step {dotted!r} is no dotted path of a class, such as mylab.filters.MyStep")
    try:
        found = getattr(importlib.import_module(module), name)
    except (Exception, SystemExit) as error:  # the user's module is run here, and may fail in any way
        raise ConfigError(f"step {dotted!r} cannot be imported: {type(error).__name__}: {error}") from error
    known = f"known sources: {', '.join(SOURCES)}"
    if not (isinstance(found, type) and issubclass(found, Step)):
        raise ConfigError(
            f"step {dotted!r} is no step class; give the dotted path of a subclass of curation.step.Step ({known})"
        )
    lacking = [n for n in ("name", "version", "requires", "provides") if not hasattr(found, n)]
    if lacking := [*lacking, *sorted(found.__abstractmethods__)]:
        raise ConfigError(f"step {dotted!r} is not complete: it has no {', '.join(lacking)}")
    return found


def _override(value: dict[str, Any], override: str) -> None:
    path, equals, text = override.partition("=")
    if not equals or not path:
        raise ConfigError(f"--set {override!r}: write it as --set section.key=value")
    *folders, last = path.split(".")
    node: Any = value
    for key in folders:
        if isinstance(node, list):
            node = node[_index(node, key, override)]
        else:
            node = node.setdefault(key, {})
        if not isinstance(node, dict | list):
            raise ConfigError(f"--set {override!r}: {key} is a value, not a section")
    try:
        new = read_yaml(text)
    except YamlError as error:
        raise ConfigError(f"--set {override!r}: {text!r} is no YAML value ({error})") from error
    if isinstance(node, list):
        node[_index(node, last, override)] = new
    else:
        node[last] = new


def _index(node: list[Any], key: str, override: str) -> int:
    if not key.isdigit() or int(key) >= len(node):
        raise ConfigError(f"--set {override!r}: {key!r} is no item of a list of {len(node)}")
    return int(key)


def _validated(model: type[M], value: Mapping[str, Any], where: str) -> M:
    try:
        return model.model_validate(dict(value))
    except ValidationError as error:
        lines = [_explain(model, dict(e)) for e in error.errors()]
        raise ConfigError(f"{where}: " + "; ".join(lines)) from error


def _explain(model: type[BaseModel], error: Mapping[str, Any]) -> str:
    path = [str(p) for p in error["loc"]]
    name = ".".join(path) or "config"
    if (asked := _range(_field(model, path))) and error["type"] != "missing":
        return f"{name}: {_short(error['input'])} is not {asked}"
    if error["type"] != "extra_forbidden":
        return f"{name}: {str(error['msg']).removeprefix('Value error, ')}"
    allowed = _fields(model, path[:-1])
    close = difflib.get_close_matches(path[-1], allowed, n=1)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    return f"unknown key {name!r}; allowed here: {', '.join(allowed)}{hint}"


def _range(info: FieldInfo | None) -> str:
    """What a field of numbers asks for, in words; empty for another field, and for one without bounds on both sides."""
    bounds = {name: getattr(m, name) for m in (info.metadata if info else ()) for name in _BOUNDS if hasattr(m, name)}
    low, high = (next((bounds[name] for name in names if name in bounds), None) for names in (_LOW, _HIGH))
    if info is None or low is None or high is None:
        return ""
    what = "a whole number" if info.annotation is int else "a number"
    return f"{what} {'above' if 'gt' in bounds else 'from'} {low:,} {'to below' if 'lt' in bounds else 'to'} {high:,}"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:40]}..."


def _field(model: type[BaseModel], path: Sequence[str]) -> FieldInfo | None:
    """The field that a path of keys leads to."""
    found = _model(model, path[:-1]).model_fields
    return found.get(path[-1]) if path else None


def _fields(model: type[BaseModel], path: Sequence[str]) -> list[str]:
    """Names of the fields of the model that a path of keys leads to."""
    return sorted(_model(model, path).model_fields)


def _model(model: type[BaseModel], path: Sequence[str]) -> type[BaseModel]:
    for key in path:
        info = model.model_fields.get(key)
        if info is None:
            continue
        inner = [a for a in (info.annotation, *getattr(info.annotation, "__args__", ())) if isinstance(a, type)]
        models = [a for a in inner if issubclass(a, BaseModel)]
        if models:
            model = models[0]
    return model
