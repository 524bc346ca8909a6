"""Names of papers, parsed in one place: arXiv ids, DOIs, bibcodes, licences, and the paper_id made of them."""

from __future__ import annotations

import difflib
import hashlib
import html
import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, pairwise
from typing import TypeGuard
from urllib.parse import quote, unquote

# https://info.arxiv.org/help/arxiv_identifier.html, and the archives of before April 2007 that were folded into others
_ARCHIVE = (
    "acc-phys|adap-org|alg-geom|ao-sci|astro-ph|atom-ph|bayes-an|chao-dyn|chem-ph|cmp-lg|comp-gas|cond-mat|cs|dg-ga|"
    "funct-an|gr-qc|hep-ex|hep-lat|hep-ph|hep-th|math-ph|math|mtrl-th|nlin|nucl-ex|nucl-th|patt-sol|physics|plasm-ph|"
    "q-alg|q-bio|quant-ph|solv-int|supr-con"
)
_NEW = re.compile(r"(?P<yymm>\d{4})\.(?P<number>\d{4,5})(?:v(?P<version>[1-9]\d{0,2}))?", re.ASCII)
_OLD = re.compile(
    rf"(?P<archive>{_ARCHIVE})(?:\.[a-z]{{2,5}}(?:-[a-z]{{2,4}})?)?[/_]?"
    r"(?P<yymm>\d{4})(?P<number>\d{3})(?:v(?P<version>[1-9]\d{0,2}))?",
    re.ASCII | re.IGNORECASE,
)
_ARXIV_PREFIX = re.compile(
    r"(?:https?://)?(?:(?:[a-z0-9-]+\.)*arxiv\.org|xxx\.lanl\.gov)/(?:abs|pdf|html|src|e-print|format|ps)/"
    r"|(?:https?://)?(?:huggingface\.co|hf\.co)/papers/"
    r"|(?:(?:https?://)?(?:(?:dx\.)?doi\.org/)|doi\s*:\s*)?10\.48550/arxiv\.|oai:arxiv\.org:|arxiv\s*:\s*",
    re.IGNORECASE,
)
# "[astro-ph.CO]", and the date that follows it on the stamp of a first page
_ARXIV_CLASS = re.compile(r"(?<!\s)\s*+\[[A-Za-z.-]+\](?:\s+\d{1,2} [A-Z][a-z]{2} \d{4})?$")

MAX_CHARS = 2000
"""A longer value is no identifier, whatever it holds: the longest DOI in 28,000 real ones has 86 characters."""
_REMEMBERED = 1024
"""Values whose parse is kept: one paper's are asked again and again while its records are compared."""
_ODD = str.maketrans(
    {
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d", "-"),
        **dict.fromkeys("\u2044\u2215\uff0f", "/"),
        # soft hyphens, zero-width characters, marks of writing direction: nothing that a reader sees
        **dict.fromkeys("\u00ad\u034f\u061c\u180e\ufeff", None),
        **dict.fromkeys(map(chr, (*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070))), None),
    }
)
_TEX = str.maketrans(dict.fromkeys("{}\\"))
"""Braces and backslashes, which bibliographies put around `&`, `_` and `[`; no identifier has them."""
_TEX_SIGN = re.compile(r"\\(string|url|doi|path|textunderscore|textless|textgreater)(?![A-Za-z])(?:\{\}|[ \t]+)?|\$")
_SIGNS = {"textunderscore": "_", "textless": "<", "textgreater": ">"}


def mended(text: str) -> str:
    """The text as it was meant: escapes undone, look-alikes of hyphen and slash made plain, invisible characters gone."""
    return unescaped(text).translate(_ODD).strip()


def _may_be(text: str | None) -> TypeGuard[str]:
    """Whether a field may hold an identifier: it is neither empty nor too long for one."""
    return bool(text) and len(str(text)) <= MAX_CHARS


def _value(text: str) -> str:
    """A field mended and without TeX; the signs that TeX writes as commands (`\\textunderscore`, `$<$`) are themselves."""
    value = _TEX_SIGN.sub(lambda m: _SIGNS.get(m[1], ""), mended(text))
    return value.translate(_TEX).strip("<>\"' ")


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
    DOIs, through blanks and line breaks inside. Ids whose month or count of digits never existed are refused, so that a
    year or a price is no paper.
    """
    return _arxiv_id(text) if _may_be(text) else None


@lru_cache(_REMEMBERED)
def _arxiv_id(text: str) -> ArxivId | None:
    value = text if _NEW.fullmatch(text) else _value(text)  # most are spelled so, and millions are asked
    if prefix := _ARXIV_PREFIX.match(value):
        value = value[prefix.end() :]
        if prefix.group().endswith("/"):
            value = re.sub(r"[?#].*", "", value, flags=re.DOTALL).removesuffix("/").removesuffix(".pdf")
    text = "".join(_ARXIV_CLASS.sub("", value).split()).rstrip(".,;")
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


LIST_MARK = "; "
"""Between the ids of a field that has several."""
MAX_ESCAPES = 8
_CHAIN = re.compile(r"(?<=&)(?:amp;|AMP;)+(?=[\w#])|(?<=%)(?:25)+(?=[0-9A-Fa-f]{2})")
_LONG_NUMBER = re.compile(r"&#(?:[0-9]{8,}|[xX][0-9a-fA-F]{8,});?")
"""References to no character: html.unescape makes a number of them, and Python refuses one of 4,300 digits."""


def unescaped(text: str) -> str:
    """The text with HTML entities and percent escapes undone; `&amp;` was often escaped twice (`ARA&amp;amp;A`).

    Any number of times, as escapes of one sort: a chain of `amp;` or `25` is one step. Mixed ones to a depth of 8.
    """
    if "&" not in text and "%" not in text:
        return text
    for _ in range(MAX_ESCAPES):
        undone = unquote(html.unescape(_LONG_NUMBER.sub("\ufffd", _CHAIN.sub("", text))))
        if undone == text:
            break
        text = undone
    return text


_DOI_URL = r"(?:https?\s*:\s*//\s*)?(?:dx\.|www\.)?doi\.org\s*/\s*"
_DOI_NAME = r"(?:info:|urn:)?doi(?:\s*[:/]\s*|\s+(?=10\.))"
_DOI_PREFIX = re.compile(rf"(?:{_DOI_URL}|{_DOI_NAME})+", re.IGNORECASE)
_DOI = re.compile(
    r"10\.\d{4,9}(?:\.\d+)*/[!#%&'()*+,\-./:;<=>?@\[\]_|~a-z0-9]*[a-z0-9)>\]#+]", re.ASCII | re.IGNORECASE
)
_NEXT_DOI = re.compile(rf"(?:\s*[;,|]\s*|\s+)(?:{_DOI_URL}|{_DOI_NAME})*(?=10\.\d+/\S)", re.IGNORECASE)
_BRACKETS = (("(", ")"), ("[", "]"), ("<", ">"))


def parse_doi(text: str | None) -> str | None:
    """A DOI, lower case and without URL, else None. Several DOIs in one field (arXiv allows it): the first.

    The whole field has to be DOIs: a value that breaks off, or goes on in words, is none, because what is left of it may
    be another work's. A blank or line break is taken out where the DOI itself has a joint (see `_joined`).

    DOIs are case-insensitive: https://www.doi.org/doi-handbook/HTML/case-sensitivity.html. Characters of the suffix are
    those of https://www.crossref.org/blog/dois-and-matching-regular-expressions/ and of the SICIs before 2008.
    """
    return next(iter(parse_dois(text)), None)


def parse_dois(text: str | None) -> tuple[str, ...]:
    """All DOIs of a field, in its order: each is as much its paper's name as the first. None where `parse_doi` gives none."""
    return _dois(text) if _may_be(text) else ()


@lru_cache(_REMEMBERED)
def _dois(text: str) -> tuple[str, ...]:
    value = _value(text)
    if prefix := _DOI_PREFIX.match(value):
        value = value[prefix.end() :]
        if prefix.group().endswith("/"):
            value = re.sub(r"\?.*|#.+", "", value, flags=re.DOTALL)
    found = [_one_doi(piece) for piece in _NEXT_DOI.split(value)]
    dois = tuple(doi for doi in found if doi)
    return dois if len(dois) == len(found) and _DOI.fullmatch(dois[0]) else ()


def _one_doi(text: str) -> str | None:
    """What one piece of a field says to its end, lower case; the prefix of a second DOI is not looked at closely."""
    if (doi := _joined(text.rstrip(" .,;:").split())) is None:
        return None
    while any(doi.endswith(shut) and doi.count(shut) > doi.count(begin) for begin, shut in _BRACKETS):
        doi = doi[:-1].rstrip(".,;:")
    if any(doi.count(begin) != doi.count(shut) for begin, shut in _BRACKETS[:2]) or "://" in doi:
        return None
    is_cut = text.endswith(".") and not re.search(r"\d", doi.partition("/")[2])  # "10.1103/PhysRevD."
    return doi.lower() if re.match(r"10\.\d+(?:\.\d+)*/.*[a-zA-Z0-9)>\]#+]$", doi) and not is_cut else None


def _joined(words: list[str]) -> str | None:
    """The words of a DOI that was broken by blanks, as one; None when they may be something else behind a DOI.

    A DOI breaks at `/`, `-`, `.`, `_` and brackets, and once between digits. Words, years, short numbers and remarks in
    brackets are no part of it.
    """
    if len(words) < 2:
        return "".join(words) or None
    before, last = words[-2:]
    breaks = [(left, right) for left, right in pairwise(words) if not _is_joint(left, right)]
    if breaks and not (breaks == [(before, last)] and before[-1].isdigit() and last.isdigit() and len(last) > 2):
        return None
    is_year = re.fullmatch(r"(?:1[89]|20)\d\d", last) and before[-1] not in "/-_"
    is_remark = not re.search(r"\d", last) or re.fullmatch(r"[(\[].*[)\]]", last)
    return None if is_year or is_remark else "".join(words)


def _is_joint(left: str, right: str) -> bool:
    return left[-1] in "/-._(<" or right[0] in "/-._)>" or re.match(r"\(\d+\)\w", right) is not None


# YYYYJJJJJVVVVMPPPPA: https://ui.adsabs.harvard.edu/help/actions/bibcode
_BIBCODE = re.compile(r"(?:1[6-9]|20)\d\d[A-Za-z][A-Za-z0-9&.]{4}[A-Za-z0-9.]{4}[A-Za-z0-9.][A-Za-z0-9.]{4}[A-Z.:]")
_BIBCODE_URL = re.compile(
    r"(?:https?://)?(?:(?:[a-z]+\.)*adsabs\.harvard\.edu|(?:www\.)?scixplorer\.org)/"
    r"(?:#?abs/|full/|link_gateway/|cgi-bin/nph-[a-z_]+\?bibcode=)"
)


def parse_bibcode(text: str | None) -> str | None:
    """A 19-character ADS bibcode (bare or in an ADS URL), with `&amp;`, `%26`, `\\&` and a `+` for `&` undone, else None."""
    return _bibcode(text) if _may_be(text) else None


@lru_cache(_REMEMBERED)
def _bibcode(text: str) -> str | None:
    value = _value(text).removeprefix("bibcode:").replace("\u2026", "...")
    if prefix := _BIBCODE_URL.match(value):
        value = re.sub(r"[/?#].*|&\w+=.*", "", value[prefix.end() :], flags=re.DOTALL)
    value = "".join(value.split())
    if len(value) == 20 and value[-1] in ".,;":
        value = value[:-1]
    value = value[:4] + value[4:9].replace("+", "&") + value[9:]
    return value if _BIBCODE.fullmatch(value) else None


# before April 2007 ADS names the archive, then month and number without the month's zero: 1998astro.ph..5201G
_OLD_EPRINT = re.compile(r"([a-z]+(?:\.[a-z]+)?)\.*(\d{1,2})(\d{3})", re.ASCII)


def arxiv_of_bibcode(bibcode: str) -> ArxivId | None:
    """The arXiv id in an e-print's bibcode: 2012arXiv1204.4485R is 1204.4485, 1998astro.ph..5201G is astro-ph/9805201."""
    if len(bibcode) != 19:
        return None
    if match := _OLD_EPRINT.fullmatch(bibcode[4:18]):
        archive, month, number = match.groups()
        return parse_arxiv_id(f"{archive.replace('.', '-')}/{bibcode[2:4]}{month:0>2}{number}")
    if bibcode[4:9] != "arXiv":
        return None
    rest = bibcode[9:18]
    return parse_arxiv_id(rest if "." in rest else f"{rest[:4]}.{rest[4:]}")


_CC_VERSION = r"(1\.0|2\.0|2\.1|2\.5|3\.0|4\.0)"  # https://wiki.creativecommons.org/wiki/License_versions
# https://wiki.creativecommons.org/wiki/Jurisdiction_Database; version 4.0 was never ported
_PORT = (
    "am|ar|at|au|az|be|bg|br|ca|ch|cl|cn|co|cr|cz|de|dk|ec|ee|eg|es|fi|fr|ge|gr|gt|hk|hr|hu|ie|igo|il|in|it|jp|kr|lu|mk"
    "|mt|mx|my|ng|nl|no|nz|pe|ph|pl|pr|pt|ro|rs|scotland|se|sg|si|th|tw|ug|uk|us|ve|vn|za"
)
_CC_SITE = r"(?:https?://)?(?:www\.)?creativecommons\.org"
_CC_LANGUAGE = (
    "ar|az|be|bg|bn|ca|cs|da|de|el|en|eo|es|es_es|et|eu|fa|fi|fr|fy|ga|gl|he|hi|hr|hu|id|is|it|ja|ka|ko|lt|lv|ms|nl|no|pl"
    "|pt|pt[_-]br|pt[_-]pt|ro|ru|sk|sl|sr|sr[_-]latn|sv|th|tr|uk|ur|vi|zh|zh[_-](?:cn|hans|hant|tw)"
)
_CC_PAGE = rf"(?:/(?:deed|legalcode)(?:\.(?:{_CC_LANGUAGE}))?)?/?(?:\?ref=chooser-v1)?"
_CC = re.compile(rf"{_CC_SITE}/licen[cs]es/(by(?:-nc)?(?:-nd|-sa)?)/{_CC_VERSION}(?:(?<!4\.0)/(?:{_PORT}))?{_CC_PAGE}")
_CC_NAME = re.compile(rf"cc[ -]?(by(?:[ -]nc)?(?:[ -](?:nd|sa))?)[ -]v?{_CC_VERSION}")
_CC_ZERO = re.compile(rf"{_CC_SITE}/publicdomain/zero/1\.0{_CC_PAGE}|cc[ -]?0(?:[ -]1\.0)?")
_PUBLIC_DOMAIN = re.compile(rf"{_CC_SITE}/(?:licenses/publicdomain/?|publicdomain/mark/1\.0{_CC_PAGE})")
_ARXIV_LICENCE = re.compile(
    r"(?:https?://)?(?:www\.)?arxiv\.org/licenses/(nonexclusive-distrib/1\.0|assumed-1991-2003)/?"
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
_LICENCE_FILE = re.compile(r"(?:LICEN[CS]E|COPYING|(?i:licen[cs]e|copying)\.(?:txt|md|rst))")
LICENCES = (
    *(f"CC-{kind}-{version}" for version in ("4.0", "3.0") for kind in ("BY", "BY-SA", "BY-NC", "BY-NC-SA", "BY-ND")),
    *("CC-BY-NC-ND-4.0", "CC0-1.0", *_NAMED.values()),
)
"""The commonest words that `normalise_licence` gives, for messages; CC licences have further versions."""


def normalise_licence(text: str | None) -> str | None:
    """A licence URL or name as one short word (`CC-BY-4.0`, `CC0-1.0`, `arXiv-nonexclusive-1.0`), None when unknown.

    The whole value has to be one of the forms that arXiv, Crossref and the Hub write: whatever else stands there may take
    back what the name gives. http or https, a trailing slash, the page of a language (`/deed.de`) and jurisdictions of
    ported CC licences (`/3.0/us/`) do not matter. What stands in brackets may name the file (`MIT (LICENSE)`) or the same
    licence.
    """
    if not text:
        return None
    text = text.strip()
    if aside := _ASIDE.fullmatch(text):
        licence, said = normalise_licence(aside[1]), aside[2]
        return licence if _LICENCE_FILE.fullmatch(said) or normalise_licence(said) == licence else None
    text = text.lower() if text.isascii() else text
    if match := _CC.fullmatch(text) or _CC_NAME.fullmatch(text):
        return f"CC-{match[1].upper().replace(' ', '-')}-{match[2]}"
    if _CC_ZERO.fullmatch(text):
        return "CC0-1.0"
    if _PUBLIC_DOMAIN.fullmatch(text):
        return "CC-PDM-1.0"
    if match := _ARXIV_LICENCE.fullmatch(text):
        return "arXiv-nonexclusive-1.0" if match[1].startswith("nonexclusive") else "arXiv-assumed-1991-2003"
    return _NAMED.get(text)


def check_licence(word: str) -> str:
    """The word itself when papers can have it as licence.

    Raises:
        ValueError: they cannot, so that it would match nothing; names what may be meant.
    """
    meant = normalise_licence(word)
    if meant == word:
        return word
    close = [meant] if meant else difflib.get_close_matches(word, LICENCES, n=3) or LICENCES
    raise ValueError(f"{word!r} is no licence as papers name it; known: {', '.join(close)}")


def ids_of(*names: str | None) -> frozenset[str]:
    """All ids that some names of one work give, in the spelling of paper_id; what is no id is passed over. A name may be
    several ids behind each other, with `LIST_MARK` between them."""
    found: set[str] = set()
    for name in names:
        if name:
            found.update(_ids_of_one(name) or chain.from_iterable(map(_ids_of_one, name.split(LIST_MARK))))
    return frozenset(found)


def _ids_of_one(name: str) -> list[str]:
    bare = name.removeprefix("doi:").removeprefix("bibcode:")
    if arxiv := parse_arxiv_id(bare):
        return [f"arXiv:{arxiv.id}"]
    if code := parse_bibcode(bare):
        eprint = arxiv_of_bibcode(code)
        return [f"arXiv:{eprint.id}" if eprint else f"bibcode:{code}"]
    # arXiv registers a DOI for each paper, which says no more than its id
    return [f"arXiv:{a.id}" if (a := parse_arxiv_id(doi)) else f"doi:{doi}" for doi in parse_dois(bare)]


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


ID_CHARS = 64
"""How much of a source's own id a doc_id shows; what tells it from others is the hash."""


def doc_id_for(source: str, member: str, source_id: str) -> str:
    """The doc_id: `source_id` for people, `~`, and 16 hex digits of sha256 over the names of source and member.

    Nothing but the place is in it, so that no record and no other text of the member changes it. White space, what cannot be
    printed, and `%`, `~` and `#` of the source's id are written as percent escapes; it is cut at `ID_CHARS`.
    """
    return f"{_shown(source_id)}~{place_sha256(source, member)[:16]}"


def place_sha256(source: str, member: str) -> str:
    """sha256 over the names of a source and of a member of it, in hex."""
    return hashlib.sha256(f"{source}\0{member}".encode("utf-8", "surrogatepass")).hexdigest()


def _shown(source_id: str) -> str:
    shown = ""
    for char in source_id[:ID_CHARS]:
        is_plain = char.isprintable() and not char.isspace() and char not in "%~#"
        escaped = char if is_plain else quote(char, safe="", errors="backslashreplace").replace("~", "%7E")
        if len(shown) + len(escaped) > ID_CHARS:
            break
        shown += escaped
    return shown
