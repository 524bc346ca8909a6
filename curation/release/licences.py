"""Which licences let a full text be passed on."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from curation.errors import UserError
from curation.identity import normalise_licence
from schemas import BY_RULE, Tier
from schemas.manifest import DataFile, Manifest

OPEN = ("CC-BY-4.0", "CC-BY-3.0", "CC-BY-SA-4.0", "CC-BY-SA-3.0", "CC0-1.0", "CC-PDM-1.0")
"""Licences under which full text may be passed on without further conditions on its use: what a public tier releases
unless its config names others."""


def is_redistributable(licence: str | None) -> bool:
    """Whether full text under a normalised licence may be passed on at all: a known one, and none of arXiv's own, which
    grant distribution to arXiv alone (https://info.arxiv.org/help/license/). NC and ND licences may, to whom they suit.
    """
    return licence is not None and normalise_licence(licence) == licence and not licence.startswith("arXiv-")


def closed_rows(manifest: Manifest) -> dict[str, str]:
    """Tier -> why it may not be passed on, for every tier of a release with a row that may not.

    A row may be passed on when its licence may, and is open or named by the tier's licences in the manifest. Pairs go with
    the document that they were made from, which the same tier must hold, where the terms of the models that wrote them are open, or
    allowed by the config. Files without the column that says so, and kinds of data that are not known here, are closed; pairs by
    rule, which no model had a part in, need none.
    """
    closed: dict[str, str] = {}
    for tier in manifest.tiers:
        files = [f for f in manifest.files if f.tier == tier]
        documents, pairs = ([f for f in files if f.kind == kind] for kind in ("documents", "pairs"))
        named = manifest.licences.get(tier, OPEN)
        shut = {v for v in _values(manifest, documents, "licence") if v not in named or not is_redistributable(v)}
        held = _values(manifest, documents, "id") - {None} if pairs else set()
        if strange := sorted({f.kind for f in files} - {"documents", "pairs"}):
            closed[tier] = f"data of kind {', '.join(strange)}, whose licence is not known"
        elif shut:
            closed[tier] = f"licence {', '.join(sorted(v or 'unknown' for v in shut))}"
        elif lost := _values(manifest, pairs, "doc_id") - held:
            closed[tier] = f"pairs of {min(v or 'unknown documents' for v in lost)}, which it does not hold"
        elif terms := _model_terms(manifest, pairs):
            closed[tier] = f"pairs written by models whose terms are {', '.join(terms)}"
    return closed


def check_public(manifest: Manifest) -> None:
    """Raises UserError for a release whose tier `public` holds a row that may not be passed on, wherever it shall go."""
    if why := closed_rows(manifest).get(Tier.PUBLIC):
        raise UserError(
            f"{manifest.place.uri}: tier public may not hold {why}. What is called public will be passed on: name the licence in "
            "decide.tiers.public.licences of the config, or the model in pairs.allowed_models, where it allows that, run again and make the release anew; or leave "
            "these rows to a tier of another name"
        )


def _model_terms(manifest: Manifest, pairs: Iterable[DataFile]) -> list[str]:
    """The terms of models for which pairs may not be passed on."""
    shut = set()
    for file in pairs:
        found = {value or "unknown" for value in _values(manifest, [file], "model_terms")} - {"open", "allowed"}
        if found and _values(manifest, [file], "engine") != {BY_RULE}:
            shut |= found
    return sorted(shut)


def _values(manifest: Manifest, files: Iterable[DataFile], column: str) -> set[str | None]:
    """The distinct values of a column of words; null for a file without it, or where it holds anything else."""
    found: set[str | None] = set()
    for file in files:
        with pq.ParquetFile(manifest.source(file)) as shard:
            schema = shard.schema_arrow
            kinds = [
                f.type.value_type if pa.types.is_dictionary(f.type) else f.type for f in schema if f.name == column
            ]
            known = len(kinds) == 1 and (pa.types.is_string(kinds[0]) or pa.types.is_large_string(kinds[0]))
            found.update(pc.unique(shard.read([column])[column]).to_pylist() if known else [None])
    return found
