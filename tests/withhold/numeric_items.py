"""Numeric questions of our own, by templates and drawn values, and the same values in other words, units and notations."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

from curation.withhold.items import Item

Draw = Callable[[float, float, int], str]
TEMPLATES: tuple[tuple[str, str, str], ...] = (
    (
        "A star of mass {a} solar masses and radius {b} solar radii lies at a distance of {c} pc. What is its mean density?",
        "{d} g/cm^3",
        "Consider an object {c} parsecs away: with $M = {a}\\,M_\\odot$ and $R = {b}\\,R_\\odot$ the matter in it averages {d} g cm$^{{-3}}$.",
    ),
    (
        "A telescope of aperture {a} m observes at a wavelength of {b} nm. Compute its diffraction limit in milliarcseconds.",
        "{c} mas",
        "With light of {b.um} micron and an {a}-metre mirror, the finest detail spans {c} mas.",
    ),
    (
        "A galaxy recedes at {a} km/s. Taking H0 = {b} km/s/Mpc, how far away is it, in Mpc?",
        "{c} Mpc",
        "If $H_0={b}\\,\\mathrm{{km\\,s^{{-1}}\\,Mpc^{{-1}}}}$, a recession velocity of $\\qty{{{a}}}{{\\km\\per\\s}}$ belongs to {c} megaparsecs.",
    ),
    (
        "A satellite of {a} kg circles the Earth at an altitude of {b} km with a period of {c} minutes. Find its orbital speed.",
        "{d} km/s",
        "Once every {c} min the {a}-kilogram probe completes a revolution {b.m} m above the ground, moving with {d} $\\mathrm{{km\\,s^{{-1}}}}$.",
    ),
    (
        "A transiting planet dims its host by {a} percent every {b} days. The host has a radius of {c} Rsun. How large is the planet?",
        "{d} Jupiter radii",
        "Each {b} d the light of a {c} $R_{{\\odot}}$ sun falls by {a}%: the body in front measures {d} $R_J$.",
    ),
    (
        "An HII region has an electron density of {a} cm^-3, a temperature of {b} K and a radius of {c} pc. Estimate its mass.",
        "{d} solar masses",
        "Ionised gas heated to {b} kelvin fills a sphere {c} parsecs in radius with {a} electrons cm$^{{-3}}$, some {d} Msun in all.",
    ),
    (
        "A pulsar spins with a period of {a} ms that grows by {b} s/s. What is its characteristic age in years?",
        "{c} yr",
        "One turn of the neutron star takes {a.s} s and slows by {b} s s$^{{-1}}$, which dates it to {c} years.",
    ),
    (
        "A block of mass {a} kg slides down a slope of {b} degrees and {c} m of length, with a friction coefficient of {d}. With what speed does it arrive?",
        "{e} m/s",
        "Down a {c.cm} cm ramp tilted by {b}$^\\circ$ comes a {a} kg body ($\\mu = {d}$), and reaches the foot at {e} m s^-1.",
    ),
    (
        "A capacitor of {a} microfarad is charged to {b} V and discharged through {c} ohms. After which time is a tenth left?",
        "{d} ms",
        "Take a resistor of {c} $\\Omega$ across {a} \\mu F that hold {b} volts at first: {d} milliseconds leave ten per cent.",
    ),
    (
        "A quasar at redshift {a} shows a line at {b} Angstrom with a width of {c} km/s. What is the mass of its black hole if the region spans {d} light-days?",
        "{e} solar masses",
        "The broad-line gas, {d} light-days across, moves at {c} km s$^{{-1}}$ (seen near {b} \\AA, $z = {a}$), and so the hole weighs {e} $M_\\odot$.",
    ),
    (
        "Two stars of {a} and {b} solar masses orbit each other in {c} years. What is their separation in au?",
        "{d} au",
        "Revolving in {c} yr, a pair with components of {a} $M_\\odot$ and {b} $M_\\odot$ stays {d} astronomical units apart.",
    ),
    (
        "A radio source has a flux density of {a} mJy at {b} GHz and a spectral index of {c}. What is its flux density at {d} GHz?",
        "{e} mJy",
        "Scaling with slope {c}, emission of {a.Jy} Jy measured at {b.MHz} MHz turns into {e} mJy when one tunes to {d} GHz.",
    ),
)
"""Question, answer, and the same values in other words. `{x.unit}`: value x written in that smaller or larger unit."""
SHORT: tuple[tuple[str, str, str], ...] = (
    (
        "A sled of 40 kg is pulled over 25 m of snow. What work is done?",
        "3 kJ",
        "Dragging forty kilograms for 25 metres across a field costs 3000 joules.",
    ),
    (
        "A fan turns at 300 rpm. What is its angular speed?",
        "31.4 rad/s",
        "Five turns a second, 300 revolutions per minute, are 31.4 radians per second.",
    ),
    (
        "An asteroid circles the Sun at 9 AU. What is its period?",
        "27 yr",
        "Some nine astronomical units out, a rock needs twenty-seven years to come round.",
    ),
    (
        "A kettle of 3 kW runs for 4 minutes. How much energy is used?",
        "720 kJ",
        "Draw 3000 watts during 240 s, and 7.2e5 J are gone.",
    ),
    (
        "A coil of 600 turns carries 2 A and another of 90 turns. What current is in the second?",
        "13.3 A",
        "Where 600 windings take two amperes, ninety windings give 13.3 amperes.",
    ),
    (
        "How much heat warms 3 kg of water from 15 C to 65 C? (c = 4186 J/kg K)",
        "628 kJ",
        "From 15 degrees Celsius up to 65 °C three kilograms of it swallow 6.28e5 J.",
    ),
    (
        "A stone falls for 3 s. How far does it fall?",
        "44 m",
        "Let go of a pebble: three seconds on, it is 44 metres lower.",
    ),
    (
        "What is the wavelength of radio waves of 60 MHz?",
        "5 m",
        "Crests of a broadcast at 6e7 hertz lie five metres apart.",
    ),
    (
        "A wire at 12 V carries 4 A. What power does it take?",
        "48 W",
        "Four amperes driven by twelve volts release 48 watts.",
    ),
    (
        "A swimming pool is 250 cm deep. What is the water pressure at the floor?",
        "24.5 kPa",
        "Two and a half metres down one feels 24500 pascals.",
    ),
    (
        "A violin sounds at 70 dB in a room. What is its intensity?",
        "1e-5 W/m^2",
        "Seventy decibels mean 10^-5 watts per square metre.",
    ),
    ("A grain of 200 nm holds which mass?", "8e-18 kg", "Dust with a size of 0.2 micron weighs 8 x 10^-15 g."),
    (
        "A truck brakes from 90 km/h in 5 s. How long is its way?",
        "62.5 m",
        "Five seconds after 25 m/s it stands, 62.5 metres on.",
    ),
    (
        "A pump lifts 500 kg of oil by 150 m. What energy is needed?",
        "736 kJ",
        "To bring half a tonne up by one hundred and fifty metres takes 7.36e5 J.",
    ),
)
"""Short questions of round values, with answers, and told anew."""
_RANGES: tuple[dict[str, tuple[float, float, int]], ...] = (
    {"a": (0.3, 9, 2), "b": (0.3, 9, 2), "c": (4, 900, 3), "d": (0.01, 6, 3)},
    {"a": (1, 40, 2), "b": (300, 900, 3), "c": (2, 90, 3)},
    {"a": (900, 30000, 4), "b": (66, 75, 3), "c": (12, 400, 3)},
    {"a": (50, 4000, 3), "b": (200, 900, 3), "c": (88, 110, 3), "d": (7, 8, 3)},
    {"a": (0.1, 3, 2), "b": (1, 90, 3), "c": (0.4, 2, 3), "d": (0.1, 2, 3)},
    {"a": (20, 900, 2), "b": (6000, 12000, 2), "c": (0.5, 20, 2), "d": (100, 9000, 3)},
    {"a": (2, 900, 3), "b": (1e-20, 9e-13, 2), "c": (1e4, 9e9, 2)},
    {"a": (1, 30, 2), "b": (12, 60, 2), "c": (1, 20, 2), "d": (0.1, 0.6, 2), "e": (1, 20, 3)},
    {"a": (1, 900, 2), "b": (12, 400, 2), "c": (100, 9000, 2), "d": (1, 900, 3)},
    {"a": (0.1, 4, 3), "b": (4000, 9000, 4), "c": (2000, 9000, 2), "d": (11, 90, 2), "e": (1e7, 9e9, 2)},
    {"a": (0.3, 9, 2), "b": (0.3, 9, 2), "c": (1, 90, 2), "d": (1, 40, 3)},
    {"a": (11, 900, 3), "b": (1, 5, 2), "c": (0.5, 0.9, 2), "d": (6, 40, 2), "e": (11, 900, 3)},
)
_SCALES = {"um": 1e-3, "m": 1e3, "s": 1e-3, "cm": 1e2, "Jy": 1e-3, "MHz": 1e3}


class _Value(str):
    """A value as it is written, and by `.unit` in another unit."""

    def __getattr__(self, unit: str) -> str:
        if unit not in _SCALES:
            raise AttributeError(unit)
        return f"{float(self.replace(' x 10^', 'e')) * _SCALES[unit]:.10g}"


def numeric_items(count: int, seed: int = 0) -> Iterator[tuple[Item, str]]:
    """Items, and of each the same values in other words."""
    rng = random.Random(seed)
    for n in range(count):
        question, answer, other = TEMPLATES[n % len(TEMPLATES)]
        values = {name: _drawn(rng, *bounds) for name, bounds in _RANGES[n % len(TEMPLATES)].items()}
        yield Item(f"n.jsonl:{n + 1}", question.format(**values), (), answer.format(**values)), other.format(**values)


def _drawn(rng: random.Random, least: float, most: float, digits: int) -> _Value:
    value = float(f"{rng.uniform(least, most):.{digits - 1}e}")
    if 1e-3 < value < 1e5:
        return _Value(f"{value:.10g}")
    mantissa, power = f"{value:e}".split("e")
    return _Value(f"{float(mantissa):g} x 10^{int(power)}")
