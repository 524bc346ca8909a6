"""Title, authors, affiliations, keywords and abstract."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from curation.extract.latex.blocks import BREAK, MATH, Para
from curation.extract.latex.inline_text import join_inline, tidy
from curation.extract.latex.sections import heading_text, without_notes

if TYPE_CHECKING:
    from curation.extract.latex.stomach import Stomach


def collaboration(tex: Stomach, name: str) -> None:
    """`\\collaboration{Name}`; AASTeX 6.2 and later give the number of its authors first: `\\collaboration{6}{(Name)}`."""
    tex.read_optional()
    first = tex.read_name()
    if not first or first.isdigit() or first == "all":
        tex.read_arg()


def title(tex: Stomach, name: str) -> None:
    """`\\title[short]{long}`; the last one before `\\maketitle` wins (a supplement behind the paper has its own)."""
    tex.read_optional()
    text = heading_text(tex, tex.read_arg())
    if text and not tex.title_made:
        tex.front.title = text


def maketitle(tex: Stomach, name: str) -> None:
    """`\\maketitle`: from here on the title stands."""
    tex.title_made = tex.in_body and bool(tex.front.title)


def subtitle(tex: Stomach, name: str) -> None:
    """`\\subtitle{..}` (A&A)."""
    tex.front.subtitle = heading_text(tex, tex.read_arg())


def author(tex: Stomach, name: str) -> None:
    """`\\author[0000-0000]{Name}`: one name (aastex, revtex) or the whole block."""
    tex.read_optional()
    names, *places = _at_affiliations(without_notes(tex, tex.read_arg()))
    if names:
        tex.front.authors.append(names)
    tex.front.affiliations.extend(places)
    tex.read_optional_here()


# MNRAS, article: `\\author{A. One$^{1}$ and B. Two$^{2}$\\\\ $^{1}$Institute\\\\ $^{2}$Observatory}`
_AFFILIATION = re.compile(f"{BREAK}(?=\\s*(?:{MATH}\\s*{{?}}?\\^|[¹²³⁴⁵⁶⁷⁸⁹]))")


def _at_affiliations(block: str) -> list[str]:
    """The names of an author block, then each affiliation that a raised mark begins."""
    return [tidy(piece.replace(BREAK, " ")) for piece in _AFFILIATION.split(block)]


def affiliation(tex: Stomach, name: str) -> None:
    """`\\affiliation[a]{..}`, `\\institute{..}`, `\\address{..}`, `\\altaffiltext{1}{..}`."""
    tex.read_star()
    tex.read_optional()
    if name in ("\\altaffiltext", "\\affiliationmark"):
        tex.read_arg()
    text = without_notes(tex, tex.read_arg())
    if text:
        tex.front.affiliations.append(text)


def keywords(tex: Stomach, name: str) -> None:
    """`\\keywords{..}`: kept beside the text."""
    tex.read_optional()
    tex.front.keywords = tidy(tex.inline(tex.read_arg()))


def keywords_env(tex: Stomach, name: str) -> None:
    """`\\begin{keywords}` (MNRAS), `{keyword}` (elsarticle)."""
    tex.front.keywords = join_inline(tex.run_env(name))


def facility(tex: Stomach, name: str) -> None:
    """`\\facilities{..}`, `\\facility{..}`, `\\software{..}`: kept beside the text."""
    tex.read_optional()
    text = tidy(tex.inline(tex.read_arg()))
    if text:
        tex.front.facilities.append(("Software: " if name == "\\software" else "Facilities: ") + text)


def abstract(tex: Stomach, name: str) -> None:
    """`\\abstract{..}`; A&A gives five groups (context, aims, methods, results, conclusions)."""
    parts: list[list[str]] = []
    if tex.skip_spaces() != "{":
        # plain TeX and old styles: the abstract runs to the next section
        return
    for _ in range(5):
        if tex.skip_spaces() != "{":
            break
        parts.append(tex.read_arg())
    for label, tokens in zip(("Context", "Aims", "Methods", "Results", "Conclusions"), parts, strict=False):
        blocks = tex.capture(tokens)
        if len(parts) > 1 and blocks and isinstance(blocks[0], Para):
            blocks[0].text = f"\ue004{label}.\ue005 {blocks[0].text}"
        tex.front.abstract.extend(blocks)


def abstract_env(tex: Stomach, name: str) -> None:
    """`\\begin{abstract}`."""
    tex.read_optional()
    was_level, tex.ack_level = tex.ack_level, 0
    tex.front.abstract.extend(tex.run_env(name))
    tex.ack_level = was_level
