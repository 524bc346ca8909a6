"""Footnotes and endnotes, set where they are called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from curation.extract.form import marked
from curation.extract.latex.blocks import MARK, MARK_END, MATH, MATH_END, NOTE, Para
from curation.extract.latex.inline_text import tidy

if TYPE_CHECKING:
    from curation.extract.latex.stomach import Stomach


def footnote(tex: Stomach, name: str) -> None:
    """`\\footnote[n]{text}`: an inline note `^[text]`, so that the reading order stays the author's."""
    given = tex.read_optional()
    if tex.in_plain_tex():
        tex.read_arg()  # plain TeX gives the mark first
    tokens = tex.read_arg()
    if given is None and not tex.mute_notes:
        tex.counters["footnote"] += 1
    outer, tex.current_ref = tex.current_ref, ("footnote", str(tex.counters["footnote"]))
    add_note(tex, tokens)
    tex.current_ref = outer


def add_note(tex: Stomach, tokens: list[str]) -> None:
    """Set an inline note behind what stands before it."""
    text = tidy(tex.inline(tokens))
    if not text or tex.mute_notes:
        return
    if not tex.has_inline() and tex.flow.blocks and isinstance(last := tex.flow.blocks[-1], Para):
        last.text += marked("footnote", f"^[{text}]")
        return
    tex.parts.append(NOTE + marked("footnote", f"^[{text}]"))


def footnotemark(tex: Stomach, name: str) -> None:
    """`\\footnotemark[n]`: the place of a note whose text comes later. In a cell of a table the mark is printed."""
    given = tex.read_optional()
    if tex.mute_notes:
        return
    if given is None:
        tex.counters["footnote"] += 1
    label = tex.plain_text(given) if given is not None else str(tex.counters["footnote"])
    if tex.table is not None:
        tex.cell_marks.add(label)
        tex.parts.append(f"{MATH}^{{{label}}}{MATH_END}")
        return
    tex.marked_notes.append((label, ""))
    tex.parts.append(f"{NOTE}{MARK}N{len(tex.marked_notes) - 1}{MARK_END}")


def footnotetext(tex: Stomach, name: str) -> None:
    """`\\footnotetext[n]{text}`: the text of the last mark (of that number, when one is given) that has none yet."""
    given = tex.read_optional()
    tokens = tex.read_arg()
    if not tex.in_body:
        return
    label = tex.plain_text(given) if given is not None else str(tex.counters["footnote"])
    if label in tex.cell_marks:
        tex.cell_marks.discard(label)
        text = tidy(tex.inline(tokens))
        if text:
            tex.add_float([Para(f"{label}: {text}")])
        return
    for i in range(len(tex.marked_notes) - 1, -1, -1):
        if not tex.marked_notes[i][1] and (given is None or tex.marked_notes[i][0] == label):
            tex.marked_notes[i] = (label, tidy(tex.inline(tokens)))
            return
    add_note(tex, tokens)
