"""A journal reference as an id: journal, volume and first page, however they are written."""

from __future__ import annotations

import re

from curation.identity import parse_bibcode
from curation.withhold.araa import araa_name
from curation.withhold.journal_name import plain

_JOURNALS: tuple[tuple[str, str], ...] = (
    ("apjl", r"apjl|ap ?j ?lett(ers)?|astroph\w* j\w* lett(ers)?|the astrophysical journal letters"),
    (
        "apjs",
        r"apjs|ap ?j ?suppl?\w*|astroph\w* j\w* suppl?\w*( ser\w*)?|the astrophysical journal supplement( series)?",
    ),
    ("apj", r"apj|ap ?j|astroph\w* j(ournal)?|the astrophysical journal"),
    ("aj", r"aj|astron\w* j(ournal)?|the astronomical journal"),
    ("a&as", r"a ?& ?as|aaps|aas|astron\w* (& |and )?astroph\w* suppl?\w*( ser\w*)?"),
    ("a&arv", r"a ?& ?arv|aapr|a ?& ?a rev(iew)?|(the )?astron\w* (& |and )?astroph\w* rev(iew)?"),
    ("a&a", r"a ?& ?a|aap|astron\w* (& |and )?astroph\w*"),
    ("mnras", r"mnras|mon\w* not\w* r(oy\w*)? astr\w* soc\w*|monthly notices of the royal astronomical society"),
    ("pasp", r"pasp|publ\w* (of the )?astr\w* soc\w* (of the )?pac\w*"),
    ("pasj", r"pasj|publ\w* (of the )?astr\w* soc\w* (of )?jap\w*"),
    ("natur", r"nature|natur|nat"),
    ("sci", r"science|sci"),
    ("phrvl", r"phrvl|prl|phys\w* rev\w* lett(ers)?"),
    ("phrvd", r"phrvd|prd|phys\w* rev\w* d"),
    ("rvmp", r"rvmp|rmp|rev\w* (of )?mod\w* phys\w*"),
    ("ssrv", r"ssrv|ssr|space sci\w* rev\w*"),
    ("jcap", r"jcap|j\w* cosmol\w* (and )?astropart\w* phys\w*"),
    ("icar", r"icar(us)?"),
    ("newar", r"newar|nar|new astr\w* rev\w*"),
)
"""Bibstem of ADS, and the journal's names, without full stops."""
_NAMES = tuple((stem, re.compile(pattern)) for stem, pattern in _JOURNALS)
_YEAR = r"(?:1[89]|20)\d\d"
_NUMBERS = re.compile(
    rf"^(?P<journal>[^\d]*?[a-z.)])[\s.,:;]*(?:\(?{_YEAR}[a-z]?\)?[\s.,:;]+)?(?:vol(?:ume)?[. ]*)?(?P<volume>\d{{1,4}})(?!\d)"
    rf"(?:[\s,]*(?:\(\d{{1,4}}\)|(?:no|issue|iss|number)[. ]*\d+(?:-\d+)?))?[\s.,:;]*(?:\({_YEAR}\)|{_YEAR}(?=[\s.,:;]+(?:pp?[. ]*)?[a-z]?\d))?"
    r"[\s.,:;]*(?:(?:pp?|pages?|id|art(?:icle)?)[. ]*)*(?P<page>[a-z]?\d{1,7})(?P<rest>.*)$"
)
_REST = re.compile(rf"(?:[\s.,;()-]|pp?\b|[a-z]?\d{{1,7}}|{_YEAR})*")
MAX_CHARS = 300


def journal_key(text: str | None) -> str | None:
    """The key of a journal reference (`journal_ref:apj:750:45`), None where the text is none to its end.

    Reads `ApJ 750, 45 (2012)`, `2012, ApJ, 750, 45`, `Astrophys.J.750:45-60,2012`, `ApJ, Volume 750, Issue 1, p. 45`.
    Other journals than those whose names are known here are called by the letters of their names.
    """
    if not text or len(text) > MAX_CHARS:
        return None
    value = re.sub(rf"^\(?{_YEAR}[a-z]?\)?[\s.,:;]+", "", plain(text))
    found = _NUMBERS.match(value)
    if found is None or not _REST.fullmatch(found["rest"]):
        return None
    journal = _journal(found["journal"], text)
    return _key(journal, found["volume"], found["page"]) if journal else None


def is_of_known_journal(key: str) -> bool:
    """Whether a key is of a journal whose names are known, so that a line of a list is surely a reference."""
    return key.split(":")[1] in {"ara&a", *(stem for stem, _ in _JOURNALS)}


def bibcode_key(code: str | None) -> str | None:
    """The key of the reference that a bibcode is made of."""
    if (parsed := parse_bibcode(code)) is None or "arXiv" in parsed:
        return None
    stem, volume, letter, page = parsed[4:9], parsed[9:13], parsed[13], parsed[14:18]
    volume, page = volume.strip("."), page.strip(".")
    stem = "apjl" if stem.startswith("ApJ") and letter == "L" else stem.strip(".").lower()
    if not (volume.isdigit() and page.isdigit()):
        return None
    if letter.islower():  # Phys. Rev. D 85, 123456 is 85l3456: the twelfth letter
        page = f"{ord(letter) - 96}{page:0>4}"
    elif letter.isdigit():
        page = f"{letter}{page:0>4}"
    return _key(stem, volume, f"{letter}{page}" if letter.isupper() and stem != "apjl" else page)


def _key(journal: str, volume: str, page: str) -> str:
    page = page.lower()
    if journal in ("apj", "apjl") and page.startswith("l"):  # letters of the Journal have pages L1 and 1
        journal, page = "apjl", page[1:]
    head, digits = (page[0], page[1:]) if page[0].isalpha() else ("", page)
    return f"journal_ref:{journal}:{int(volume)}:{head}{int(digits)}"


def _journal(name: str, text: str) -> str | None:
    if araa_name(text):
        return "ara&a"
    words = " ".join(name.replace(".", " ").replace(",", " ").split())
    known = next((stem for stem, pattern in _NAMES if pattern.fullmatch(words)), None)
    letters = "".join(c for c in words if c.isalpha())
    is_name = 1 < len(letters) < 60 and not letters.startswith(("arxiv", "doi", "http", "eprint"))
    return known or (letters if is_name else None)
