"""Buckets of papers, on a real S3 server and in a folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from curation.place import open_place
from tests.conftest import shared_folder
from tests.sources.bulk.bucket import Bucket


@pytest.fixture
def bucket(tmp_path: Path) -> Bucket:
    """A bucket that is a folder of this machine."""
    (tmp_path / "lists").mkdir()
    return Bucket(open_place(tmp_path / "bucket"), tmp_path / "lists", None)


@pytest.fixture
def s3_bucket(s3_uri: str, tmp_path: Path) -> Bucket:
    """A bucket of S3, with real papers where they are."""
    (tmp_path / "lists").mkdir()
    return Bucket(open_place(s3_uri), tmp_path / "lists", shared_folder())
