"""Planted questions: a subject, and questions of it that ask the same in other words by level, or nearly the same and yet another thing."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

AGENTS = (
    "the magnetic field", "metallicity", "cosmic-ray pressure", "stellar feedback", "tidal stripping", "radiation pressure", "dust opacity",
    "turbulence", "differential shear", "mass loss", "convection", "ram pressure", "photoevaporation", "gas inflow", "viscosity", "infall",
)  # fmt: skip
TARGETS = (
    "the star formation rate", "the scale height", "the line width", "the dust temperature", "the surface density", "the opening angle",
    "the velocity dispersion", "the outflow velocity", "the polarisation degree", "the clumping factor", "the gas fraction",
    "the pattern velocity", "the accretion rate", "the grain porosity",
)  # fmt: skip
PLACES = (
    "dwarf galaxies", "barred spirals", "protoplanetary discs", "galaxy clusters", "globular clusters", "molecular clouds", "coronal loops",
    "starburst nuclei", "planetary nebulae", "debris belts", "stellar bars", "polar rings", "hot Jupiters", "white dwarfs",
)  # fmt: skip
TEMPLATES: tuple[dict[str, str], ...] = (
    {
        "base": "How does {a} affect {b} in {c} at a redshift of {n}?",
        "spelling": "how does {a}  affect {b} in {c}, at a redshift of {n}",
        "order": "At a redshift of {n}, how does {a} affect {b} in {c}?",
        "forms": "What influence does {a} have on {b} in {c} at a redshift of {n}?",
        "longer": "How does {a} affect {b} in {c} generally at a redshift of {n} survey?",
        "reworded": "Once {a} is allowed for, what becomes of {b} for {c} seen at a redshift of {n}?",
        "swapped": "How does {b} affect {a} in {c} at a redshift of {n}?",
        "aspect": "How is {a} measured from {b} in {c} at a redshift of {n}?",
        "opposite": "How does {a} affect {b} in {c} above a redshift of {n}?",
    },
    {
        "base": "Why does {a} increase {b} of {c} by {n} percent?",
        "spelling": "WHY does {a} increase {b} of {c} by {n} percent ?",
        "order": "By {n} percent {a} increases {b} of {c}: why?",
        "forms": "What causes {a} to increase {b} of {c} by {n} percent?",
        "longer": "Why does {a} increase {b} of {c} by {n} percent inside?",
        "reworded": "For which reason is {b} of {c} enhanced by {n} percent through {a}?",
        "swapped": "Why does {b} increase {a} of {c} by {n} percent?",
        "aspect": "When does {a} increase {b} of {c} by {n} percent?",
        "opposite": "Why does {a} decrease {b} of {c} by {n} percent?",
    },
    {
        "base": "What is {b} of {c} at {n} kpc from the centre when {a} is strong?",
        "spelling": "What is {b} of {c} at {n} kpc from the centre, when {a} is strong?",
        "order": "When {a} is strong, what is {b} of {c} at {n} kpc from the centre?",
        "forms": "When {a} is strong, what value does {b} of {c} have at {n} kpc from their centers?",
        "longer": "What is {b} of {c} at {n} kpc from the bulge centre when {a} is strong?",
        "reworded": "Under strong {a}, to what does {b} of {c} amount {n} kpc out?",
        "swapped": "What is {a} of {c} at {n} kpc from the centre when {b} is strong?",
        "aspect": "Why is {b} of {c} flat at {n} kpc from the centre when {a} is strong?",
        "opposite": "What is {b} of {c} at {n} kpc from the centre when {a} is weak?",
    },
)
SAME = ("spelling", "order", "forms", "longer")
"""Levels that are to be found."""
FURTHER = "reworded"
"""The level that is not: what is left of it is told, not asked for."""
OTHERS = ("swapped", "aspect", "opposite", "number", "unit", "term", "name")
"""Kinds of questions that ask another thing."""


@dataclass(frozen=True)
class Subject:
    """What questions are made of."""

    template: int
    a: str
    b: str
    c: str
    n: str

    def asked(self, level: str = "base", **other: str) -> str:
        """A question of it; `other` takes the place of a part."""
        parts = {"a": self.a, "b": self.b, "c": self.c, "n": self.n, **other}
        return TEMPLATES[self.template][level].format(**parts)


@dataclass
class Planted:
    """Subjects in a fixed order, no two of which ask the same."""

    seed: int = 0
    _made: set[tuple[object, ...]] = field(default_factory=set)

    def subjects(self, count: int) -> Iterator[Subject]:
        rng = random.Random(self.seed)
        while count:
            n = f"{rng.randint(2, 99)}.{rng.randint(1, 9)}"
            subject = Subject(rng.randrange(len(TEMPLATES)), *map(rng.choice, (AGENTS, TARGETS, PLACES)), n)
            key = (subject.template, subject.a, subject.b, subject.c, n)
            if key not in self._made:
                self._made.add(key)
                count -= 1
                yield subject


def another(subject: Subject, kind: str) -> str:
    """A question that nearly asks a subject's, and asks another thing."""
    if kind == "number":
        return subject.asked(n=f"{float(subject.n) + 0.2:.1f}")
    if kind == "unit":
        return subject.asked().replace(" kpc", " pc").replace(" percent", " dex").replace("redshift", "latitude")
    if kind == "term":
        return subject.asked(c=PLACES[(PLACES.index(subject.c) + 5) % len(PLACES)])
    if kind == "name":
        return subject.asked().replace(subject.c, f"{subject.c} of Fornax")
    return subject.asked(kind)
