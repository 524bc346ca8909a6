"""What holds of the text and sections of every document, whatever route made it."""

from __future__ import annotations

from collections.abc import Sequence

from curation.text.clean import is_clean
from curation.text.sections import Section, section_text
from schemas import SECTION_KINDS

ABSTRACT_HEADING = "## Abstract"


def check_form(text: str, sections: Sequence[Section], title: str | None) -> None:
    """Sections lie in order on borders of characters and hold all but heading marks and white space; the text begins with
    its title and abstract."""
    assert is_clean(text) and text == text.strip()
    data = text.encode()
    left, at = "", 0
    for kind, start, end in sections:
        assert kind in SECTION_KINDS
        assert at <= start < end <= len(data), (kind, start, end)
        piece = data[start:end].decode()  # raises inside of a character
        assert piece == piece.strip()
        left += data[at:start].decode() + "\0"
        at = end
    left += data[at:].decode()
    between = [piece.strip() for piece in left.split("\0")]
    assert set(between) <= {"", "#", ABSTRACT_HEADING}, between
    kinds = [section.kind for section in sections]
    assert kinds.count("title") == (title is not None)
    if title is not None:
        assert text.startswith(f"# {title}") and section_text(text, sections, "title") == title
    if "abstract" in kinds:
        before = text.partition(f"{ABSTRACT_HEADING}\n\n")[0]
        assert title is None or before == f"# {title}\n\n"
    assert between.count(ABSTRACT_HEADING) <= 1 and ("abstract" not in kinds or ABSTRACT_HEADING in between)
