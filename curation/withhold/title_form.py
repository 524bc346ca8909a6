"""A title as it is compared: letters and digits only, whatever LaTeX, Unicode, HTML or an index made of it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from curation.identity import unescaped
from curation.text.marks import JOINER, stream_safe

_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")
_ACCENT = re.compile(r"\\(?:[\"'`^~=.]|[Hbcdkrtuv](?![a-zA-Z]))\s*\{?\\?(?P<letter>[a-zA-Z]?)\}?")
_COMMAND = re.compile(r"\\([a-zA-Z]+)\*?(\{(?!\}))?")
_BACKSLASH = re.compile(r"\{?\\(?:textbackslash|backslash(?![a-z]))\s*(?:\{\}|\})?")
_LESS, _GREATER = (
    re.compile(r"\{?\\(?:textless|lt)(?![a-zA-Z])\s*\}?"),
    re.compile(r"\{?\\(?:textgreater|gt)(?![a-zA-Z])\s*\}?"),
)
_DINGBAT = re.compile(r"\\(?:ding|UTF)\s*\{[^{}]*\}")
_SPACING = re.compile(r"\\[^a-zA-Z&%]")
_SILENT = frozenset(
    """
    bf bm boldmath boldsymbol cal em emph ensuremath fbox footnotesize frak hbox huge it itshape large math mathbb mathbf
    mathcal mathfrak mathit mathrm mathscr mathsf mathtt mathnormal mbox normalsize operatorname pmb protect rm rmfamily
    sc scriptsize scriptstyle scshape sf sl slshape small textbf textit textmd textnormal textrm textsc textsf textsl
    textsubscript textsuperscript texttt textup texttimes textminus textrightarrow lessequivlnt oplus ding text tiny tt
    textstyle displaystyle unboldmath underline uppercase lowercase upshape vbox big bigg bigl bigr cdot cdots ddagger dag
    dagger dots footnote frac hspace ion ldots left lbrack lbrace limits linebreak mid middle newline nobreak noindent
    nolimits nonumber over overline qquad quad rbrace rbrack right sb smash sp sqrt thanks tilde times vphantom vspace
    xspace hat bar vec dot ddot acute grave breve check widehat widetilde wisk lesssim gtrsim la ga simlt simgt lt gt le
    ge leq geq ll gg sim simeq approx cong propto equiv ne neq pm mp to rightarrow leftarrow leftrightarrow longrightarrow
    rightleftharpoons infty prime ast star circ bullet deg degree arcdeg textdegree nbsp ndash mdash endash emdash
    textendash textemdash textquoteright textquoteleft textquotedblleft textquotedblright textbar textasciitilde
    textasciicircum texttildelow slash degr colon
    """.split()  # noqa: SIM905 (a list of 150 quoted words is not read)
)
"""Commands that stand for no letter. Others are read by their names: Greek letters, and what authors call their own."""
_NAMED = {
    "ae": "ae",
    "oe": "oe",
    "o": "o",
    "l": "l",
    "ss": "ss",
    "aa": "a",
    "i": "i",
    "j": "j",
    "dh": "d",
    "th": "th",
    "dj": "d",
}
_LETTERS = str.maketrans(
    {
        **{"\u00e6": "ae", "\u0153": "oe", "\u00f8": "o", "\u0142": "l", "\u0111": "d", "\u00f0": "d", "\u00fe": "th"},
        **{
            "\u0131": "i",
            "\u0237": "j",
            "&": " and ",
            "\u2299": "sun",
            "\u2609": "sun",
            "\u210f": "hbar",
            "\u2202": "partial",
        },
        **{
            "\u00b5": "mu",
            "\u03c2": "sigma",
            "\u03d1": "theta",
            "\u03d5": "phi",
            "\u03f5": "epsilon",
            "\u03b5": "epsilon",
        },
        **{"\u2206": "delta", "\u2126": "omega", "\u212b": "a"},
    }
)
_GREEK = {
    chr(code): unicodedata.name(chr(code)).split()[-1].lower().replace("lamda", "lambda")
    for code in range(0x3B1, 0x3CA)
    if unicodedata.name(chr(code), "").startswith("GREEK SMALL LETTER")
}
_GREEK_NAMES = frozenset(_GREEK.values())
_SAME = {
    **{
        "odot": "sun",
        "lyman": "ly",
        "micron": "mum",
        "microns": "mum",
        "um": "mum",
        "lcdm": "lambdacdm",
        "varepsilon": "epsilon",
    },
    **{"varphi": "phi", "vartheta": "theta", "varrho": "rho", "varsigma": "sigma", "disks": "discs", "disk": "disc"},
    **{"mrk": "markarian", "1st": "first", "2nd": "second", "3rd": "third", "sqrt": ""},
}
"""Words that are written in two ways."""
_OF_PART = frozenset(("part", "paper", "i", "v", "x"))
"""What begins the number of a part: it is no subtitle."""
_STOP = frozenset(
    [
        "a",
        "an",
        "the",
        "of",
        "in",
        "on",
        "at",
        "to",
        "for",
        "from",
        "by",
        "with",
        "and",
        "is",
        "as",
        "into",
        "its",
        "toward",
        "towards",
        "via",
        "using",
    ]
)
_ADJECTIVES = r"(?:(?:an?|the|invited|topical|brief|short|mini|critical|comprehensive|araa)[ -]+){0,3}"
_REVIEW_OF = re.compile(
    rf"{_ADJECTIVES}reviews?(?: (?:article|paper|talk))? ?[:.|\u2013\u2014-]{{1,3}} ?(?=\S{{3}})", re.IGNORECASE
)
_REVIEWED = re.compile(
    rf" ?[:,(\[\u2013\u2014-]{{1,3}} ?{_ADJECTIVES}(?:review|overview)(?: article)? ?[)\].]{{0,2}}$", re.IGNORECASE
)
_REPEATED = re.compile(r"([^\w\s])\1{3,}")
MAX_CHARS = 2_000
"""Of a title that count: as many as a record keeps of it."""
_TAIL = 60
_SUBTITLE = re.compile(
    r"(?<=\w) ?[:;?!.]{1,3} (?=\w)| [\u2013\u2014\u2500-]{1,3} ?(?=\w)|(?<=\w)\u2014(?=\w)| \((?=\w)"
)
_ELEMENT = r"(?:[HCNOSKPF]|He|Li|Ne|Na|Mg|Al|Si|Cl|Ar|Ca|Sc|Ti|Cr|Mn|Fe|Co|Ni|Cu|Zn|Ga|Ge|Se|Br|Kr|Rb|Sr|Zr|Nb|Mo|Te|Xe|Ba|La|Ce|Nd|Eu|Pb)"
_ION = re.compile(rf"(?<![A-Za-z.])({_ELEMENT})[\s_-]*(?=[IVXivx]{{1,5}}(?![A-Za-z]))", re.IGNORECASE)
_ROMAN = {
    f"{tens}{ones}": 10 * n + m
    for n, tens in enumerate(("", "x", "xx", "xxx", "xl", "l", "lx"))
    for m, ones in enumerate(("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix"))
    if len(tens + ones) > 1
}


@dataclass(frozen=True)
class Title:
    """A title as it is compared.

    Args:
        letters: its letters and digits without blanks; Roman numerals of several letters are digits.
        parts: words of it that may be the Roman numerals I, V and X, which stay letters, for most such words are symbols.
        n_words: its words.
        content: as letters, without articles and prepositions.
        bases: the letters and number of words of what stands before its subtitle, where it has one.
    """

    letters: str
    parts: tuple[str, ...]
    n_words: int
    content: str
    base: str | None = None
    base_words: int = 0


def words_of(text: str) -> list[str]:
    """Lower case words of letters and digits: accents, LaTeX commands, tags, marks and white space are gone, Greek letters have
    their names, and words of two spellings one."""
    folded = unicodedata.normalize("NFKD", stream_safe(_without_tex(text))).replace(JOINER, "").casefold()
    bare = "".join(_GREEK.get(c, c) for c in folded.translate(_LETTERS) if not unicodedata.combining(c))
    return [same for word in re.findall(r"[^\W_]+", bare) if (same := _SAME.get(word, word))]


@lru_cache(8192)
def title_of(text: str) -> Title:
    """A title as it is compared."""
    whole = _REPEATED.sub(r"\1\1\1", " ".join(_without_tex(text[:MAX_CHARS]).split()))
    if begun := _REVIEW_OF.match(whole):
        whole = whole[begun.end() :]
    if ended := _REVIEWED.search(whole, max(0, len(whole) - _TAIL)):
        whole = whole[: ended.start()] or whole
    words = _canonical(whole)
    base, base_words = None, 0
    if (cut := _SUBTITLE.search(whole)) and cut.start() > 8:
        first, rest = _canonical(whole[: cut.start()]), _canonical(whole[cut.end() :])
        if first == rest:
            words = first  # a title that stands there twice
        elif len(rest) > 1 and not (rest[0].isdigit() or rest[0] in _OF_PART):
            base, base_words = "".join(first), len(first)
    content = "".join(word for word in words if word not in _STOP)
    return Title(
        "".join(words), tuple(word for word in words if word in ("i", "v", "x")), len(words), content, base, base_words
    )


def _canonical(text: str) -> list[str]:
    words = words_of(_ION.sub(r"\1", text))
    if len(words) > 3 and words[0] in ("a", "an", "the", "on"):
        words = words[1:]
    return [str(_ROMAN.get(word, word)) for word in words]


def _without_tex(text: str) -> str:
    """A text with its tags, TeX commands and braces undone."""
    bare = unescaped(text)
    if "\\" in bare:
        bare = _DINGBAT.sub(" ", bare)
        bare = _GREATER.sub(">", _LESS.sub("<", _BACKSLASH.sub(r"\\", bare)))
        bare = _SPACING.sub(" ", _ACCENT.sub(r"\g<letter>", bare))
        bare = _COMMAND.sub(_command, bare).replace("\\", "")
    if "<" in bare:
        bare = _TAG.sub(" ", bare.replace("{$<$}", "<").replace("{$>$}", ">"))
    return bare.replace("$", "").replace("{", "").replace("}", "").replace("~", " ")


def _command(match: re.Match[str]) -> str:
    name = match[1].removeprefix("up") if match[1][2:].lower() in _GREEK_NAMES else match[1]
    is_font = bool(match[2]) and name.lower() not in _GREEK_NAMES and name not in _NAMED
    return " " if is_font or name.lower() in _SILENT else f"{_NAMED.get(name, name)} "
