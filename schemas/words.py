"""Closed lists of plain words that tables use, for what needs no tables."""

from __future__ import annotations

ROUTES = ("latex", "latex-resync", "pandoc", "pdf", "ocr", "text")
"""How a text may have been made."""

ROLES = ("system", "user", "assistant", "tool")
"""Who says a message of a pair."""

SECTION_KINDS = ("title", "abstract", "body", "caption", "table", "footnote", "appendix", "acknowledgements")
"""What a stretch of a text may be; body, appendix and acknowledgements are cut around captions, tables and footnotes."""

PAGE_MAKERS = ("text layer", "ocr", "nothing")
"""What read a page of a PDF; nothing: a blank page, a picture, or a scan that was left out."""
