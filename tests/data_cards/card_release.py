"""A release folder with the true columns, and the report that belongs to it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import tokenizers

from schemas import PAIRS, RELEASE, Table


def released(number: int, **columns: Any) -> dict[str, object]:
    """One row of a release."""
    text = columns.pop("text", f"# Paper {number}\n\nWe measure the mass of star {number} as $M = {number} M_\\odot$.")
    row = {
        "id": f"arXiv:2301.{number:05d}v1",
        "paper_id": f"arXiv:2301.{number:05d}",
        "title": f"The mass of star {number}",
        "text": text,
        "text_sha256": hashlib.sha256(text.encode()).hexdigest(),
        "licence": ("CC BY 4.0", "arXiv nonexclusive-distrib 1.0")[number % 2],
        "date": f"{2015 + number % 9}-03-01",
        "source": ("arxiv", "wikipedia")[number % 5 == 4],
        "route": ("latex", "pdf", "latex")[number % 3],
        "n_words": len(text.split()),
    }
    return row | columns


def pair(number: int) -> dict[str, object]:
    """One question-answer pair."""
    messages = [{"role": "user", "content": "How heavy?"}, {"role": "assistant", "content": f"{number} suns."}]
    return {
        "pair_id": f"p{number}",
        "doc_id": "d",
        "paper_id": "p",
        "engine": "extractive",
        "question": "How heavy?",
        "answer": f"{number} suns.",
        "messages": messages,
        "prompt": messages[:-1],
        "completion": messages[-1:],
    }


def write_release(
    folder: Path,
    tiers: dict[str, Sequence[dict[str, object]]],
    pairs: Sequence[dict[str, object]] = (),
    licences: dict[str, list[str]] | None = None,
    name: str = "demo corpus",
) -> Path:
    """Shards of two row groups each, pairs in a file of their own, and manifest.json; `licences` are those of each tier."""
    entries = []
    for tier, rows in tiers.items():
        tables: list[tuple[str, Table, Sequence[dict[str, object]]]] = [(f"{tier}/shard-00000.parquet", RELEASE, rows)]
        if pairs:
            tables.append((f"{tier}/sft/pairs-00000.parquet", PAIRS, pairs))
        for file, table, content in tables:
            path = folder / file
            path.parent.mkdir(parents=True, exist_ok=True)
            pq.write_table(table.rows(content), path, row_group_size=max(1, len(content) // 2), compression="zstd")
            footer = pq.read_metadata(path)
            entries.append(
                {
                    "tier": tier,
                    "kind": "pairs" if table is PAIRS else "documents",
                    "file": file,
                    "rows": len(content),
                    "row_groups": [footer.row_group(i).num_rows for i in range(footer.num_row_groups)],
                    "bytes": path.stat().st_size,
                    "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
                }
            )
    manifest = {"format": 1, "name": name, "licences": licences or {}, "files": entries}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def report(released_by_tier: dict[str, int]) -> dict[str, Any]:
    """A report whose tiers add up: 3 failed, 4 dropped, 2 withheld."""
    reasons = [
        {"reason": "bad_archive", "stage": "extract", "verdict": "fail", "count": 2},
        {"reason": "timeout", "stage": "extract", "verdict": "fail", "count": 1},
        {"reason": "near_duplicate", "stage": "duplicates", "verdict": "drop", "count": 3},
        {"reason": "language", "stage": "signals", "verdict": "drop", "count": 1},
        {"reason": "benchmark_source", "stage": "withheld", "verdict": "withhold", "count": 2},
    ]
    stages = ["papers", "documents", "extract", "signals", "duplicates", "withheld", "decide", "release"]
    return {
        "run": "demo-run",
        "papers": {"in": max(released_by_tier.values()) + 9},
        "stages": [
            {"stage": s, "step": s, "version": 1, "fingerprint": hashlib.sha256(s.encode()).hexdigest()}
            | {"parts": 1, "computed": 1, "cached": 0, "rows": 30, "wall_s": 1.5, "cpu_s": 1.25}
            for s in stages
        ],
        "tiers": {
            tier: {
                "documents_in": n + 9,
                "released": n,
                "dropped": 4,
                "withheld": 2,
                "failed": 3,
                "reasons": reasons,
                "words": 400,
            }
            for tier, n in released_by_tier.items()
        },
        "withheld_sources": 1,
        "versions": {"astrocorpus": "0.1.0", "pyarrow": "26.0.1", "python": "3.11"},
    }


def word_tokenizer(path: Path, truncated_to: int | None = None) -> Path:
    """A tokenizer.json that splits at spaces, so that tokens are what a test can count itself."""
    words = tokenizers.Tokenizer(tokenizers.models.WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    words.pre_tokenizer = tokenizers.pre_tokenizers.WhitespaceSplit()
    if truncated_to is not None:
        words.enable_truncation(truncated_to)
        words.enable_padding()
    path.parent.mkdir(exist_ok=True)
    words.save(str(path))
    return path
