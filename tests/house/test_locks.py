"""Locks are hashed, name no index, and hold one provider of the module `fasttext`."""

from __future__ import annotations

import re
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
LOCKS = sorted(PROJECT.glob("requirements*.lock"))


@pytest.mark.parametrize("lock", LOCKS, ids=lambda p: p.name)
def test_lock_is_hashed_and_names_no_index(lock):
    text = lock.read_text()
    assert "index-url" not in text and "://" not in text
    for block in re.split(r"\n(?=[A-Za-z0-9])", text):
        if re.match(r"[A-Za-z0-9._-]+(\[.*\])?==", block):
            assert "--hash=sha256:" in block, block.splitlines()[0]


def test_one_provider_of_fasttext():
    assert packages_distributions()["fasttext"] == ["fasttext-community"]
