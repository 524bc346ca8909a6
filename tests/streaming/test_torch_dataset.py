"""Workers of a DataLoader. The test environment has no torch: its two names are stood in for."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from curation.errors import UserError
from curation.streaming import Reader
from tests.streaming.releases import write_release


class StandIn(ModuleType):
    """torch.utils.data as far as the dataset uses it."""

    worker: SimpleNamespace | None = None
    IterableDataset = type("IterableDataset", (), {})

    def get_worker_info(self) -> SimpleNamespace | None:
        return self.worker


@pytest.fixture
def data(monkeypatch: pytest.MonkeyPatch) -> StandIn:
    stand_in = StandIn("torch.utils.data")
    for name, module in {
        "torch": ModuleType("torch"),
        "torch.utils": ModuleType("utils"),
        stand_in.__name__: stand_in,
    }.items():
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.delitem(sys.modules, "curation.streaming.torch_dataset", raising=False)
    return stand_in


def received(data: StandIn, dataset: Any, workers: int, batch_size: int, batches: int) -> list[str]:
    """What a DataLoader hands out: a batch of each worker in turn."""
    streams = []
    for index in range(workers):
        data.worker = SimpleNamespace(id=index, num_workers=workers)
        streams.append([sample["id"] for sample in dataset])
    got = []
    for batch in range(batches):
        turn, worker = divmod(batch, workers)
        got += streams[worker][turn * batch_size : (turn + 1) * batch_size]
    return got


def test_workers_share_a_rank_and_resume_with_other_workers(data: StandIn, tmp_path: Path) -> None:
    expected = write_release(tmp_path, [[30, 30], [36]])
    module = importlib.import_module("curation.streaming.torch_dataset")
    ranks = [module.StreamDataset(tmp_path, rank=r, world=2, lanes=8) for r in range(2)]
    got = [i for dataset in ranks for i in received(data, dataset, 2, 4, 6)]
    state = ranks[0].state_after(6, batch_size=4, workers=2)
    assert (state.consumed, sorted(got)) == (
        48,
        sorted(s["id"] for s, _ in zip(Reader(tmp_path, lanes=8), range(48), strict=False)),
    )
    rest = module.StreamDataset(tmp_path, lanes=8, state=state)
    assert sorted(got + received(data, rest, 4, 3, 16)) == sorted(expected)
    with pytest.raises(UserError, match="multiple of 2 batches"):
        ranks[0].state_after(5, batch_size=4, workers=2)
