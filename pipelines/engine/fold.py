"""Receipts folded: one file of a folder that holds many, so that a run that goes on need not open each.

A finished stage has its manifest. While one is made, what is there stands in `_receipts.json`, every `FOLD_EVERY` parts; the
manifest stays as it is until the stage is whole, for readers read it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pipelines.engine.receipt import MANIFEST, Receipt
from pipelines.engine.store import Store

FOLDED = "_receipts.json"
"""Name of the file in a stage's folder."""
FOLD_EVERY = 500


def fold(store: Store, receipts: Iterable[Receipt]) -> None:
    """Write what is there of each folder so far."""
    folders: dict[str, list[dict[str, Any]]] = {}
    for receipt in receipts:
        folders.setdefault(receipt.file.rpartition("/")[0], []).append(receipt.to_json())
    for folder, parts in folders.items():
        store.update_json(f"{folder}/{FOLDED}", {"parts": parts})


def folded(store: Store, folder: str) -> dict[str, Receipt]:
    """Receipts that the manifest of a folder, or a run that stopped, has folded: name of the receipt -> receipt.

    Those with failures of the machine are left out: their own files count the runs.
    """
    found: dict[str, Receipt] = {}
    for name in (MANIFEST, FOLDED):
        for receipt in store.read_as(f"{folder}/{name}", _parts) or ():
            if not receipt.faults:
                found[f"{receipt.target}.json"] = receipt
    return found


def unfold(store: Store, receipts: Iterable[Receipt]) -> None:
    """The stage is whole: its manifest says it all."""
    for folder in {receipt.file.rpartition("/")[0] for receipt in receipts}:
        store.remove(f"{folder}/{FOLDED}")


def _parts(value: Mapping[str, Any]) -> list[Receipt]:
    return [Receipt.from_json(part) for part in value["parts"]]
