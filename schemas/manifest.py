"""Reading `manifest.json` of a release: which data files it has, and the digest that names it."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from schemas.files import Files, digest_of, files_at

MANIFEST_NAME = "manifest.json"
MANIFEST_FORMAT = 1
_TIER = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_FOLDER, _FILE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*"), re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*\.parquet")
_SHA256 = re.compile(r"[0-9a-f]{64}")


FAILURES_NAMED = 20
"""Papers with open failures that manifest.json and report.json name."""


def told_failures(doc_ids: Iterable[str]) -> dict[str, Any]:
    """Papers with open failures, as manifest.json and report.json tell them: how many, and the first ids."""
    found = sorted(doc_ids)
    return {"count": len(found), "first": found[:FAILURES_NAMED]}


_KEYS = {
    "manifest.json": {"format", "name", "licences", "open_failures", "files"},
    "open_failures": {"count", "first"},
    "files": {"bytes", "file", "kind", "row_groups", "rows", "sha256", "tier"},
}
"""Keys of manifest.json, of its `open_failures`, and of each of its `files`; `licences` has tiers."""


def manifest_head(name: str, licences: Mapping[str, Iterable[str]], failed: Iterable[str]) -> dict[str, Any]:
    """What manifest.json says beside its files.

    Args:
        name: of the corpus.
        licences: by tier those that its config names; of a tier that takes any none.
        failed: doc_ids of the papers that may still be read (`Manifest.open_failures`).
    """
    head: dict[str, Any] = {
        "format": MANIFEST_FORMAT,
        "name": name,
        "licences": {tier: list(names) for tier, names in sorted(licences.items())},
    }
    told = told_failures(failed)
    return head | ({"open_failures": told} if told["count"] else {})


class ManifestError(ValueError):
    """The folder is no release, or its files are not those that the manifest names."""


@dataclass(frozen=True)
class DataFile:
    """One entry of the manifest: a file of data.

    Args:
        tier: release tier.
        file: path below the release folder.
        rows: its rows; `row_groups`: of each row group, in order.
        bytes, sha256: of the file.
        kind: documents (table release) or pairs.
    """

    tier: str
    file: str
    rows: int
    row_groups: tuple[int, ...]
    bytes: int
    sha256: str
    kind: str = "documents"


@dataclass(frozen=True)
class Manifest:
    """A release: its place, its name, its files, the sha256 of manifest.json, by tier the licences that its config names (none
    for a tier that takes any), and how many papers of its run failed by the machine's fault and may still be read (with the
    first ids)."""

    place: Files
    name: str
    files: tuple[DataFile, ...]
    sha256: str
    licences: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    open_failures: int = 0
    open_failures_first: tuple[str, ...] = ()

    @property
    def tiers(self) -> tuple[str, ...]:
        """Tiers in the order of the manifest."""
        return tuple(dict.fromkeys(f.tier for f in self.files))

    def of_tier(self, tier: str, kind: str = "documents") -> tuple[DataFile, ...]:
        """Files of one tier and kind, in the order of the manifest.

        Raises:
            ManifestError: the release has none; the text names the tiers that it has.
        """
        files = tuple(f for f in self.files if (f.tier, f.kind) == (tier, kind))
        if not files:
            raise ManifestError(
                f"{self.place.uri}: no tier {tier!r} with {kind} in this release; its tiers: {', '.join(self.tiers)}"
            )
        return files

    def where(self, file: DataFile) -> str:
        """The address of a file, for people."""
        return self.place.where(file.file)

    def source(self, file: DataFile) -> Path | BinaryIO:
        """What pyarrow opens to read a file: its path, or the file itself where it lies elsewhere."""
        return self.place.local(file.file) or self.place.open(file.file)

    def check(self, file: DataFile, *, digest: bool) -> None:
        """Compare a file with its entry: its size always, its sha256 when `digest`.

        Raises:
            ManifestError: the file is missing, or has another size or digest.
        """
        where, size = self.where(file), self.place.size(file.file)
        mend = "the release is incomplete or was changed; copy it again or build it again"
        if size is None:
            raise ManifestError(f"{where}: named by {MANIFEST_NAME} but missing; {mend}")
        if size != file.bytes:
            raise ManifestError(f"{where}: {size} bytes, {MANIFEST_NAME} says {file.bytes}; {mend}")
        if digest:
            with self.place.stream(file.file) as stream:
                found = digest_of(stream)
            if found != file.sha256:
                raise ManifestError(f"{where}: sha256 {found}, {MANIFEST_NAME} says {file.sha256}; {mend}")


def read_manifest(folder: Path | Files) -> Manifest:
    """The manifest of a release.

    Args:
        folder: where it lies.

    Raises:
        ManifestError: there is none, or it is none (see `parse_manifest`).
    """
    place = files_at(folder)
    where = place.where(MANIFEST_NAME)
    try:
        body = place.read(MANIFEST_NAME)
    except OSError as error:
        raise ManifestError(
            f"{where}: cannot be read ({error.strerror}); a release folder has a {MANIFEST_NAME}, and `astrocorpus release RUN "
            "--out DIR` makes one"
        ) from error
    return parse_manifest(body, place, where)


def parse_manifest(body: bytes, place: Files, where: str) -> Manifest:
    """The manifest that some bytes are.

    Args:
        where: what the bytes are called in messages.

    Raises:
        ManifestError: they are not JSON or of another format, or an entry is incomplete, names a file twice, or is no
            Parquet file in the folder of its tier.
    """
    try:
        content = json.loads(body)
        if content["format"] != MANIFEST_FORMAT:
            raise ManifestError(f"{where}: format {content['format']!r}; this version reads {MANIFEST_FORMAT}")
        files = tuple(_entry(where, entry) for entry in content["files"])
        name = str(content["name"])
        licences = {tier: tuple(map(str, words)) for tier, words in content.get("licences", {}).items()}
        failures = content.get("open_failures", {"count": 0, "first": []})
        count, first = failures["count"], tuple(map(str, failures["first"]))
        if not _is_count(count):
            raise TypeError("open_failures.count is no number")
    except ManifestError:
        raise
    except RecursionError as error:
        raise ManifestError(f"{where}: not a release manifest (nested too deeply)") from error
    except (KeyError, TypeError, AttributeError) as error:
        raise ManifestError(f"{where}: not a release manifest (missing or malformed: {error})") from error
    except ValueError as error:
        raise ManifestError(f"{where}: not JSON ({error})") from error
    named = Counter(file.file.lower() for file in files)
    if twice := [file for file, times in named.items() if times > 1]:
        raise ManifestError(f"{where}: {twice[0]} is named twice; the release was changed, build it again")
    return Manifest(place, name, files, hashlib.sha256(body).hexdigest(), licences, count, first)


def strings_of(manifest: Manifest) -> list[str]:
    """All that manifest.json says in words: keys that stand for tiers, and every value that is text.

    Raises:
        ManifestError: it has a key twice, or one that we do not write: what nobody reads must not go out with a release.
    """
    where = manifest.place.where(MANIFEST_NAME)
    content = json.loads(manifest.place.read(MANIFEST_NAME), object_pairs_hook=lambda pairs: _once(where, pairs))
    parts = [(MANIFEST_NAME, content), *(("files", entry) for entry in content["files"])]
    parts += [("open_failures", content["open_failures"])] if "open_failures" in content else []
    for name, part in parts:
        if unknown := sorted(set(part) - _KEYS[name]):
            raise ManifestError(
                f"{where}: a key that we do not write, {unknown[0][:80]!r}; make the release again from its run"
            )
    return list(_texts({**content, "files": [list(entry.values()) for entry in content["files"]]}))


def _once(where: str, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = Counter(key for key, _ in pairs)
    if twice := [key for key, times in keys.items() if times > 1]:
        raise ManifestError(
            f"{where}: the key {twice[0][:80]!r} stands there twice; make the release again from its run"
        )
    return dict(pairs)


def _texts(value: Any) -> Iterator[str]:
    """The strings of a JSON value, at any depth, the keys of `licences` among them."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from (key,) if key not in _KEYS[MANIFEST_NAME] | _KEYS["open_failures"] else ()
            yield from _texts(each)


def _entry(where: str, entry: Mapping[str, Any]) -> DataFile:
    row_groups, tier, name = entry["row_groups"], entry["tier"], entry["file"]
    if not isinstance(tier, str) or not _TIER.fullmatch(tier):
        raise ManifestError(
            f"{where}: tier {str(tier)[:80]!r} is no name of a tier: lower-case letters, digits, - and _ only"
        )
    *folders, last = str(name).split("/")
    is_own = bool(folders) and (folders[0] == tier or folders[0].startswith(f"{tier}-"))
    if not is_own or not all(map(_FOLDER.fullmatch, folders)) or not _FILE.fullmatch(last):
        raise ManifestError(f"{where}: entry {str(name)[:80]!r} is no Parquet file in a folder of tier {tier}")
    if not isinstance(row_groups, list) or not all(map(_is_count, [*row_groups, entry["rows"], entry["bytes"]])):
        raise ManifestError(
            f"{where}: entry {name!r}: rows and bytes are numbers, row_groups a list of numbers, and none is below 0"
        )
    if not _SHA256.fullmatch(str(entry["sha256"])):
        raise ManifestError(f"{where}: entry {name!r}: sha256 is not 64 hex digits")
    if sum(row_groups) != entry["rows"]:
        raise ManifestError(f"{where}: entry {name!r}: row groups add up to {sum(row_groups)}, not {entry['rows']}")
    kind = str(entry.get("kind", "documents"))
    return DataFile(tier, str(name), entry["rows"], tuple(row_groups), entry["bytes"], str(entry["sha256"]), kind)


def _is_count(value: object) -> bool:
    return type(value) is int and value >= 0
