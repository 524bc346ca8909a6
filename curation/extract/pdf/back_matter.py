"""Where the bibliography, the thanks and the appendix of a paper begin and end."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from curation.extract.markdown_parts import ACKNOWLEDGEMENTS
from curation.extract.pdf.blocks import Block, main_size
from curation.extract.pdf.front import raw
from curation.extract.pdf.heading import LONE_APPENDIX, REFERENCES, YEAR, Heading, Look, number_of
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
MIN_BEFORE = 0.25
"""Share of blocks that stand before the bibliography, where no entry follows its heading."""
MAX_THANKS = 8
"""Blocks of thanks that no heading announces, at most."""
_LABELLED = re.compile(
    r"\s*(?:\[(\d{1,3})\]|(\d{1,3})\.|\((\d{1,3})\)|\$\^\{(\d{1,3})\}\$)\s*(?=\S)"
    r"|\s*(?:\[(\d{1,3})\]|(\d{1,3})\.)\s*$"
)
MIN_BEHIND = 3
"""Entries before a box, behind which others count on."""
MIN_ENTRIES = 5
"""Labels in order, of a list without a heading, whose letters are smaller than the text's."""
_CITED = re.compile(r"\barXiv\b|\bdoi\b|\bet al\b|\d\)?[.,;]?\s*$", re.IGNORECASE)
"""In a heading among entries: it is a row of one."""
_RECEIVED = re.compile(
    r"\W*(?:received|accepted|published (?:as|online)|submitted)\b[:\s].{0,30}\b(?:19|20)\d\d\b", re.IGNORECASE
)
"""What a journal prints below the last entry."""
_ENDED = re.compile(r"(?<!\b[A-Z])\.$|[\])\d]$")
MIN_LOWER = 0.5
"""Share of the words of a life that begin in lower case; names and titles have fewer."""
MIN_MEMBERS = 60
"""Words of a list of members without a number; entries have years and pages."""
_RAISED = re.compile(r"\$\^\{")
MIN_MARKS = 8
"""Raised marks of a list of members of a collaboration; an entry has a footnote or a superscript in its title."""
_SUPPLEMENT = re.compile(
    r"\W*(?:(?:electronic|online) )?(?:suppl(?:ement(?:al|ary)?|\.)|supporting) \w+", re.IGNORECASE
)
"""What the title of a second paper behind the first one begins with."""
MIN_TITLE_SCORE = 4.0
"""Of a heading in a bibliography; its entries are no headings."""
MIN_RUNNING_WORDS = 35
"""Of running text that ends a bibliography; annotations of entries are shorter."""


def unannounced_thanks(blocks: Sequence[Block], start: int, listing: int | None) -> int | None:
    """The place of thanks without a heading, as AASTeX sets them: paragraphs before the lists of facilities and software, the
    bibliography (`listing`, one without a heading) or the appendix.
    """
    if any(block.kind == "heading" and ACKNOWLEDGEMENTS.fullmatch(raw(block)) for block in blocks[start:]):
        return None
    places = range(max(start, len(blocks) // 3), len(blocks))
    end = next((n for n in places if n == listing or _ends_thanks(blocks[n])), None)
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


def begins_references(blocks: Sequence[Block], n: int) -> bool:
    """Whether a block announces the bibliography: a list of contents names it, too, at the beginning and with no entry below."""
    if not is_bibliography(blocks[n], raw(blocks[n])):
        return False
    if n > MIN_BEFORE * len(blocks):
        return True
    below = blocks[n + 1 : n + 3]
    return any(block.kind == "text" and (_first_label(block) == 1 or YEAR.search(raw(block))) for block in below)


def count_on(blocks: Sequence[Block], n: int, references: Sequence[tuple[Line, int]]) -> bool:
    """Whether two blocks are entries that follow the last one, in its size: behind a box of the journal."""
    if not references or blocks[n].kind != "text" or not (number := _first_label(blocks[n])):
        return False
    following = next((block for block in blocks[n + 1 : n + 3] if block.kind == "text" and block.lines), None)
    count = _counted([[line for line, _ in references]])
    return (
        abs(main_size(blocks[n]) - references[0][0].size) < 0.3
        and number == count + 1 > MIN_BEHIND
        and following is not None
        and any(_label(line) == number + 1 for line in (*blocks[n].lines, following.lines[0]))
    )


def ends_references(heading: Heading, sections: Counter[Look]) -> bool:
    """Whether a heading in the bibliography is one of the paper: of an appendix, of thanks, or set like the sections."""
    text = heading.text
    if _RECEIVED.match(text):
        return True
    if _CITED.search(text):
        return False
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
    return lower > 0.75 * len(words) and len(YEAR.findall(raw(block))) <= len(words) / 40


def is_other_text(block: Block, references: Sequence[tuple[Line, int]]) -> bool:
    """Whether running text in another size than that of the references ends them, a paragraph without a label where entries have one, or
    the list of a collaboration; or a note below them is none of them.
    """
    if block.kind == "text" and _RECEIVED.match(raw(block)):
        return True
    is_long = block.kind == "text" and bool(references) and len(raw(block).split()) >= MIN_RUNNING_WORDS
    if is_long and (_is_unlabelled(block, references) or _lists_members(raw(block))):
        return True
    other = bool(references) and abs(main_size(block) - references[0][0].size) > 0.4
    return other and (block.kind == "footnote" or is_running(block))


def _is_unlabelled(block: Block, references: Sequence[tuple[Line, int]]) -> bool:
    """Whether a paragraph begins without a label behind the end of an entry, in a numbered bibliography: prose, or more names without
    a number than an entry has.
    """
    first, before = block.lines[0].text.strip(), references[-1][0].text.rstrip()
    if _label(block.lines[0]) or not first[:1].isupper() or not _ENDED.search(before):
        return False
    words = [word for word in raw(block).split() if word[0].isalpha()]
    is_members = len(words) >= MIN_MEMBERS and not any(map(str.isdigit, raw(block)))
    if not is_members and sum(word[0].islower() for word in words) < MIN_LOWER * len(words):
        return False
    return _counted([[line for line, _ in references]]) >= MIN_ENTRIES


def _lists_members(text: str) -> bool:
    """Whether a paragraph is names or institutes with raised marks, and no year."""
    return len(_RAISED.findall(text)) >= MIN_MARKS and not YEAR.search(text)


def text_follows(blocks: Sequence[Block], n: int) -> bool:
    """Whether running text stands below a heading."""
    below = [block for block in blocks[n + 1 : n + 5] if block.kind == "text"][:2]
    return any(map(is_running, below))


def is_followed_by_letter(blocks: Sequence[Block], n: int) -> bool:
    """Whether the next block is a numbered heading, `A. A title` below `Appendix`."""
    following = next((b for b in blocks[n + 1 : n + 3] if b.kind == "heading"), None)
    match = number_of(raw(following)) if following is not None else None
    return match is not None and following is blocks[n + 1]


def unannounced_list(blocks: Sequence[Block], start: int, style: Style) -> tuple[int, int] | None:
    """The place of a bibliography that no heading announces, a block and one of its lines: the longest numbered list in the last part of
    a paper, in small letters or with years, as REVTeX sets it.
    """
    if any(is_bibliography(block, raw(block)) for block in blocks[start:]):
        return None
    found: dict[tuple[int, int], int] = {}
    for n in range(len(blocks) - 1, max(start, len(blocks) // 4), -1):
        block = blocks[n]
        first = next((k for k, line in enumerate(block.lines) if _label(line) == 1), None)
        if block.kind != "text" or first is None:
            continue
        lines = block.lines[first:]
        text = " ".join([*(line.text for line in lines), *(raw(other) for other in blocks[n + 1 : n + 6])])
        count = _counted([lines, *(other.lines for other in blocks[n + 1 :] if other.kind == "text")])
        is_dated = count >= (2 if first == 0 else MIN_ENTRIES) and len(re.findall(r"\b(?:19|20)\d\d\b", text)) >= 2
        if is_dated or (count >= MIN_ENTRIES and main_size(block) < style.size - 0.4):
            found[n, first] = count
    return max(found, key=lambda place: found[place], default=None)


def _first_label(block: Block) -> int:
    return _label(block.lines[0]) if block.lines else 0


def _label(line: Line) -> int:
    """The number of an entry of a bibliography that a line begins with, or 0."""
    match = _LABELLED.match(line.text)
    return int(next(filter(None, match.groups()))) if match else 0


def _counted(paragraphs: Iterable[Sequence[Line]]) -> int:
    """How many lines of some paragraphs begin with a number that follows that of the one before."""
    count = 0
    for lines in paragraphs:
        for line in lines:
            count += _label(line) == count + 1
    return count
