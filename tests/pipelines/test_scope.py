"""A scope in the config names a source of the config."""

from __future__ import annotations

from pathlib import Path

import pytest

from curation.errors import ConfigError
from pipelines.config import parse_config


def test_a_scope_of_no_source_is_refused() -> None:
    config = {"name": "x", "sources": [{"name": "replay", "path": "d"}], "dedup": {"scope": {"repaly": "off"}}}
    with pytest.raises(ConfigError, match=r"no source \['repaly'\]; sources: replay"):
        parse_config(config, Path())
