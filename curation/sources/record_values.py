"""Values of metadata records: texts, dates and times as they are spelled there."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime

from curation.text.clean import clean_text


def text_of(value: object) -> str | None:
    """A text, cleaned; None for one of white space, and for what is none."""
    text = clean_text(value) if isinstance(value, str) else ""
    return text if text.strip() else None


def folded(value: object) -> str | None:
    """A text, or a list as one, with its white space folded; None as `text_of`."""
    if isinstance(value, list):
        value = ", ".join(str(v) for v in value)
    text = text_of(value)
    return " ".join(text.split()) if text else None


def iso_date(value: object) -> str | None:
    """A date, ISO text (a time may follow) or the text of a mail header as ISO date; None for any other, and for days that
    never were."""
    if isinstance(value, date):
        return (value.date() if isinstance(value, datetime) else value).isoformat()
    text = value.strip() if isinstance(value, str) else ""
    try:
        if match := re.fullmatch(r"(\d{4}-\d\d-\d\d)(?:[T ][\d:.,]+)? ?(?:Z|UTC|[+-][\d:]+)?", text, re.ASCII):
            return date.fromisoformat(match[1]).isoformat()
        # the header's parser takes a year of fewer digits for one of this century
        if re.search(r" [1-9]\d{3} ", text, re.ASCII):
            return parsedate_to_datetime(text).date().isoformat()
    except (ValueError, TypeError, OverflowError):
        return None
    return None


def time_of(value: object) -> datetime | None:
    """A time of arXiv's, `Mon, 2 Apr 2007 19:18:42 GMT` or ISO; the end of a day that names no hour."""
    if iso_date(value) is None or not isinstance(value, str):
        return None
    try:
        is_iso = re.match(r"\s*\d{4}-", value) is not None
        found = datetime.fromisoformat(value.strip()) if is_iso else parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    if is_iso and len(value.strip()) == 10:
        found = found.replace(hour=23, minute=59, second=59)
    return found.replace(tzinfo=found.tzinfo or UTC)
