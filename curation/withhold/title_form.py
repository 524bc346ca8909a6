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
    xspace hphantom phantom mapsto hat bar vec dot ddot acute grave breve check widehat widetilde wisk lesssim gtrsim la ga simlt simgt lt gt le
    ge leq geq ll gg sim simeq approx cong propto equiv ne neq pm mp to rightarrow leftarrow leftrightarrow longrightarrow
    rightleftharpoons infty prime ast star circ bullet deg degree arcdeg textdegree nbsp ndash mdash endash emdash
    textendash textemdash textquoteright textquoteleft textquotedblleft textquotedblright textbar textasciitilde
    textasciicircum texttildelow slash degr colon langle rangle lang rang rarr larr lrarr uparrow downarrow
    """.split()  # noqa: SIM905 (a list of 150 quoted words is not read)
)
"""Commands that stand for no letter. Others are read by their names: Greek letters, and what authors call their own."""
_LONG_SILENT = sorted((name for name in _SILENT if len(name) >= 6), key=lambda name: (-len(name), name))
_FONTS = [name for name in _LONG_SILENT if name.startswith(("text", "math")) or name == "ensuremath"]
_LOST_BACKSLASH = re.compile(r"(?<![\\A-Za-z])[a-z]?(?:emph|text[a-z]{2}|math[a-z]{2,3}|ensuremath)\{(?=\w|[$\\{])")
"""A command for a font whose backslash is damaged."""
_NO_WORDS = frozenset(_FONTS) | {name for name in _SILENT if "arrow" in name} | {"backslash"}
"""Commands that are no words, where their backslash is lost."""
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
    **{"odot": "sun", "um": "mum", "varepsilon": "epsilon", "varphi": "phi", "vartheta": "theta", "varrho": "rho"},
    **{
        "varsigma": "sigma",
        "disks": "discs",
        "disk": "disc",
        "1st": "first",
        "2nd": "second",
        "3rd": "third",
        "sqrt": "",
    },
}
"""Words that are written in two ways."""
_LONG_SAME = {
    **{"lyman": "ly", "micron": "mum", "microns": "mum", "lcdm": "lambdacdm", "mrk": "markarian", "vs": "versus"},
}
"""Those of which one is much longer, so that it can be damaged: they are told apart first."""
_OF_PART = frozenset(("part", "paper", "chapter", "volume", "vol", "lecture", "no", "number", "i", "v", "x"))
"""What begins the number of a part: it is no subtitle."""
CLOSED = frozenset(
    """
    one two three four five six seven eight nine ten eleven twelve first second third fourth fifth sixth seventh eighth ninth tenth north
    south east west northern southern eastern western low high lower higher upper small large weak strong early late young old thin thick
    inner outer red blue positive negative cold hot warm cool single double triple faint bright
    """.split()  # noqa: SIM905 (a list of 60 quoted words is not read)
)
"""Words of which one in place of another makes another work, however few letters differ."""
STOP = frozenset(
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
    rf"{_ADJECTIVES}reviews?(?: (?:article|paper|talk))? ?[:.|\u2013\u2014-]{{1,3}} ?(?=\w)", re.IGNORECASE
)
_REVIEWED = re.compile(
    rf" ?[:,(\[\u2013\u2014-]{{1,3}} ?{_ADJECTIVES}(?:review|overview)(?: article)? ?[)\].]{{0,2}}$", re.IGNORECASE
)
_REPEATED = re.compile(r"([^\w\s])\1{3,}")
MAX_CHARS = 2_000
"""Of a title that count: as many as a record keeps of it."""
_NOTE = re.compile(
    r"\\(?:thanks|footnote|footnotemark|tnoteref|fnref|titlenote)(?![a-zA-Z])\*?\s*(?:\[[^\]]*\])?(?:\s*\{(?:[^{}]|\{[^{}]*\})*\})?"
)
"""What hangs at a title and is none of it."""
_TAIL = 60
_SUBTITLE = re.compile(
    r"(?<=\w) ?[:;?!.]{1,3} (?=\w)| [\u2013\u2014\u2500-]{1,3} ?(?=\w)|(?<=\w)\u2014(?=\w)| \((?=\w)"
)
_ELEMENT = r"(?:[HCNOSKPF]|He|Li|Ne|Na|Mg|Al|Si|Cl|Ar|Ca|Sc|Ti|Cr|Mn|Fe|Co|Ni|Cu|Zn|Ga|Ge|Se|Br|Kr|Rb|Sr|Zr|Nb|Mo|Te|Xe|Ba|La|Ce|Nd|Eu|Pb)"
_ISOTOPES = re.compile(
    r"\((?P<formula>[A-Z][A-Za-z0-9]{0,12})\)(?P<isotopes>(?:-[A-Z][a-z]?-\d{1,3}){1,4})(?![A-Za-z\d])"
)
"""`(NH3)-N-15`, as indexes print ^15NH_3."""
_ISOTOPE = re.compile(
    rf"(?<![A-Za-z\d-])(?P<element>{_ELEMENT})-(?P<number>\d{{2,3}})(?:\((?P<atoms>\d{{1,2}})\))?(?![A-Za-z\d])"
)
"""`O-18(3)`, likewise ^18O_3."""
_ACRONYM = re.compile(r"(?<=[a-z]) \((?![IVXL]+\))[A-Z]{3,7}s?\)")
_SOLAR = re.compile(r"\bsolar[ -](?:(m)ass(?:es)?|(l)uminosit(?:y|ies)|(r)adi(?:us|i))\b", re.IGNORECASE)
_ION = re.compile(rf"(?<![A-Za-z.])({_ELEMENT})[\s_-]*(?=[IVXivx]{{1,5}}(?![A-Za-z]))", re.IGNORECASE)
_ROMAN = {
    f"{tens}{ones}": 10 * n + m
    for n, tens in enumerate(("", "x", "xx", "xxx", "xl", "l", "lx"))
    for m, ones in enumerate(("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix"))
    if len(tens + ones) > 1 and tens + ones != "li"
}


@dataclass(frozen=True)
class Title:
    """A title as it is compared.

    Args:
        letters: its letters and digits without blanks; Roman numerals of several letters are digits.
        parts: words of it that may be the Roman numerals I, V and X, which stay letters, for most such words are symbols.
        words: its words, of which the letters are.
        content: as letters, without articles and prepositions.
        bare: as letters, without short names in brackets (`(WMAP)`), and with one spelling of words that have a short one, too.
        closed: its words of `CLOSED`, in their order.
        bag: the words of `content` in the order of the alphabet.
        bases: the letters and number of words of what stands before its subtitle, where it has one.
    """

    letters: str
    parts: tuple[str, ...]
    words: tuple[str, ...]
    content: str
    bare: str
    closed: tuple[str, ...]
    bag: tuple[str, ...]
    base: str | None = None
    base_words: int = 0


def words_of(text: str) -> list[str]:
    """Lower case words of letters and digits: accents, LaTeX commands, tags, marks and white space are gone, Greek letters have
    their names, and words of two spellings one."""
    folded = unicodedata.normalize("NFKD", stream_safe(_without_tex(text))).replace(JOINER, "").casefold()
    bare = "".join(_GREEK.get(c, c) for c in folded.translate(_LETTERS) if not unicodedata.combining(c))
    return [same for word in re.findall(r"[^\W_]+", bare) if word not in _NO_WORDS and (same := _SAME.get(word, word))]


@lru_cache(8192)
def title_of(text: str) -> Title:
    """A title as it is compared."""
    whole = _REPEATED.sub(r"\1\1\1", " ".join(_without_tex(_NOTE.sub("", text[:MAX_CHARS])).split()))
    whole = _isotopes_first(whole)
    if begun := _REVIEW_OF.match(whole):
        whole = whole[begun.end() :]
    if ended := _REVIEWED.search(whole, max(0, len(whole) - _TAIL)):
        whole = whole[: ended.start()] or whole
    words = _canonical(whole)
    if words[: len(words) // 2] == words[(len(words) + 1) // 2 :] and len(words) % 2 == 0:
        words = words[: len(words) // 2]  # a title that stands there twice
    base, base_words = None, 0
    if (cut := _SUBTITLE.search(whole)) and cut.start() > 8:
        first, rest = _canonical(whole[: cut.start()]), _canonical(whole[cut.end() :])
        if first == rest:
            words = first  # a title that stands there twice
        elif len(rest) > 1 and not (rest[0].isdigit() or rest[0] in _OF_PART):
            base, base_words = "".join(first), len(first)
    bare = [_LONG_SAME.get(word, word) for word in _canonical(_SOLAR.sub(r"\1\2\3sun", _ACRONYM.sub("", whole)))]
    content = [_LONG_SAME.get(word, word) for word in words if word not in STOP]
    return Title(
        "".join(words),
        tuple(word for word in words if word in ("i", "v", "x")),
        tuple(words),
        "".join(content),
        "".join(bare),
        tuple(word for word in words if word in CLOSED),
        tuple(sorted(content)),
        base,
        base_words,
    )


def _isotopes_first(text: str) -> str:
    """A title with the isotopes of formulas where the formula has the element: ^15NH3, ^18O3."""

    def placed(match: re.Match[str]) -> str:
        formula = match["formula"]
        for element, number in re.findall(r"-([A-Z][a-z]?)-(\d+)", match["isotopes"]):
            formula = re.sub(rf"{element}(?![a-z])", f"{number}{element}", formula, count=1)
        return formula

    return _ISOTOPE.sub(lambda m: f"{m['number']}{m['element']}{m['atoms'] or ''}", _ISOTOPES.sub(placed, text))


def _canonical(text: str) -> list[str]:
    return [str(_ROMAN.get(word, word)) for word in words_of(_ION.sub(r"\1", text))]


def _without_tex(text: str) -> str:
    """A text with its tags, TeX commands and braces undone."""
    bare = unescaped(text)
    if "\\" in bare:
        bare = _DINGBAT.sub(" ", bare)
        bare = _GREATER.sub(">", _LESS.sub("<", _BACKSLASH.sub(r"\\", bare)))
        bare = _SPACING.sub(" ", _ACCENT.sub(r"\g<letter>", bare))
        bare = _COMMAND.sub(_command, bare).replace("\\", "")
    if "{" in bare:
        bare = _LOST_BACKSLASH.sub(" ", bare)
    if "<" in bare:
        bare = _TAG.sub(" ", bare.replace("{$<$}", "<").replace("{$>$}", ">"))
    return bare.replace("$", "").replace("{", "").replace("}", "").replace("~", " ")


def _command(match: re.Match[str]) -> str:
    name = next((n for n in map(match[1].removeprefix, ("up", "text")) if n.lower() in _GREEK_NAMES), match[1])
    is_font = bool(match[2]) and name.lower() not in _GREEK_NAMES and name not in _NAMED
    return " " if is_font else f"{_said_by(name)} "


@lru_cache(8192)
def _said_by(name: str) -> str:
    """The letters that a command stands for. One of `_SILENT` may be damaged, or stand before a word whose brace is lost."""
    from rapidfuzz.distance import OSA

    if name.lower() in _SILENT or name in _NAMED or name.lower() in _GREEK_NAMES:
        return "" if name.lower() in _SILENT else _NAMED.get(name, name)
    if before := next((c for c in _LONG_SILENT if name.startswith(c)), None):
        return name[len(before) :]
    if of_font := next((c for c in _FONTS if len(name) > len(c) + 2 and sum(map(str.__ne__, c, name)) == 1), None):
        return name[len(of_font) :]
    most = 2 if len(name) >= 8 else 1 if len(name) >= 5 else 0
    near = most and any(abs(len(c) - len(name)) <= most and OSA.distance(c, name) <= most for c in _LONG_SILENT)
    return "" if near else name
