"""Closed lists of plain words that tables use, for what needs no tables."""

from __future__ import annotations

ROUTES = ("latex", "latex-resync", "pandoc", "pdf", "ocr", "text")
"""How a text may have been made."""

ROLES = ("system", "user", "assistant", "tool")
"""Who says a message of a pair."""

BY_RULE = "extractive"
"""The engine of pairs that no model had a part in."""

MODEL_TERMS = ("open", "allowed", "binding", "unknown")
"""What the licences of the models that had a part in a pair ask of who trains on it: open: nothing; allowed: the config allows them by name;
binding: they bind who does; unknown: nobody knows."""

SECTION_KINDS = ("title", "abstract", "body", "caption", "table", "footnote", "appendix", "acknowledgements")
"""What a stretch of a text may be; body, appendix and acknowledgements are cut around captions, tables and footnotes."""

PAGE_MAKERS = ("text layer", "ocr", "nothing")
"""What read a page of a PDF; nothing: a blank page, a picture, or a scan that was left out."""

PAGE_STATUSES = ("ok", "empty", "failed", "timeout", "encrypted")
"""What became of a page of a PDF: ok: its text was taken, or left out for a reason that its detail says; empty: nothing is on it;
failed and timeout: nobody could read it; encrypted: the file opens for nobody without a password."""
