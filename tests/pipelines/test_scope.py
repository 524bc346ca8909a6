"""A scope in the config names a source of the config."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from curation.errors import ConfigError
from pipelines.config import parse_config


def test_a_scope_of_no_source_is_refused() -> None:
    config = {"name": "x", "sources": [{"name": "replay", "path": "d"}], "dedup": {"scope": {"repaly": "off"}}}
    with pytest.raises(ConfigError, match=r"no source \['repaly'\]; sources: replay"):
        parse_config(config, Path())


def test_a_bare_off_is_off() -> None:
    """YAML reads it as false."""
    section = yaml.safe_load("scope: {replay: off, web: within}")
    config = parse_config(
        {"name": "x", "sources": [{"name": n, "path": "d"} for n in ("replay", "web")], "dedup": section}, Path()
    )
    assert [config.dedup.scope.of(name) for name in ("replay", "web")] == ["off", "within"]
    with pytest.raises(ConfigError, match="is not 'across', 'within', 'papers' or 'off'"):
        parse_config(
            {"name": "x", "sources": [{"name": "web", "path": "d"}], "dedup": {"scope": {"web": True}}}, Path()
        )
