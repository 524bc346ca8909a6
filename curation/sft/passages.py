"""Sentences of a document that can answer a question on their own, and the section that each stands in."""

from __future__ import annotations

import re
from dataclasses import dataclass

from curation.release.masking import MARKER
from curation.sft.rendering import holds_marks
from curation.text import blocks, sentences, words
from curation.text.blocks import heading_title

# a sentence that leans on its neighbours, or on a figure, says little alone
_LEANS = re.compile(
    r"(?:Th(?:is|ese|ose|at|ey|eir|us|e (?:former|latter|same|other|others|second|third)\b)|It|Its|Such|Both|He|She|His|Her"
    r"|However|Therefore|Hence|Instead|Moreover|Furthermore|Also|But|And|Or|So|Then|Again|Similarly|Conversely|Otherwise"
    r"|Each|Neither|Either|Another|Others|One of them|Some|Finally|Indeed|Yet|Nevertheless|Nonetheless|Consequently"
    r"|Additionally|Lastly|Firstly|Secondly|Next|Thus|Now|As (?:a result|before|above|shown)|In (?:addition|contrast|turn|this case)|On the other hand)\b"
    r"|Here\b(?!,? we\b)|In (?:this|these|the following) (?!paper|work|study|letter|article|review|contribution)"
)
_POINTS = re.compile(
    r"\b(?:Fig(?:s|ure|ures)?|Tab(?:s|le|les)?|Sect?(?:s|ion|ions)?|Eqn?s?|Equations?|Appendix|Appendices|Algorithm)\b\.?"
    r"|§|\b(?:above|below|following|aforementioned|previous section|next section|herein)\b|\?\?|\[\?\]|\\(?:ref|cite|label)\b"
)
_NUMBERING = re.compile(r"\A(?:\d+(?:\.\d+)*\.?|[A-Z](?:\.\d+)*\.|[A-Z](?:\.\d+)+|[IVX]+\.)[ \t]+(?=\S)")


_NO_WORDS = (MARKER,)
"""What no sentence holds that is asked about, beside marks of templates. A marker belongs to the sentences on both its sides, which led up to what is gone."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence that stands alone.

    Args:
        start: first character in the text.
        end: character after it.
        sentence: its text, verbatim.
        section: title of its section without number; empty before the first heading.
    """

    start: int
    end: int
    sentence: str
    section: str


def section_title(line: str) -> str:
    """Title of a heading line without marks, number and end: `## 3.2 Radial velocities:` is `Radial velocities`."""
    return _NUMBERING.sub("", heading_title(line), count=1).strip().rstrip(".:").rstrip()


def stands_alone(sentence: str, min_words: int, max_words: int) -> bool:
    """Whether a sentence is whole, of fair length, and refers to nothing outside itself."""
    if not (sentence[0].isupper() and sentence.endswith(".") and min_words <= len(words(sentence)) <= max_words):
        return False
    if sentence.count("(") != sentence.count(")") or len(re.findall(r"(?<!\\)\$", sentence)) % 2:
        return False
    return not (
        holds_marks(sentence)
        or _LEANS.match(sentence)
        or _POINTS.search(sentence)
        or any(mark in sentence for mark in _NO_WORDS)
    )


def passages(text: str, min_words: int, max_words: int) -> list[Passage]:
    """The sentences of a Markdown text that stand alone, in order."""
    headings = [(b.start, section_title(b.text(text))) for b in blocks(text) if b.kind == "heading" and b.level > 1]
    found: list[Passage] = []
    section, n = "", 0
    for start, end in sentences(text):
        while n < len(headings) and headings[n][0] < start:
            section, n = headings[n][1], n + 1
        sentence = text[start:end]
        if stands_alone(sentence, min_words, max_words):
            found.append(Passage(start, end, sentence, section))
    return found
