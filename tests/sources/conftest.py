"""One child for all tests that read data files."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from curation.confine.sandbox import Sandbox


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as made:
        yield made
