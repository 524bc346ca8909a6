"""A release that lacks papers by the machine's fault goes to no public place."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from curation.errors import UserError
from curation.release.targets import publish
from data_cards import write_card
from schemas.manifest import ManifestError, read_manifest
from tests.data_cards.card_release import released, report, write_release
from tests.release.hub_stand_in import Hub, Repo, hub_environment, hub_stand_in

REPO = "hf://datasets/owner/corpus"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    with hub_stand_in() as stand_in:
        hub_environment(stand_in, monkeypatch)
        yield stand_in


@pytest.fixture
def release(tmp_path: Path) -> Path:
    folder = write_release(tmp_path / "release", {"public": [released(i, licence="CC-BY-4.0") for i in range(3)]})
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["open_failures"] = {"count": 7, "first": ["d1", "d2"]}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    write_card(folder, None, report({"public": 3}))
    return folder


def test_no_public_repository_gets_it_and_private_places_do(release: Path, hub: Hub, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"owner/corpus is public, and 7 papers of this release.*d1, d2"):
        publish(release, REPO, private=False)
    assert hub.repos == {}
    hub.repos["owner/corpus"] = Repo(private=False)
    with pytest.raises(UserError, match="owner/corpus is public, and 7 papers"):
        publish(release, REPO)
    assert hub.files("owner/corpus") == {}
    publish(release, "hf://datasets/owner/inside")
    assert hub.files("owner/inside")
    assert publish(release, str(tmp_path / "copy")).files > 1


@pytest.mark.parametrize("value", [7, {"count": "many", "first": []}, {"first": []}, None])
def test_a_manifest_that_says_it_in_another_form_is_none(release: Path, value: object) -> None:
    manifest = json.loads((release / "manifest.json").read_text())
    (release / "manifest.json").write_text(json.dumps({**manifest, "open_failures": value}))
    with pytest.raises(ManifestError, match="not a release manifest"):
        read_manifest(release)
