"""Whether two questions ask the same: by their words, whatever their order, their endings and the phrases around them.

A question is to it

- its **terms**: the words of its subject, stemmed, synonyms and acronyms of `alike_words` as one, in their order;
- its **names**: those of its terms that are proper names;
- its **marks**: what makes another question of it, were it another: numbers with their units, names with digits, operators, words of one
  or two letters, words that have an opposite, what of the subject is asked (`why`, `affect`, `measure`), and of a multiple choice the
  right option;
- its **form**: its other words but articles, with a place for each run of terms.

Two ask the same where their marks are equal, the terms of one are among those of the other, which has no name of its own, and they share
`min_alike` of all terms. So a template that is filled with other numbers, names or words is another question, and so is one in whose
form two terms have changed places. Terms of which each side has some of its own are taken for different ones: without a model nothing tells helium for hydrogen
from farming for cultivation.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xxhash

from curation.sft.alike_words import ACRONYMS, ASPECTS, FILLERS, OPPOSITES, PHRASES, stem
from curation.sft.verifiers.values import counts, stated
from curation.text.kernel import U64

MIN_ALIKE = 0.8
"""Of five terms one may be left out: of planted questions at lower shares those that say another thing come in
(tests/benchmarks/questions_alike.py)."""
MIN_TERMS = 2
"""Of a question of fewer nothing is known but whether it is word for word another."""
_SHORT = 2
_ARTICLES = ("a", "an", "the")
_AUXILIARIES = {
    **dict.fromkeys(("do", "does", "did"), "do"),
    **dict.fromkeys(("is", "are", "was", "were"), "is"),
    **dict.fromkeys(("has", "have", "had"), "has"),
    **dict.fromkeys(("it", "they"), "it"),
    **dict.fromkeys(("its", "their"), "its"),
}
"""Forms that follow the number of a term."""
_ION = re.compile(r"\b([A-Z][a-z]?)[ ~]((?:I{1,3}|I?V|VI{1,3})\b)")
_FONTS = re.compile(
    r"\\(?:mathrm|mathbf|mathit|mathsf|text|textrm|textit|textbf|rm|it|bf|mbox|ensuremath|left|right|operatorname)\b"
)
_TOKEN = re.compile(r"[^\W_]*\d[^\W_]*|[^\W\d_]+(?:['\u2019][^\W\d_]+)?")
_JOINED = re.compile(r"(?<=\d)[-\u2010-\u2015](?=[A-Za-z])")
_SENTENCE = re.compile(r"(?:\A|[.?!:\n])[\s\"'(\[]*\Z")
_DIGITS = re.compile(r"(?<![^\W_])\d[\d.,]*(?![^\W\d_])")
_OPERATORS = re.compile(r"[+*/^=<>]")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is compared of a question.

    Args:
        exact: 64 bits of a hash of its words as they stand, less case and marks around them, and of the right option.
        marks: the same of what must be equal.
        form: the same of its words without its terms.
        terms: hashes of its terms, each once, in their order.
        names: those of them that are proper names.
    """

    exact: int
    marks: int
    form: int
    terms: tuple[int, ...]
    names: tuple[int, ...] = ()

    @property
    def ordered(self) -> U64:
        """Its terms, ascending."""
        return np.sort(np.array(self.terms, np.uint64))


def asked_of(question: str, right: str | None = None) -> Asked:
    """What is compared of a question.

    Args:
        question: without options.
        right: of a multiple choice the text of the right option.
    """
    exact = (
        " ".join(question.casefold().split()).strip(" .?!\"'")
        + f"\n{' '.join((right or '').casefold().split()).strip(' .')}"
    )
    text = _JOINED.sub(" ", _FONTS.sub(" ", unicodedata.normalize("NFKC", question)))
    text = _ION.sub(r"\1\2", text)
    for phrase, word in PHRASES:
        text = phrase.sub(word, text)
    marks = [f"= {value}" for value in _values(text)] + [f"% {sign}" for sign in _OPERATORS.findall(text)]
    terms: dict[str, None] = {}
    names: dict[str, None] = {}
    form: list[str] = []
    for word, is_name in _words(text, marks):
        if aspect := ASPECTS.get(word):
            marks.append(f"? {aspect}")
        elif word not in FILLERS:
            opposite = OPPOSITES.get(word)
            if opposite or len(word) <= _SHORT:
                marks.append(f"! {opposite or word}")
            term = opposite or stem(word)
            terms[term] = None
            names |= {term: None} if is_name else {}
            word = "*"
        word = _AUXILIARIES.get(word, word)
        if word not in _ARTICLES and not (form and word == form[-1] == "*"):
            form.append(word)
    said = sorted([*marks, *(f"> {option}" for option in _option(right))])
    hashes = (_hash(exact), _hash("\n".join(dict.fromkeys(said))), _hash(" ".join(form)))
    return Asked(*hashes, tuple(map(_hash, terms)), tuple(map(_hash, names)))


def alike(one: Asked, other: Asked, min_alike: float = MIN_ALIKE) -> float | None:
    """The share of all terms that two questions share, where they ask the same; None where they do not."""
    if one.exact == other.exact:
        return 1.0
    if one.marks != other.marks or min(len(one.terms), len(other.terms)) < MIN_TERMS:
        return None
    mine, theirs = set(one.terms), set(other.terms)
    both = len(mine & theirs)
    if both < min(len(mine), len(theirs)) or both < min_alike * len(mine | theirs):
        return None
    if (mine ^ theirs) & {*one.names, *other.names}:
        return None
    if one.form == other.form and [t for t in one.terms if t in theirs] != [t for t in other.terms if t in mine]:
        return None
    return both / len(mine | theirs)


def apart(one: Asked, other: Asked) -> bool:
    """Whether what must be equal is not."""
    return one.exact != other.exact and one.marks != other.marks


def _words(text: str, marks: list[str]) -> list[tuple[str, bool]]:
    """Words in lower case, acronyms written out, and whether each is a proper name; names with digits go to the marks."""
    found: list[tuple[str, bool]] = []
    for token in _TOKEN.finditer(text):
        word = token.group()
        lower = word.casefold().replace("\u2019", "'").removesuffix("'s")
        if any(c.isdigit() for c in word):
            if any(c.isalpha() for c in word):
                marks.append(f"# {lower}")
            continue
        if lower in ACRONYMS and word[:1].isupper() and word[1:2].isupper():
            found += ((part, False) for part in ACRONYMS[lower].split())
            continue
        begins = _SENTENCE.search(text, max(0, token.start() - 8), token.start())
        found.append((lower, word[0].isupper() and not begins))
    return found


def _values(text: str) -> list[str]:
    """Numbers of a text in SI, to five digits, small ones that are written out, and those that are no quantity (`Z_7`, 0)."""
    told = stated(text)
    found = {f"{number.si():.5g} {number.unit.dimensions}" for number in told}
    found |= {f"{float(count):.5g} " for count in counts(text) if count > 1}
    spans = [(number.start, number.end) for number in told]
    loose = (m for m in _DIGITS.finditer(text) if not any(start <= m.start() < end for start, end in spans))
    return sorted(found | {m.group().rstrip(".,") for m in loose})


def _option(right: str | None) -> Sequence[str]:
    """Words of an option that tell it from others."""
    if not right:
        return ()
    told = [stem(w) for w in (m.group().casefold() for m in _TOKEN.finditer(right)) if w not in FILLERS]
    return sorted({*told, *_values(right)}) or [right.casefold()]


def _hash(text: str) -> int:
    return int(xxhash.xxh3_64_intdigest(text.encode("utf-8", "surrogatepass")))
