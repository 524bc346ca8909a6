"""Names of papers, parsed in one place: arXiv ids, DOIs, bibcodes, licences, and the paper_id made of them."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from urllib.parse import unquote

# https://info.arxiv.org/help/arxiv_identifier.html, and the archives of before April 2007 that were folded into others
_OLD_ARCHIVES = [
    "acc-phys",
    "adap-org",
    "alg-geom",
    "ao-sci",
    "astro-ph",
    "atom-ph",
    "bayes-an",
    "chao-dyn",
    "chem-ph",
    "cmp-lg",
    "comp-gas",
    "cond-mat",
    "cs",
    "dg-ga",
    "funct-an",
    "gr-qc",
    "hep-ex",
    "hep-lat",
    "hep-ph",
    "hep-th",
    "math",
    "math-ph",
    "mtrl-th",
    "nlin",
    "nucl-ex",
    "nucl-th",
    "patt-sol",
    "physics",
    "plasm-ph",
    "q-alg",
    "q-bio",
    "quant-ph",
    "solv-int",
    "supr-con",
]
_ARCHIVE = "|".join(sorted(map(re.escape, _OLD_ARCHIVES), key=len, reverse=True))
_NEW = re.compile(r"(?P<yymm>\d{4})\.(?P<number>\d{4,5})(?:v(?P<version>[1-9]\d{0,2}))?", re.ASCII)
_OLD = re.compile(
    rf"(?P<archive>{_ARCHIVE})(?:\.[a-z]{{2,5}}(?:-[a-z]{{2,4}})?)?[/_]?"
    r"(?P<yymm>\d{4})(?P<number>\d{3})(?:v(?P<version>[1-9]\d{0,2}))?",
    re.ASCII | re.IGNORECASE,
)
_ARXIV_PREFIX = re.compile(
    r"(?:https?://)?(?:(?:www|export)\.)?arxiv\.org/(?:abs|pdf|html|src|e-print|format|ps)/"
    r"|(?:https?://)?(?:dx\.)?doi\.org/10\.48550/arxiv\.|10\.48550/arxiv\."
    r"|oai:arxiv\.org:|arxiv\s*:\s*",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class ArxivId:
    """An arXiv id as the abstract page spells it (no subject class), and its version where given."""

    id: str
    version: int | None = None

    def __str__(self) -> str:
        return self.id if self.version is None else f"{self.id}v{self.version}"


def parse_arxiv_id(text: str | None) -> ArxivId | None:
    """An arXiv id in any spelling, else None.

    Reads `2301.00001v2`, `arXiv:0704.0001`, `astro-ph/9901001`, `math.CA/0611800` (the same as math/0611800), the
    squashed `astro-ph9901001` of the S3 bucket, `astro-ph_9901001` as files are named, abs/pdf URLs and arXiv's own
    DOIs. Ids whose month or count of digits never existed are refused, so that a year or a price is no paper.
    """
    if not text:
        return None
    text = text.strip()
    if prefix := _ARXIV_PREFIX.match(text):
        text = text[prefix.end() :].removesuffix(".pdf")
    text = re.sub(r"(?<!\s)\s*+\[[A-Za-z.-]+\]$", "", text)  # "2301.00001 [astro-ph.CO]"
    if match := _NEW.fullmatch(text):
        yymm, number = match["yymm"], match["number"]
        if not ("01" <= yymm[2:] <= "12" and yymm >= "0704") or int(number) == 0:
            return None
        if len(number) != (5 if yymm >= "1501" else 4):
            return None
        return ArxivId(f"{yymm}.{number}", _version(match))
    if match := _OLD.fullmatch(text):
        yymm, number = match["yymm"], match["number"]
        if not ("01" <= yymm[2:] <= "12" and ("8901" <= yymm <= "9912" or yymm <= "0703")):
            return None
        return ArxivId(f"{match['archive'].lower()}/{yymm}{number}", _version(match))
    return None


def _version(match: re.Match[str]) -> int | None:
    return int(match["version"]) if match["version"] else None


def unescaped(text: str) -> str:
    """The text with HTML entities and percent escapes undone; `&amp;` was often escaped twice (`ARA&amp;amp;A`)."""
    while (undone := unquote(html.unescape(text))) != text:
        text = undone
    return text


_DOI_PREFIX = re.compile(r"(?:https?://)?(?:dx\.|www\.)?doi\.org/|doi\s*:\s*", re.IGNORECASE)
_DOI = re.compile(r"10\.\d{4,9}(?:\.\d+)*/[^\s]+")
_NEXT_DOI = re.compile(r"[;,|](?=https?://|doi:|10\.\d)", re.IGNORECASE)


def parse_doi(text: str | None) -> str | None:
    """A DOI, lower case and without URL, else None. Two DOIs in one field (arXiv allows it): the first.

    DOIs are case-insensitive: https://www.doi.org/doi-handbook/HTML/case-sensitivity.html
    """
    if not text:
        return None
    text = unescaped(text.strip())
    while prefix := _DOI_PREFIX.match(text):
        text = text[prefix.end() :].lstrip()
    match = _DOI.match(text)
    if not match:
        return None
    doi = _NEXT_DOI.split(match.group())[0].lower().rstrip(".,;")
    return doi if _DOI.fullmatch(doi) else None


# YYYYJJJJJVVVVMPPPPA: https://ui.adsabs.harvard.edu/help/actions/bibcode
_BIBCODE = re.compile(r"(?:1[6-9]|20)\d\d[A-Za-z][A-Za-z0-9&.]{4}[A-Za-z0-9.]{4}[A-Za-z0-9.][A-Za-z0-9.]{4}[A-Z.:]")


def parse_bibcode(text: str | None) -> str | None:
    """A 19-character ADS bibcode, with `&amp;` and `%26` undone, else None."""
    if not text:
        return None
    text = unescaped(text.strip()).removeprefix("bibcode:")
    text = re.sub(r"^(?:https?://)?(?:ui\.)?adsabs\.harvard\.edu/abs/", "", text).removesuffix("/abstract")
    return text if _BIBCODE.fullmatch(text) else None


def arxiv_of_bibcode(bibcode: str) -> ArxivId | None:
    """The arXiv id in an e-print's bibcode: 2012arXiv1204.4485R is 1204.4485."""
    if bibcode[4:9] != "arXiv" or len(bibcode) != 19:
        return None
    rest = bibcode[9:18]
    return parse_arxiv_id(rest if "." in rest else f"{rest[:4]}.{rest[4:]}")


_CC_VERSION = r"(1\.0|2\.0|2\.1|2\.5|3\.0|4\.0)"  # https://wiki.creativecommons.org/wiki/License_versions
_CC = re.compile(
    rf"(?:https?://)?(?:www\.)?creativecommons\.org/licen[cs]es/(by(?:-nc)?(?:-nd|-sa)?)/{_CC_VERSION}(?:/[a-z-]*)*"
)
_CC_NAME = re.compile(rf"cc[ -]?(by(?:[ -]nc)?(?:[ -](?:nd|sa))?)[ -]v?{_CC_VERSION}")
_CC_ZERO = re.compile(
    r"(?:https?://)?(?:www\.)?creativecommons\.org/publicdomain/zero/1\.0(?:/.*)?|cc[ -]?0(?:[ -]1\.0)?"
)
_PUBLIC_DOMAIN = re.compile(
    r"(?:https?://)?(?:www\.)?creativecommons\.org/(?:licenses/publicdomain|publicdomain/mark/1\.0)/?"
)
_NAMED = {
    name.lower(): name
    for name in (
        "MIT",
        "Apache-2.0",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "GPL-2.0",
        "GPL-3.0",
        "GFDL-1.3",
        "CC-PDM-1.0",
        "arXiv-nonexclusive-1.0",
        "arXiv-assumed-1991-2003",
    )
}
_ASIDE = re.compile(r"([^()]+)\(([^()]+)\)")
_LICENCE_FILE = re.compile(r"(?:[\w.-]+/)*(?:licen[cs]e|copying)[\w.-]*")
LICENCES = (
    *(f"CC-{kind}-{version}" for version in ("4.0", "3.0") for kind in ("BY", "BY-SA", "BY-NC", "BY-NC-SA", "BY-ND")),
    *("CC-BY-NC-ND-4.0", "CC0-1.0", *_NAMED.values()),
)
"""The commonest words that `normalise_licence` gives, for messages; CC licences have further versions."""


def normalise_licence(text: str | None) -> str | None:
    """A licence URL or name as one short word (`CC-BY-4.0`, `CC0-1.0`, `arXiv-nonexclusive-1.0`), None when unknown.

    http or https and trailing slashes do not matter; neither do jurisdictions of ported CC licences (`/3.0/us/`). What
    stands in brackets may name the file (`MIT (LICENSE)`) or the same licence; anything else may restrict it: unknown.
    """
    if not text:
        return None
    text = text.strip().rstrip("/").lower()
    if aside := _ASIDE.fullmatch(text):
        licence, said = normalise_licence(aside[1]), aside[2]
        return licence if _LICENCE_FILE.fullmatch(said) or normalise_licence(said) == licence else None
    if match := _CC.fullmatch(text) or _CC_NAME.fullmatch(text):
        return f"CC-{match[1].upper().replace(' ', '-')}-{match[2]}"
    if _CC_ZERO.fullmatch(text):
        return "CC0-1.0"
    if _PUBLIC_DOMAIN.fullmatch(text):
        return "CC-PDM-1.0"
    bare = re.sub(r"^(?:https?://)?(?:www\.)?", "", text)
    if bare == "arxiv.org/licenses/nonexclusive-distrib/1.0":
        return "arXiv-nonexclusive-1.0"
    if bare == "arxiv.org/licenses/assumed-1991-2003":
        return "arXiv-assumed-1991-2003"
    return _NAMED.get(text)


def paper_id_for(
    *, arxiv: str | None = None, doi: str | None = None, bibcode: str | None = None, content_sha256: str
) -> str:
    """The paper_id: the first of arXiv id, DOI and bibcode that is valid, else the hash of the content. No version."""
    if arxiv_id := parse_arxiv_id(arxiv) or parse_arxiv_id(doi):
        return f"arXiv:{arxiv_id.id}"
    if found := parse_doi(doi):
        return f"doi:{found}"
    if code := parse_bibcode(bibcode):
        eprint = arxiv_of_bibcode(code)
        return f"arXiv:{eprint.id}" if eprint else f"bibcode:{code}"
    return f"sha256:{content_sha256}"


def doc_id_for(paper_id: str, version: int | None, place: str) -> str:
    """The doc_id: paper_id, `vN` when the version is known, `~` and 8 hex digits over the place in the source."""
    return f"{paper_id}{'' if version is None else f'v{version}'}~{place[:8]}"
