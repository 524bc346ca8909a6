"""Pairs that stand, made by rule of made-up passages: no verifier may reject them (`tests.sft.faults` spoils them)."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from curation.sft.verifiers.candidate import Candidate, QuestionKind
from curation.sft.verifiers.options import placed

_GALAXIES = (
    "Aurelis",
    "Borvane",
    "Caldris",
    "Dorvenn",
    "Elmira",
    "Fennick",
    "Gastrel",
    "Halvorn",
    "Istrin",
    "Jorvik",
    "Kestrel",
    "Lumora",
)
_INSTRUMENTS = ("ELKA", "VORTEX", "TANDEM-2", "SPIRO", "HALO-7", "QUILL")


@dataclass(frozen=True)
class World:
    """The facts of one made-up passage."""

    name: str
    instrument: str
    mass: float
    mass_error: float
    radius: float
    speed: int
    period: float
    temperature: int
    slope: float
    count: int

    @property
    def passage(self) -> str:
        return (
            f"Observations with {self.instrument} give {self.name} a stellar mass of ${self.mass} \\pm {self.mass_error} \\times 10^{{10}}\\,M_\\odot$ "
            f"and a half-light radius of {self.radius} kpc. Gas moves inward through the bar at {self.speed} km s$^{{-1}}$, because torques of the bar "
            "take angular momentum from the gas and hand it to the stars of the outer disc. The in\ufb02ow feeds a ring of star-forming clouds, which "
            f"turns once in {self.period} Myr. Dust in the ring is heated to {self.temperature} K by young stars, and the metallicity falls with radius "
            f"by ${self.slope}$ dex kpc$^{{-1}}$. A total of {self.count} clouds were resolved; those nearer to the bar's ends are more compact than "
            "those between them, since shocks at the ends com-\npress the gas. Spectra of higher resolution would show whether the shocks are dissipative, "
            "as the width of the molecular lines would then fall within one crossing time."
        )

    @property
    def table(self) -> str:
        rows = "".join(
            f"| cloud {n} | {round(self.radius * n / 7 + 0.11, 2)} | {self.temperature + 3 * n} |\n"
            for n in range(1, 5)
        )
        return f"| cloud | radius [pc] | temperature [K] |\n| --- | --- | --- |\n{rows}"


INFLOW = "torques of the bar take angular momentum from the gas and hand it to the stars of the outer disc"
SHOCKS = (
    "those nearer to the bar's ends are more compact than those between them, since shocks at the ends compress the gas"
)
WIDTH = "Spectra of higher resolution would show whether the shocks are dissipative"


def world(seed: int) -> World:
    r = random.Random(seed)
    return World(
        name=f"{r.choice(_GALAXIES)} {r.choice('ABC')}",
        instrument=r.choice(_INSTRUMENTS),
        mass=round(r.uniform(1.2, 9.4), 1),
        mass_error=round(r.uniform(0.1, 0.4), 1),
        radius=round(r.uniform(2.1, 8.7), 2),
        speed=r.randrange(21, 96),
        period=round(r.uniform(31, 88), 1),
        temperature=r.randrange(23, 61),
        slope=-round(r.uniform(0.021, 0.095), 3),
        count=r.randrange(14, 93),
    )


def concept(w: World) -> Candidate:
    return Candidate(
        QuestionKind.CONCEPT,
        f"Why does gas flow inward through the bar of {w.name}, and what does the flow feed?",
        "The bar exerts torques that take angular momentum from the gas and give it to stars of the outer disc, so the gas sinks inward "
        "and feeds a ring of star-forming clouds.",
        w.passage,
        "Gas on a circular orbit can only move inward when it loses angular momentum. A bar is not symmetric about the axis, so its gravity "
        "exerts torques on the gas. The angular momentum goes to stars of the outer disc. The gas therefore sinks and gathers in a ring of star-forming clouds.",
        (INFLOW,),
    )


def mechanism(w: World) -> Candidate:
    return Candidate(
        QuestionKind.MECHANISM,
        "How do the ends of a galactic bar change the clouds in a star-forming ring?",
        "Shocks at the ends of the bar compress the gas, so clouds there are more compact than clouds between the ends.",
        w.passage,
        "Where gas leaves the bar it meets the gas of the ring at high speed, and a shock forms. A shock compresses what passes through it. "
        "Clouds near the ends of the bar are therefore more compact than clouds farther along the ring.",
        (SHOCKS,),
    )


def derivation(w: World) -> Candidate:
    turns = round(1000 / w.period, 1)
    return Candidate(
        QuestionKind.DERIVATION,
        f"The ring of {w.name} turns once in {w.period} Myr. Derive how often it turns in 1000 Myr.",
        f"Dividing the time by the period gives N = 1000 Myr / {w.period} Myr = {turns} turns.",
        w.passage,
        f"The number of turns is the time divided by the period. We find N = 1000 Myr / {w.period} Myr = {turns}, a number without a unit, "
        "as both times are in the same unit.",
        (f"which turns once in {w.period} Myr",),
    )


def numeric(w: World) -> Candidate:
    pick = w.count % 4
    asked, value, quote = (
        (
            f"What is the stellar mass of {w.name}, in solar masses?",
            f"${w.mass}\\times10^{{10}}\\,M_\\odot$",
            f"a stellar mass of ${w.mass} \\pm {w.mass_error} \\times 10^{{10}}\\,M_\\odot$",
        ),
        (
            f"How fast does gas move inward through the bar of {w.name}?",
            f"{w.speed} km/s",
            f"Gas moves inward through the bar at {w.speed} km s$^{{-1}}$",
        ),
        (
            f"What is the half-light radius of {w.name} in parsecs?",
            f"{round(w.radius * 1000)} pc",
            f"a half-light radius of {w.radius} kpc",
        ),
        (
            f"What is the metallicity gradient in the disc of {w.name}?",
            f"{w.slope} dex/kpc",
            f"falls with radius by ${w.slope}$ dex kpc$^{{-1}}$",
        ),
    )[pick]
    return Candidate(
        QuestionKind.NUMERIC,
        asked,
        value,
        w.passage,
        f"The observations give the quantity with its unit and leave nothing to be derived. Written in the unit that is asked for, it is {value}.",
        (quote,),
        value=value,
    )


def computed(w: World) -> Candidate:
    way = round(w.speed * 1.0227, 1)
    return Candidate(
        QuestionKind.NUMERIC,
        f"Gas moves inward through the bar of {w.name} at {w.speed} km/s. How far does it move in 1 Myr, in parsecs?",
        f"{way} pc",
        w.passage,
        f"A speed of 1 km/s is 1.0227 pc/Myr. The way is speed times time, so d = {w.speed} km/s * 1 Myr = {way} pc.",
        (f"Gas moves inward through the bar at {w.speed} km s$^{{-1}}$",),
        value=f"{way} pc",
        expression=f"{w.speed} km/s * 1 Myr",
    )


def comparison(w: World) -> Candidate:
    return Candidate(
        QuestionKind.COMPARISON,
        f"Compare clouds near the ends of the bar of {w.name} with clouds between the ends.",
        "Clouds near the ends are more compact, since shocks compress their gas; clouds between the ends meet no such shocks.",
        w.passage,
        "Clouds are compared by their size at a given mass. Shocks at the ends of the bar compress gas, and no shock stands between the ends. "
        "So clouds near the ends are more compact.",
        (SHOCKS,),
    )


def design(w: World) -> Candidate:
    return Candidate(
        QuestionKind.DESIGN,
        "Which observation would show whether shocks at the ends of a bar are dissipative?",
        "Spectra of higher resolution, which show whether the width of molecular lines falls within one crossing time.",
        w.passage,
        "A dissipative shock turns motion into heat that is radiated away, so turbulence behind it decays. Decaying turbulence narrows "
        "molecular lines. Spectra must therefore resolve the width of the lines, and follow it over one crossing time.",
        (WIDTH,),
    )


def choice(w: World) -> Candidate:
    options, right = placed(
        (
            "Torques of the bar take its angular momentum",
            "Radiation of young stars pushes it inward",
            "Its magnetic field connects it to the halo",
            "Tides of a companion strip it from the ring",
        ),
        0,
        f"{w.name}{w.count}{w.speed}",
    )
    letter = "ABCD"[right]
    return Candidate(
        QuestionKind.CHOICE,
        f"What makes gas flow inward through the bar of {w.name}?",
        f"{letter}",
        w.passage,
        "Gas flows inward when it loses angular momentum. Radiation acts outward, and neither the halo nor a companion is needed: torques of the bar "
        f"take angular momentum from the gas. This is option {letter}.",
        (INFLOW,),
        options,
        right,
        picks=(right, right, right),
    )


def table(w: World) -> Candidate:
    row = 1 + w.count % 4
    return Candidate(
        QuestionKind.TABLE,
        f"The table gives clouds in the ring of {w.name}.\n\n{w.table}\nWhat are the radius and the temperature of cloud {row}?",
        f"The radius is {round(w.radius * row / 7 + 0.11, 2)} pc and the temperature {w.temperature + 3 * row} K.",
        f"**Table 2.** Clouds in the ring of {w.name}.\n\n{w.table}",
        f"The row of cloud {row} has the radius in its second cell and the temperature in its third. The heads say that the units are pc and K.",
        (f"| cloud {row} | {round(w.radius * row / 7 + 0.11, 2)} | {w.temperature + 3 * row} |",),
    )


def summary(w: World) -> Candidate:
    return Candidate(
        QuestionKind.SUMMARY,
        f"Summarise how the bar of {w.name} shapes the ring of star-forming clouds in our Galaxy's neighbour.",
        f"Torques of the bar drive gas inward at {w.speed} km/s, the inflow feeds a star-forming ring, and shocks at the ends of the bar make "
        f"clouds there more compact. The dust of the ring is heated to {w.temperature} K by young stars.",
        w.passage,
        "Three things matter: the inflow, the ring and the shocks. The bar takes angular momentum from the gas, the gas gathers in a ring, "
        "and the ends of the bar compress it. Young stars then heat the dust of the ring.",
        (INFLOW, f"Dust in the ring is heated to {w.temperature} K by young stars"),
    )


def metadata(w: World) -> Candidate:
    title = f"A ring of clouds in {w.name}"
    return Candidate(
        QuestionKind.METADATA,
        f"Which instrument did the authors of “{title}” use to weigh {w.name}?",
        f"They used {w.instrument}.",
        w.passage,
        f"The stellar mass comes from observations. The instrument that made the observations of {w.name} was {w.instrument}, so this is the one.",
        (f"Observations with {w.instrument} give {w.name} a stellar mass",),
        title=title,
    )


MAKERS: tuple[Callable[[World], Candidate], ...] = (
    *(
        concept,
        mechanism,
        derivation,
        numeric,
        computed,
        comparison,
        design,
        choice,
        table,
        summary,
        metadata,
    ),
)
N_GOOD = 36
"""Pairs of each maker."""


def good() -> Iterator[Candidate]:
    """Pairs that stand, of every kind of question."""
    for n, maker in enumerate(MAKERS):
        for seed in range(N_GOOD):
            yield maker(world(1000 * n + seed))
