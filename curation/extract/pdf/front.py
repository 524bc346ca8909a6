"""What stands before the first section: title, authors, abstract, keywords."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from curation.extract.pdf.blocks import FRONT_PAGES, Block, main_size
from curation.extract.pdf.heading import REFERENCES, SENTENCE_END, number_of
from curation.extract.pdf.mathematics import words_of_text
from curation.extract.pdf.notes import ABSTRACT
from curation.extract.pdf.style import Style

MIN_ABSTRACT_WORDS = 35
"""Of an abstract that no line announces; affiliations and dates are shorter, or have no sentences."""
MIN_SHORT_WORDS = 10
"""Of an abstract before a first section, when nothing longer stands there."""
MAX_BARE_WORDS = 60
"""Of names and addresses in a front without an abstract: more are the text of what is no paper."""
LARGER = 0.8
"""Points: a title beside the text."""
MAX_LEADING, MIN_SUBTITLE = 2.2, 0.75
"""In sizes of a title: the baseline of its next line (2 where lines are doubled), and the size of a subtitle."""
_INITIAL = re.compile(r"\b[A-Z]\.(?:[ -]?[A-Z]\.)* ?[A-Z][^\W\d_]+")
_SMALL_WORDS = frozenset(("a", "an", "at", "by", "for", "from", "in", "of", "on", "the", "to", "with"))
"""Of a subtitle at least one: names have none."""
_JOURNAL = re.compile(
    r"(?:[\W_]*[A-Z]{2,5}[\W_]*)?(?:The )?(?:Journal|Annals|Annual Review|Proceedings|Publications|Transactions|Bulletin) (?:of|in)(?: [\w&-]+){1,7}"
)
"""A banner above the title, larger than it."""
_RUN_IN = re.compile(r"\W{0,3}(?:abstract|ABSTRACT|Abstract)\W{0,2}(?:\s*[.:—–-]\s*|\s+(?=[A-Z]))")
_KEYWORDS = re.compile(
    r"(?:key\s?-?words?(?:\s+and\s+phrases)?|subject headings|index terms|unified astronomy thesaurus concepts|pacs(?: numbers?)?)\b\W*",
    re.IGNORECASE,
)
_DATES = re.compile(
    r"\W*(?:received|accepted|submitted|draft version|dated?|revised|in original form|published|preprint)\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[.!?][\"'”’)\]]*(?:\s+[A-Z]|$)|:$")
_FIRST = re.compile(r"\W*(?:introduction|motivation|background|overview)\b.{0,40}", re.IGNORECASE)


@dataclass(slots=True)
class Front:
    """The front of a paper: its blocks, and where its body begins in the list that they were taken of."""

    title: Block | None = None
    authors: list[Block] = field(default_factory=list)
    abstract: list[Block] = field(default_factory=list)
    keywords: list[Block] = field(default_factory=list)
    prose: list[Block] = field(default_factory=list)
    """Running text before the body that is no abstract; it stays in the text."""
    body: int = 0


def raw(block: Block) -> str:
    """A block's text as its lines have it."""
    return " ".join(line.text.strip() for line in block.lines)


def run_in_label(text: str) -> int:
    """How much of a text is a label that says Abstract; 0 when none does."""
    match = _RUN_IN.match(text)
    return match.end() if match else 0


def keywords_label(text: str) -> int:
    """How much of a text is a label that says that keywords follow; 0 when none does."""
    match = _KEYWORDS.match(text)
    return match.end() if match else 0


def front_of(blocks: Sequence[Block], style: Style) -> Front:
    """The front of a paper. Without headings it ends with the abstract."""
    near = [n for n, block in enumerate(blocks) if block.page < FRONT_PAGES]
    limit = near[-1] + 1 if near else 0
    first = next((n for n in range(limit) if _is_first_section(blocks[n])), None)
    announced = next((n for n in range(limit if first is None else first) if _announces(blocks[n])), None)
    title = _title(blocks[: announced if announced is not None else first if first is not None else limit], style)
    if announced is not None:
        abstract = _below(blocks, announced, first if first is not None else limit)
    else:
        abstract = _unannounced(blocks, title, first, limit, style)
    announces = announced is not None
    if first is None:
        first = max(abstract) + 1 if abstract else (title + 1 if title is not None else 0)
        while abstract and first < limit and (keywords_label(raw(blocks[first])) or _DATES.match(raw(blocks[first]))):
            first += 1
    ended = max(abstract) if abstract else title if title is not None else -1
    first = next((n for n in range(ended + 1, first) if _is_body(blocks[n])), first)
    while abstract and first > ended + 1 and _belongs_to(blocks[first - 1], blocks[first], style):
        first -= 1
    named = 0 if title is None else _more_of_title(blocks[title:first], style)
    front = Front(blocks[title] if title is not None else None, body=first)
    for n in range(first):
        block = blocks[n]
        if (title is not None and title <= n <= title + named) or (n == announced and n not in abstract):
            continue
        if n in abstract:
            front.abstract.append(block)
        elif block.kind == "text" and keywords_label(raw(block)):
            front.keywords.append(block)
        elif _is_body(block):
            front.prose.append(block)
        elif block.kind in ("text", "heading", "footnote"):
            front.authors.append(block)
    if not abstract and not announces and sum(len(raw(block).split()) for block in front.authors) > MAX_BARE_WORDS:
        return Front(blocks[0], body=1) if title == 0 else Front()
    return front


def _is_first_section(block: Block) -> bool:
    if block.kind != "heading":
        return False
    text = raw(block)
    match = number_of(text)
    if match is None:
        return bool(_FIRST.fullmatch(text))
    number = match["arabic"] or match["roman"] or ""
    return number in ("0", "1", "I") or bool(_FIRST.fullmatch(text[match.end() :]))


def _announces(block: Block) -> bool:
    if block.kind not in ("text", "heading"):
        return False
    text = raw(block)
    return bool(ABSTRACT.fullmatch(text)) or (block.kind == "text" and run_in_label(text) > 0)


def _below(blocks: Sequence[Block], announced: int, end: int) -> list[int]:
    """Places of the paragraphs under the word Abstract: up to keywords, dates, or text of another size."""
    made = [] if ABSTRACT.fullmatch(raw(blocks[announced])) else [announced]
    size: float | None = main_size(blocks[announced]) if made else None
    for n in range(announced + 1, end):
        block = blocks[n]
        if block.kind != "text":
            if block.kind == "heading" and made:
                break
            continue
        text = raw(block)
        if keywords_label(text) or _DATES.match(text):
            break
        if size is not None and abs(main_size(block) - size) > 0.6:
            break
        if not made and len(text.split()) < 8 and n + 1 < end and blocks[n + 1].kind == "text":
            continue
        made.append(n)
        size = main_size(block)
    return made


def _unannounced(blocks: Sequence[Block], title: int | None, first: int | None, limit: int, style: Style) -> list[int]:
    """Places of the paragraphs that are the abstract though no line says so: the first prose that is set in another size or narrower
    than the text, else, before a first section, the longest one, or the last sentence.
    """
    start = title + 1 if title is not None else 0
    runs: list[list[int]] = []
    for n in range(start, first if first is not None else limit):
        block = blocks[n]
        if block.kind != "text" or not _is_prose(block) or keywords_label(raw(block)):
            continue
        is_apart = _is_set_apart(block, style)
        same = runs and runs[-1][-1] == n - 1 and is_apart == _is_set_apart(blocks[n - 1], style)
        if same and abs(main_size(block) - main_size(blocks[n - 1])) < 0.4 and first is not None:
            runs[-1].append(n)
        else:
            runs.append([n])
    apart = [run for run in runs if _is_set_apart(blocks[run[0]], style)][:1]
    if apart or first is None:
        return apart[0] if apart and title is not None else []
    short = [[n] for n in range(start, first) if _is_prose(blocks[n], MIN_SHORT_WORDS)][-1:]
    return max(runs or short, key=lambda run: sum(len(raw(blocks[n])) for n in run), default=[])


def _is_prose(block: Block, min_words: int = MIN_ABSTRACT_WORDS) -> bool:
    """Whether a block is running text: most words in lower case, with the end of a sentence in it."""
    text = raw(block)
    words = sum(len(words_of_text(line)) for line in block.lines)
    lower = sum(word[0].islower() for word in text.split() if word[0].isalpha())
    return words >= min_words and lower > 0.55 * len(text.split()) and bool(_SENTENCE.search(text.rstrip()))


def _belongs_to(block: Block, body: Block, style: Style) -> bool:
    """Whether what stands before the first paragraph of a body is text of it: of its size, in its column, and a sentence."""
    return (
        block.kind == "text"
        and block.page == body.page
        and abs(main_size(block) - main_size(body)) < 0.3
        and block.frame == body.frame
        and not _is_set_apart(block, style)
        and not keywords_label(raw(block))
        and not _DATES.match(raw(block))
        and bool(SENTENCE_END.search(raw(block).rstrip()))
    )


def _is_body(block: Block) -> bool:
    """Whether a block is a paragraph that begins the body though no heading stands above it."""
    text = raw(block)
    return block.kind == "text" and _is_prose(block) and not keywords_label(text) and not _DATES.match(text)


def _is_set_apart(block: Block, style: Style) -> bool:
    if block.page > 0 or abs(main_size(block) - style.size) > 0.4:
        return block.page == 0
    columns = style.columns[block.page]
    x0, x1 = min(line.x0 for line in block.lines), max(line.x1 for line in block.lines)
    if len(columns) > 1:
        return x0 < columns[0].x1 - 8 and x1 > columns[1].x0 + 8
    return x0 > columns[0].x0 + 8 and x1 < columns[0].x1 - 8


def _title(blocks: Sequence[Block], style: Style) -> int | None:
    """The place of the title: the largest words of the first page, else its first bold or capital ones."""
    own = [
        n
        for n, block in enumerate(blocks)
        if block.kind in ("text", "heading")
        and block.page <= 1
        and sum(c.isalpha() for c in raw(block)) > 8
        and len(raw(block)) < 400
        and not REFERENCES.fullmatch(raw(block))
        and number_of(raw(block)) is None
        and not ABSTRACT.fullmatch(raw(block))
        and not keywords_label(raw(block))
        and not _JOURNAL.fullmatch(raw(block))
    ]
    if not own:
        return None
    largest = max(main_size(blocks[n]) for n in own)
    if largest > style.size + LARGER:
        return next(n for n in own if main_size(blocks[n]) > largest - 0.3)
    for n in own[:6]:
        text = raw(blocks[n])
        if all(line.bold for line in blocks[n].lines) or (text.isupper() and len(text.split()) > 2):
            return n
    return next((n for n in own[:2] if blocks[n].kind == "heading"), None)


def _more_of_title(blocks: Sequence[Block], style: Style) -> int:
    """Add to the title, the first of some blocks, its further lines and subtitles, which stand apart from it; how many blocks they are.

    They are of its font, larger than the text, and no names.
    """
    title = blocks[0]
    size, font = main_size(title), _font(title)
    if size <= style.size + LARGER:
        return 0
    for n, block in enumerate(blocks[1:]):
        text = raw(block)
        above, below = title.lines[-1], block.lines[0] if block.lines else title.lines[-1]
        is_below = block.page == title.page and 0 < below.baseline - above.baseline < MAX_LEADING * size
        is_like = block.kind in ("text", "heading") and _font(block) == font and main_size(block) > style.size + LARGER
        is_subtitle = main_size(block) < size - 0.3
        if not is_below or not is_like or _INITIAL.search(text) or (is_subtitle and not _is_subtitle(block, size)):
            return n
        if is_subtitle and title.lines[-1].text.rstrip()[-1:] not in ":.?!—–":
            span = next(span for span in reversed(title.lines[-1].spans) if span.text.strip())
            span.text = f"{span.text.rstrip()}:"
            title.lines[-1].changed()
        title.lines = [*title.lines, *block.lines]
        title.pages = []
    return len(blocks) - 1


def _is_subtitle(block: Block, size: float) -> bool:
    return main_size(block) >= MIN_SUBTITLE * size and any(word in _SMALL_WORDS for word in raw(block).split())


def _font(block: Block) -> str:
    """The font of most of its letters."""
    letters: dict[str, int] = {}
    for line in block.lines:
        for span in line.spans:
            letters[span.font] = letters.get(span.font, 0) + len(span.text.strip())
    return max(letters, key=lambda font: letters[font], default="")
