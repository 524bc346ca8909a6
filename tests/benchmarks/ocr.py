"""Character error rate of OCR against the text layer of the same pages, beside the engine's own order and tesseract.

    python -m tests.benchmarks.ocr FILE.pdf:PAGE [FILE.pdf:PAGE ...]

Pages count from 0; the text layer must be in reading order. tesseract is measured when it is installed.
"""

from __future__ import annotations

import argparse
import re
import shutil
import time
import unicodedata
from pathlib import Path

import pymupdf
from rapidfuzz.distance import Levenshtein

from curation.extract.ocr import DPI, ocr_page_image
from curation.extract.ocr.engines import Engine, recognise


def folded(text: str) -> str:
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip()


def error_rate(reference: str, text: str) -> float:
    return Levenshtein.distance(folded(reference), folded(text)) / max(1, len(folded(reference)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", nargs="+")
    parser.add_argument("--out", type=Path, help="folder for reference and recognised texts")
    args = parser.parse_args()
    engines: list[Engine] = ["rapidocr", *(["tesseract"] if shutil.which("tesseract") else [])]  # type: ignore[list-item]
    print("| page | engine | CER | CER in the engine's order | s a page |\n|---|---|---|---|---|")
    for place in args.pages:
        file, _, number = place.rpartition(":")
        with pymupdf.open(file) as document:
            page = document[int(number)]
            reference = page.get_text(flags=pymupdf.TEXTFLAGS_TEXT | pymupdf.TEXT_DEHYPHENATE)
            name = f"{Path(file).parent.name}-{number}"
            for engine in engines:
                image = page.get_pixmap(dpi=DPI[engine])
                start = time.perf_counter()
                text = ocr_page_image(image, engine)
                seconds = time.perf_counter() - start
                raw = ""
                if engine == "rapidocr":
                    raw = f"{error_rate(reference, ' '.join(line.text for line in recognise(image))):.3f}"
                print(f"| {name} | {engine} | {error_rate(reference, text):.3f} | {raw} | {seconds:.1f} |", flush=True)
                if args.out:
                    (args.out / f"{name}.ref.txt").write_text(reference)
                    (args.out / f"{name}.{engine}.txt").write_text(text)


if __name__ == "__main__":
    main()
