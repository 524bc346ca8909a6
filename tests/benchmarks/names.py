"""How many works are found by journal, and how many are taken for others: on a list of real spellings.

`python -m tests.benchmarks.names FOLDER`, where FOLDER holds `araa.jsonl.gz` (fields of bibliographies and is_araa).
"""

from __future__ import annotations

import argparse
import gzip
import json
from pathlib import Path
from typing import Any

from curation.withhold.identity import by_araa

Row = dict[str, Any]
FIELDS = ("journal_raw", "booktitle_raw", "doi_raw", "bibcode_raw", "adsurl_raw", "eprint_raw")


def rows_of(path: Path) -> list[Row]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def as_paper(n: int, row: Row, fields: tuple[str, ...]) -> Row:
    """A row of a bibliography as a row of metadata, with some of its fields."""
    given = {field: row[field] for field in fields if row[field]}
    keys = {"journal_raw": "journal", "booktitle_raw": "booktitle", "adsurl_raw": "adsurl", "eprint_raw": "url"}
    venue = [f"{keys[field]}: {value}" for field, value in given.items() if field in keys]
    venue += [f"{key}: {row[key]}" for key in ("volume", "year") if row[key]]
    links = [given[field] for field in ("doi_raw", "bibcode_raw") if field in given]
    return {
        "doc_id": str(n),
        "links": links,
        "venue": venue,
        **dict.fromkeys(("journal_ref", "comments", "date", "unsure")),
    }


def journals(rows: list[Row]) -> None:
    """Recall and false matches of the ARAA rule, by all fields and by each alone."""
    print(f"{'ARAA by':<16}{'rows':>8}{'found':>8}{'false':>8}")
    for name, fields in [("all fields", FIELDS), *((field, (field,)) for field in FIELDS)]:
        found = {int(m["doc_id"]) for m in by_araa([as_paper(n, row, fields) for n, row in enumerate(rows)])}
        mine = [n for n, row in enumerate(rows) if row["is_araa"] and any(row[field] for field in fields)]
        false = sum(rows[n]["is_araa"] is False for n in found)
        print(f"{name:<16}{len(mine):>8}{sum(n in found for n in mine):>8}{false:>8}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    journals(rows_of(parser.parse_args().folder / "araa.jsonl.gz"))


if __name__ == "__main__":
    main()
