"""Which papers are articles of the Annual Review of Astronomy and Astrophysics, source of the AstroMLab-1 benchmark.

Near misses that must pass: A&ARv (Astronomy and Astrophysics Review), AnAp (Annales d'Astrophysique), RAA (Research in
Astronomy and Astrophysics), and all other Annual Reviews.
"""

from __future__ import annotations

import html
import re
from urllib.parse import unquote

# annurev.aa.VV.MMDDYY.NNNNNN, annurev.astro.VV.I.PPP, annurev.astro.VV.MMDDYY.NNNNNN, annurev-astro-MMDDYY-NNNNNN
_DOI = re.compile(r"10\.1146/annurev[.-](?:aa|astro)[.-]\d\S*")
_SEP = r"[\s.,~]*"
_ASTRONOMY = r"a(?:st[a-z]{0,7}?)?"
_ASTROPHYSICS = r"a(?:p|st|str|stro|st(?:ro?|rono?)?p[a-z]{0,9})?(?![a-z])"
_NAME = re.compile(
    rf"(?<![a-z])ann(?:u(?:al)?)?s?{_SEP}rev(?:iews?|s)?{_SEP}(?:(?:of|in){_SEP})?(?:the{_SEP})?"
    rf"{_ASTRONOMY}{_SEP}(?:(?:&|\+|and|und|/){_SEP})?{_ASTROPHYSICS}"
    r"|(?<![a-z&])ara ?(?:&|\+|and)? ?a(?![a-z&])"
)
_ANNOUNCED = re.compile(
    r"(?:appear|accepted|publi|press|submitted|invited|prepared|written|permission|review|article|chapter)[^;]{0,80}$"
)


def _plain(text: str) -> str:
    """Lower case, white space folded, `&amp;`, `%26` and `\\&` undone."""
    undone = unquote(html.unescape(text)).replace("\\", "")
    return " ".join(undone.lower().split())


def is_araa_doi(text: str | None) -> str | None:
    """The ARAA DOI in a text (bare, as URL, escaped, any case), lower case, else None."""
    match = _DOI.search(_plain(text)) if text else None
    return match.group().rstrip(".,;)") if match else None


def is_araa_bibcode(bibcode: str | None) -> bool:
    """Whether a bibcode's journal is `ARA&A`, which ADS also writes `ARA%26A` and `ARA&amp;A`."""
    return bool(bibcode) and _plain(bibcode or "").removeprefix("bibcode:")[4:9] == "ara&a"


def araa_name(text: str | None) -> str | None:
    """The name of the journal as a text spells it (lower case), else None.

    Reads `ARA&A`, `ARAA`, `Ann.Rev.Astron.Astrophys.`, `Annu. Rev. Astron. Astrophys.`, `Ann. Rev. Astr. Ap.`, and the
    full name with `and` or `&`, in singular or plural.
    """
    match = _NAME.search(_plain(text)) if text else None
    return match.group() if match else None


def araa_announced(comments: str | None) -> str | None:
    """The journal's name in an author comment that announces publication there (`to appear in ARA&A`), else None.

    A comment that only mentions the journal (`updates the ARA&A tables`) does not count.
    """
    if not comments:
        return None
    plain = _plain(comments)
    for match in _NAME.finditer(plain):
        if _ANNOUNCED.search(plain[: match.start()]):
            return match.group()
    return None
