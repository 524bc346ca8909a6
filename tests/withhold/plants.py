"""Questions of our own, texts around them, and what OCR and editors do to them."""

from __future__ import annotations

import random
from collections.abc import Sequence

from curation.withhold.items import Item

LONG = Item(
    "b.csv:1",
    "A survey of faint dwarf satellites finds that their stellar metallicity falls steeply with luminosity, whereas the scatter at "
    "fixed luminosity grows; which process during reionization explains the larger scatter among the faintest systems?",
    (
        "Stochastic enrichment by single supernovae in shallow potentials",
        "Ram pressure stripping by the warm circumgalactic medium",
        "Tidal heating after several pericentric passages",
        "Cooling through molecular hydrogen on dust grains",
    ),
    "Stochastic enrichment by single supernovae in shallow potentials",
)
SHORT = Item(
    "b.csv:2",
    "Which mineral dominates the crust of cold icy moons?",
    ("Crystalline water ice", "Hydrated magnesium sulphate", "Olivine and pyroxene", "Solid nitrogen with methane"),
    "Crystalline water ice",
)
SUM = Item(
    "b.csv:3",
    "Find the order of the factor group (Z_4 x Z_12)/(<2> x <2>) of the direct product.",
    ("2", "3", "4", "12"),
    "4",
)
PASSAGE = Item(
    "b.csv:4",
    "What drives the wind?",
    (),
    "radiation pressure on lines",
    None,
    "Hot luminous stars shed matter all their lives, and the wind is driven by photons that are absorbed in the lines of heavy "
    "elements, so that stars of lower metallicity lose less mass before they collapse and leave heavier remnants behind them.",
)
SOLVED = Item(
    "b.csv:5",
    "Show that the orbit closes.",
    (),
    "Since the potential is harmonic in the radial displacement, the epicyclic frequency equals twice the angular frequency at the "
    "guiding centre, and the resulting figure returns to itself after a single revolution around the nucleus.",
)
ITEMS = [LONG, SHORT, SUM, PASSAGE, SOLVED]

CLEAN = (
    "We present spectroscopy of forty candidate members of the cluster, obtained during three nights with a fibre spectrograph. The "
    "radial velocities were measured by cross correlation with synthetic templates, and the errors were estimated from repeated "
    "exposures. We find a mean velocity that agrees with earlier work, and a dispersion that is larger than expected for a system "
    "of this mass in virial equilibrium. Binaries may account for part of it. "
)
_OCR = {
    "m": "rn",
    "l": "1",
    "o": "0",
    "e": "c",
    "s": "5",
    "a": "o",
    "h": "b",
    "u": "n",
    "d": "cl",
    "i": "l",
    "t": "f",
    " ": "",
}


def within(text: str, around: str = CLEAN) -> str:
    """A text in the middle of another."""
    return f"{around}\n\n{text}\n\n{around}"


def misread(text: str, seed: int, share: float = 0.05) -> str:
    """A text in which a share of the characters is replaced, lost, doubled or taken for another."""
    rng = random.Random(seed)
    made = []
    for c in text:
        if rng.random() >= share:
            made.append(c)
        else:
            made.append(rng.choice([_OCR.get(c.lower(), rng.choice("aeinrst")), "", c + rng.choice("aeinrst.,")]))
    return "".join(made)


def as_exam(item: Item, order: Sequence[int] | None = None) -> str:
    """A question with its choices in some order, and the letter of the right one."""
    choices = [item.choices[k] for k in order or range(len(item.choices))]
    letter = "ABCD"[choices.index(item.answer)] if item.answer in choices else "A"
    lines = [f"{a}. {choice}" for a, choice in zip("ABCD", choices, strict=False)]
    return "\n".join(["Question: " + item.question, *lines, f"Answer: {letter}"])
