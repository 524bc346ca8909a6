"""Where the bibliography, the thanks and the appendix of a paper begin and end."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from curation.extract.markdown_parts import ACKNOWLEDGEMENTS
from curation.extract.pdf.blocks import Block, main_size
from curation.extract.pdf.front import raw
from curation.extract.pdf.heading import LONE_APPENDIX, REFERENCES, Heading, Look, number_of
from curation.extract.pdf.page import Line
from curation.extract.pdf.style import Style

BACK_MATTER = re.compile(
    r"\W*(?:acknowledge?ments?|(?:data|code|software)\b.{0,40}availab\w+.{0,20}|author contributions?|funding|supplementary .{0,30}"
    r"|supporting information|(?:declaration of )?competing interests?|conflicts? of interests?|software|facilit(?:y|ies)|notes)\W*",
    re.IGNORECASE,
)
_THANKS = re.compile(
    r"(?:We|I|The authors?|[A-Z]\.? ?[A-Z]?\.? ?[A-Z]\w*)\b.{0,60}\b(?:thanks?|acknowledges?|(?:is|are|am) (?:very )?(?:grateful|indebted))\b"
    r"|(?:This|The) (?:work|research|paper|project|study|material|publication|manuscript)\b.{0,80}\b(?:supported|funded|(?:made|makes) use)\b"
    r"|.{0,100}\b(?:is|was|are|were) (?:\w+ )?(?:supported|funded) by\b|Support for th"
)
_LISTED = re.compile(r"\W*(?:facilit(?:y|ies)|software)\s?:", re.IGNORECASE)
MAX_THANKS = 8
"""Blocks of thanks that no heading announces, at most."""
_LABELLED = re.compile(r"\s*(?:\[(\d{1,3})\]|(\d{1,3})\.|\((\d{1,3})\)|\$\^\{(\d{1,3})\}\$)\s*(?=\S)")
MIN_ENTRIES = 5
"""Labels in order, of a list without a heading, whose letters are smaller than the text's."""
_YEAR = re.compile(r"\b(?:1[89]|20)\d\d[a-z]?\b")
_SUPPLEMENT = re.compile(
    r"\W*(?:(?:electronic|online) )?(?:suppl(?:ement(?:al|ary)?|\.)|supporting) \w+", re.IGNORECASE
)
"""What the title of a second paper behind the first one begins with."""
MIN_TITLE_SCORE = 4.0
"""Of a heading in a bibliography; its entries are no headings."""
MIN_RUNNING_WORDS = 35
"""Of running text that ends a bibliography; annotations of entries are shorter."""


def unannounced_thanks(blocks: Sequence[Block], start: int) -> int | None:
    """The place of thanks without a heading, as AASTeX sets them: paragraphs before the lists of facilities and software, the
    bibliography or the appendix.
    """
    if any(block.kind == "heading" and ACKNOWLEDGEMENTS.fullmatch(raw(block)) for block in blocks[start:]):
        return None
    end = next((n for n in range(max(start, len(blocks) // 3), len(blocks)) if _ends_thanks(blocks[n])), None)
    if end is None:
        return None
    found = None
    n = end - 1
    while n > start and end - n <= MAX_THANKS and blocks[n].kind != "heading":
        if blocks[n].kind == "text" and _THANKS.match(raw(blocks[n])) and blocks[n - 1].kind != "heading":
            found = n
        n -= 1
    return found


def _ends_thanks(block: Block) -> bool:
    text = raw(block)
    if block.kind == "text":
        return bool(_LISTED.match(text)) or is_bibliography(block, text)
    match = number_of(text)
    back = bool(LONE_APPENDIX.fullmatch(text)) or (match is not None and bool(match["appendix"]))
    return block.kind == "heading" and (back or is_bibliography(block, text))


def is_bibliography(block: Block, text: str) -> bool:
    """Whether a block, which says `text`, is the heading of the bibliography."""
    return block.kind in ("heading", "text") and len(text) < 60 and bool(REFERENCES.fullmatch(text))


def ends_references(heading: Heading, sections: Counter[Look]) -> bool:
    """Whether a heading in the bibliography is one of the paper: of an appendix, of thanks, or set like the sections."""
    text = heading.text
    match = number_of(text)
    if LONE_APPENDIX.fullmatch(text) or BACK_MATTER.fullmatch(text) or (match is not None and match["appendix"]):
        return True
    if _SUPPLEMENT.match(text) and heading.score >= MIN_TITLE_SCORE:
        return True
    return bool(sections[heading.look]) and (match is not None or heading.score >= MIN_TITLE_SCORE)


def is_running(block: Block) -> bool:
    """Whether a block is running text and no entry of a bibliography: long, mostly in lower case, with hardly a year."""
    words = [word for word in raw(block).split() if any(c.isalpha() for c in word)]
    if len(words) < MIN_RUNNING_WORDS:
        return False
    lower = sum(word.strip("([“‘\"'")[:1].islower() for word in words)
    return lower > 0.75 * len(words) and len(_YEAR.findall(raw(block))) <= len(words) / 40


def is_other_text(block: Block, references: Sequence[tuple[Line, int]]) -> bool:
    """Whether running text in another size than that of the references ends them, or a note below them is none of them."""
    other = bool(references) and abs(main_size(block) - references[0][0].size) > 0.4
    return other and (block.kind == "footnote" or is_running(block))


def text_follows(blocks: Sequence[Block], n: int) -> bool:
    """Whether running text stands below a heading."""
    below = [block for block in blocks[n + 1 : n + 5] if block.kind == "text"][:2]
    return any(map(is_running, below))


def is_followed_by_letter(blocks: Sequence[Block], n: int) -> bool:
    """Whether the next block is a numbered heading, `A. A title` below `Appendix`."""
    following = next((b for b in blocks[n + 1 : n + 3] if b.kind == "heading"), None)
    match = number_of(raw(following)) if following is not None else None
    return match is not None and following is blocks[n + 1]


def unannounced_list(blocks: Sequence[Block], start: int, style: Style) -> int | None:
    """The place of a bibliography that no heading announces: the longest numbered list in the last part of a paper, in small letters
    or with years, as REVTeX sets it.
    """
    if any(is_bibliography(block, raw(block)) for block in blocks[start:]):
        return None
    found: dict[int, int] = {}
    for n in range(len(blocks) - 1, max(start, len(blocks) // 4), -1):
        block = blocks[n]
        if block.kind != "text" or not block.lines or _label(block.lines[0]) != 1:
            continue
        text = " ".join(raw(other) for other in blocks[n : n + 6])
        count = _counted(blocks[n:])
        is_dated = count >= 2 and len(re.findall(r"\b(?:19|20)\d\d\b", text)) >= 2
        if is_dated or (count >= MIN_ENTRIES and main_size(block) < style.size - 0.4):
            found[n] = count
    return max(found, key=lambda n: found[n], default=None)


def _label(line: Line) -> int:
    """The number of an entry of a bibliography that a line begins with, or 0."""
    match = _LABELLED.match(line.text)
    return int(next(filter(None, match.groups()))) if match else 0


def _counted(blocks: Sequence[Block]) -> int:
    """How many lines of some paragraphs begin with a number that follows that of the one before."""
    count = 0
    for block in blocks:
        for line in block.lines if block.kind == "text" else ():
            count += _label(line) == count + 1
    return count
