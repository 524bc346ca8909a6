"""Stands for the LaTeX room in tests of the router: obeys commands written in the TeX file."""

from __future__ import annotations

import sys
import types
from collections.abc import Mapping, Sequence
from typing import Any

from curation.errors import PaperError
from curation.extract import one_paper
from curation.extract.latex.options import CiteStyle, LatexOptions
from curation.extract.pdf.extract import PdfBackend
from curation.extract.result import Extracted, to_plain
from schemas import Reason
from tests.confine import misbehaving

calls = 0


def extract_latex(files: Mapping[str, bytes], *, options: object = None) -> Extracted:
    text = b"\n".join(data for name, data in sorted(files.items()) if name.endswith(".tex")).decode("latin-1")
    if "SPIN" in text:
        misbehaving.spin()
    if "EAT" in text:
        misbehaving.allocate_bit_by_bit(8 << 30)
    if "EXIT" in text:
        misbehaving.leave(7)
    if "FAIL" in text:
        raise PaperError(Reason.NO_MAIN_FILE, "no main file")
    if "STUMBLE" in text:
        misbehaving.stumble()
    if "TIRED" in text and calls > 1:  # fails in a child that has read another paper
        misbehaving.leave(9)
    return Extracted(text=text, route="latex", title="From TeX", undefined_macros=["b", "a", "b"])


def extract_main(paper: one_paper.Paper, pdf: PdfBackend, max_ocr_pages: int, cite_style: CiteStyle) -> dict[str, Any]:
    global calls
    calls += 1
    module = types.ModuleType("curation.extract.latex")
    module.LatexOptions = LatexOptions  # type: ignore[attr-defined]
    module.extract_latex = extract_latex  # type: ignore[attr-defined]
    sys.modules["curation.extract.latex"] = module
    if b"FORGE" in paper.get("data", b""):
        return to_plain(Extracted(text="\x1b]0;mine\x07 \ud800", route="latex"))
    return one_paper.extract_main(paper, pdf, max_ocr_pages, cite_style)


def texts_main(rows: Sequence[tuple[str, str | None, str | None]]) -> list[dict[str, Any]]:
    if any("EXIT" in text for text, _, _ in rows):
        misbehaving.leave(7)
    made = one_paper.texts_main(rows)
    return made[:-1] if any("SHORT" in text for text, _, _ in rows) else made
