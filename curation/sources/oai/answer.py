"""An answer of an OAI-PMH server, read whole (https://www.openarchives.org/OAI/openarchivesprotocol.html)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lxml import etree

from curation.errors import BrokenAnswerError
from curation.sources.metadata import Record
from curation.sources.oai.elements import child, children, local, root_of, text
from curation.sources.oai.record import Rejected, read_record

NO_RECORDS = "noRecordsMatch"
BAD_TOKEN = "badResumptionToken"
_LISTS = ("ListRecords", "GetRecord")
_WITHOUT_RECORDS = ("ListIdentifiers", "ListMetadataFormats")


@dataclass(frozen=True)
class Identity:
    """What a repository says of itself."""

    granularity: str | None
    earliest: str | None
    deleted_record: str | None


@dataclass(frozen=True)
class Answer:
    """One answer.

    Args:
        response_date: the server's clock, as it says it; None in a bare record.
        error: code and words of the first error that it reports.
        token: what asks for the rest of a list; None where the list ends.
        list_size: how many records the whole list has, where the server says so.
        mended: characters that had to be replaced before it could be read.
    """

    response_date: str | None = None
    error: tuple[str, str] | None = None
    records: list[Record] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    token: str | None = None
    list_size: int | None = None
    identity: Identity | None = None
    sets: list[str] = field(default_factory=list)
    mended: int = 0


def read_answer(body: bytes) -> Answer:
    """What a server answered, or a bare `record` of it.

    Raises:
        BrokenAnswerError: it is no XML, cut, no answer of OAI-PMH, or one to a question that tells of no records; in words.
    """
    root, mended = root_of(body)
    if local(root) == "record":
        found = read_record(root)
        return Answer(None, None, *_told_apart([found]), mended=mended)
    if local(root) != "OAI-PMH":
        raise BrokenAnswerError(f"it is no answer of OAI-PMH but <{local(root)[:40]}>")
    date = text(root, "responseDate")
    if sum(local(part) in _LISTS for part in root) + len(children(root, "error")[:1]) > 1:
        raise BrokenAnswerError("it holds two lists, or an error and a list")
    for error in children(root, "error"):
        words = " ".join((error.text or "").split())
        return Answer(date, ((error.get("code") or "")[:100], words[:500]), mended=mended)
    for part in root:
        name = local(part)
        if name in _LISTS:
            records, rejected = _told_apart([read_record(r) for r in children(part, "record")])
            token, size = _token(part)
            if not records and not rejected and child(part, "resumptionToken") is None:
                raise BrokenAnswerError(
                    f"its {name} holds no record that can be seen; an empty list is told by {NO_RECORDS}"
                )
            return Answer(date, None, records, rejected, token, size, mended=mended)
        if name == "ListSets":
            sets = [spec for each in children(part, "set") if (spec := text(each, "setSpec"))]
            return Answer(date, sets=sets, token=_token(part)[0], mended=mended)
        if name == "Identify":
            said = (text(part, key) for key in ("granularity", "earliestDatestamp", "deletedRecord"))
            return Answer(date, identity=Identity(*said), mended=mended)
        if name in _WITHOUT_RECORDS:
            raise BrokenAnswerError(f"it answers {name}, which tells of no records; ask for ListRecords")
    raise BrokenAnswerError("it holds neither records nor an error")


def _told_apart(found: list[Record | Rejected]) -> tuple[list[Record], list[Rejected]]:
    records = [each for each in found if not isinstance(each, Rejected)]
    return records, [each for each in found if isinstance(each, Rejected)]


def _token(element: etree._Element) -> tuple[str | None, int | None]:
    found = child(element, "resumptionToken")
    if found is None:
        return None, None
    size = found.get("completeListSize", "")
    token = (found.text or "").strip()
    return token or None, int(size) if re.fullmatch(r"[0-9]{1,12}", size) else None
