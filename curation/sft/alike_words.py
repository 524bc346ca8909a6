"""Words of questions: which ask and say nothing of the subject, which turn a question into another one, and which say the same.

Our own lists. What stands in none of them is of the subject, so a word that is missing here keeps two questions apart.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from curation.withhold.title_form import CLOSED
from curation.withhold.weights import FUNCTION_WORDS


def _classes(*groups: str) -> dict[str, str]:
    """Each word of a group -> the first one."""
    return {word: group.split()[0] for group in groups for word in group.split()}


ASPECTS: Mapping[str, str] = _classes(
    "why cause causes caused causing reason reasons origin origins originate originates due lead leads led drive drives driven driving "
    "produce produces produced producing result results resulting responsible trigger triggers triggered arise arises generate generates "
    "generated create creates created creating source make makes making",
    "affect affects affected affecting effect effects influence influences influenced impact impacts impacted role roles consequence "
    "consequences contribute contributes contribution change changes changed alter alters altered modify modifies modified depend depends dependence dependent",
    "measure measures measured measuring measurement measurements estimate estimates estimated infer infers inferred derive derives "
    "derived calculate calculates calculated compute computes computed constrain constrains constrained",
    "determine determines determined determining set sets setting control controls controlled govern governs governed regulate regulates "
    "regulated fix fixes fixed decide decides",
    "differ differs difference differences distinguish distinguishes distinguished contrast contrasts",
    "similar similarity similarities alike resemble resembles",
    "limit limits limited restrict restricts restricted",
    "predict predicts predicted prediction predictions",
    "when",
    "where",
    "who",
)
"""Words of what is asked of a subject, each with the word that stands for its class: two questions of one subject that ask different
ones are two questions."""
OPPOSITES: Mapping[str, str] = {
    **{word: word for word in sorted(CLOSED - {"one"})},
    **_classes(
        "no not never none nor neither cannot without non",
        *"anti counter extra inter intra micro mini multi post pre proto pseudo quasi semi sub super ultra".split(),  # noqa: SIM905 (before hyphens)
        "more greater bigger larger higher",
        "less fewer smaller lower",
        "most largest biggest greatest highest maximum maximal max",
        "least smallest lowest minimum minimal min",
        "before prior earlier",
        "after later",
        "above over",
        "below under beneath",
        "increase increases increased increasing rise rises rising grow grows growing",
        "decrease decreases decreased decreasing fall falls falling decline declines",
        "best",
        "worst",
        "last",
        "only",
        "except",
        "false incorrect wrong",
        "true correct",
        "prevent prevents prevented inhibit inhibits suppress suppresses",
        "gain gains gained",
        "lose loses lost loss",
        "absorb absorbs absorbed absorption",
        "emit emits emitted emission",
        "heat heats heated heating",
        "cool cools cooled cooling",
        "attract attracts attractive",
        "repel repels repulsive",
        "collapse collapses collapsed collapsing",
        "expand expands expanded expanding expansion",
        "ionised ionized ionise ionize ionisation ionization",
        "neutral",
    ),
}
"""Words of which another one in its place makes another question."""
FILLERS = frozenset(FUNCTION_WORDS) - {"form"} - frozenset(ASPECTS) - frozenset(OPPOSITES) | frozenset(
    """
        about according actually add all almost along away already answer any approximate approximately around ask asked associated astronomer
        astronomers astronomical astronomy astrophysical astrophysicist astrophysicists astrophysics author briefly call called case cases
        certain commonly concept connect connected connection context corresponding define defined definition describe described describes
        describing detail discuss estimated example exactly exist exists existence explain explained explains explanation express expressed fact find
        found function general generally give given gives happen happens help helps hold idea identify important importance in inside
        involve involved involves just key kind kinds know known large-scale letter list located main mainly major mean meaning means meant
        mechanism mechanisms name named nature normally object objects observation observations observe observed observes occur occurring
        occurs phenomenon phenomena physical physics play plays please present primarily primary principal process processes property properties
        provide question reach refer referred refers regard relate related relation relationship relevant report say scientist scientists
        see seen significance significant simple simply so-called stand state stated study support supports supported take takes tell term terms thing think
        thought through today type types typical typically understand understood usual usually value way ways well within word words
        work works one's much many amount quantity sort be becomes become
        """.split()  # noqa: SIM905 (a list of 150 quoted words is not read)
)
"""Words that say nothing of the subject."""
PHRASES = tuple(
    (re.compile(rf"\b(?:{phrase})\b", re.IGNORECASE), word)
    for phrase, word in (
        (r"gives? rise to|giving rise to|accounts? for|brings? about|results? from", "cause"),
        (r"plays? (?:in|for|on)", "in"),
        (r"as a (?:result|consequence) of", "of"),
        (r"milky way(?: galaxy)?", "our Galaxy"),
    )
)
"""Phrases, each with the word that says the same."""
SAME: Mapping[str, str] = {
    **_classes(
        "star stars stellar",
        "sun suns solar",
        "moon moons lunar",
        "galaxy galaxies galactic",
        "planet planets planetary",
        "mass masses massive",
        "luminosity luminosities luminous brightness brightnesses bright",
        "distance distances distant far",
        "velocity velocities speed speeds fast",
        "lifetime lifetimes live lives lived long-lived",
        "life lifespan",
        "spectrum spectra spectral",
        "nucleus nuclei nuclear",
        "centre centres center centers central",
        "disc discs disk disks",
        "colour colours color colors",
        "supernova supernovae supernovas",
        "nebula nebulae nebulas",
        "matter material",
        "rotate rotates rotated rotating rotation rotational spin spins spinning",
        "universe cosmos",
        "cosmology cosmological",
        "metal metals metallicity metallicities",
        "size sizes radius radii",
        "age ages old",
        "temperature temperatures hot",
        "explode explodes explosion explosions explosive",
        "end ends ended ending final",
        "evolve evolves evolved evolving evolution evolutionary",
        "shape shapes shaped morphology morphologies",
        "abundance abundances abundant",
        "power powers powered energetics",
        "host hosts hosted",
        "detect detects detected detection detections discover discovers discovered discovery",
        "stop stops stopped halt halts",
        "begin begins began start starts started onset",
        "dwarf dwarfs dwarves",
    )
}
"""Words of subjects that say the same, each with the one that stands for it. `old`, `hot`, `bright` also stand among `OPPOSITES`, which
are asked first."""
ACRONYMS: Mapping[str, str] = {
    "agn": "active galactic nucleus",
    "bbn": "big bang nucleosynthesis",
    "bh": "black hole",
    "bhs": "black holes",
    "cmb": "cosmic microwave background",
    "cme": "coronal mass ejection",
    "cmes": "coronal mass ejections",
    "frb": "fast radio burst",
    "frbs": "fast radio bursts",
    "gr": "general relativity",
    "grb": "gamma ray burst",
    "grbs": "gamma ray bursts",
    "gw": "gravitational wave",
    "gws": "gravitational waves",
    "igm": "intergalactic medium",
    "imf": "initial mass function",
    "ir": "infrared",
    "ism": "interstellar medium",
    "lmc": "large magellanic cloud",
    "sed": "spectral energy distribution",
    "seds": "spectral energy distributions",
    "sfr": "star formation rate",
    "smbh": "supermassive black hole",
    "smbhs": "supermassive black holes",
    "smc": "small magellanic cloud",
    "sn": "supernova",
    "sne": "supernovae",
    "uv": "ultraviolet",
}
"""What is short for what."""
_ENDINGS = (
    "isations", "izations", "isation", "ization", "ations", "ation", "ments", "ment", "ances", "ance", "ences", "ence", "ities", "ity",
    "ingly", "ically", "ional", "ised", "ized", "ises", "izes", "ise", "ize", "ings", "ing", "ions", "ion", "ies", "ied", "ely", "ly", "ers",
    "er", "ors", "or", "ed", "es", "al", "ic", "y", "e", "s",
)  # fmt: skip
_MIN_STEM = 4


def stem(word: str) -> str:
    """A word of a subject without its ending, or the one that stands for it."""
    if (same := SAME.get(word)) is not None:
        return same
    if len(word) > _MIN_STEM and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = f"{word[:-3]}y" if word.endswith("ies") else word[:-1]
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _MIN_STEM:
            word = word[: -len(ending)]
            break
    return word[:-1] if len(word) > _MIN_STEM and word[-1] == word[-2] else word
