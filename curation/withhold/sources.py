"""Lists of benchmark sources: read from a file, closed against mistakes, ready to be matched by id."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from curation.errors import BrokenFileError, ConfigError
from curation.identity import ids_of, mended
from curation.sources.text_file import numbered_lines, read_text

KEYS = ("paper_id", "arxiv_id", "doi", "bibcode", "title", "first_author", "year")
_DOI_IN = re.compile(r"10\.\d{4,9}/\S+")
_LIKE_AN_ID = re.compile(r"10\.\d{4,9}\s*/|\barxiv\s*:|arxiv\.org/|^\d{4}\.\d{4,5}\b", re.IGNORECASE)
_PASSED_OVER = ("benchmark", "item_id", "kind", "question", "choices", "answer")


@dataclass(frozen=True)
class BenchmarkSource:
    """One work that a benchmark was made from.

    Args:
        place: where the entry stands, for messages and evidence (`list.jsonl:3`).
        ids: `arXiv:..`, `doi:..`, `bibcode:..`, without version.
    """

    place: str
    ids: frozenset[str]
    title: str | None = None
    first_author: str | None = None
    year: int | None = None

    @property
    def called(self) -> str:
        """What the entry names, for people: its place, and its ids or title."""
        return f"{self.place}: {', '.join(sorted(self.ids)) or self.title}"


def ids_in(text: str) -> frozenset[str]:
    """Every id that a text may hold, whatever stands around it: for values that are no identifier to their end."""
    words = mended(text).split()
    dois = (*_DOI_IN.findall(" ".join(words)), *_DOI_IN.findall("".join(words)))
    words += re.split(r"[\s\[\]'\",;]+", text)
    return ids_of(*words, *(word.partition(":")[2] for word in words), *dois)


def read_sources(path: Path) -> list[BenchmarkSource]:
    """Read a list of benchmark sources.

    `.txt`: one arXiv id, DOI, bibcode or title a line, `#` begins a comment. `.jsonl` and `.parquet`: any of the keys
    paper_id, arxiv_id, doi, bibcode, title, first_author, year; rows whose `kind` is `question` are
    passed over. Text may be packed (`.txt.gz`, `.jsonl.zst`).

    Raises:
        ConfigError: the file is missing, of another kind, cut or damaged, holds no source, or an entry cannot be
            understood: a source that is read wrongly would be trained on.
    """
    readers = {".txt": _from_text, ".jsonl": _from_jsonl, ".parquet": _from_parquet}
    kind = Path(path.stem).suffix if path.suffix in (".gz", ".zst") else path.suffix
    if kind not in readers:
        raise ConfigError(
            f"benchmark sources {path}: the name must end in {', '.join(readers)}, text also in .gz or .zst"
        )
    try:
        sources = list(readers[kind](path))
    except BrokenFileError as error:
        raise ConfigError(f"benchmark sources {error}: nothing is read of a broken list") from error
    except (OSError, ValueError) as error:
        raise ConfigError(f"benchmark sources {path} cannot be read: {error}") from error
    if not sources:
        raise ConfigError(f"benchmark sources {path} holds no source: nothing would be withheld")
    return sources


def _from_text(path: Path) -> Iterator[BenchmarkSource]:
    for number, raw in enumerate(read_text(path).splitlines(), start=1):
        line = re.split(r"(?:^|\s)#", raw, maxsplit=1)[0].strip()  # a DOI may end in #
        if not line:
            continue
        ids = ids_of(line)
        # an id has no space, a title has: a mistyped id must not pass as a title that nothing matches
        if not ids and (len(line.split()) < 2 or _LIKE_AN_ID.search(line)):
            raise ConfigError(
                f"benchmark sources {path}, line {number}: {line!r} is no arXiv id, DOI, bibcode or title"
            )
        yield BenchmarkSource(f"{path.name}:{number}", ids, None if ids else line)


def _from_jsonl(path: Path) -> Iterator[BenchmarkSource]:
    rows = []
    for number, line in numbered_lines(path):
        if line.strip():
            row = _json(line, f"benchmark sources {path}, line {number}")
            if not isinstance(row, dict):
                raise ConfigError(f"benchmark sources {path}, line {number}: not a JSON object")
            rows.append((number, row))
    return _from_rows(path, "line", rows)


def _json(line: bytes, where: str) -> Any:
    try:
        return json.loads(line.decode())
    except (ValueError, RecursionError) as error:
        why = f"{error.msg} at character {error.colno}" if isinstance(error, json.JSONDecodeError) else error
        raise ConfigError(f"{where}: {why}; one JSON object a line is needed") from error


def _from_parquet(path: Path) -> Iterator[BenchmarkSource]:
    return _from_rows(path, "row", enumerate(pq.read_table(path).to_pylist(), start=1))


def _from_rows(path: Path, what: str, rows: Iterable[tuple[int, dict[str, Any]]]) -> Iterator[BenchmarkSource]:
    for number, row in rows:
        if row.get("kind") == "question":
            continue
        where = f"benchmark sources {path}, {what} {number}"
        if unknown := set(row) - {*KEYS, *_PASSED_OVER}:
            raise ConfigError(f"{where}: unknown key {', '.join(sorted(unknown))}; the keys are {', '.join(KEYS)}")
        given = {k: str(row[k]) for k in ("paper_id", "arxiv_id", "doi", "bibcode") if row.get(k)}
        for key, value in given.items():
            if not ids_of(value):
                raise ConfigError(f"{where}: {key} {value!r} is no arXiv id, DOI or bibcode")
        ids = ids_of(*given.values())
        title = str(row["title"]) if row.get("title") else None
        if not ids and not title:
            raise ConfigError(f"{where}: neither an id nor a title")
        author = str(row["first_author"]) if row.get("first_author") else None
        yield BenchmarkSource(f"{path.name}:{number}", ids, title, author, _year(row.get("year"), where))


def _year(value: Any, where: str) -> int | None:
    try:
        return int(value) if value else None
    except (TypeError, ValueError, OverflowError) as error:
        raise ConfigError(f"{where}: year {value!r} is no whole number") from error
