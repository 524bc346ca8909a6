"""Lists of benchmark sources: read from a file, closed against mistakes, ready to be matched by id."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from curation.errors import BrokenFileError, ConfigError
from curation.identity import ids_of, mended
from curation.sources.text_file import numbered_lines, read_text
from curation.withhold.journal_ref import bibcode_key, is_of_known_journal, journal_key
from curation.withhold.reference_files import from_ads_json, from_bibtex, from_tags, is_tagged

_IDS = ("paper_id", "arxiv_id", "doi", "bibcode", "alternate_bibcode", "journal_ref")
KEYS = (*_IDS, "title", "first_author", "year")
_DOI_IN = re.compile(r"10\.\d{4,9}/\S+")
_LIKE_AN_ID = re.compile(
    r"10\.\d{4,9}\s*/|\barxiv\s*:|arxiv\.org/|(?<!\S)\d{4}\.\d{4,5}(?:v\d+)?\b|^\W*(?:\d+\W+)?[a-z-]+(?:\.[A-Z]{2})?/\d{7}\b",
    re.IGNORECASE,
)
_BIBCODE_IN = re.compile(r"(?<![\w.])(?:1[6-9]|20)\d\d[A-Za-z][A-Za-z&.]{4}[\d.]{4}[A-Za-z\d.][\d.]{4}[A-Za-z.]")
_MAY_HOLD_AN_ID = re.compile(r"https?://|\\bibitem\b")
"""How a line begins that is no id to its end and yet no title."""
_PASSED_OVER = ("benchmark", "item_id", "kind", "question", "choices", "answer")


@dataclass(frozen=True)
class BenchmarkSource:
    """One work that a benchmark was made from.

    Args:
        place: where the entry stands, for messages and evidence (`list.jsonl:3`).
        ids: `arXiv:..`, `doi:..`, `bibcode:..`, without version, and `journal_ref:journal:volume:page`.
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
    dois = (*_DOI_IN.findall(" ".join(words)), *_DOI_IN.findall("".join(words)), *_BIBCODE_IN.findall(" ".join(words)))
    words += re.split(r"[\s\[\]'\",;]+", text)
    return ids_of(*words, *(word.partition(":")[2] for word in words), *dois)


def read_sources(path: Path) -> list[BenchmarkSource]:
    """Read a list of benchmark sources.

    `.txt`: one arXiv id, DOI, bibcode, journal reference, address or title a line, `#` begins a comment, or a list of `\\bibitem`; or a tagged
    export of ADS, EndNote or RIS. `.jsonl` and
    `.parquet`: any of `KEYS`, ids also as lists; rows whose `kind` is `question` are passed over. `.bib`: BibTeX. `.json`:
    an answer of ADS's search, or CSL JSON. Text may be packed (`.txt.gz`, `.bib.zst`).

    Raises:
        ConfigError: the file is missing, of another kind, cut or damaged, holds no source, or an entry cannot be
            understood: a source that is read wrongly would be trained on.
    """
    readers = {
        ".txt": _from_text,
        ".jsonl": _from_jsonl,
        ".parquet": _from_parquet,
        ".bib": _from_bibtex,
        ".json": _from_ads,
    }
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


def _from_bibtex(path: Path) -> Iterator[BenchmarkSource]:
    return _from_references(path, "line", from_bibtex(path))


def _from_ads(path: Path) -> Iterator[BenchmarkSource]:
    return _from_references(path, "document", from_ads_json(path))


def _from_references(path: Path, what: str, rows: Iterable[tuple[int, Mapping[str, Any]]]) -> Iterator[BenchmarkSource]:
    """Sources of entries of a reference manager: what is no id there (a DOI field with a remark) is read as text that may hold one."""
    for number, row in rows:
        where = f"benchmark sources {path}, {what} {number}"
        ids = ids_of(*row["ids"]).union(
            *map(ids_in, (*row["ids"], *row["texts"])), refs_of(row["journal_ref"], *row["ids"])
        )
        if not ids and not row["title"]:
            raise ConfigError(f"{where}: neither an id nor a title")
        year = _year(row["year"], where)
        yield BenchmarkSource(f"{path.name}:{number}", frozenset(ids), row["title"], row["first_author"], year)


def refs_of(*texts: str | None) -> frozenset[str]:
    """The journal references that texts are, or that bibcodes among them are made of."""
    keys = (key for text in texts for key in (journal_key(text), bibcode_key(text)))
    return frozenset(key for key in keys if key)


def _from_text(path: Path) -> Iterator[BenchmarkSource]:
    text = read_text(path)
    if is_tagged(text):
        yield from _from_references(path, "line", from_tags(path))
        return
    for number, raw in enumerate(text.splitlines(), start=1):
        line = re.split(r"(?:^|\s)#", raw, maxsplit=1)[0].strip()  # a DOI may end in #
        if not line:
            continue
        ids = ids_of(line) or (ids_in(line) if _MAY_HOLD_AN_ID.match(line) else frozenset())
        if not ids and (key := journal_key(line)) and is_of_known_journal(key):
            ids = frozenset((key,))
        # an id has no space, a title has: a mistyped id must not pass as a title that nothing matches
        if not ids and (len(line.split()) < 2 or _LIKE_AN_ID.search(line) or _BIBCODE_IN.search(line)):
            raise ConfigError(
                f"benchmark sources {path}, line {number}: {line!r} is no arXiv id, DOI, bibcode, journal reference or title"
            )
        codes = (id_.removeprefix("bibcode:") for id_ in ids if id_.startswith("bibcode:"))
        yield BenchmarkSource(f"{path.name}:{number}", ids | refs_of(line, *codes), None if ids else line)


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
        given = {k: list(map(str, _several(row[k]))) for k in _IDS if row.get(k)}
        ids: frozenset[str] = frozenset()
        for key, values in given.items():
            for value in values:
                found = refs_of(value) if key == "journal_ref" else ids_of(value) | refs_of(value)
                if not found:
                    is_called = "no journal, volume and page" if key == "journal_ref" else "no arXiv id, DOI or bibcode"
                    raise ConfigError(f"{where}: {key} {value!r} is {is_called}")
                ids |= found
        title = str(row["title"]) if row.get("title") else None
        if not ids and not title:
            raise ConfigError(f"{where}: neither an id nor a title")
        author = str(row["first_author"]) if row.get("first_author") else None
        yield BenchmarkSource(f"{path.name}:{number}", ids, title, author, _year(row.get("year"), where))


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _year(value: Any, where: str) -> int | None:
    try:
        return int(value) if value else None
    except (TypeError, ValueError, OverflowError) as error:
        raise ConfigError(f"{where}: year {value!r} is no whole number") from error
