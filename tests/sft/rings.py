"""A small corpus of invented papers, a ring of a galaxy each, that the scripted model can write pairs of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

TITLES = {
    "Aurel": "Cold gas along the bar of a lonely galaxy",
    "Borva": "What the slow ring Borva tells of its youth",
    "Caldr": "Star clusters and their ages in an outer ring",
    "Dorve": "Dust seen edge on: a survey in the far infrared",
    "Elmir": "Reddened light behind the clouds of Elmir",
}


def write_rings(file: Path, names: tuple[str, ...]) -> None:
    """Rows of papers, by the names of their rings."""
    rows = [
        {
            "id": name,
            "title": TITLES[name],
            "text": f"## Results\n\nRing {name} of the galaxy lies far from the bar and turns once in {31.5 + len(name) + ord(name[0])} Myr. Its gas is "
            f"cold, and the stars that form of it are young. No other body of this size was found near Ring {name} in the field. Clouds of "
            f"{name} are large, and each of them is older than the one before it along the way around the centre of {name}. Dust of {name} is "
            "seen in all of them, as far as the images reach, and its light is red. The stars behind it are dimmed by their place behind it.\n",
        }
        for name in names
    ]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))


def rings_config(rows: str, engine: dict[str, Any], **pairs: Any) -> dict[str, Any]:
    """The config of a corpus of rings: two questions a chunk, by an engine."""
    return {
        "name": "rings",
        "sources": [{"name": "rows", "path": rows, "licence": "CC-BY-4.0"}],
        "decide": {
            "quality": {"max_duplicate_line_fraction": 1, "max_top_ngram_fraction": 1, "min_words": 20},
            "tiers": {"t": {}},
        },
        "metadata": {"partitions": 1},
        "dedup": {"min_jaccard": 0.99, "partitions": 1},
        "pairs": {
            "engine": engine,
            "questions": {"per_chunk": 2, "kinds": ["concept", "numeric"]},
            "doubles": {"partitions": 1},
            **pairs,
        },
    }
