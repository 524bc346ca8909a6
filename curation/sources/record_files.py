"""Files of metadata records, whatever their form, as lines of a snapshot: OAI-PMH, `.abs`, ADS, JSON lines. Content tells which."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

from curation.errors import BrokenAnswerError, BrokenFileError, UserError
from curation.sources.abs_file import is_abs, read_abs
from curation.sources.ads import is_ads, read_ads
from curation.sources.metadata import Record
from curation.sources.text_file import numbered_lines, open_text_file

MAX_BYTES = 64 << 20
"""Of a file that is read whole: all but JSON lines."""


def lines_of_file(path: Path, reject: Callable[[str, str], object] = lambda *_: None) -> Iterator[tuple[str, bytes]]:
    """The records of a file as JSON lines, each with where it stands.

    Args:
        reject: called with the name of each record that cannot be one, and why.

    Raises:
        OSError, BrokenFileError: as `open_text_file`.
        UserError: it is no file, or holds no records: it is an error answer, or of no form that is known.
    """
    if not path.is_file():  # a pipe gives its records once, and they are asked for twice
        raise UserError(f"{path} is {'no regular file' if path.exists() else 'not there'}; give files of records")
    with open_text_file(path) as stream:
        head = stream.read(MAX_BYTES + 1)
    begin = head[:4096].decode("utf-8", "replace").lstrip()
    if begin.startswith("<"):
        yield from _told(path, _of_oai(path, head, reject))
    elif is_abs(begin):
        yield from _told(path, [_of_abs(path, head)])
    elif (value := _whole_json(begin, head)) is not None and is_ads(value):
        yield from _told(path, _of_ads(path, value, reject))
    elif begin.startswith("{"):
        yield from ((f"{path}, line {number}", line) for number, line in numbered_lines(path))
    else:
        raise UserError(
            f"{path} holds no records: an OAI-PMH answer, an .abs file, an answer of ADS or JSON lines are read"
        )


def _told(path: Path, records: list[Record]) -> Iterator[tuple[str, bytes]]:
    for number, record in enumerate(records, 1):
        yield f"{path}, record {number}", json.dumps(record).encode()


def _of_oai(path: Path, body: bytes, reject: Callable[[str, str], object]) -> list[Record]:
    from curation.sources.oai.answer import read_answer  # lxml only for who reads XML

    _bounded(path, body)
    try:
        answer = read_answer(body)
    except BrokenAnswerError as error:
        raise UserError(f"{path} holds no records: {error}") from error
    if answer.error is not None:
        code, words = answer.error
        raise UserError(f"{path} holds no records but an error: {code}{f' ({words})' if words else ''}")
    for name, reason in answer.rejected:
        reject(name, reason)
    if not answer.records and not answer.rejected:
        raise UserError(f"{path} holds no records")
    return answer.records


def _of_abs(path: Path, body: bytes) -> Record:
    _bounded(path, body)
    try:
        return read_abs(body.decode())
    except UnicodeDecodeError as error:
        raise BrokenFileError(path, f"is no UTF-8 ({error.reason}); save it as UTF-8") from error
    except UserError as error:
        raise UserError(f"{path}: {error}") from error


def _of_ads(path: Path, value: object, reject: Callable[[str, str], object]) -> list[Record]:
    try:
        return read_ads(value, reject) if isinstance(value, dict) else []
    except UserError as error:
        raise UserError(f"{path}: {error}") from error


def _whole_json(begin: str, body: bytes) -> object:
    """The value of a file that is one JSON value of several lines, or an answer in one line; None for others."""
    if not begin.startswith("{") or len(body) > MAX_BYTES:
        return None
    try:
        value: object = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return value


def _bounded(path: Path, body: bytes) -> None:
    if len(body) > MAX_BYTES:
        raise UserError(f"{path} is over {MAX_BYTES >> 20} MiB; a file of that form is not that long")
