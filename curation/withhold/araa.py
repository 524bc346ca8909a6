"""Which papers are articles of the Annual Review of Astronomy and Astrophysics, source of the AstroMLab-1 benchmark.

Near misses that must pass: A&ARv (Astronomy and Astrophysics Review), AnAp (Annales d'Astrophysique), RAA (Research in
Astronomy and Astrophysics), and all other Annual Reviews.
"""

from __future__ import annotations

import re

from curation.identity import mended

# annurev.aa.VV.MMDDYY.NNNNNN, annurev.astro.VV.I.PPP, annurev.astro.VV.MMDDYY.NNNNNN, annurev-astro-MMDDYY-NNNNNN, through
# blanks and lost hyphens
_DOI = re.compile(r"10\. ?1146 ?/ ?annurev ?[.-]? ?(?:aa|astro)(?: ?[.-] ?\d(?:[\d.-]*\d)?)+")
_SEP = r"[\s.,~]*"
_ASTRONOMY = r"a(?:st[a-z]{0,7}?)?"
_ASTROPHYSICS = r"a(?:p|st|str|stro|st(?:ro?|rono?)?p[a-z]{0,9})?(?![a-z])"
_NAME = re.compile(
    rf"(?<![a-z])ann(?:u(?:al)?)?s?{_SEP}rev(?:iews?|s)?{_SEP}(?:(?:of|in){_SEP})?(?:the{_SEP})?"
    rf"{_ASTRONOMY}{_SEP}(?:(?:&|\+|and|und|/){_SEP})?{_ASTROPHYSICS}"
    r"|(?<![a-z&])(?:ara ?(?:&|\+|and)? ?a|a[. ]{1,2}r[. ]{1,2}a[. ]{0,2}[&+][. ]{0,2}a|ar[. ]{0,2}a ?[&+] ?a"
    r"|a\. ?r\. ?a\. ?(?:and )?a)(?![a-z&])"
)
_BIBCODE = re.compile(r"(?<!\d)\d{4}ara(?:[&+]|&?26)?a(?=[.\d])")

_WIDE = str.maketrans({chr(0xFEE0 + code): chr(code) for code in range(0x21, 0x7F)} | dict.fromkeys("{}\\"))
"""Full-width ASCII made plain; braces and backslashes of TeX gone."""
_CONTEXT_CHARS = 200
"""How far from the name an author comment is read."""
_SENTENCE_END = re.compile(r";|(?<!\bvol)(?<!\bno)(?<!\bcf)(?<!\bfig)(?<!\bfigs)(?<!\bpp)[.!?] ")
_SEGMENT = r"(?:^|[,:(\[])\s*"
# words that may stand between the journal's name and what announces it: none of them names anything else
_FILLER = (
    r"(?:(?:for|in|to|by|from|of|on|at|as|be|and|an?|the|its?|publication|published|press|print|reviews?|article|paper|"
    r"chapter|invited|annual|volume|vol|issue|number|no|edition|journal|series|pages?|pp|figures?|figs?|tables?|colou?r|"
    r"jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec|january|february|march|april|june|july|august|september|october|"
    r"november|december|\d{1,4}(?:st|nd|rd|th)?)\b|[\s,.:()'\"-])*"
)
_ANNOUNCED = re.compile(
    r"(?:\b(?:(?:to|will|shall) appear|accepted|submitted|in press|forthcoming|for publication|due|review for"
    r"|(?:invited|commissioned|solicited|prepared|written)(?: contribution)?)\b"
    rf"|(?:{_SEGMENT}|\b(?:be|been|is|was|as|and|version|article|paper|review|chapter|manuscript) )"
    r"(?:published|appear(?:s|ed|ing))\b"
    rf"|{_SEGMENT}(?:(?:an?|the|this is|this|our|short|long|full|extended|final|preprint of|draft of|version of) ?)*"
    r"(?:review|article|chapter|(?:posted |reprinted |published )?(?:here )?(?:with|by) (?:the )?permission)\b"
    rf"){_FILLER}$"
)
_WAITS = re.compile(
    rf"{_FILLER}(?:(?<=in )(?:press|print)|accepted|submitted|(?<=to )appear|(?<=be )published|forthcoming)\b"
    r"(?! (?:by|to|in|for) (?!vol|press)[a-z])"
)
_LEADS, _FILLED = re.compile(_SEGMENT + "$"), re.compile(_FILLER)
_OF_ANOTHER = re.compile(r"\b(?:comments? on|reply to|response to|compared? (?:to|with)|updates|extends|see|cf)\b")


def _plain(text: str) -> str:
    """Lower case, white space folded, escapes of HTML, URLs and TeX undone, look-alike and invisible characters mended."""
    return " ".join(mended(text).translate(_WIDE).lower().split())


def is_araa_doi(text: str | None) -> str | None:
    """The ARAA DOI in a text (bare, as URL, escaped, any case, broken by blanks), lower case, else None."""
    match = _DOI.search(_plain(text)) if text else None
    return "".join(match.group().split()) if match else None


def is_araa_bibcode(text: str | None) -> bool:
    """Whether a text holds a bibcode whose journal is `ARA&A`, which is also written `ARA%26A`, `ARA&amp;A`, `ARA+A` and,
    where an escape was lost, `ARA26A`.
    """
    return bool(text) and _BIBCODE.search("".join(_plain(text or "").split())) is not None


def araa_name(text: str | None) -> str | None:
    """The name of the journal as a text spells it (lower case), else None.

    Reads `ARA&A`, `ARAA`, `A.R.A.&A.`, `AR A&A`, `Ann.Rev.Astron.Astrophys.`, `Annu. Rev. Astron. Astrophys.`,
    `Ann. Rev. Astr. Ap.`, and the full name with `and` or `&`, in singular or plural.
    """
    match = _NAME.search(_plain(text)) if text else None
    return match.group() if match else None


def araa_announced(comments: str | None) -> str | None:
    """The journal's name in an author comment that announces publication there (`to appear in ARA&A`; `ARA&A, in press`),
    or the article's DOI, else None.

    A comment that only mentions the journal (`updates the ARA&A tables`, `comment on the review in ARA&A`) does not count.
    """
    if not comments:
        return None
    plain = _plain(comments)
    for match in (*_NAME.finditer(plain), *_DOI.finditer(plain)):
        before = plain[max(0, match.start() - _CONTEXT_CHARS) : match.start()]
        clause = _SENTENCE_END.split(before)[-1].lstrip()
        if not _OF_ANOTHER.search(clause) and (match.re is _DOI or _is_announced(plain, match, clause)):
            return match.group()
    return None


def _is_announced(plain: str, name: re.Match[str], clause: str) -> bool:
    """Whether a comment says of its own paper that it is in the journal: before the name (`clause`), or after it."""
    after = plain[name.end() : name.end() + _CONTEXT_CHARS]
    before = plain[: name.start()] if name.start() <= _CONTEXT_CHARS else "more"
    alone = _FILLED.fullmatch(before) and _FILLED.fullmatch(after.partition(";")[0])
    return bool(_ANNOUNCED.search(clause) or (_LEADS.search(clause) and _WAITS.match(after)) or alone)
