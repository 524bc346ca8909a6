"""Which papers are articles of the Annual Review of Astronomy and Astrophysics, source of the AstroMLab-1 benchmark.

Near misses that must pass: A&ARv (Astronomy and Astrophysics Review), AnAp (Annales d'Astrophysique), RAA (Research in
Astronomy and Astrophysics), and all other Annual Reviews.
"""

from __future__ import annotations

import re
from itertools import islice

from curation.withhold.journal_name import is_numbered, names_in, plain

# annurev.aa.VV.MMDDYY.NNNNNN, annurev.astro.VV.I.PPP, annurev.astro.VV.MMDDYY.NNNNNN, annurev-astro-MMDDYY-NNNNNN: through
# blanks, lost and doubled hyphens; cut anywhere behind the journal, or without the publisher's prefix
_JOURNAL_PART = r"annu ?-? ?rev ?[._-]{0,3} ?(?:aa|astr[o0])(?![a-z])"
_NUMBERS = r"(?: ?[._-]{1,3} ?(?!10\.\d{4,9}/)\d+)"
DOI = re.compile(
    rf"10 ?\. ?1146 ?/ ?{_JOURNAL_PART}(?: ?[._-]{{0,3}} ?\d+)?{_NUMBERS}*|(?<![a-z]){_JOURNAL_PART} ?[._-]? ?\d+{_NUMBERS}+"
)
_BIBCODE = re.compile(r"(?<!\d)(?:19|20)\d\dara(?:&|\+|&?26|%|_|-|\.|and)?a(?:pj)?(?=[.\d_])(?!ax)")
_URL = re.compile(r"\bastro\.annualreviews\.org|\bannualreviews\.org/(?:[a-z]+/){0,3}astro(?![a-z])")
_ISSN = re.compile(r"(?<!\d)(?:0066-?4146|1545-?4282)(?!\d)")
_CONTEXT_CHARS = 200
"""How far from the name an author comment is read."""
_MAX_NAMES = 50
"""Of a comment that are looked at."""
_SENTENCE_END = re.compile(r";|(?<!\bvol)(?<!\bno)(?<!\bcf)(?<!\bfig)(?<!\bfigs)(?<!\bpp)[.!?] ")
_SEGMENT = r"(?:^|[,:(\[])\s*"
# words that may stand between the journal's name and what announces it: none of them names anything else
_FILLER = (
    r"(?:(?:for|in|to|by|from|of|on|at|as|be|and|an?|the|its?|publication|published|press|print|reviews?|article|paper|"
    r"chapter|invited|annual|volume|version|vol|issue|number|no|edition|journal|series|pages?|pp|figures?|figs?|tables?|colou?r|"
    r"jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec|january|february|march|april|june|july|august|september|october|"
    r"november|december|\d{1,4}(?:st|nd|rd|th)?)\b|[\s,.:()'\"-])*"
)
_ANNOUNCED = re.compile(
    r"(?:\b(?:(?:to|will|shall) appear|accepted|submitted|in press|forthcoming|for publication|due|review for"
    r"|under (?:review|revision|consideration)|contribution (?:to|for)|draft (?:of|for)|preprint of|match(?:es|ing)? (?:the )?(?:published|accepted|printed)"
    r"|(?:invited|commissioned|solicited|prepared|written)(?: contribution)?)\b"
    rf"|(?:{_SEGMENT}|\b(?:be|been|is|was|as|and|version|article|paper|review|chapter|manuscript) )"
    r"(?:published|appear(?:s|ed|ing))\b"
    rf"|{_SEGMENT}(?:(?:an?|the|this is|this|our|short|long|full|extended|final|preprint of|draft of|version of) ?)*"
    r"(?:review|article|chapter|(?:posted |reprinted |published )?(?:here )?(?:with|by) (?:the )?permission|journal[ -]ref(?:erence)?)\b"
    rf"){_FILLER}$"
)
_WAITS = re.compile(
    rf"{_FILLER}(?:(?<=in )(?:press|print)|accepted|submitted|(?<=to )appear|(?<=be )published|forthcoming)\b"
    r"(?! (?:by|to|in|for) (?!vol|press|publication(?! (?:by|to|in)))[a-z])"
)
_IS_PUBLISHED = re.compile(
    r"\W*(?:for|is) (?:the |its )?(?:published|final|printed|official|accepted) (?:version|article|paper|review)"
)
_LEADS, _FILLED = re.compile(_SEGMENT + "$"), re.compile(_FILLER)
_OF_ANOTHER = re.compile(r"\b(?:comments? on|reply to|response to|compared? (?:to|with)|updates|extends|see|cf)\b")


def is_araa_doi(text: str | None) -> str | None:
    """The ARAA DOI in a text (bare, as URL, escaped, any case, broken by blanks, cut), lower case, else None."""
    match = DOI.search(plain(text)) if text else None
    if match is None:
        return None
    doi = "".join(match.group().split())
    return doi if doi.startswith("10.1146/") else f"10.1146/{doi}"


def is_araa_bibcode(text: str | None) -> bool:
    """Whether a text holds a bibcode whose journal is `ARA&A`, which is also written `ARA%26A`, `ARA&amp;A`, `ARA+A` and,
    where the sign or an escape was lost, `ARAA`, `ARA26A`, `ARA_A`.
    """
    return bool(text) and _BIBCODE.search("".join(plain(text or "").split())) is not None


def is_araa_url(text: str | None) -> bool:
    """Whether an address is one of the journal's pages at its publisher, or the text holds its ISSN (print or online)."""
    value = plain(text) if text else ""
    return bool(_URL.search(value) or _ISSN.search(value))


def is_annual_reviews(publisher: str | None) -> bool:
    """Whether a publisher is that of the annual reviews, of whatever science."""
    return bool(re.fullmatch(r"\W*annual reviews?(?: inc)?\b.{0,40}", plain(publisher or "")))


def araa_name(text: str | None) -> str | None:
    """The name of the journal as a text spells it (lower case), else None.

    Reads `ARA&A`, `\\araa`, `A.R.A.&A.`, `AR A&A`, `Ann.Rev.Astron.Astrophys.`, `Annu. Rev. Astron. Astrophys.`,
    `Ann. Rev. Astr. Ap.`, and the full name with `and` or `&`, in singular or plural, with slips, glued or in pieces
    (`curation.withhold.journal_name`). Bare initials (`ARAA`, `ARA A`) count only with a volume or a year beside them.
    """
    value = plain(text) if text else ""
    found = (name for name in names_in(value) if name.is_sure or is_numbered(value, name))
    return next((name.text for name in found), None)


def araa_announced(comments: str | None) -> str | None:
    """The journal's name in an author comment that announces publication there (`to appear in ARA&A`; `ARA&A, in press`),
    or the article's DOI, else None.

    A comment that only mentions the journal (`updates the ARA&A tables`, `comment on the review in ARA&A`) does not count.
    """
    if not comments:
        return None
    value = plain(comments)
    names = [(name.start, name.end, name.is_sure or is_numbered(value, name)) for name in names_in(value)[:_MAX_NAMES]]
    dois = [match.span() for match in islice(DOI.finditer(value), _MAX_NAMES)]
    for start, end in dois:
        if not _OF_ANOTHER.search(_clause(value, start)) or _IS_PUBLISHED.match(value, end):
            return value[start:end]
    for start, end, is_sure in names:
        clause = _clause(value, start)
        if not _OF_ANOTHER.search(clause) and _is_announced(value, start, end, clause, is_sure):
            return value[start:end]
    return None


def _clause(value: str, start: int) -> str:
    """What stands before a place, in its sentence."""
    return _SENTENCE_END.split(value[max(0, start - _CONTEXT_CHARS) : start])[-1].lstrip()


def _is_announced(value: str, start: int, end: int, clause: str, is_sure: bool) -> bool:
    """Whether a comment says of its own paper that it is in the journal: before the name (`clause`), after it, or by nothing
    but the name, where that is sure."""
    after = value[end : end + _CONTEXT_CHARS]
    before = value[:start] if start <= _CONTEXT_CHARS else "more"
    alone = is_sure and _FILLED.fullmatch(before) and _FILLED.fullmatch(after.partition(";")[0])
    return bool(_ANNOUNCED.search(clause) or (_LEADS.search(clause) and _WAITS.match(after)) or alone)
