"""Structure of papers' PDFs against the LaTeX route of the same papers: headings with levels, tables, references, abstract.

    python -m tests.benchmarks.pdf_structure FOLDER [FOLDER ...] [--backend pymupdf] [--show]

A folder holds `paper.pdf` and `source/`, the TeX that it was made of. Of each backend one row a paper: F1 of headings by their
words, and with their levels; F1 of filled cells of tables, and of pairs of neighbouring ones; the share of bibliography entries
that are a line of their own; the share of the abstract's words that stand under `## Abstract`; paragraphs that begin in
lower case, in per cent; and scraps, paragraphs of fewer than 12 letters.
"""

from __future__ import annotations

import argparse
import itertools
import re
import time
import unicodedata
from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

from rapidfuzz import fuzz, process

from curation.errors import PaperError
from curation.extract.one_paper import extract_files
from curation.extract.pdf.extract import PdfBackend, backend_of, extract_pdf
from curation.extract.result import Extracted
from curation.text.blocks import blocks, heading_title

NUMBER = re.compile(r"^(?:appendix\s+)?(?:\d+(?:\.\d+)*|[IVX]+|[A-H](?:\.\d+)*)[.:]?\s+(?=\S)", re.IGNORECASE)
MIN_ALIKE = 85
"""Of 100, between two headings or entries: words of math and accents are written in more than one way."""
GREEK = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon phi chi psi omega"
SIGNS = {rf"\{name}": unicodedata.lookup(f"GREEK SMALL LETTER {name.replace('lambda', 'lamda')}") for name in GREEK.split()} | {
    r"\pm": "±", r"\times": "×", r"\sim": "∼", r"\ell": "l", r"\hbar": "h",
    r"\lt": "<", r"\gt": ">", r"\le": "≤", r"\ge": "≥", r"\leq": "≤", r"\geq": "≥",
    r"\ldots": "...", r"\dots": "...", r"\cdots": "...", r"\dotsc": "...",
}  # fmt: skip
SIGNS |= {f"\\{name[1:].capitalize()}": sign.upper() for name, sign in SIGNS.items() if name[1:] in GREEK.split()}
SIGNS |= {rf"\var{name}": SIGNS[rf"\{name}"] for name in ("epsilon", "theta", "phi", "rho", "pi", "sigma", "kappa")}
SAID = re.compile("log|l[ng]|exp|(?:arc)?(?:sin|cos|tan|cot)h?|max|min|sup|inf|lim|det|dim|ker|gcd|arg|Pr|b?mod")
"""Commands that write their own names; all others are fonts, accents, blanks, or signs that are no letters."""
MATH = re.compile(r"\$[^$]*\$")
PHANTOM = re.compile(r"\\[hv]?phantom\s*(?:\{[^{}]*\}|\S)")
CITATION = re.compile(
    r"\[\d{1,3}(?:\s*[,–-]\s*\d{1,3})*\]"
    r"|\(?[A-Z][\w'’-]+(?: (?:&|and) [A-Z][\w'’-]+| et al\.)?,? \(?(?:19|20)\d\d[a-z]?\)"
)
"""In a cell: LaTeX's route names authors and year where a class prints a number."""


@dataclass(slots=True)
class Structure:
    """What a route made of a paper."""

    headings: list[tuple[str, int]] = field(default_factory=list)
    tables: list[list[list[str]]] = field(default_factory=list)
    references: list[str] = field(default_factory=list)
    abstract: str = ""
    paragraphs: list[str] = field(default_factory=list)


def folded(text: str) -> str:
    """Letters and digits, in lower case, of a text in which some LaTeX commands are signs."""
    text = MATH.sub(lambda found: found[0].replace("~", " "), PHANTOM.sub("", text))
    text = re.sub(
        r"\\([A-Za-z]+)", lambda found: SIGNS.get(found[0], found[1] if SAID.fullmatch(found[1]) else ""), text
    )
    text = re.sub(r"\^\[[^\]]*\]|\[\^[^\]]*\]", "", text)
    text = re.sub(r"\^(\{[^{}]*\}|.)\s*_(\{[^{}]*\}|.)", r"_\2^\1", text)
    text = unicodedata.normalize("NFKD", text.replace("−", "-").replace("–", "-").replace("∆", "Δ"))
    return "".join(c for c in text.casefold() if c.isalnum() or c in "+-<>=±×.∼~").strip(".")


def structure(made: Extracted) -> Structure:
    found = Structure(abstract=made.part("abstract") or "")
    for block in blocks(made.text):
        text = block.text(made.text).strip()
        if block.kind == "heading" and block.level > 1 and heading_title(text) != "Abstract":
            found.headings.append((NUMBER.sub("", heading_title(text), count=1), block.level))
        elif block.kind == "table":
            rows = [[c.strip() for c in re.split(r"(?<!\\)\|", row.strip().strip("|"))] for row in text.split("\n")]
            found.tables.append([row for row in rows if not all(re.fullmatch(r":?-+:?", c) for c in row)])
        elif block.kind == "paragraph":
            found.paragraphs.append(text)
    found.references = [line.strip("- ") for line in (made.references or "").split("\n") if line.strip()]
    return found


def f1(truth: Iterable[Hashable], found: Iterable[Hashable]) -> float:
    a, b = Counter(truth), Counter(found)
    both, total = sum((a & b).values()), sum(a.values()) + sum(b.values())
    return 2 * both / total if total else 1.0


def matched(truth: list[str], found: list[str]) -> dict[int, int]:
    """Of each found heading the place of the one that it is, in order of likeness; each once."""
    a, b = [re.sub(r"\W", "", folded(t)) for t in truth], [re.sub(r"\W", "", folded(t)) for t in found]
    alike = process.cdist(b, a, scorer=fuzz.ratio)
    pairs = sorted(((alike[i][j], -abs(i - j), i, j) for i in range(len(b)) for j in range(len(a))), reverse=True)
    made: dict[int, int] = {}
    used: set[int] = set()
    for likeness, _, i, j in pairs:
        if likeness >= MIN_ALIKE and i not in made and j not in used:
            made[i] = j
            used.add(j)
    return made


def heading_scores(truth: Structure, found: Structure, show: bool) -> tuple[float, float]:
    pairs = matched([t for t, _ in truth.headings], [t for t, _ in found.headings])
    level = sum(found.headings[i][1] == truth.headings[j][1] for i, j in pairs.items())
    if show:
        for i, (text, depth) in enumerate(found.headings):
            if i not in pairs:
                print(f"      + {'#' * depth} {text[:100]}")
            elif truth.headings[pairs[i]][1] != depth:
                print(f"      ~ {'#' * depth} {text[:100]} ({truth.headings[pairs[i]][1]})")
        for j in sorted(set(range(len(truth.headings))) - set(pairs.values())):
            print(f"      - {'#' * truth.headings[j][1]} {truth.headings[j][0][:100]}")
    total = len(truth.headings) + len(found.headings)
    return (2 * len(pairs) / total, 2 * level / total) if total else (1.0, 1.0)


def cells(table: list[list[str]]) -> list[str]:
    return [text for row in table for cell in row if (text := folded(CITATION.sub("", cell)))]


def neighbours(table: list[list[str]]) -> list[tuple[str, str, str]]:
    rows = [[folded(c) for c in row] for row in table]
    made = [(a, b, "right") for row in rows for a, b in itertools.pairwise(row) if a and b]
    below = itertools.pairwise(rows)
    return made + [(a, b, "below") for up, down in below for a, b in zip(up, down, strict=False) if a and b]


def table_scores(truth: Structure, found: Structure, show: bool) -> tuple[float, float]:
    left = list(found.tables)
    all_true: list[str] = []
    all_found: list[str] = []
    near_true: list[tuple[str, str, str]] = []
    near_found: list[tuple[str, str, str]] = []
    for n, table in enumerate(truth.tables):
        best = max(left, key=lambda other: f1(cells(table), cells(other)), default=None)
        if best is not None and f1(cells(table), cells(best)) > 0.2:
            left.remove(best)
        else:
            best = []
        if show:
            print(f"      table {n}: {f1(cells(table), cells(best)):.2f} {f1(neighbours(table), neighbours(best)):.2f}")
        prefix = f"{n}:"
        all_true += [prefix + c for c in cells(table)]
        all_found += [prefix + c for c in cells(best)]
        near_true += [(prefix + a, b, c) for a, b, c in neighbours(table)]
        near_found += [(prefix + a, b, c) for a, b, c in neighbours(best)]
    for table in left:
        if show:
            print(f"      extra table: {table[0][:6]}")
        all_found += ["extra:" + c for c in cells(table)]
        near_found += [("extra:" + a, b, c) for a, b, c in neighbours(table)]
    return f1(all_true, all_found), f1(near_true, near_found)


def reference_share(truth: Structure, found: Structure, show: bool) -> float:
    if not truth.references:
        return 1.0
    lines = [re.sub(r"\W", "", folded(line)) for line in found.references]
    share = 0
    for entry in truth.references:
        best = process.extractOne(re.sub(r"\W", "", folded(entry)), lines, scorer=fuzz.ratio)
        good = best is not None and best[1] >= MIN_ALIKE
        share += good
        if show and not good:
            print(f"      ref {best[1] if best else 0:.0f}: {entry[:90]} | {best[0][:90] if best else ''}")
    return share / len(truth.references)


def abstract_share(truth: Structure, found: Structure) -> float:
    a, b = (Counter(re.findall(r"[^\W\d_]+", text.casefold())) for text in (truth.abstract, found.abstract))
    return (a & b).total() / max(a.total(), b.total(), 1) if a else 1.0


def read_source(folder: Path) -> dict[str, bytes]:
    names = [
        p
        for p in sorted(folder.rglob("*"))
        if p.suffix in (".tex", ".bbl", ".bib", ".sty", ".cls", ".txt", ".dat", ".clo")
    ]
    return {str(path.relative_to(folder)): path.read_bytes() for path in names}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--backend", choices=get_args(PdfBackend), action="append")
    parser.add_argument("--show", action="store_true", help="what differs")
    parser.add_argument("--out", type=Path, help="folder for the texts")
    args = parser.parse_args()
    print(
        "| paper | backend | headings | with levels | cells | neighbours | entries | abstract | lower % | scraps | CPU s |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    sums: dict[str, list[list[float]]] = {}
    for folder in args.folders:
        truth = structure(extract_files(read_source(folder / "source"), is_bundle=True))
        for backend in args.backend or get_args(PdfBackend):
            start = time.process_time()
            try:
                made = extract_pdf((folder / "paper.pdf").read_bytes(), backend=backend_of(backend))
            except PaperError as error:
                print(f"| {folder.name} | {backend} | {error} |")
                continue
            seconds = time.process_time() - start
            found = structure(made)
            if args.out:
                args.out.mkdir(exist_ok=True, parents=True)
                text = f"{made.text}\n\n=== references\n\n{made.references}\n\n=== authors\n\n{made.authors}\n"
                (args.out / f"{folder.name}.{backend}.md").write_text(text)
            if args.show:
                print(f"   {folder.name} {backend}")
            lower = sum(p[0].islower() for p in found.paragraphs) / max(1, len(found.paragraphs))
            scraps = sum(sum(c.isalpha() for c in p) < 12 and "$$[" not in p for p in found.paragraphs)
            row = [
                *heading_scores(truth, found, args.show),
                *(table_scores(truth, found, args.show) if truth.tables or found.tables else (float("nan"),) * 2),
                reference_share(truth, found, args.show),
                abstract_share(truth, found),
                100 * lower,
                scraps,
                seconds,
            ]
            sums.setdefault(backend, []).append(row)
            print(
                f"| {folder.name} | {backend} | "
                + " | ".join(f"{v:.3f}" for v in row[:6])
                + f" | {row[6]:.1f} | {row[7]} | {row[8]:.1f} |",
                flush=True,
            )
    for backend, rows in sums.items():
        columns = [[v for v in column if v == v] for column in zip(*rows, strict=True)]
        print(f"| mean | {backend} | " + " | ".join(f"{sum(c) / max(1, len(c)):.3f}" for c in columns) + " |")


if __name__ == "__main__":
    main()
