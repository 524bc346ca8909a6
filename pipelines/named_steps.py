"""Steps that a config names: sources by name, and classes of the user's own by dotted path."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Self, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationInfo, model_validator

from curation.artefact import BASE
from curation.errors import ConfigError
from curation.sources.folder import FolderSource
from curation.sources.source import Source
from curation.step import Step, is_execution
from pipelines.config_errors import validated
from schemas import PAPERS

SOURCES: Mapping[str, type[Source]] = {"folder": FolderSource}


class NamedStep(BaseModel):
    """A step that a config names: other keys than those of ours are the config of its class, checked when it is made."""

    model_config = ConfigDict(frozen=True, extra="allow")

    _base: Path = PrivateAttr(default=Path())
    """Where its relative paths start."""

    @model_validator(mode="after")
    def _keep_base(self, info: ValidationInfo) -> Self:
        self._base = Path((info.context or {}).get(BASE, ""))
        return self


class SourceConfig(NamedStep):
    """One source.

    Args:
        name: part of every doc_id; other sections name the source by it.
        step: `folder`, or the dotted path of a source of your own, whose fields are further keys here.
    """

    name: str = Field(min_length=1)
    step: str = "folder"


class StepConfig(NamedStep):
    """A step of your own; its fields are further keys here.

    Args:
        step: the dotted path of its class, which is looked for where you start and in PYTHONPATH: mylab.filters.TitleLength.
        after: the table that it follows, whatever step of a run makes it; by default it stands before the findings.
    """

    step: str
    after: str | None = None


def make_source(config: SourceConfig) -> Source:
    """The first step of a source."""
    kind = SOURCES.get(config.step) or import_step(config.step)
    if not issubclass(kind, Source):
        raise ConfigError(
            f"source {config.name!r}: step {config.step!r} is no source: no subclass of {Source.__module__}.Source"
        )
    given = config.model_extra or {}
    if "source" in given:
        raise ConfigError(f"source {config.name!r}: unknown key 'source'; the name of a source is its key 'name'")
    return validated(kind, {"source": config.name, **given}, f"source {config.name!r}", config._base)


def make_step(config: StepConfig) -> Step:
    """A step of the user's own."""
    return validated(import_step(config.step), config.model_extra or {}, f"step {config.step}", config._base)


def with_own(steps: Sequence[Step], last: Sequence[Step], own: Iterable[StepConfig]) -> list[Step]:
    """Steps with the user's own among them: each behind the last step that makes the table which it follows, in the order of
    the config.

    Args:
        steps, last: the steps of every run; one that follows no table stands between both.

    Raises:
        ConfigError: no step makes that table.
    """
    chain: list[tuple[Step, str | None]] = [(step, None) for step in (*steps, *last)]
    between = len(steps)
    for config in own:
        makes = [[PAPERS.name], *([table.name for table in step.tables()] for step, _ in chain)]
        places = [place for place, tables in enumerate(makes) if config.after in tables]
        if config.after is not None and not places:
            known = ", ".join(dict.fromkeys(name for tables in makes for name in tables))
            raise ConfigError(f"step {config.step}: after: no step makes a table {config.after!r} (there are: {known})")
        at = places[-1] if places else between
        while at < len(chain) and config.after is not None and chain[at][1] == config.after:
            at += 1  # behind those that follow the same table
        chain.insert(at, (make_step(config), config.after))
        between += at <= between
    return [step for step, _ in chain]


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
        where = ""
        if isinstance(error, ModuleNotFoundError) and error.name and f"{module}.".startswith(f"{error.name}."):
            where = f"; modules are looked for in the folder where you start ({here}) and in PYTHONPATH"
        raise ConfigError(f"step {dotted!r} cannot be imported: {type(error).__name__}: {error}{where}") from error
    known = f"known sources: {', '.join(SOURCES)}"
    if not (isinstance(found, type) and issubclass(found, Step)):
        raise ConfigError(
            f"step {dotted!r} is no step class; give the dotted path of a subclass of curation.step.Step ({known})"
        )
    lacking = [n for n in ("name", "version", "requires", "provides") if not hasattr(found, n)]
    if lacking := [*lacking, *sorted(found.__abstractmethods__)]:
        raise ConfigError(f"step {dotted!r} is not complete: it has no {', '.join(lacking)}")
    for field in bare_paths(found):
        raise ConfigError(
            f"step {dotted!r}: its field {field!r} is a bare path, which would count by where it lies; make it an "
            "`Artefact` (its content counts) or a `Located` that is `Execution()` (curation.artefact)"
        )
    return found


def bare_paths(model: type[BaseModel]) -> Iterator[str]:
    """Fields of a config, and of the models in it, that hold paths and neither are artefacts nor stay out of the identity."""
    for name, info in model.model_fields.items():
        if not info.metadata:
            yield from (f"{name}{inner}" for inner in _bare(info.annotation))
        elif not is_execution(info):
            yield from (f"{name}{inner}" for inner in _bare(info.annotation) if inner)


def _bare(kind: Any) -> Iterator[str]:
    """Of an annotation: "" for a path, the field for one in a model."""
    if kind is Path:
        yield ""
    elif isinstance(kind, type) and issubclass(kind, BaseModel):
        yield from (f".{name}" for name in bare_paths(kind))
    elif get_origin(kind) is not Annotated:  # what is annotated says how it counts
        for inner in get_args(kind):
            yield from _bare(inner)
