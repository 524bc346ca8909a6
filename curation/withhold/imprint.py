"""What a document's own first and last page say of where it was printed: journal line, DOI, copyright, running head.

A page also cites. So a line counts only where nothing is in it that another work's reference has (names of people, a title), or where
it says what only the journal's own pages do. Reference lists are left out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from curation.text.shingles import without_references
from curation.withhold.araa import DOI, araa_announced, is_araa_doi
from curation.withhold.journal_name import is_numbered, names_in, plain

FRONT_CHARS = 3_000
"""Of a text: title, authors, footnotes and abstract of a first page."""
BACK_CHARS = 2_500
"""A last page: what stands behind the references, or the end of the text where they are a column of their own."""
MAX_LINE_CHARS = 600
MAX_ANNOUNCED_CHARS = 200
MIN_HEADS = 3
"""Times that a running head stands in a text."""
_ABSTRACT = re.compile(r"(?im)^[^\w\n]*(?:abstract|a b s t r a c t|keywords?|1\.? introduction|introduction)\b")
_MAY_BE = re.compile(r"(?i)\bann|\bara(?:a\b|[^a-z])|\\araa|a\. ?r\. ?a|10\. ?1146|0066|astro\.annual")
_HOUSE = re.compile(
    r"copyright.{0,20}(?:\b(?:19|20)\d\d)?.{0,20}annual reviews|annual reviews,? inc|this article'?s doi|review in advance"
    r"|downloaded from (?:https?://)?(?:www\.|arjournals\.)?annualreviews|is online at (?:https?://)?astro\.annualreviews"
    r"|(?:posted|reprinted|reproduced) with (?:the )?permission (?:from|of) (?:the )?annual review"
)
"""What only a page of an annual review says."""
_CODE = re.compile(r"0066-4146/\d\d")
"""ISSN, year and first page, as the first pages of 1970 to 2010 have them at their foot."""
_CONTENTS = re.compile(r"\b(?:contents|volume \d+)\b")
_WORD = re.compile(r"[a-z]{2,}")
_FILLER = frozenset(
    """
    doi dx http https org www vol volume no issue pp pages page article this in press to appear accepted by for
    publication the of from and preprint draft version copyright annual reviews review all rights reserved inc contents
    first published online is at on posted with permission january february march april may june july august september
    october november december palo alto annualreviews aa xx yyyy as advance downloaded
    """.split()  # noqa: SIM905 (a list of 60 quoted words is not read)
)


def araa_imprint(text: str | None, authors: str | None) -> str | None:
    """The line of a document's own pages that says that it is an article of the ARAA, else None.

    Args:
        text: Markdown, references included where the extraction did not know them.
        authors: what stands between title and abstract.
    """
    body = without_references(text or "")
    front, back = body[:FRONT_CHARS], body[max(FRONT_CHARS, len(body) - BACK_CHARS) :]
    begun = _ABSTRACT.search(front)
    head = [*_lines(authors or ""), *_lines(front[: begun.start()] if begun else front[:1_000])]
    found = next((line for line in head if _names_itself(line)), None)
    return found or _of_house(f"{authors or ''}\n{front}") or _of_house(back) or _running_head(body)


def _lines(text: str) -> Iterator[str]:
    return (line.strip()[:MAX_LINE_CHARS] for line in text.split("\n") if _MAY_BE.search(line))


def _names_itself(line: str) -> bool:
    """Whether a line of a document's head is nothing but the journal's, or announces the article there."""
    if len(line) <= MAX_ANNOUNCED_CHARS and not is_araa_doi(line) and araa_announced(line):
        return True
    return _is_bare(plain(line))


def _is_bare(value: str) -> bool:
    """Whether a line names the journal or a DOI of it and nothing that a reference has beside."""
    names = [name for name in names_in(value) if name.is_sure or is_numbered(value, name)]
    rest = DOI.sub(" ", value)
    for name in names:
        rest = rest.replace(name.text, " ")
    return bool(names or is_araa_doi(value)) and not set(_WORD.findall(rest)) - _FILLER


def _of_house(page: str) -> str | None:
    """The line of a page that says what only pages of the journal do, where the page names it."""
    values = [(line, plain(line)) for line in _lines(page)]
    is_named = any(names_in(value) or is_araa_doi(value) for _, value in values)
    for line, value in values:
        if _CODE.search(value) or (is_named and _HOUSE.search(value)):
            return line
        if _CONTENTS.search(value) and "contents" in page.lower() and _is_bare(value):
            return line
    return None


def _running_head(body: str) -> str | None:
    """A line with nothing but the journal's name and volume that stands on page after page."""
    heads: Counter[str] = Counter()
    for line in _lines(body):
        if len(line) <= 120 and _is_bare(value := plain(line)):
            heads[re.sub(r"^\W*\d{1,4}\W+|\W+\d{1,4}\W*$", "", value)] += 1
    return next((head for head, count in heads.most_common(1) if count >= MIN_HEADS and re.search(r"\d", head)), None)
