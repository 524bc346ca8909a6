"""Manifests as arXiv writes them, for tests."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

FIELDS = (
    *("content_md5sum", "filename", "first_item", "last_item", "md5sum", "num_items", "seq_num", "size"),
    *("timestamp", "yymm"),
)


def row(yymm: str, seq: int, first: str, last: str, **other: object) -> dict[str, object]:
    """The fields of a tar; its digests are made of its name."""
    kind = other.pop("kind", "src")
    name = f"{kind}/arXiv_{kind}_{yymm}_{seq:03d}.tar"
    span = int(last.partition(".")[2] or last[-3:]) - int(first.partition(".")[2] or first[-3:]) + 1
    made = {
        "content_md5sum": f"{abs(seq) * 7919:032x}",
        "filename": name,
        "first_item": first,
        "last_item": last,
        "md5sum": f"{int(yymm) * 1000 + seq:032x}",
        "num_items": span,
        "seq_num": seq,
        "size": 512 * (1 + seq),
        "timestamp": "2024-01-02 03:04:05",
        "yymm": yymm,
    }
    return made | other


def manifest_xml(
    rows: Iterable[Mapping[str, object]], root: str = "arXivSRC", end: str = "Sat Mar  7 05:47:43 2026"
) -> str:
    """A manifest with its fields in arXiv's order."""
    lines = ["<?xml version='1.0' standalone='yes'?>", f"<{root}>"]
    for values in rows:
        lines += ["  <file>", *(f"    <{name}>{value}</{name}>" for name, value in values.items()), "  </file>"]
    lines += [f"  <timestamp>{end}</timestamp>"] if end else []
    return "\n".join([*lines, f"</{root}>", ""])


def rows_by_eye(xml: str) -> list[dict[str, str]]:
    """The rows of a manifest, by nothing but its lines."""
    blocks = re.findall(r"<file>(.*?)</file>", xml, re.DOTALL)
    return [dict(re.findall(r"<(\w+)>(.*?)</\1>", block)) for block in blocks]
