"""Who made a released text, and where it is: what licences like CC BY ask to be named."""

from __future__ import annotations

import re
from urllib.parse import quote

MAX_AUTHORS_CHARS = 500
"""A longer list ends in `et al.` in the attribution; the row's `authors` has all."""
_CC = re.compile(r"CC-(BY(?:-[A-Z]+)*)-([\d.]+)")
_QUOTES = str.maketrans("“”„‟", "‘’‚‛")
"""Of a title, whose end the line shows by such quotes."""
_PAGES = {
    "CC0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "CC-PDM-1.0": "https://creativecommons.org/publicdomain/mark/1.0/",
    "arXiv-nonexclusive-1.0": "https://arxiv.org/licenses/nonexclusive-distrib/1.0/",
}


def url_of(paper_id: str, version: int | None, doi: str | None, bibcode: str | None) -> str | None:
    """The page of a paper: its version on arXiv, else that of its DOI, else of its bibcode at ADS; None without these."""
    kind, _, name = paper_id.partition(":")
    if kind == "arXiv":
        return f"https://arxiv.org/abs/{quote(name)}{'' if version is None else f'v{version}'}"
    if doi := doi or (name if kind == "doi" else None):
        return f"https://doi.org/{quote(doi)}"
    if bibcode := bibcode or (name if kind == "bibcode" else None):
        return f"https://ui.adsabs.harvard.edu/abs/{quote(bibcode)}"
    return None


def attribution(title: str | None, authors: str | None, licence: str | None, url: str | None) -> str | None:
    """`CC BY 4.0 (page of the licence), page of the paper, “Title”, authors`, on one line, as far as they are known; None where
    nothing but a licence is. What the paper itself says stands last, so that no title reads like a licence before the true one."""
    if not (title or authors or url):
        return None
    named = f"“{_folded(title).translate(_QUOTES)}”" if title else ""
    return ", ".join(filter(None, (_licence(licence or ""), url, named, _names(_folded(authors or "")))))


def _licence(licence: str) -> str:
    page = _PAGES.get(licence)
    if match := _CC.fullmatch(licence):
        page = f"https://creativecommons.org/licenses/{match[1].lower()}/{match[2]}/"
        licence = f"CC {match[1]} {match[2]}"
    return f"{licence} ({page})" if page else licence


def _names(authors: str) -> str:
    if len(authors) <= MAX_AUTHORS_CHARS:
        return authors
    kept = authors[:MAX_AUTHORS_CHARS]
    ends = [m.start() for m in re.finditer(r"[;,] | and ", kept)]
    return f"{kept[: ends[-1]] if ends else kept} et al."


def _folded(text: str) -> str:
    return " ".join(text.split())
