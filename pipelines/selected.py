"""The arXiv ids that a config, or a snapshot and a selection, ask for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from curation.errors import ConfigError
from curation.identity import parse_arxiv_id
from curation.sources.select import Select
from curation.sources.snapshot import raw_records
from pipelines.config import load_config
from pipelines.config_errors import validated
from pipelines.named_steps import SourceConfig, make_source
from pipelines.overrides import override_value


@dataclass
class Selected:
    """The papers of a snapshot that a selection takes; counts while it is read.

    Args:
        snapshot: path or address of JSON lines.
        select: which of its papers.
        records, taken: records read so far, and those that are selected.
        nameless, unsure: of them those without an arXiv id, and those that say nothing of what was asked.
    """

    snapshot: str
    select: Select
    records: int = 0
    taken: int = 0
    nameless: int = 0
    unsure: int = 0

    def ids(self) -> Iterator[str]:
        """Their arXiv ids, as the snapshot lists them.

        Raises:
            UserError: the snapshot cannot be read.
        """
        for record in raw_records(self.snapshot):
            self.records += 1
            if not self.select.takes(record):
                continue
            self.taken += 1
            self.unsure += not self.select.is_sure(record)
            arxiv = parse_arxiv_id(_word(record.get("arxiv_id")) or _word(record.get("id")))
            if arxiv is None:
                self.nameless += 1
            else:
                yield arxiv.id


def selected(given: str, source: str | None, asked: Sequence[str]) -> Selected:
    """What a command was given: a config (`.yaml`), whose source names a snapshot and may have `select:`, or a snapshot.

    Args:
        source: the name of the source, where the config has several with metadata.
        asked: `key=value` of a selection, beside and over those of the config.

    Raises:
        ConfigError: no such source, or a key that a selection has not.
    """
    value: dict[str, Any] = {}
    snapshot = given
    if Path(given).suffix in (".yaml", ".yml"):
        config = _source(Path(given), source)
        value = dict((config.model_extra or {}).get("select") or {})
        snapshot = str(make_source(config).metadata)
    elif source is not None:
        raise ConfigError(f"--source {source}: {given} is no config (.yaml), so it has no sources")
    for override in asked:
        override_value(value, override)
    return Selected(snapshot, validated(Select, value, "select", Path.cwd()))


def _source(path: Path, name: str | None) -> SourceConfig:
    sources = load_config(path).sources
    known = ", ".join(source.name for source in sources)
    found = [source for source in sources if name in (None, source.name) and (source.model_extra or {}).get("metadata")]
    if name is not None and not found:
        raise ConfigError(f"--source {name}: {path} has no source of this name with `metadata:`; sources: {known}")
    if len(found) != 1:
        raise ConfigError(f"{path}: {len(found)} sources have `metadata:`; say which with --source (sources: {known})")
    return found[0]


def _word(value: object) -> str | None:
    return value if isinstance(value, str) else None
