"""Plants of the self-test: texts and records made of a benchmark's own list and items, as papers spell them.

All is drawn by a seed, the digest of the benchmark's files, so that the same benchmark has the same plants everywhere.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import quote

from curation.identity import ids_of
from curation.withhold.items import Item
from curation.withhold.journal_ref import is_of_known_journal
from curation.withhold.number_match import NumericItem
from curation.withhold.numbers import Quantity
from curation.withhold.rephrased import Question
from curation.withhold.sources import BenchmarkSource
from curation.withhold.tokens import tokens
from curation.withhold.units import PERCENT, Unit

PER_KIND = 24
"""Works, titles and items of a benchmark that are planted."""
MIN_TITLE_WORDS = 4
MIN_TITLE_LETTERS = 40
"""A shorter title is found with its author only, and with no letter lost."""
LONG = 20
"""Tokens above which a question is found alone, and with noise."""
MIN_TELLING = 5
"""Different words of five letters and more that a question must have: one of fewer is mostly a formula or words that everybody uses."""
NOISE_EVERY = 12
"""Tokens of which one has a letter misread."""
CHANGED_EVERY = 30
"""Words of a copy of which about one is another."""
_MISREAD = {"l": "1", "o": "0", "e": "c", "i": "l", "s": "5", "a": "o", "n": "u", "t": "f"}
_BEFORE = "The night was clear over the harbour, and nobody had yet closed the shutters of the old house.\n\n"
_BEHIND = "\n\nIn the morning the baker opened his shop, and the first guests came down to the water."
_WIDTH = 38
ARAA = (
    {"links": ["doi:10.1146/annurev-astro-081811-125615"]},
    {"links": ["bibcode:2012ARA&A..50..455F"]},
    {"links": [], "journal_ref": "Annu. Rev. Astron. Astrophys. 50 (2012) 455-489"},
    {"links": [], "journal_ref": "ARA&A 50, 455"},
    {"links": [], "unsure": ["doi: https://doi.org/10.1146/annurev.aa.18.090180.000355 (in press)"]},
)
"""What records of articles of the journal say."""
COPIED_ENTRY, COPIED_ID = "self-test", "doi:10.5555/self-test"
COPIED = """The lamp of the old lighthouse was lit for the last time in the autumn when the new harbour wall was finished.
Nobody had told the keeper that boats would find their way by radio before the winter storms came back to the bay.
He carried oil up the spiral stairs each evening, wound the heavy clockwork, and wrote the weather into a thin blue book.
Fishermen from the northern villages brought him salted herring and rumours about ships that had never arrived anywhere.
In return he mended their nets, taught two of their children to read, and counted seals on the skerries every Sunday.
A commission of engineers arrived with brass instruments, measured every step, and left a letter sealed with red wax.
The letter stayed unopened on the kitchen table beside a bowl of apples until the first frost silvered the windows.
When at last he read it, the keeper laughed, put on his best coat, and rowed across to ask the baker for advice.
Together they decided that a tower without a lamp might still serve as an observatory for migrating geese and comets."""
"""A text of ours that stands among those of every index of withheld texts while it is tested."""
_REF = "journal_ref:"
T = TypeVar("T")


@dataclass(frozen=True)
class Plant:
    """What must be found.

    Args:
        kind: how it was made: verbatim, noisy, split, reworded, part (of a longer text), or spelling.
        entry: of the benchmark; None for a rule without a list.
        metadata: columns of its row of metadata.
        title, text: of its row of documents.
    """

    kind: str
    entry: str | None
    metadata: dict[str, object] = field(default_factory=dict)
    title: str | None = None
    text: str = ""


def drawn(seed: str, given: Iterable[T], name: Callable[[T], str]) -> list[T]:
    """`PER_KIND` of some things at most, by hashes of their names."""
    return sorted(given, key=lambda one: _digest(seed, name(one)))[:PER_KIND]


def id_plants(seed: str, works: Sequence[BenchmarkSource]) -> Iterator[Plant]:
    """Works with an id: a record that links it in each spelling, and one that says it where no column holds it."""
    for work in drawn(seed, (w for w in works if w.ids), lambda w: w.place):
        for key in sorted(work.ids):
            if key.startswith(_REF):
                if is_of_known_journal(key):
                    journal, volume, page = key.removeprefix(_REF).split(":")
                    yield Plant("spelling", work.place, {"links": [], "journal_ref": f"{journal} {volume}, {page}"})
                continue
            for spelling in _spellings(key):
                yield Plant("spelling", work.place, {"links": sorted(ids_of(spelling))})
            yield Plant("spelling", work.place, {"links": [], "unsure": [f"url: {_spellings(key)[-1]}"]})


def _spellings(key: str) -> list[str]:
    scheme, _, name = key.partition(":")
    if scheme == "arXiv":
        return [f"arXiv:{name}", f"{name}v2", f"https://arxiv.org/abs/{name}"]
    if scheme == "doi":
        return [f"doi:{name.upper()}", f"https://doi.org/{name}"]
    return [name, f"https://ui.adsabs.harvard.edu/abs/{quote(name)}/abstract"]


def title_plants(seed: str, works: Sequence[BenchmarkSource]) -> Iterator[Plant]:
    """Works with a title of some length: as it is with what is known of author and year, in capitals, and with a letter lost alone."""
    long = (w for w in works if len((w.title or "").split()) >= MIN_TITLE_WORDS)
    for work in drawn(seed, (w for w in long if len(w.title or "") >= MIN_TITLE_LETTERS), lambda w: w.place):
        title = work.title or ""
        date = None if work.year is None else f"{work.year}-06-01"
        yield Plant("verbatim", work.place, {"title": title, "authors": work.first_author, "date": date})
        if (other := _misread(f"{seed}{title}", title)) != title:
            yield Plant("noisy", work.place, title=other)
        yield Plant("split", work.place, title="\n".join(title.split(" ")))


_MARK = r"""\$[^$]*\$|\{[^{}]*\\[^{}]*\}|\\[A-Za-z]+|\b[A-Z]+\b|[^A-Za-z\s,.:;?!'"()\-]"""
_NO_PROSE = re.compile(rf"(?:[A-Za-z]+[\s-]*)?(?:{_MARK})(?:[\s-]*(?:{_MARK}))*(?:[\s-]*[A-Za-z]+)?")
"""Formulas, groups with commands, commands, numbers, what may be a roman one, and the words beside, which are one name with them (`Lyman
alpha`): nothing of a title is lost there."""


_WORD = re.compile(r"[A-Za-z]{3,}")


def _misread(seed: str, title: str) -> str:
    """A title that lacks a letter inside a word that stands there once (`X: X` is one title, and `X: Y` is not); no digit, since another
    number is another work, and none of a formula or name. As it is where it has none."""
    prose = _NO_PROSE.sub(lambda found: "." * len(found[0]), title)
    times = Counter(word[0].lower() for word in _WORD.finditer(title))
    words = _WORD.finditer(prose)
    places = [i for word in words if times[word[0].lower()] == 1 for i in range(word.start() + 1, word.end() - 1)]
    if not places:
        return title
    at = places[int(_digest(seed, title), 16) % len(places)]
    return title[:at] + title[at + 1 :]


def item_plants(seed: str, items: Sequence[Item]) -> Iterator[Plant]:
    """Items between other sentences: as they are, wrapped at `_WIDTH` with words broken, and long questions with letters misread."""
    able = (item for item in items if _says_enough(item))
    for item in drawn(seed, able, lambda item: item.item_id):
        said = "\n".join([item.question, *(item.choices or ()), *([item.answer] if item.answer else ())])
        yield Plant("verbatim", item.item_id, text=f"{_BEFORE}{said}{_BEHIND}")
        yield Plant("split", item.item_id, text=f"{_BEFORE}{wrapped(said)}{_BEHIND}")
        if len(tokens(item.question)) > LONG and (other := noisy(f"{seed}{item.item_id}", said)) != said:
            yield Plant("noisy", item.item_id, text=f"{_BEFORE}{other}{_BEHIND}")


def value_plants(seed: str, items: Sequence[NumericItem]) -> Iterator[Plant]:
    """Items whose values alone say enough: these in SI, each as a power of ten, in other words."""
    able = (one for one in items if one.is_enough and all(_has_si(slot.quantity.unit) for slot in one.slots))
    for one in drawn(seed, able, lambda one: one.item.item_id):
        said = ", then ".join(_in_si(slot.quantity) for slot in one.slots)
        yield Plant("spelling", one.item.item_id, text=f"{_BEFORE}On the slate somebody had left {said}.{_BEHIND}")


def _has_si(unit: Unit) -> bool:
    return bool(unit.dimensions) or unit.factor in (1, PERCENT)


def _in_si(quantity: Quantity) -> str:
    if quantity.unit.factor == PERCENT and not quantity.unit.dimensions:
        return rf"${quantity.number:g}\%$"
    mantissa, power = f"{quantity.value:.9e}".split("e")
    unit = "".join(rf"\,\mathrm{{{base}}}^{{{exponent}}}" for base, exponent in quantity.unit.powers())
    return rf"${mantissa.rstrip('0').rstrip('.')}\times10^{{{int(power)}}}{unit}$"


def _says_enough(item: Item) -> bool:
    """Whether it must be found: not a formula, which is everybody's, and no short question alone. Others may be found, too."""
    words = tokens(item.question)
    telling = {word for word in words if len(word) >= 5 and word.isalpha()}
    beside = item.answer is not None or len(item.choices) >= 2
    return len(telling) >= MIN_TELLING and (len(words) > LONG or beside)


def wrapped(text: str) -> str:
    """A text in short lines; a long word of small letters that stands at their end is broken by a hyphen."""
    lines, line = [], ""
    for word in text.split():
        if line and len(line) + len(word) >= _WIDTH:
            half = len(word) // 2
            if len(word) >= 8 and word.isascii() and word.isalpha() and word.islower():
                lines.append(f"{line} {word[:half]}-")
                line = word[half:]
                continue
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return "\n".join([*lines, line])


def noisy(seed: str, text: str) -> str:
    """A text in which of every `NOISE_EVERY` words one has a letter misread, where one of them has five letters and one that is misread."""
    words = text.split(" ")
    for start in range(0, len(words), NOISE_EVERY):
        places = [
            (n, at)
            for n in range(start, min(start + NOISE_EVERY, len(words)))
            if len(words[n]) >= 5 and words[n].isalpha()
            for at in range(1, len(words[n]) - 1)
            if words[n][at] in _MISREAD
        ]
        if places:
            n, at = places[int(_digest(seed, str(start)), 16) % len(places)]
            words[n] = words[n][:at] + _MISREAD[words[n][at]] + words[n][at + 1 :]
    return " ".join(words)


def question_plants(seed: str, questions: Sequence[Question], max_words: int) -> Iterator[Plant]:
    """Questions alone, as short rows: as they are, and with their second half first."""
    able = (q for q in questions if len(q.text.split()) <= max_words)
    for question in drawn(seed, able, lambda q: q.entry):
        words = question.text.split()
        half = len(words) // 2
        yield Plant("verbatim", question.entry, text=question.text)
        yield Plant("reworded", question.entry, text=" ".join([*words[half:], *words[:half]]))


def copy_plants(seed: str) -> Iterator[Plant]:
    """What says again what was withheld: the text as it is, with words changed, and inside another; and what only has its id."""
    sentences = COPIED.split("\n")
    words = [
        word if int(_digest(seed, str(n)), 16) % CHANGED_EVERY else "otherwise" for n, word in enumerate(COPIED.split())
    ]
    around = " ".join(" ".join(reversed(sentence.split())) for sentence in sentences)
    yield Plant("verbatim", COPIED_ENTRY, text=COPIED)
    yield Plant("noisy", COPIED_ENTRY, text=" ".join(words))
    yield Plant("part", COPIED_ENTRY, text=f"{around}\n\n{COPIED}\n\n{around}")
    yield Plant("spelling", COPIED_ENTRY, {"links": [COPIED_ID]})


def _digest(seed: str, name: str) -> str:
    return hashlib.sha256(f"{seed}\n{name}".encode()).hexdigest()
