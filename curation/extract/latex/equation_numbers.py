"""Numbers of equations and floats, and what stands before them in appendices."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from curation.extract.latex.macros import Macro
from curation.extract.latex.markdown import Emitter

if TYPE_CHECKING:
    from curation.extract.latex.stomach import Stomach


def equation_number(tex: Stomach) -> str:
    """The next equation number: `3`, `3a` in subequations, `A3` in appendices."""
    if tex.subequation is not None:
        tex.subequation += 1
        return tex.subequation_of + chr(96 + min(26, tex.subequation))
    n = tex.step("equation")
    return prefix_number(tex, "equation", n)


def prefix_number(tex: Stomach, counter: str, n: int) -> str:
    """A float's or equation's number: `3`, `A3` in appendices, `S3` where the paper redefined `\\thefigure`.

    Otherwise it counts through the whole text, also where the print numbers by section: the text shows no chapter-wise
    numbers, and a running number can be found by counting.
    """
    given = own_number(tex, counter)
    if given:
        return given
    section = tex.numbers.get("section", "")
    if not tex.in_appendix or not section:
        return str(n)
    separator = appendix_separator(tex, counter)
    return str(n) if separator is None else f"{section}{separator}{n}"


def own_number(tex: Stomach, counter: str) -> str:
    """What the paper's own `\\thefigure` prints, when it has a letter (`S3`); `2.3` counts by section and is not taken."""
    macro = tex.defs.get("\\the" + counter)
    if not isinstance(macro, Macro) or macro is tex.primitives.get("\\the" + counter):
        return ""
    text = Emitter(lambda kind, i: "", escapes=False).inline(tex.inline(["\\the" + counter])).strip("${} ")
    return text if re.fullmatch(r"[A-Za-z][\w.\-–]{0,12}", text) and text[-1].isdigit() else ""


def appendix_separator(tex: Stomach, counter: str) -> str | None:
    """What stands between letter and number in an appendix; None where the numbers run on, as in LaTeX's own classes.

    The classes that reset their counters: A&A (A.1), MNRAS (A1), elsarticle and JCAP (equations A.1), AASTeX and REVTeX
    (equations A1; AASTeX's floats only after `\\restartappendixnumbering`).
    """
    name = tex.document_class
    if name == "aa":
        return "."
    if name in ("mnras", "mn2e") or tex.appendix_floats_restart:
        return ""
    if counter != "equation":
        return None
    if name.startswith("elsart") or not {"jcappub", "jheppub"}.isdisjoint(tex.packages):
        return "."
    return "" if name.startswith(("aastex", "revtex", "emulateapj", "openjournal")) else None
