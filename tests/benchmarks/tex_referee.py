"""TeX as the referee: pieces of LaTeX made at random, what pdflatex prints beside what the extractor reads.

    python -m tests.benchmarks.tex_referee --seed 1 --documents 120 [--out differing.jsonl] [--store items.jsonl]

Prints the pieces compared, what differs by the limits of the referee, class by class, and what really differs:

- footnote marks: TeX prints the number at the call and at the note, the text has the note in its place;
- brace pieces: big braces and roots come from the page as letters of their own;
- letter spacing: the page parts letters, or joins words (typewriter, boxes of a fixed width);
- reading order: the same words, in the order in which the page's columns are read.

A document has lost its rest where the last piece is missing. Needs pdflatex and pdftotext.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import unicodedata
from collections import Counter
from pathlib import Path

from curation.errors import PaperError
from curation.extract.latex import extract_latex
from tests.benchmarks.tex_pieces import PREAMBLE, Maker, Piece
from tests.texlive import has_tex, typeset

FILLER = (
    "These opening words are here so that the paper is long enough to count as running text for the extractor, " * 2
)
LAST = "lastpiece"
_BRACE_PIECES = 3  # of one brace two lines high
_WORD = re.compile(r"[^\W_]+")


def words(text: str) -> list[str]:
    """Letters and digits, accents away."""
    text = unicodedata.normalize("NFKD", text)
    return _WORD.findall("".join(c for c in text if not unicodedata.combining(c)).replace("ı", "i"))


def read(pieces: list[Piece]) -> list[str]:
    """What the extractor makes of each piece; empty behind a text that ends early."""
    body = "\n\n".join(f"{{{piece.body}\\par}}\n\nPARTED\n" for piece in pieces)
    preamble = PREAMBLE + "\n".join(piece.preamble for piece in pieces)
    source = f"\\documentclass{{article}}\n{preamble}\n\\begin{{document}}\n{FILLER}\n\nPARTED\n\n{body}\n\\end{{document}}\n"
    try:
        text = extract_latex({"main.tex": source.encode()}).text
    except PaperError as error:
        text = f"PARTED {error}"
    parts = text.split("PARTED")[1 : len(pieces) + 1]
    return [_bare(part) for part in parts] + [""] * (len(pieces) - len(parts))


def _bare(text: str) -> str:
    """Text without the commands that math keeps."""
    return re.sub(r"\\(?:begin|end)\{\w+\}|\\(?:mathrm|text|quad)(?![A-Za-z])", " ", text)


def printed(pieces: list[Piece]) -> list[tuple[Piece, str]]:
    """The pieces that TeX takes, with what it prints; a document that it refuses is halved."""
    pages = typeset(PREAMBLE + "\n".join(piece.preamble for piece in pieces), [piece.body for piece in pieces])
    if pages is not None and len(pages) == len(pieces):
        return list(zip(pieces, pages, strict=True))
    if len(pieces) == 1:
        return []
    half = len(pieces) // 2
    return printed(pieces[:half]) + printed(pieces[half:])


def verdict(piece: Piece, tex: str, ours: str) -> str:
    """Empty when both say the same, else the class of the difference."""
    left, right = words(tex), words(ours)
    if left == right or "".join(left) == "".join(right):
        return "" if left == right else "letter spacing"
    tex_letters, our_letters = Counter("".join(left)), Counter("".join(right))
    if tex_letters == our_letters:
        return "reading order"
    extra = tex_letters - our_letters
    only_extra = not our_letters - tex_letters
    if "\\footnote" in piece.body and only_extra and all(char.isdigit() for char in extra):
        return "footnote marks"
    if "{cases}" in piece.body and only_extra and sum(extra.values()) <= _BRACE_PIECES:
        return "brace pieces"
    return "differs"


def main() -> None:
    """Compare and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--documents", type=int, default=20)
    parser.add_argument("--pieces", type=int, default=12)
    parser.add_argument("--out", type=Path, help="write what differs, a JSON object a line")
    parser.add_argument("--store", type=Path, help="write every piece with what TeX prints, a JSON object a line")
    args = parser.parse_args()
    if not has_tex():
        sys.exit("tex_referee: pdflatex and pdftotext are not installed")
    counts: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    n = refused = lost = 0
    differing: list[dict[str, str]] = []
    stored: list[dict[str, str]] = []
    for i in range(args.documents):
        maker = Maker(random.Random(args.seed * 1_000_003 + i))
        made = [maker.piece() for _ in range(args.pieces)] + [Piece("", LAST, frozenset({"last"}))]
        taken = printed(made)
        refused += len(made) - len(taken)
        found = read([piece for piece, _ in taken])
        lost += LAST not in found[-1] if found else 0
        for (piece, tex), ours in zip(taken[:-1], found[:-1], strict=True):
            n += 1
            what = verdict(piece, tex, ours)
            row = {"preamble": piece.preamble, "source": piece.body, "printed": tex}
            stored.append(row)
            if what:
                counts[what] += 1
                differing.append({"class": what, **row, "ours": ours.strip()})
            if what == "differs":
                kinds.update(piece.kinds)
    noise = sum(counts.values()) - counts["differs"]
    print(f"seed {args.seed}: documents {args.documents}, pieces {n}, refused by TeX {refused}, lost rests {lost}")
    for what, count in counts.most_common():
        print(f"  {what:16} {count:5} {100 * count / max(1, n):6.2f} %")
    print(f"  of the rest differ {100 * counts['differs'] / max(1, n - noise):.2f} %: {dict(kinds.most_common())}")
    for path, rows in ((args.out, differing), (args.store, stored)):
        if path is not None:
            path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


if __name__ == "__main__":
    main()
