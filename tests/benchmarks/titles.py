"""How many damaged titles of real works are found, and how many works are taken for others.

`python -m tests.benchmarks.titles FOLDER [--titles 4000] [--half tune]`, where FOLDER holds `titles.jsonl.gz` (title, first_author, year,
ids) and `title_variants.jsonl.gz` (titles of one work). Of the titles one half (by a hash) is for tuning, the other for reporting
(`held`). A character in twenty is damaged, in each of the ways that there are: another character, one more, one less, one that looks
like it to OCR, all of them, in a title as it stands and as LaTeX or Unicode spell it.

False matches are pairs without an id in common. Many are one work all the same, under two ids or none: pairs of which authors and years
agree and whose words do are counted apart, and all are printed (`--show`) to be read.
"""

from __future__ import annotations

import argparse
import random
import string
import time
import zlib
from collections import Counter
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

from curation.withhold.title_form import title_of
from curation.withhold.titles import agreement, alike, close_pairs
from tests.benchmarks.names import Row, rows_of

PART = 1_000
"""Papers of a part: what a step compares with a list at once."""
NOISE = 0.05
_OCR = [
    ("m", "rn"), ("rn", "m"), ("l", "1"), ("1", "l"), ("I", "l"), ("l", "I"), ("O", "0"), ("0", "O"), ("o", "0"), ("e", "c"), ("c", "e"),
    ("h", "b"), ("b", "h"), ("i", "l"), ("t", "f"), ("f", "t"), ("S", "5"), ("s", "5"), ("B", "8"), ("g", "q"), ("g", "9"), ("u", "n"),
    ("n", "u"), ("a", "o"), ("o", "a"), ("cl", "d"), ("d", "cl"), ("w", "vv"), ("h", "li"), ("y", "v"), ("v", "y"), ("Z", "2"), ("r", "n"),
]  # fmt: skip
"""What readers of scans take for what."""


def ocr(text: str, rng: random.Random, share: float = NOISE) -> str:
    """A text of which a share of the characters is misread."""
    made, at = "", 0
    while at < len(text):
        ways = [pair for pair in _OCR if text.startswith(pair[0], at)] if rng.random() < share else []
        seen, read = rng.choice(ways) if ways else (text[at], text[at])
        made += read
        at += len(seen)
    return made


def noisy(kinds: str) -> Callable[[str, random.Random], str]:
    """A way of damage: each character with the chance `NOISE` another one (s), left out (d), with one more before it (i), or behind the
    next one (t)."""

    def damage(text: str, rng: random.Random) -> str:
        made, rest = [], list(text)
        while rest:
            char, kind = rest.pop(0), rng.choice(kinds) if rng.random() < NOISE else ""
            other = rng.choice(string.ascii_lowercase)
            if kind == "t" and rest:
                made.append(rest.pop(0))
            made += {"s": [other], "d": [], "i": [other, char]}.get(kind, [char])
        return "".join(made)

    return damage


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


def mixed(text: str, rng: random.Random) -> str:
    """A text damaged in one of all ways."""
    return rng.choice([noisy("s"), noisy("i"), noisy("d"), noisy("t"), noisy("sidt"), ocr])(text, rng)


WAYS: dict[str, Callable[[str, random.Random], str]] = {
    "substitution": noisy("s"),
    "insertion": noisy("i"),
    "deletion": noisy("d"),
    "transposition": noisy("t"),
    "of four kinds": noisy("sidt"),
    "OCR": ocr,
    "respelled": respelled,
    "respelled, substitution": lambda text, rng: noisy("s")(respelled(text, rng), rng),
    "respelled, deletion": lambda text, rng: noisy("d")(respelled(text, rng), rng),
    "respelled, all": lambda text, rng: mixed(respelled(text, rng), rng),
}


def is_held(title: str) -> bool:
    """Whether a title is of the half that nothing was tuned on."""
    return zlib.crc32(title.encode()) % 2 == 1


def recall(rows: list[Row], seed: int, show: bool) -> None:
    """Print the share of damaged titles that are found, with an author that agrees and without one."""
    print(f"{len(rows):,} titles, a character in twenty\n{'damage':<26}{'author agrees':>15}{'unknown':>10}")
    for name, way in WAYS.items():
        rng = random.Random(f"{seed} {name}")
        pairs = [(way(row["title"], rng), row["title"]) for row in rows]
        found = [
            [alike(title_of(hurt), title_of(title), agrees=agrees) is not None for hurt, title in pairs]
            for agrees in (True, None)
        ]
        print(f"{name:<26}{sum(found[0]) / len(rows):>15.4f}{sum(found[1]) / len(rows):>10.4f}")
        if show:
            for n, pair in enumerate(pairs):
                if not (found[0][n] and found[1][n]):
                    print("   ", "without an author:" if found[0][n] else "", pair)


def precision(rows: list[Row], sources: list[int], show: bool) -> None:
    """Print how many of all titles are taken for one of some others."""
    forms = [title_of(row["title"]) for row in rows]
    false: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
    began = time.process_time()
    for start in range(0, len(forms), PART):
        for i, n in close_pairs(forms[start : start + PART], [forms[j] for j in sources]):
            one, other = rows[start + i], rows[sources[n]]
            if one is other or any(one.get(k) and one[k] == other.get(k) for k in ("arxiv_id", "doi", "bibcode")):
                continue
            known = agreement(
                one.get("first_author"), str(one.get("year") or ""), other.get("first_author"), other.get("year")
            )
            for is_known, agrees in ((True, known), (False, None)):
                score = alike(forms[start + i], forms[sources[n]], agrees=agrees)
                if score is not None:
                    kind = "author and year agree" if known else "other author or year" if known is False else "unknown"
                    false[is_known][kind] += 1
                    if show:
                        who = [(row.get("first_author"), row.get("year"), row["title"]) for row in (one, other)]
                        print(f"  {score:>4} {'' if is_known else 'titles alone, '}{kind}: {who[0]} = {who[1]}")
    print(f"\n{len(sources):,} titles among {len(rows):,}, {time.process_time() - began:.0f} CPU s")
    for is_known, counts in false.items():
        n = counts.total()
        print(
            f"  {'with authors' if is_known else 'titles alone'}: {n} without an id in common {dict(counts)}, "
            f"precision {len(sources) / (len(sources) + n):.4f}; without those whose author and year agree "
            f"{len(sources) / (len(sources) + n - counts['author and year agree']):.4f}"
        )


def variants(rows: list[Row]) -> None:
    """Print how many pairs of two spellings of one work are found."""
    print(f"\n{'spellings of one work':<44}{'pairs':>8}{'agrees':>10}{'unknown':>10}")
    for kind in sorted({row["kind"] for row in rows}):
        pairs = [
            pair
            for row in rows
            if row["kind"] == kind
            for pair in combinations([title_of(t["title"]) for t in row["titles"]], 2)
        ]
        found = [sum(alike(*pair, agrees=agrees) is not None for pair in pairs) for agrees in (True, None)]
        print(f"{kind:<44}{len(pairs):>8}{found[0]:>10}{found[1]:>10}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--titles", type=int, default=4_000)
    parser.add_argument("--half", choices=("tune", "held"), default="tune")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", action="store_true", help="print what is missed, and what is taken for another")
    given = parser.parse_args()
    rows = rows_of(given.folder / "titles.jsonl.gz")
    half = [n for n, row in enumerate(rows) if is_held(row["title"]) == (given.half == "held")]
    chosen = random.Random(given.seed).sample(half, given.titles)
    recall([rows[n] for n in chosen], given.seed, given.show)
    precision(rows, chosen, given.show)
    variants(rows_of(given.folder / "title_variants.jsonl.gz"))


if __name__ == "__main__":
    main()
