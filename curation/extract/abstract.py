"""Where the abstract of a Markdown text lies, when a line says Abstract."""

from __future__ import annotations

import re

from curation.text.blocks import blocks, heading_title

FRONT_BLOCKS = 25
"""Blocks from the top in which the word Abstract is looked for: title, authors and affiliations make 3-20."""
MAX_ABSTRACT_CHARS = 4000
"""arXiv allows 1,920 characters; the longest journal abstracts have twice that."""
_ALONE = re.compile(r"\W*(?:abstract|a b s t r a c t)\W*", re.IGNORECASE)
_RUN_IN = re.compile(r"(?:\*{1,2})?(?:abstract|ABSTRACT|Abstract)(?:\*{1,2})?\s*[.:—–][\s*]*(?=[^\W_])")
_KEYWORDS = re.compile(r"(?:key\s?words|subject headings|pacs|unified astronomy thesaurus)", re.IGNORECASE)


def split_abstract(markdown: str) -> tuple[str, str, str] | None:
    """What stands before the abstract, the abstract, and what stands after it; None when no line says Abstract.

    It ends at the next heading or at the keywords. Where none follows, or only far behind, its first paragraph is the
    abstract and the rest is text.
    """
    folded = markdown.casefold()  # a third of the time of a pattern that ignores case
    if "abstract" not in folded and "a b s t r a c t" not in folded:
        return None
    found = blocks(markdown)
    for i, block in enumerate(found[:FRONT_BLOCKS]):
        line = block.text(markdown)
        if block.kind not in ("heading", "paragraph"):
            continue
        if block.kind == "paragraph" and (run_in := _RUN_IN.match(line)):
            return markdown[: block.start], line[run_in.end() :], markdown[block.end :]
        if not _ALONE.fullmatch(heading_title(line)) or i + 1 == len(found):
            continue
        last = i + 1
        while last < len(found) and not _ends(found[last].text(markdown), found[last].kind):
            last += 1
        if last == len(found) or found[last - 1].end - found[i + 1].start > MAX_ABSTRACT_CHARS:
            last = i + 2
        if last == i + 1:
            continue  # nothing stands under the word
        start, end = found[i + 1].start, found[last - 1].end
        return markdown[: block.start], markdown[start:end], markdown[end:]
    return None


def _ends(text: str, kind: str) -> bool:
    return kind == "heading" or bool(_KEYWORDS.match(text))
