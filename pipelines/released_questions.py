"""Makes a file of the questions that a release asked, for later runs to leave out what asks the same."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from curation.artefact import FOOTER_KEY
from curation.errors import UserError
from curation.parquet import sort_rows, write
from curation.sft.released_questions import KIND, RELEASED_QUESTIONS, asked_by_pair
from pipelines.engine.store import Store
from schemas.files import Files, Written
from schemas.manifest import Manifest, ManifestError, read_manifest

_READ = ("doc_id", "pair_id", "question", "answer")


def make_questions(place: Files, tier: str | None, out: Path) -> tuple[Written, int]:
    """Write the questions of a release's pairs, each pair once.

    Args:
        place: the release.
        tier: only those of this tier; None: of all.

    Returns:
        the file, and its rows.

    Raises:
        UserError: there is no release, it was changed, or holds no pairs (in that tier).
    """
    try:
        manifest = read_manifest(place)
        tiers = [tier] if tier else sorted({file.tier for file in manifest.files if file.kind == "pairs"})
        if not tiers:
            raise UserError(f"{place.uri} holds no pairs, so it asked nothing")
        rows = dict(row for each in tiers for row in _rows(manifest, each))
    except ManifestError as error:
        raise UserError(str(error)) from error
    table = sort_rows(RELEASED_QUESTIONS.rows(rows.values()), RELEASED_QUESTIONS.sort_by)
    how = json.dumps({"kind": KIND, "release": manifest.sha256, "tiers": tiers}, sort_keys=True)
    store = Store(out.absolute().parent)
    return store.write(out.name, lambda sink: write(table, sink, metadata={FOOTER_KEY: how})), table.num_rows


def _rows(manifest: Manifest, tier: str) -> Iterator[tuple[tuple[str, str], dict[str, object]]]:
    for file in manifest.of_tier(tier, "pairs"):
        manifest.check(file, digest=True)
        try:
            pairs = pq.read_table(manifest.source(file), columns=list(_READ)).to_pylist()
        except (OSError, pa.ArrowException) as error:
            raise ManifestError(f"{manifest.where(file)}: cannot be read ({error}); copy the release again") from error
        for pair in pairs:
            question, right = asked_by_pair(pair["question"], pair["answer"])
            told = {"doc_id": pair["doc_id"], "row_id": pair["pair_id"], "question": question, "right": right}
            yield (pair["doc_id"], pair["pair_id"]), told
