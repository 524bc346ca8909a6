"""When a text holds the quantities of an item: the same values in the same dimensions, near to one another, whatever the words.

What a value tells is a weight: its digits, more with a unit; constants of nature, years and small numbers tell nothing. A stretch of
a text holds an item where it has nearly all that the question tells, few other quantities between, and
enough: by values alone, or by fewer beside words of the item, or with all of its answer's and no other between, of which fewer still
are enough where they stand close. An answer's value counts beside the question's, other choices' neither
for nor against. Thresholds: measured on papers, tests/benchmarks/numbers.py.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from curation.withhold.items import Item
from curation.withhold.numbers import Quantity, quantities
from curation.withhold.tokens import tokens
from curation.withhold.units import Unit, unit_words
from curation.withhold.weights import FUNCTION_WORDS
from curation.withhold.word_places import WordPlaces

WEIGHTS = (0, 2, 4, 7, 9)
"""By the digits that tell; of more, the last."""
OF_UNIT = 2
OF_POWER = 3
"""Of what is written with a power of ten."""
MAX_COMMON = 10
"""A value that the questions of more items than this hold, and than one in `COMMON_SHARE`, is a constant of its field."""
COMMON_SHARE = 20
MIN_VALUES = 2
MIN_WEIGHT = 13
"""Of values alone."""
MIN_VALUES_ALONE = 3
FEW_WORDS = 2
"""Words of the item that must stand beside fewer values, which must be all of its question's."""
LEAST_WEIGHT = 8
"""Beside words."""
OF_WORD = 2
"""What a word of the item that stands near adds."""
MIN_WHOLE, MIN_WHOLE_OF_MORE = {2: 14}, 12
"""Of all values of question and answer, of two dimensions or more, with no other value between: of two, and of more; words of the item count,
too. Where they stand close, `NEAR` says how much is enough."""
NEAR = ((80, 8), (160, 10))
"""So many characters over which all of them are spread, and what is enough there: two round values in one clause. Measured on 24,000 drawn
questions of two round values: none in 2 MB of papers, 12 (most of them `10 AU, 30 yr`: Saturn) in 4 MB of a textbook and a report."""
SHARE = 60
"""Per cent of the weight of the question's values that must be there."""
MAX_OTHERS = 2
"""Other quantities between them, and as many as there are of the item's."""
REACH = 400
"""Characters over which an item may be spread, and twice those of its question."""
AROUND = 150
"""Characters on either side in which words count."""
CHARGE, TEMPERATURE, CELSIUS = "A1 s1", "K1", Unit(1.0, "K1", 273.15)
"""`27 C` is a charge or a temperature."""
STEM = 5
MAX_TIMES = 4
"""Times that a stretch may say each value of an item: one that says them more often is looked at from a later value on."""
_BINS = 50
"""A factor of e has so many: values of neighbouring bins are compared."""
_CONSTANTS: Mapping[str, tuple[float, ...]] = {
    "m1 s-1": (2.998e8,),
    "m1 s-2": (9.81, 10.0),
    "kg-1 m3 s-2": (6.67e-11,),
    "kg1 m2 s-1": (6.626e-34,),
    "K-1 kg1 m2 s-2": (1.38e-23,),
    "kg1": (9.109e-31, 1.673e-27, 1.989e30, 5.97e24),
    "m1": (1.496e11, 3.086e16, 6.957e8, 6.371e6),
    "kg1 m2 s-3": (3.828e26,),
    "s-1": (2.27e-18,),
    "K1": (273.15, 298.15, 300.0),
    "kg1 m-1 s-2": (101325.0,),
    "K-1 m2 s-2": (4186.0,),
    "K1 m2 s-2": (4186.0,),
    "kg1 m-3": (1000.0,),
    "": (3.1416, 2.718, 6.022e23, 1.6726e-27),
}
"""That questions give and papers use: c, g, G, h, k, masses of particles, Sun and Earth, au, pc, radii, L of the Sun, H0 = 70, temperatures,
an atmosphere, the specific heat (also written `J/kg K`) and density of water; bare numbers pi, e, Avogadro's."""


@dataclass(frozen=True)
class Slot:
    """A value of an item, and its weight."""

    quantity: Quantity
    weight: int
    is_asked: bool


@dataclass(frozen=True)
class NumericItem:
    """An item with values enough to be looked for.

    Args:
        slots: distinct values of question and answer.
        words: stems of its content words.
        counts: numbers of ten and more without a unit that tell nothing alone, such as `400 turns`; beside values they count as words.
    """

    benchmark: str
    item: Item
    slots: tuple[Slot, ...]
    words: frozenset[str]
    counts: frozenset[float] = frozenset()

    @property
    def asked(self) -> int:
        """The weight of the question's values."""
        return sum(slot.weight for slot in self.slots if slot.is_asked)

    @property
    def is_enough(self) -> bool:
        """Whether its values alone say enough to be found."""
        return len(self.slots) >= MIN_VALUES_ALONE and sum(slot.weight for slot in self.slots) >= MIN_WEIGHT


@dataclass(frozen=True)
class Held:
    """A stretch of a text that holds an item: how much of its question's values, per mille; what all of its values there tell; and they."""

    item: NumericItem
    score: int
    weight: int
    found: tuple[Quantity, ...]


def weight_of(quantity: Quantity) -> int:
    """What a value tells."""
    digits, unit = quantity.digits, quantity.unit
    if quantity.is_bare:
        is_year = quantity.number == int(quantity.number) and 1800 <= quantity.number <= 2100
        is_small = quantity.number == int(quantity.number) and abs(quantity.number) < 100
        if is_year or is_small or (digits < 2 and not _of_power(quantity.number)):
            return 0
        if _is_constant("", quantity.number):
            return 0
        return WEIGHTS[min(digits, len(WEIGHTS) - 1)] - 1 + _of_power(quantity.number)
    if _is_constant(unit.dimensions, quantity.value):
        return 0
    return WEIGHTS[min(digits, len(WEIGHTS) - 1)] + OF_UNIT + _of_power(quantity.number)


def _of_power(number: float) -> int:
    return OF_POWER if abs(number) >= 1e6 or abs(number) < 1e-3 else 0


def _is_count(quantity: Quantity) -> bool:
    """Whether it is a whole number of things, no year."""
    number = quantity.number
    return quantity.is_bare and 10 <= number < 1800 and number == int(number) and not weight_of(quantity)


def _is_constant(dimensions: str, value: float) -> bool:
    return any(abs(value - known) <= 0.005 * known for known in _CONSTANTS.get(dimensions, ()))


def are_equal(one: Quantity, other: Quantity) -> bool:
    """Whether two quantities are one: of one dimension and value; between units of which one is no power of ten of the other (parsecs,
    light-years), as near as the digits of the rougher say. Of two of which one has no unit the numbers alone count."""
    if one.is_bare != other.is_bare and _near(one.number, other.number, 1e-9):
        return True
    if {one.unit.dimensions, other.unit.dimensions} == {CHARGE, TEMPERATURE}:
        one, other = _in_celsius(one), _in_celsius(other)
    if one.unit.dimensions != other.unit.dimensions:
        return False
    if _near(one.value, other.value, 1e-6):
        return True
    ratio = math.log10(one.unit.factor / other.unit.factor)
    if one.unit.shift == other.unit.shift and abs(ratio - round(ratio)) < 1e-9:
        return False
    return _near(one.value, other.value, min(0.01, max(_rounding(one), _rounding(other))))


def _in_celsius(quantity: Quantity) -> Quantity:
    """A quantity, of those in coulombs the temperature that `27 C` may be, too."""
    is_charge = quantity.unit.dimensions == CHARGE and quantity.unit.factor == 1
    return replace(quantity, unit=CELSIUS) if is_charge else quantity


def _near(one: float, other: float, share: float) -> bool:
    return abs(abs(one) - abs(other)) <= share * abs(other)


def _rounding(quantity: Quantity) -> float:
    """The share of a value that the rounding to its digits may be."""
    mantissa = abs(quantity.number) / 10 ** math.floor(math.log10(abs(quantity.number)))
    return float(0.5 * 10 ** (1 - max(quantity.digits, 2)) / mantissa)


class NumberIndex:
    """Items of benchmarks by their values.

    Args:
        items: by benchmark. What one benchmark finds does not depend on the others.

    Attributes:
        entries: those that are looked for.
        set_aside: by benchmark, values that too many of its questions hold.
        few: by benchmark, items that say too little by values.
    """

    def __init__(self, items: Mapping[str, Sequence[Item]]) -> None:
        self.entries: list[NumericItem] = []
        self.set_aside: dict[str, int] = {}
        self.few: dict[str, int] = {}
        for name in sorted(items):
            mine = list(self._of_benchmark(name, items[name]))
            self.entries += mine
            self.few[name] = len(items[name]) - len(mine)
        self._posted: dict[tuple[str, int], list[tuple[int, int]]] = defaultdict(list)
        for n, entry in enumerate(self.entries):
            for k, slot in enumerate(entry.slots):
                for key in _keys(slot.quantity):
                    self._posted[key].append((n, k))

    def _of_benchmark(self, name: str, items: Sequence[Item]) -> Iterator[NumericItem]:
        read = [(item, quantities(item.question), quantities(item.answer or "")) for item in items]
        common = _common([asked for _, asked, _ in read], max(MAX_COMMON, len(items) // COMMON_SHARE))
        self.set_aside[name] = len(common)
        for item, asked, answered in read:
            slots: list[Slot] = []
            for quantity, is_asked in (*((q, True) for q in asked), *((q, False) for q in answered)):
                weight = 0 if _place(quantity) in common else weight_of(quantity)
                if weight and not any(are_equal(quantity, slot.quantity) for slot in slots):
                    slots.append(Slot(quantity, weight, is_asked))
            counts = frozenset(q.number for q in (*asked, *answered) if _is_count(q))
            entry = NumericItem(name, item, tuple(slots), _stems(f"{item.question} {item.answer or ''}"), counts)
            if len(slots) >= MIN_VALUES and entry.asked and sum(s.weight for s in slots) >= LEAST_WEIGHT:
                yield entry

    def held(self, text: str) -> Iterator[Held]:
        """The stretches of a text that hold an item, in the order of items; those of one item do not overlap."""
        found = quantities(text)
        telling = [weight_of(quantity) for quantity in found]
        hits: dict[int, list[_Hit]] = defaultdict(list)
        for place, quantity in enumerate(found):
            for key in _looked_up(quantity) if telling[place] else ():
                for n, k in self._posted.get(key, ()):
                    slot = self.entries[n].slots[k]
                    if are_equal(slot.quantity, quantity):
                        hits[n].append(_Hit(place, k, min(slot.weight, telling[place])))
        words = WordPlaces(text, _stem)
        for n, places in sorted(hits.items()):
            if len({hit.slot for hit in places}) >= MIN_VALUES:
                yield from _Stretches(self.entries[n], words, found, telling).held(places)


@dataclass(frozen=True)
class _Hit:
    """Quantity `place` of a text is value `slot` of an item, and tells so much: of two ways to write it what the poorer tells."""

    place: int
    slot: int
    weight: int


@dataclass(frozen=True)
class _Stretches:
    """A text in which an item is looked for."""

    entry: NumericItem
    words: WordPlaces
    found: Sequence[Quantity]
    telling: Sequence[int]

    def held(self, hits: Sequence[_Hit]) -> Iterator[Held]:
        """Stretches that hold the item, none that overlap: from each hit the one that holds most, of equals the shortest."""
        reach, first = REACH + 2 * len(self.entry.item.question), 0
        while first < len(hits):
            best: tuple[int, int, Held] | None = None
            start = self.found[hits[first].place].start
            for last in range(first, min(len(hits), first + MAX_TIMES * len(self.entry.slots))):
                if self.found[hits[last].place].end - start > reach:
                    break
                held = self._enough(hits[first : last + 1])
                if held is not None and (best is None or (held.score, held.weight) > best[:2]):
                    best = held.score, held.weight, held
                    behind = last + 1
            if best is None:
                first += 1
            else:
                yield best[2]
                first = behind

    def _enough(self, hits: Sequence[_Hit]) -> Held | None:
        """What the stretch from the first to the last of some hits holds; None where that is too little."""
        weights: dict[int, int] = {}
        for hit in hits:
            weights[hit.slot] = max(hit.weight, weights.get(hit.slot, 0))
        slots = self.entry.slots
        asked = sum(weight for k, weight in weights.items() if slots[k].is_asked)
        if 100 * asked < SHARE * self.entry.asked or len(weights) < MIN_VALUES:
            return None
        own = {hit.place for hit in hits}
        lo, hi = min(own), max(own)
        others = sum(self.telling[k] > 0 for k in range(lo, hi + 1) if k not in own)
        if others > MAX_OTHERS + len(weights):
            return None
        weight = sum(weights.values())
        words = OF_WORD * self._words(lo, hi) if weight >= LEAST_WEIGHT else 0
        is_whole = asked == self.entry.asked and words >= OF_WORD * FEW_WORDS
        length = self.found[hi].end - self.found[lo].start
        needed = next((least for most, least in NEAR if length <= most), MIN_WHOLE.get(len(weights), MIN_WHOLE_OF_MORE))
        n_kinds = len({slots[k].quantity.unit.dimensions for k in weights})
        is_solved = (
            len(weights) == len(slots) and asked < weight and n_kinds > 1 and not others and weight + words >= needed
        )
        if not is_solved and (weight + words < MIN_WEIGHT or (len(weights) < MIN_VALUES_ALONE and not is_whole)):
            return None
        return Held(self.entry, 1000 * asked // self.entry.asked, weight, tuple(self.found[k] for k in sorted(own)))

    def _words(self, lo: int, hi: int) -> int:
        """Words of the item near to quantities `lo` to `hi`, and its counts between and beside them."""
        near = self.words.between(self.found[lo].start - AROUND, self.found[hi].end + AROUND)
        counts = {quantity.number for quantity in self.found[max(0, lo - 2) : hi + 3] if _is_count(quantity)}
        return len(near & self.entry.words) + len(counts & self.entry.counts)


def _common(asked: Sequence[Sequence[Quantity]], most: int) -> set[tuple[str, int]]:
    counts: dict[tuple[str, int], int] = defaultdict(int)
    for own in asked:
        for place in {_place(quantity) for quantity in own}:
            counts[place] += 1
    return {place for place, count in counts.items() if count > most}


def _place(quantity: Quantity) -> tuple[str, int]:
    """Dimensions and bin of a value."""
    return quantity.unit.dimensions, _bin(quantity.value)


def _bin(value: float) -> int:
    return math.floor(math.log(abs(value)) * _BINS) if value else 0


def _keys(quantity: Quantity) -> set[tuple[str, int]]:
    """Where a value of an item is entered: under its bin and its neighbours; by its number alone, too, for who writes the unit elsewhere."""
    dimensions, middle = _place(quantity)
    made = {(dimensions, at) for at in (middle - 1, middle, middle + 1)}
    if dimensions == CHARGE:
        dimensions, middle = _place(_in_celsius(quantity))
        made |= {(dimensions, at) for at in (middle - 1, middle, middle + 1)}
    made.add(("of a bare one" if quantity.is_bare else "of one with a unit", _bin(quantity.number)))
    return made


def _looked_up(quantity: Quantity) -> Iterator[tuple[str, int]]:
    yield _place(quantity)
    if quantity.unit.dimensions == CHARGE:
        yield _place(_in_celsius(quantity))
    yield "of one with a unit" if quantity.is_bare else "of a bare one", _bin(quantity.number)


def _stems(text: str) -> frozenset[str]:
    """The stems of the content words of a text."""
    return frozenset(filter(None, map(_stem, tokens(text))))


def _stem(word: str) -> str | None:
    """The first letters of a content word; None of any other, and of one of a unit."""
    if len(word) <= 3 or not word.isalpha() or word in FUNCTION_WORDS:
        return None
    return None if {word, word.removesuffix("s"), word.removesuffix("es")} & unit_words() else word[:STEM]
