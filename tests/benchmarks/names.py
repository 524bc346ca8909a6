"""How many works are found by journal and by title, and how many are taken for others: on lists of real spellings.

`python -m tests.benchmarks.names FOLDER [--titles 2000] [--seed 1]`, where FOLDER holds `araa.jsonl.gz` (fields of bibliographies and
is_araa), `titles.jsonl.gz` (title, first_author, year, ids) and `title_variants.jsonl.gz` (titles of one work). Titles of one id are
one work; a match of two rows without an id in common counts as false. Some are one work all the same, whose other row has another
id or none: those with the same words are counted beside.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import string
import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

from curation.withhold.identity import by_araa
from curation.withhold.title_form import title_of
from curation.withhold.titles import agreement, alike, close_pairs

Row = dict[str, Any]
FIELDS = ("journal_raw", "booktitle_raw", "doi_raw", "bibcode_raw", "adsurl_raw", "eprint_raw")
PART = 1_000
"""Papers of a part: what a step compares with a list at once."""


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


def damaged(text: str, rng: random.Random, kinds: str, share: float = 0.05) -> str:
    """A text of which each character is with this chance another one (s), left out (d), doubled by another (i) or swapped (t)."""
    made, rest = [], list(text)
    while rest:
        char = rest.pop(0)
        kind = rng.choice(kinds) if rng.random() < share else ""
        if kind == "t" and rest:
            made.append(rest.pop(0))
        made += {"s": [rng.choice(string.ascii_letters)], "d": [], "i": [rng.choice(string.ascii_letters), char]}.get(
            kind, [char]
        )
    return "".join(made)


def respelled(text: str, rng: random.Random) -> str:
    """A title as LaTeX, a bibliography in capitals or a Unicode text spells it."""
    words = text.split()
    forms: list[Callable[[], str]] = [
        lambda: " ".join(f"{{{{{word}}}}}" for word in words),
        lambda: text.upper() if "\\" not in text else text,
        lambda: text.replace("-", "\u2013").replace("'", "\u2019").replace("fi", "\ufb01"),
        lambda: f"\\emph{{{words[0]}}} \\textbf{{{' '.join(words[1:])}}}",
        lambda: text.replace("\\alpha", "\u03b1").replace("\\lambda", "\u03bb").replace(" ", "\n  "),
    ]
    return rng.choice(forms)()


def titles(rows: list[Row], n_titles: int, rng: random.Random) -> None:
    """Recall of damaged and respelled titles, with and without a known author."""
    chosen = rng.sample(rows, n_titles)
    ways: dict[str, Callable[[str], str]] = {
        "respelled": lambda t: respelled(t, rng),
        "5 % other": lambda t: damaged(t, rng, "s"),
        "5 % of four kinds": lambda t: damaged(t, rng, "sdit"),
        "respelled, 5 %": lambda t: damaged(respelled(t, rng), rng, "s"),
    }
    print(f"\n{'titles found':<20}{'author agrees':>15}{'unknown':>10}")
    for name, way in ways.items():
        pairs = [(title_of(way(row["title"])), title_of(row["title"])) for row in chosen]
        shares = [sum(alike(*pair, agrees=agrees) is not None for pair in pairs) / n_titles for agrees in (True, None)]
        print(f"{name:<20}{shares[0]:>15.4f}{shares[1]:>10.4f}")


def false_matches(rows: list[Row], n_titles: int, rng: random.Random) -> None:
    """Pairs of a list of real titles with all others that count as one work, in parts of `PART` papers."""
    wanted = rng.sample(range(len(rows)), n_titles)
    forms = [title_of(row["title"]) for row in rows]
    false: Counter[bool] = Counter()
    same: Counter[bool] = Counter()
    start = time.process_time()
    for i, j in _pairs(forms, wanted):
        paper, work = rows[i], rows[j]
        if i == j or any(paper.get(k) and paper[k] == work.get(k) for k in ("arxiv_id", "doi", "bibcode")):
            continue
        known = agreement(
            paper.get("first_author"), str(paper.get("year") or ""), work.get("first_author"), work.get("year")
        )
        for is_known, agrees in ((True, known), (False, None)):
            if (score := alike(forms[i], forms[j], agrees=agrees)) is not None:
                false[is_known] += 1
                same[is_known] += forms[i].bag == forms[j].bag
                if is_known:
                    print(f"  {score:>4} {paper['title']!r} = {work['title']!r}")
    spent = time.process_time() - start
    print(
        f"{n_titles} titles among {len(rows)}: false with authors {false[True]}, without {false[False]}; {spent:.0f} CPU s"
    )
    for is_known in (True, False):
        print(
            f"  precision {'with' if is_known else 'without'} authors: {n_titles / (n_titles + false[is_known]):.4f}; "
            f"{n_titles / (n_titles + false[is_known] - same[is_known]):.4f} without {same[is_known]} of the same words"
        )


def _pairs(forms: list[Any], wanted: list[int]) -> Iterator[tuple[int, int]]:
    for start in range(0, len(forms), PART):
        for i, j in close_pairs(forms[start : start + PART], [forms[n] for n in wanted]):
            yield start + i, wanted[j]


def variants(rows: list[Row]) -> None:
    """Pairs of two spellings of one work that are found, without an author and with one that agrees."""
    print(f"\n{'spellings of one work':<44}{'pairs':>8}{'unknown':>10}{'agrees':>10}")
    counts: dict[str, list[int]] = {}
    for row in rows:
        for one, other in combinations([title_of(t["title"]) for t in row["titles"]], 2):
            count = counts.setdefault(row["kind"], [0, 0, 0])
            found = [alike(one, other, agrees=agrees) is not None for agrees in (None, True)]
            for n, more in enumerate((1, *found)):
                count[n] += more
    for kind, (pairs, unknown, agrees) in sorted(counts.items()):
        print(f"{kind:<44}{pairs:>8}{unknown:>10}{agrees:>10}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--titles", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    rng = random.Random(given.seed)
    journals(rows_of(given.folder / "araa.jsonl.gz"))
    rows = rows_of(given.folder / "titles.jsonl.gz")
    titles(rows, given.titles, rng)
    false_matches(rows, given.titles, rng)
    variants(rows_of(given.folder / "title_variants.jsonl.gz"))


if __name__ == "__main__":
    main()
