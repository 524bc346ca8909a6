"""Items of benchmarks: questions with their choices, answers and passages, read from files, closed against mistakes."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq

from curation.errors import BrokenFileError, ConfigError
from curation.identity import ids_of
from curation.sources.text_file import numbered_lines, read_text
from curation.withhold.adapters import ADAPTERS, Adapter, AdapterName, NoItem, Row, text_of
from curation.withhold.tokens import tokens

_SOURCE_KEYS = ("paper_id", "arxiv_id", "doi", "bibcode")
READING = 2
"""Version of what is read of files of items: a step that looks for them is another one when it changes."""
ROWS_TOLD = 5
_WHY = {
    "headers": "passed over as headers",
    "empty": "passed over as empty",
    "repeated": "repeat another one, and count once",
}
Numbered: TypeAlias = Iterator[tuple[int, Row]]


@dataclass(frozen=True)
class Item:
    """A question of a benchmark.

    Args:
        item_id: where it stands, `<file name>:<row number>`; the row of a JSONL file is its line, of others its record, from 1.
        choices: all that may be chosen, in full, the right one among them where it is known.
        answer: the right choice in full, or the free answer; never a letter.
        passage: a text that the question is about.
        source_ids: `arXiv:..`, `doi:..`, `bibcode:..` of the works that it was made from, where the file says so.
    """

    item_id: str
    question: str
    choices: tuple[str, ...] = ()
    answer: str | None = None
    explanation: str | None = None
    passage: str | None = None
    source_ids: frozenset[str] = frozenset()


def item_digest(item: Item) -> str:
    """The first 16 hex digits of sha256 over what an item says: its identity where its text may not stand.

    Over five lines joined by a line feed, UTF-8: question, choices (sorted, tabs between them), answer, explanation, passage; each text as
    its tokens (`curation.withhold.tokens`) with a blank between them, what is not there as an empty line. Where there are choices the lines
    of answer and explanation are empty, too: by trying each of them (`the answer is C`), or each order (some files have the right one first),
    the key could be read.
    """
    answer, explanation = (None, None) if item.choices else (item.answer, item.explanation)
    lines = (
        _plain(item.question),
        "\t".join(sorted(map(_plain, item.choices))),
        *(_plain(text or "") for text in (answer, explanation, item.passage)),
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def _plain(text: str) -> str:
    return " ".join(tokens(text))


@dataclass(frozen=True)
class NotItems:
    """Rows of a file of items that are none of their own, by their numbers, in order.

    Args:
        headers: headers of files that were joined; what stands in a header's place.
        empty: nothing stands in them.
        repeated: they say what an earlier row says, of this file or of one before it, of the same sources.
    """

    file: str
    headers: tuple[int, ...] = ()
    empty: tuple[int, ...] = ()
    repeated: tuple[int, ...] = ()

    def told(self) -> dict[str, dict[str, Any]]:
        """By why, where there are such rows, how many, and the first numbers."""
        rows = {"headers": self.headers, "empty": self.empty, "repeated": self.repeated}
        return {why: {"count": len(n), "rows": list(n[:ROWS_TOLD])} for why, n in rows.items() if n}


def told_rows(found: Iterable[NotItems]) -> dict[str, dict[str, dict[str, Any]]]:
    """By file, of those that have such rows, what `NotItems.told` says."""
    return {one.file: told for one in found if (told := one.told())}


def said_rows(told: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> list[str]:
    """The same in words, a line a file and reason."""
    return [
        f"{file}: {rows['count']:,} {'row' if rows['count'] == 1 else 'rows'} {_WHY[why]} (row "
        f"{', '.join(map(str, rows['rows']))}{', ...' if rows['count'] > len(rows['rows']) else ''})"
        for file, mine in sorted(told.items())
        for why, rows in sorted(mine.items())
    ]


def read_files(paths: Sequence[Path], adapter: AdapterName) -> list[Item]:
    """The items of all files of a benchmark, each once (see `read_all`)."""
    return read_all(paths, adapter)[0]


def read_all(paths: Sequence[Path], adapter: AdapterName) -> tuple[list[Item], list[NotItems]]:
    """The items of all files of a benchmark, each once, and of each file the rows that are none. Where two files have one name, their
    folders tell their items apart.

    Raises:
        ConfigError: as `read_items`; a file is named twice.
    """
    places = [path.absolute() for path in paths]
    if len(set(places)) < len(places):
        twice = sorted({str(p) for p in places if places.count(p) > 1})
        raise ConfigError(f"benchmark items {', '.join(twice)}: named twice")
    depth = 1
    while len({place.parts[-depth:] for place in places}) < len(places):
        depth += 1
    items: list[Item] = []
    others: list[NotItems] = []
    known: set[tuple[object, ...]] = set()
    for place in places:
        rows, other = _read(place, adapter, "/".join(place.parts[-depth:]))
        new = []
        for number, item in rows:
            if (said := _all_of(item)) not in known:
                known.add(said)
                items.append(item)
                new.append(number)
        repeated = tuple(sorted({number for number, _ in rows} - set(new)))
        others.append(replace(other, repeated=repeated))
    return items, others


def _all_of(item: Item) -> tuple[object, ...]:
    """What an item says, by its tokens: another order of choices is no other item, another answer or source is."""
    texts = (item.question, item.answer, item.explanation, item.passage)
    return *(_plain(text or "") for text in texts), *sorted(map(_plain, item.choices)), item.source_ids


def read_items(path: Path, adapter: AdapterName, called: str | None = None) -> list[Item]:
    """Read the items of one file: CSV, JSONL, a JSON array, or Parquet; text may be packed (`.csv.gz`, `.jsonl.zst`). Headers and rows
    in which nothing stands are none.

    Args:
        adapter: the layout of its rows (`curation.withhold.adapters`).
        called: what item ids call the file; its name by default.

    Raises:
        ConfigError: the file is missing, of another kind, cut or damaged, holds no item, or a row is no item of this layout:
            an item that is read wrongly would be trained on.
    """
    return [item for _, item in _read(path, adapter, called or path.name)[0]]


def _read(path: Path, adapter: AdapterName, called: str) -> tuple[list[tuple[int, Item]], NotItems]:
    """The items of a file with the numbers of their rows, and the rows that are none; repeated ones are among the items."""
    layout = ADAPTERS[adapter]
    kind = Path(path.stem).suffix if path.suffix in (".gz", ".zst") else path.suffix
    if kind not in _READERS:
        raise ConfigError(
            f"benchmark items {path}: the name must end in {', '.join(_READERS)}, text also in .gz or .zst"
        )
    items: list[tuple[int, Item]] = []
    headers, empty = [], []
    try:
        for n, row in _READERS[kind](path, layout):
            if _is_header(row):
                headers.append(n)
            elif all(map(_is_nothing, row.values())):
                empty.append(n)
            else:
                items.append((n, _item(row, layout, f"{called}:{n}", f"benchmark items {path}, row {n}", adapter)))
    except BrokenFileError as error:
        raise ConfigError(f"benchmark items {error}: nothing is read of a broken file") from error
    except (OSError, ValueError, csv.Error, pa.ArrowException) as error:
        raise ConfigError(f"benchmark items {path} cannot be read: {error}") from error
    if not items:
        raise ConfigError(f"benchmark items {path} holds no item: nothing would be withheld")
    return items, NotItems(called, tuple(headers), tuple(empty))


def _is_nothing(value: Any) -> bool:
    """Whether nothing stands in a place of a row."""
    if isinstance(value, list | tuple | Mapping):
        inner = value.values() if isinstance(value, Mapping) else value
        return all(map(_is_nothing, inner))
    return value is None or value != value or (isinstance(value, str) and not value.strip())


def _is_header(row: Row) -> bool:
    """Whether a row is the header of a file that was once joined with others: it says `question` for its question."""
    return row.get("question") == "question" and row.get("answer") in (None, "answer")


def _item(row: Row, layout: Adapter, item_id: str, where: str, adapter: str) -> Item:
    try:
        parts = layout.parts(row)
        named = {key: said for key in _SOURCE_KEYS if (said := text_of(row.get(key)))}
    except NoItem as error:
        raise ConfigError(
            f"{where} is no item of the layout {adapter}: {error}; rename or mend it, or name another `adapter`"
        ) from error
    if not tokens(parts.question):
        raise ConfigError(f"{where}: its question {parts.question[:60]!r} has neither a letter nor a digit")
    sources: set[str] = set()
    for key, said in named.items():
        if not (found := ids_of(said)):
            raise ConfigError(f"{where}: {key} {said!r} is no arXiv id, DOI or bibcode")
        sources |= found
    given = (parts.question, parts.choices, parts.answer, parts.explanation, parts.passage)
    return Item(item_id, *given, frozenset(sources))


def _from_csv(path: Path, layout: Adapter) -> Numbered:
    records = list(csv.reader(io.StringIO(read_text(path), newline=""), strict=True))
    columns = layout.columns or ()
    header = tuple(name.strip() for name in records[0]) if records else ()
    if header and (not columns or (header[0] == "question" and {"A", "choices"} & set(header))):
        columns = header
        if not all(columns) or len(set(columns)) < len(columns):
            raise ConfigError(
                f"benchmark items {path}: its header {', '.join(columns)!r} names a column twice or not at all"
            )
    for number, record in enumerate(records[columns == header :], start=1):
        if not record:  # an empty line
            continue
        if len(record) != len(columns):
            needed = f"{len(columns)} are needed ({', '.join(columns)})"
            raise ConfigError(
                f"benchmark items {path}, row {number}: {len(record)} columns, {needed}; part columns by commas, quote a text "
                "that holds one, and name the `adapter` of this layout"
            )
        yield number, dict(zip(columns, record, strict=True))


def _from_jsonl(path: Path, layout: Adapter) -> Numbered:
    for number, line in numbered_lines(path):
        if line.strip():
            yield number, _mapping(_json(line.decode(), f"{path}, line {number}"), f"{path}, line {number}")


def _from_json(path: Path, layout: Adapter) -> Numbered:
    rows = _json(read_text(path), str(path))
    if not isinstance(rows, list):
        raise ConfigError(f"benchmark items {path}: a JSON array of objects is needed")
    for number, row in enumerate(rows, start=1):
        yield number, _mapping(row, f"{path}, row {number}")


def _from_parquet(path: Path, layout: Adapter) -> Numbered:
    with pq.ParquetFile(path) as file:
        yield from enumerate((row for batch in file.iter_batches() for row in batch.to_pylist()), start=1)


def _json(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"benchmark items {where}: {error}") from error


def _mapping(row: Any, where: str) -> Row:
    if not isinstance(row, Mapping):
        raise ConfigError(f"benchmark items {where}: not a JSON object")
    return row


_READERS: Mapping[str, Callable[[Path, Adapter], Numbered]] = {
    ".csv": _from_csv,
    ".jsonl": _from_jsonl,
    ".json": _from_json,
    ".parquet": _from_parquet,
}
