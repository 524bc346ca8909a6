"""English prose that reads like a paper, other for every paper, so that no paper is another's duplicate."""

from __future__ import annotations

import random


def _phrases(text: str) -> list[str]:
    return text.split("|")


_SUBJECTS = _phrases(
    "the rotation of the disc|the mass of the halo|our sample of dwarfs|a cloud of neutral gas|the spectrum of the star"
    "|the light of the supernova|the orbit of the planet|a map of the dust|the survey of the cluster|the inner ring"
    "|a group of old stars|the wind of the giant|the field of the pulsar|the signal of the transit|the depth of the image"
)
_VERBS = _phrases(
    "follows|shows|traces|changes with|is compared with|depends on|is brighter than|is older than|sets|limits"
)
_OBJECTS = _phrases(
    "the density of the gas|the age of the system|the model of the bulge|the error of the zero point|the colour of the arm"
    "|the width of the line|the distance to the cluster|the phase of the curve|the noise of the detector|the shape of the bar"
    "|the number of faint sources|the temperature of the shock|the history of the merger|the tilt of the axis"
)
_PLACES = _phrases(
    "in the outer field|at high redshift|near the centre|below the plane|in the second season|for most of the night"
    "|within the errors|at the edge of the survey|over ten years|in both bands|for the bright half|with one exception"
)


def paragraphs(name: str, count: int = 6, sentences: int = 6) -> list[str]:
    """Paragraphs drawn by the name; each is longer than what the self-check of the LaTeX room samples."""
    dice = random.Random(f"prose {name}")

    def named() -> str:
        """A name that no other paper has, so that no run of words is in two."""
        return "".join(dice.choice("bdfglmnprstvz") + dice.choice("aeiou") for _ in range(4)).capitalize()

    def sentence() -> str:
        half = f"{dice.choice(_SUBJECTS)} of {named()} {dice.choice(_VERBS)} {dice.choice(_OBJECTS)} of {named()}"
        other = f"{dice.choice(_SUBJECTS)} of {named()} {dice.choice(_VERBS)} {dice.choice(_OBJECTS)}"
        return f"{half[0].upper()}{half[1:]} {dice.choice(_PLACES)}, and {other} of {named()}."

    return [" ".join(sentence() for _ in range(sentences)) for _ in range(count)]


def paper(name: str, body: str = "", *, title: str = "", preamble: str = "") -> str:
    """A LaTeX paper that our own reader takes whole."""
    first, *rest = paragraphs(name)
    text = "\n\n".join(rest)
    return (
        rf"\documentclass{{article}}{preamble}\title{{{title or name}}}\begin{{document}}\maketitle"
        rf"\begin{{abstract}}{first}\end{{abstract}}\section{{Data}}{text}" f"\n\n{body}\n\n" r"\end{document}"
    )  # fmt: skip


def doubted(name: str, body: str = "", *, title: str = "", preamble: str = "") -> str:
    """A LaTeX paper that pandoc reads better than we do, so that its text is the one released.

    TeX skips what stands in a false conditional, and so do we; pandoc does not, and the self-check misses the words.
    """
    hidden = r"\ifnum1=2 " + r"\par ".join(paragraphs(f"{name} hidden", 6)) + r" \fi"
    return paper(name, f"{body}\n\n{hidden}", title=title, preamble=preamble)
