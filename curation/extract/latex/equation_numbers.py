"""Numbers of equations and floats, and what stands before them in appendices."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from curation.extract.latex.lexer import tokenize
from curation.extract.latex.macros import Macro
from curation.extract.latex.markdown import Emitter
from curation.extract.latex.registers import own_counter

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
    """A float's or equation's number: `3`, `A3` in appendices, `2.3` or `S3` where class or paper has its own `\\thefigure`."""
    given = own_number(tex, counter)
    if given:
        return given
    section = tex.numbers.get("section", "")
    if not tex.in_appendix or not section:
        return str(n)
    separator = appendix_separator(tex, counter)
    return str(n) if separator is None else f"{section}{separator}{n}"


def own_number(tex: Stomach, counter: str) -> str:
    """What `\\thefigure` prints where class or paper has its own: `S3`, `2.3`."""
    macro = tex.defs.get("\\the" + counter)
    if counter not in _PRINTED or not isinstance(macro, Macro) or macro is tex.primitives.get("\\the" + counter):
        return ""
    return printed_number(tex, ["\\the" + counter])


def printed_number(tex: Stomach, tokens: list[str]) -> str:
    """What these tokens print, where it is a number: letters, digits, points and hyphens."""
    text = Emitter(lambda kind, i: "", escapes=False).inline(tex.inline(tokens)).strip("${} ").replace("\xa0", " ")
    return text if re.fullmatch(r"\w[\w.\-– ]{0,15}", text) else ""


_PRINTED = frozenset({"equation", "figure", "table", "algorithm"})


def number_within(tex: Stomach, counter: str, within: str, body: str) -> None:
    """Each step of `within` sets the counter to 0; `body` prints it."""
    resets = tex.counter_resets.setdefault(within, [])
    if own_counter(counter) not in resets:
        resets.append(own_counter(counter))
    tex.define("\\the" + counter, Macro((), tokenize(body)), everywhere=True)


def numbers_of_class(tex: Stomach, name: str, options: str) -> None:
    """Classes that number by chapter or section."""
    if name in _BY_CHAPTER:
        for counter in ("equation", "figure", "table"):
            number_within(
                tex, counter, "chapter", f"\\ifnum\\value{{chapter}}>0 \\thechapter.\\fi\\arabic{{{counter}}}"
            )
    elif name.startswith("revtex4") and "eqsecnum" in options:
        number_within(tex, "equation", "section", "\\arabic{section}.\\arabic{equation}")


def equations_by_section(tex: Stomach, name: str) -> None:
    """`\\eqnobysec` (iopart); JHEP's and JCAP's packages do the same."""
    number_within(tex, "equation", "section", "\\thesection.\\arabic{equation}")


def numbers_of_appendix(tex: Stomach) -> None:
    """`\\appendix` of a class that restarts its numbers takes the place of the paper's own `\\theequation`."""
    if tex.document_class.startswith("revtex"):
        return
    for counter in ("equation", "figure", "table"):
        if appendix_separator(tex, counter) is not None and (entry := tex.primitives.get("\\the" + counter)):
            tex.define("\\the" + counter, entry, everywhere=True)


_BY_CHAPTER = frozenset({"report", "book", "memoir", "scrreprt", "scrbook"})


def appendix_separator(tex: Stomach, counter: str) -> str | None:
    """What stands between letter and number in an appendix; None where the numbers run on, as in LaTeX's own classes.

    The classes that reset their counters: A&A (A.1), MNRAS (A1), iopart (floats A1), elsarticle, iopart and JCAP (equations A.1), AASTeX and REVTeX
    (equations A1; AASTeX's floats only after `\\restartappendixnumbering`).
    """
    name = tex.document_class
    if name == "aa":
        return "."
    if name in ("mnras", "mn2e") or tex.appendix_floats_restart:
        return ""
    if counter != "equation":
        return "" if name == "iopart" else None
    if name.startswith(("elsart", "iopart")) or not {"jcappub", "jheppub"}.isdisjoint(tex.packages):
        return "."
    return "" if name.startswith(("aastex", "revtex", "emulateapj", "openjournal")) else None
