"""Files that are no paper, and pages that somebody put before one: told by what they ask of their reader."""

from __future__ import annotations

import re

MAX_NOTICE_WORDS = 250
"""Of a whole file: a notice says what to do and nothing else."""
MAX_COVER_WORDS = 600
"""Of a cover page; some carry an abstract."""
MIN_MARKS = 2
"""Marks of a cover: one alone may stand in a paper's first footnote."""
MAX_RUNNING_LINES = 5
"""Lines of running text on a cover: terms of use have as many beside its marks."""
MIN_RUNNING_WORDS, MIN_LOWER = 9, 0.75
MIN_REPEATED = 0.3
"""Share of the lines of an abstract on a cover that the paper's own first page has again, broken into lines otherwise."""

_NOTICES = {
    "a portfolio: its papers are files attached to this cover": re.compile(
        r"open (?:this|the) PDF (?:portfolio|package)|(?:view|opened? (?:in|with)) .{0,40}Acrobat.{0,60}(?:portfolio|attach)"
        r"|this (?:document|file) (?:is|contains) a (?:PDF )?portfolio|PDF portfolio.{0,80}(?:Acrobat|Reader)",
        re.IGNORECASE | re.DOTALL,
    ),
    "a form that asks for another viewer": re.compile(
        r"if this message is not eventually replaced|viewer may not be able to display this type of document"
        r"|(?:later|newer|different) version of the (?:PDF )?(?:viewer|reader)|please wait\W{0,9}\s*if this message"
        r"|this (?:form|document) (?:requires|can only be (?:opened|viewed)).{0,60}(?:Adobe|Reader|viewer)"
        r"|upgrade to the latest version of Adobe",
        re.IGNORECASE | re.DOTALL,
    ),
    "a page that asks to enable something": re.compile(
        r"(?:please|must|need to|have to) (?:\w+ ){0,2}(?:enable|turn on|allow|activate) (?:\w+ ){0,3}(?:JavaScript|cookies|macros|content|scripts?)"
        r"|(?:JavaScript|cookies) (?:is|are|must be|needs? to be|has to be) (?:\w+ )?(?:disabled|enabled|turned (?:off|on))"
        r"|verify (?:that )?you are (?:a )?human|checking your browser before|complete the captcha",
        re.IGNORECASE,
    ),
    "a page that refuses access": re.compile(
        r"\A\W*(?:error )?(?:403|404|401)\b|access (?:to this (?:page|article|document|resource) )?(?:is|has been|was) (?:denied|restricted|blocked)"
        r"|(?:article|document|page|file) (?:you requested )?(?:is not|is no longer|could not be) (?:available|found)"
        r"|(?:purchase|subscribe to) (?:\w+ ){0,4}(?:article|journal|document)",
        re.IGNORECASE,
    ),
}

_MARKS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\bstable URL\s*:|JSTOR is a not-for-profit",
        r"your use of .{0,40} indicates your acceptance|terms (?:and|&) conditions of (?:use|access)|full terms",
        r"(?:content|document|article|paper) (?:has been|was|is) downloaded from|this is an open access document downloaded",
        r"please scroll down (?:to see the full|for (?:the )?article)|see the full text",
        r"view the (?:table of contents|article online|journal homepage)|go to the journal homepage",
        r"\bHAL Id\s*:|HAL is a multi-?disciplinary|archive ouverte pluridisciplinaire",
        r"see discussions, stats,? and author profiles",
        r"to cite this (?:article|version|document|paper)|to link to this article|(?:please )?cite this (?:article|paper|item) as\s*:|citation for (?:published version|the (?:original )?published)",
        r"article views\s*:|view (?:related|crossmark|citing) (?:articles|data)|citing articles",
        r"submit your article to this journal|you may also like|sign up for .{0,30}alerts|receive free email alerts",
        r"downloaded (?:by|on|from) .{0,80}(?:\d{4}|IP address)|IP address\s*:?\s*\d",
        r"take-?down policy|if you believe that this document breaches|general rights|users may download and print",
        r"(?:document|publisher.s pdf|accepted) version.{0,60}\n?.{0,40}(?:also known as|publisher.s pdf|version of record)|link to publication",
        r"(?:deposited|posted|made available) (?:in|at|to|on|by) .{0,60}(?:repository|archive|commons|scholarship)",
        r"this (?:version|item|paper|article) (?:is|was) (?:available|brought to you|made available)|brought to you (?:for free )?by",
        r"more about this journal|for additional information about this|permission(?:s)? requests?|copyright owner",
        r"\bpermalink\b|powered by the california digital library|peer reviewed\b",
    )
)


def notice(text: str) -> str | None:
    """What a whole file is in the place of a paper, in words; None when it may be one."""
    if len(text.split()) > MAX_NOTICE_WORDS:
        return None
    folded = " ".join(text.split())
    return next((what for what, pattern in _NOTICES.items() if pattern.search(folded)), None)


def is_cover(text: str, following: str) -> bool:
    """Whether a first page is what a publisher or an archive put before the paper. One that has running text, as an abstract, is a
    cover only where the next page begins with its words again.

    Args:
        following: the text of the next page.
    """
    if len(text.split()) > MAX_COVER_WORDS or sum(bool(mark.search(text)) for mark in _MARKS) < MIN_MARKS:
        return False
    running = [line for line in text.split("\n") if _is_running(line)]
    if len(running) <= MAX_RUNNING_LINES:
        return True
    begun = _groups(following)
    return sum(bool(_groups(line) & begun) for line in running) >= MIN_REPEATED * len(running)


def _is_running(line: str) -> bool:
    """Whether a line is of running text: of many words, most of them in lower case, and no mark of a cover."""
    words = [word for word in line.split() if word[:1].isalpha()]
    return (
        len(words) >= MIN_RUNNING_WORDS
        and sum(word.islower() for word in words) >= MIN_LOWER * len(words)
        and not any(mark.search(line) for mark in _MARKS)
    )


def _groups(text: str) -> set[tuple[str, ...]]:
    """Four words in a row."""
    words = re.findall(r"\w+", text.lower())
    return set(zip(words, words[1:], words[2:], words[3:], strict=False))
