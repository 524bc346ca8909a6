"""Plants of the self-test: texts and records made of a benchmark's own list and items, as papers spell them.

All is drawn by a seed, the digest of the benchmark's files, so that the same benchmark has the same plants everywhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import quote

from curation.identity import ids_of
from curation.withhold.items import Item
from curation.withhold.journal_ref import is_of_known_journal
from curation.withhold.number_match import NumericItem
from curation.withhold.numbers import Quantity
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
_MISREAD = str.maketrans({"l": "1", "o": "0", "e": "c", "i": "l", "s": "5", "a": "o", "n": "u", "t": "f"})
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
_REF = "journal_ref:"
T = TypeVar("T")


@dataclass(frozen=True)
class Plant:
    """What must be found.

    Args:
        kind: how it was made: verbatim, noisy, split, or spelling.
        entry: of the benchmark; None for a rule without a list.
        metadata: columns of its row of metadata.
        title, text: of its row of documents.
    """

    kind: str
    entry: str | None
    metadata: dict[str, object] = field(default_factory=dict)
    title: str | None = None
    text: str | None = None


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
        yield Plant("noisy", work.place, title=_misread(f"{seed}{title}", title))
        yield Plant("split", work.place, title="\n".join(title.split(" ")))


def _misread(seed: str, title: str) -> str:
    """A title that lacks a letter; no digit, since another number is another work, and none of a formula."""
    if "\\" in title or "$" in title:
        return title
    places = [i for i in range(1, len(title) - 1) if all(c.isascii() and c.isalpha() for c in title[i - 1 : i + 2])]
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
        if len(tokens(item.question)) > LONG:
            yield Plant("noisy", item.item_id, text=f"{_BEFORE}{noisy(f'{seed}{item.item_id}', said)}{_BEHIND}")


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
    """A text in which of every `NOISE_EVERY` words one has a letter misread."""
    words = text.split(" ")
    for start in range(0, len(words), NOISE_EVERY):
        able = [
            n for n in range(start, min(start + NOISE_EVERY, len(words))) if len(words[n]) >= 5 and words[n].isalpha()
        ]
        if able:
            n = able[int(_digest(seed, str(start)), 16) % len(able)]
            word = words[n]
            at = 1 + int(_digest(seed, word), 16) % (len(word) - 2)
            words[n] = word[:at] + word[at].translate(_MISREAD) + word[at + 1 :]
    return " ".join(words)


def _digest(seed: str, name: str) -> str:
    return hashlib.sha256(f"{seed}\n{name}".encode()).hexdigest()
