"""The rank is as given, else torchrun's, and what was found is said."""

from __future__ import annotations

import pytest

from curation.errors import UserError
from curation.streaming.ranks import detected_rank


def test_torchrun_is_found_and_said(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setenv("RANK", "1")
    monkeypatch.setenv("WORLD_SIZE", "4")
    assert detected_rank(None, None) == (1, 4)
    assert "data-parallel rank 1 of 4, by RANK and WORLD_SIZE" in caplog.text
    assert detected_rank(0, 2) == (0, 2)
    monkeypatch.setenv("RANK", "one")
    with pytest.raises(UserError, match="RANK='one'"):
        detected_rank(None, None)
    monkeypatch.delenv("RANK")
    with pytest.raises(UserError, match="RANK=None, WORLD_SIZE='4'"):
        detected_rank(None, None)
    monkeypatch.delenv("WORLD_SIZE")
    assert detected_rank(None, None) == (0, 1)
    with pytest.raises(UserError, match="belong together"):
        detected_rank(0, None)


@pytest.mark.parametrize(
    ("name", "number", "several"),
    [
        ("SLURM_NTASKS", "4", True),
        ("OMPI_COMM_WORLD_SIZE", "2", True),
        ("LOCAL_RANK", "0", True),
        ("SLURM_NTASKS", "1", False),
    ],
)
def test_a_launcher_of_several_processes_without_a_rank_is_warned_of(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, name: str, number: str, several: bool
) -> None:
    for known in ("RANK", "WORLD_SIZE", "LOCAL_RANK", "SLURM_NTASKS", "OMPI_COMM_WORLD_SIZE"):
        monkeypatch.delenv(known, raising=False)
    monkeypatch.setenv(name, number)
    assert detected_rank(None, None) == (0, 1)
    assert [r.levelname for r in caplog.records] == ["WARNING"] * several
    assert (f"{name}={number}: there are several processes" in caplog.text) == several
    caplog.clear()
    monkeypatch.setenv("RANK", "1")
    monkeypatch.setenv("WORLD_SIZE", "4")
    assert detected_rank(None, None) == (1, 4)
    assert "several processes" not in caplog.text
