"""Text of PDFs by both of our libraries beside PyMuPDF, pymupdf4llm, pypdfium2, pdftotext, pdf-inspector and edgeparse, in one run.

    python -m tests.benchmarks.pdf PAPER/paper.pdf:PAPER/ref.json [...] --peers ENV/bin/python

A reference is JSON with `body`, a list of paragraphs `{"text": ...}` in which U+241F stands for what was cut (mathematics,
citations), or plain text with blank lines between paragraphs. Ours are read through `astrocorpus extract`, as a user does. Peers run in
the environment whose Python `--peers` names (`pip install pymupdf pymupdf4llm pypdfium2 pdf-inspector edgeparse`); what is not
installed there is left out, and so is pdftotext where it is not on the path. CPU seconds are those of the whole process less its start,
measured beside one another: quote their ratios.

Columns: recall of words, of four words in a row, of the longest common sequence of words; share of paragraphs that come in order; share of
a paragraph's word groups that stand together; lines that come three times or more; lines that are a bare number; hyphens left between
the halves of a word a thousand words; paragraphs that begin in lower case; pages a CPU second.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import unicodedata
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rapidfuzz.distance import LCSseq

CUT = "\u241f"
GRAM = 4
PEERS = {
    "PyMuPDF": "import pymupdf as m\nd = m.open(f)\nout = '\\n'.join(p.get_text() for p in d)",
    "PyMuPDF joined": "import pymupdf as m\nd = m.open(f)\n"
    "out = '\\n'.join(p.get_text(flags=m.TEXTFLAGS_TEXT | m.TEXT_DEHYPHENATE) for p in d)",
    "pymupdf4llm": "import pymupdf4llm\nout = pymupdf4llm.to_markdown(f, use_ocr=False, show_progress=False)",
    "pypdfium2": "import pypdfium2\nd = pypdfium2.PdfDocument(f)\nout = '\\n'.join(p.get_textpage().get_text_range() for p in d)",
    "pdf-inspector": "import pdf_inspector\nout = pdf_inspector.process_pdf(f).markdown or ''",
    "edgeparse": "import edgeparse\nout = edgeparse.convert(f, format='markdown', raster_table_ocr=False)",
}
_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)?")
_SPLIT = re.compile(r"([^\W\d_]{2,})[-\u00ad\u2010]\s*\n?\s+([^\W\d_]{2,})")
_MARKUP = re.compile(r"<[^>\n]{1,80}>|\*\*|__|`|^#+\s|(?<!\w)[_*](?=\w)|(?<=\w)[_*](?!\w)", re.MULTILINE)


@dataclass(frozen=True)
class Scores:
    """What one reader made of one paper."""

    words: float
    grams: float
    sequence: float
    order: float
    together: float
    repeated: int
    numbers: int
    hyphens: float
    lower: float

    def row(self) -> str:
        shares = f"{self.words:.4f} | {self.grams:.4f} | {self.sequence:.4f} | {self.order:.3f} | {self.together:.3f}"
        return f"{shares} | {self.repeated} | {self.numbers} | {self.hyphens:.2f} | {self.lower:.3f}"


def folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).replace("\u2019", "'").replace("\u00ad", "")


def words_of(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(folded(text))]


def grams(words: Sequence[str]) -> Iterator[tuple[str, ...]]:
    return (tuple(words[i : i + GRAM]) for i in range(len(words) - GRAM + 1))


def reference(path: Path) -> list[list[list[str]]]:
    """Paragraphs, each as stretches of words between cuts."""
    text = path.read_text(encoding="utf-8")
    said = [part["text"] for part in json.loads(text)["body"]] if path.suffix == ".json" else text.split("\n\n")
    return [[words_of(stretch) for stretch in paragraph.split(CUT)] for paragraph in said if paragraph.strip()]


def score(paragraphs: list[list[list[str]]], text: str) -> Scores:
    plain = _MARKUP.sub("", text)
    found = words_of(plain)
    places: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for place, gram in enumerate(grams(found)):
        places[gram].append(place)
    wanted = [word for paragraph in paragraphs for stretch in paragraph for word in stretch]
    counted, have = Counter(wanted), Counter(found)
    per_paragraph = [[gram for stretch in paragraph for gram in grams(stretch)] for paragraph in paragraphs]
    every = [gram for own in per_paragraph for gram in own]
    return Scores(
        words=sum(min(n, have[word]) for word, n in counted.items()) / max(1, len(wanted)),
        grams=sum(gram in places for gram in every) / max(1, len(every)),
        sequence=LCSseq.similarity(wanted, found) / max(1, len(wanted)),
        order=_order(per_paragraph, places),
        together=_together(paragraphs, per_paragraph, places),
        repeated=_repeated(plain),
        numbers=sum(bool(re.fullmatch(r"\d{1,4}", line.strip())) for line in plain.split("\n")),
        hyphens=1000 * sum((a + b).lower() in counted for a, b in _SPLIT.findall(plain)) / max(1, len(found)),
        lower=_lower(text),
    )


def _order(paragraphs: list[list[tuple[str, ...]]], places: dict[tuple[str, ...], list[int]]) -> float:
    """Share of paragraphs in the longest run of rising places; a paragraph's is the median of its groups that come once."""
    where = []
    for own in paragraphs:
        once = sorted(places[gram][0] for gram in own if len(places.get(gram, ())) == 1)
        if len(own) >= 8 and len(once) >= max(3, len(own) // 5):
            where.append(once[len(once) // 2])
    rising: list[int] = []
    for place in where:
        at = bisect_left(rising, place)
        rising[at : at + 1] = [place]
    return len(rising) / max(1, len(where))


def _together(
    paragraphs: list[list[list[str]]],
    per_paragraph: list[list[tuple[str, ...]]],
    places: dict[tuple[str, ...], list[int]],
) -> float:
    """Share of a paragraph's groups in the best window of a third more than its length."""
    shares = []
    for stretches, own in zip(paragraphs, per_paragraph, strict=True):
        if len(own) < 20:
            continue
        width = 1.35 * sum(map(len, stretches)) + 20
        where = sorted(places[gram][0] for gram in own if gram in places)
        best = start = 0
        for end, place in enumerate(where):
            while place - where[start] > width:
                start += 1
            best = max(best, end - start + 1)
        shares.append(best / len(own))
    return sum(shares) / max(1, len(shares))


def _repeated(text: str) -> int:
    lines = Counter(re.sub(r"\d+", "#", line).strip().lower() for line in text.split("\n") if not line.startswith("|"))
    return sum(n for line, n in lines.items() if n >= 3 and len(re.sub("[^a-z]", "", line)) >= 5 and len(line) < 120)


def _lower(text: str) -> float:
    paragraphs = [part.strip() for part in text.split("\n\n") if part.strip() and part.strip()[0] not in "#|$*["]
    return sum(part[0].islower() for part in paragraphs) / max(1, len(paragraphs))


def timed(run: Callable[[], str]) -> tuple[str, float]:
    """What a child process wrote, and its CPU seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    text = run()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return text, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def written(*command: str) -> str:
    """What a command writes into the file that it is given as its last argument."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "out.md")
        said(*command, str(out))
        return out.read_text(encoding="utf-8")


def ours(pdf: Path, backend: str) -> str:
    options = ("--backend", backend, "--ocr", "none", "--out")
    return written(sys.executable, "-m", "pipelines.cli", "extract", str(pdf), *options)


def readers(peers: str | None) -> dict[str, tuple[Callable[[Path], str], Callable[[], str]]]:
    """By name what reads a PDF, and what only starts: its CPU seconds are taken off."""
    made: dict[str, tuple[Callable[[Path], str], Callable[[], str]]] = {}
    for backend in ("pymupdf", "pypdfium2"):
        made[f"ours, {backend}"] = (
            lambda pdf, backend=backend: ours(pdf, backend),
            lambda: said(sys.executable, "-m", "pipelines.cli", "extract", "--help"),
        )
    if shutil.which("pdftotext"):
        made["pdftotext"] = (lambda pdf: said("pdftotext", str(pdf), "-"), lambda: "")
    for name, code in PEERS.items() if peers else ():
        start = code.split("\n")[0]
        if subprocess.run([peers, "-c", start], capture_output=True, check=False).returncode:
            print(f"{name} is not installed in {peers}", file=sys.stderr)
            continue
        script = f"import sys\nf = sys.argv[1]\n{code}\nopen(sys.argv[2], 'w', errors='replace').write(out)"
        made[name] = (
            lambda pdf, script=script: written(str(peers), "-c", script, str(pdf)),
            lambda start=start: said(str(peers), "-c", start),
        )
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("papers", nargs="+", metavar="PDF:REFERENCE")
    parser.add_argument("--peers", help="the Python of an environment with the peers")
    args = parser.parse_args()
    import pymupdf

    print(
        "| paper | reader | words | 4-grams | LCS | order | together | repeated | numbers | hyphens | lower | pages/CPU s |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|---|---|")
    for place in args.papers:
        file, _, ref = place.rpartition(":")
        pdf, paragraphs = Path(file), reference(Path(ref))
        with pymupdf.open(file) as document:
            pages = len(document)
        for name, (read, start) in readers(args.peers).items():
            idle = timed(start)[1]
            try:
                text, seconds = timed(partial(read, pdf))
            except subprocess.CalledProcessError as error:
                print(f"| {pdf.parent.name} | {name} | failed: {(error.stderr or '').strip()[-100:]!r} |")
                continue
            speed = pages / max(0.01, seconds - idle)
            print(f"| {pdf.parent.name} | {name} | {score(paragraphs, text).row()} | {speed:.0f} |", flush=True)


if __name__ == "__main__":
    main()
