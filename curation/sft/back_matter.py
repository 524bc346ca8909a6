"""What a paper says about its own making, and not about its subject: nothing is asked about it."""

from __future__ import annotations

import re

BACK_MATTER = re.compile(
    r"acknowledge?ments?\b.*|references?(?: cited)?|bibliography|literature cited|orcids?\b.*|ethic(?:s|al)\b.*|declarations?\b.*"
    r"|(?:related|online|web) resources|notes? added(?: in proof)?|about the authors?|supplementary (?:materials?|information|data)"
    r"|(?:credit )?authors?(?:ship)?['’]?s?['’]?(?: (?:contributions?|statements?|list|information|details))+|(?:the )?authors?['’]? contributions?.*"
    r"|contributions? of (?:the )?authors?"
    r"|(?:(?:statements?|disclosures?) of )?(?:any )?(?:potential )?(?:competing|conflicts? of|conflicting)"
    r"(?: (?:financial|or|and|commercial))* interests?(?: statements?)?|disclosures?(?: statements?)?"
    r"|funding(?: (?:information|statements?|sources?|acknowledge?ments?|support))?|financial (?:support|disclosures?)"
    r"|(?:(?:data|codes?|software|materials?)(?:, and |, | and | & |/)?)+ (?:availability|accessibility|access)(?: statements?)?"
    r"|availability of (?:(?:data|codes?|software|materials?)(?:, and |, | and | & |/)?)+|facilit(?:y|ies)(?: (?:and|&) software)?"
    r"|software (?:and|&) data|affiliations?|contents?|table of contents",
    re.IGNORECASE,
)
"""Titles of such sections, without number and end (`curation.sft.passages.section_title`)."""

_PARTICLES = r"(?:(?:van|von|de|der|den|di|da|la|le|el)\s+)*"
_SURNAME = r"[A-Z][\w'’-]+"
_ENTRY = re.compile(
    r"\W{0,3}(?:[\[(]?\d{1,3}[\].)]*\s*|[-*]\s+)?"  # a number or mark of the list
    rf"(?:{_PARTICLES}{_SURNAME}(?:\s+{_SURNAME})?,?\s+(?:[A-Z]\.[\s,~-]*)+|(?:[A-Z]\.[\s~-]*)+{_PARTICLES}{_SURNAME}(?:,|\s+(?:and|&|et al)\b))"
    r".*(?:\b(?:1[6-9]|20)\d\d|[aA]r[xX]iv:|doi|DOI)"
)
_MIN_ENTRIES = 0.6
"""Share of the lines of a list of references that must read as one: an entry may go on over lines."""
_PAPER_TALK = re.compile(
    r"(?:©|\(c\)\s*(?:19|20)\d\d|copyright\b)|all rights reserved|\bpreprint (?:typeset|submitted|prepared|number)\b"
    r"|\b(?:submitted to|accepted (?:for publication )?(?:in|by)|to appear in|published in|draft version)\b(?=.{0,80}\Z)"
    r"|\A\W*(?:\(?(?:received|accepted|revised|dated)\b.{0,20}\d{4})|\A\W*key ?words\b\s*[:.—–-]"
    r"|\bcorresponding author\b|\be-?mail(?: address)?\s*:|\A\W*\S+@\S+\.\w+\W*\Z"
    r"|\b(?:article|paper|manuscript|document) (?:has been|was) (?:type)?set (?:using|from|with|in)\b"
    r"|\bthis (?:article|work|paper) is (?:licen[sc]ed|distributed|published) under\b"
    r"|\bbased on (?:observations|data|work) (?:made|obtained|collected|supported)\b.{0,200}(?:program|proposal|operated|award|grant|under)"
    r"|\bthis (?:research|work|paper|publication) has made (?:extensive )?use of\b"
    r"|\bwe (?:are grateful to|thank|acknowledge|gratefully acknowledge)\b(?=.{0,200}\b(?:referee|reviewer|support|fund|comments|discussions|grant))"
    r"|\b(?:was|were|is|are|has been) (?:partially |partly )?(?:supported|funded) by\b.{0,200}(?:grant|award|fellowship|foundation|council|program)",
    re.IGNORECASE | re.DOTALL,
)
_OF_PAPER_TALK = 80
"""Words of the longest paragraph that one such phrase may claim: in a longer one it stands beside science."""


def is_reference_list(block: str) -> bool:
    """Whether a block of text is entries of a bibliography: most of its lines begin with names and initials and give a year."""
    lines = [line for line in block.splitlines() if line.strip()]
    entries = sum(1 for line in lines if _ENTRY.match(line[:400]))
    return bool(lines) and entries >= _MIN_ENTRIES * len(lines)


def is_paper_talk(block: str) -> bool:
    """Whether a short paragraph speaks of the article as a thing: copyright, submission, addresses, thanks, typesetting."""
    return len(block.split()) <= _OF_PAPER_TALK and _PAPER_TALK.search(block) is not None
