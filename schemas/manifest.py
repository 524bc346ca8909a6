"""Reading `manifest.json` of a release: which data files it has, and the digest that names it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

MANIFEST_NAME = "manifest.json"
MANIFEST_FORMAT = 1


class ManifestError(ValueError):
    """The folder is no release, or its files are not those that the manifest names."""


@dataclass(frozen=True)
class DataFile:
    """One entry of the manifest (schemas.RELEASE_MANIFEST). `row_groups` are rows, in file order; `kind` is
    documents or pairs."""

    tier: str
    file: str
    rows: int
    row_groups: tuple[int, ...]
    bytes: int
    sha256: str
    kind: str = "documents"


@dataclass(frozen=True)
class Manifest:
    """A release: its folder, its name, its files, the sha256 of manifest.json, and how many papers of its run failed by the
    machine's fault and may still be read (with the first ids)."""

    folder: Path
    name: str
    files: tuple[DataFile, ...]
    sha256: str
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
                f"{self.folder}: no tier {tier!r} with {kind} in this release; its tiers: {', '.join(self.tiers)}"
            )
        return files

    def path(self, file: DataFile) -> Path:
        return self.folder / file.file

    def check(self, file: DataFile, *, digest: bool) -> None:
        """Compare a file with its entry: its size always, its sha256 when `digest`.

        Raises:
            ManifestError: the file is missing, or has another size or digest.
        """
        path = self.path(file)
        mend = "the release is incomplete or was changed; copy it again or build it again"
        if not path.is_file():
            raise ManifestError(f"{path}: named by {MANIFEST_NAME} but missing; {mend}")
        if (size := path.stat().st_size) != file.bytes:
            raise ManifestError(f"{path}: {size} bytes, {MANIFEST_NAME} says {file.bytes}; {mend}")
        if digest and (found := sha256_of(path)) != file.sha256:
            raise ManifestError(f"{path}: sha256 {found}, {MANIFEST_NAME} says {file.sha256}; {mend}")


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a release folder.

    Raises:
        ManifestError: there is none, it is not JSON, it is of another format, or an entry is incomplete or
            points out of the folder.
    """
    path = folder / MANIFEST_NAME
    try:
        body = path.read_bytes()
    except OSError as error:
        raise ManifestError(
            f"{path}: cannot be read ({error.strerror}); a release folder has a {MANIFEST_NAME}"
        ) from error
    try:
        content = json.loads(body)
        if content["format"] != MANIFEST_FORMAT:
            raise ManifestError(f"{path}: format {content['format']!r}; this version reads {MANIFEST_FORMAT}")
        files = tuple(_entry(path, entry) for entry in content["files"])
        name = str(content["name"])
        failures = content.get("open_failures", {"count": 0, "first": []})
        count, first = int(failures["count"]), tuple(str(doc_id) for doc_id in failures["first"])
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ManifestError(f"{path}: not JSON ({error})") from error
    except (KeyError, TypeError, ValueError) as error:
        raise ManifestError(f"{path}: not a release manifest (missing or malformed: {error})") from error
    sha256 = hashlib.sha256(body).hexdigest()
    return Manifest(folder, name, files, sha256, open_failures=count, open_failures_first=first)


def sha256_of(path: Path) -> str:
    """sha256 of a file, read in pieces."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _entry(path: Path, entry: dict[str, object]) -> DataFile:
    row_groups = entry["row_groups"]
    rows, size = entry["rows"], entry["bytes"]
    if not isinstance(row_groups, list) or not isinstance(rows, int) or not isinstance(size, int):
        raise ManifestError(f"{path}: entry {entry.get('file')!r}: rows and bytes are numbers, row_groups a list")
    kind = str(entry.get("kind", "documents"))
    file = DataFile(str(entry["tier"]), str(entry["file"]), rows, tuple(row_groups), size, str(entry["sha256"]), kind)
    parts = PurePosixPath(file.file)
    if parts.is_absolute() or ".." in parts.parts:
        raise ManifestError(f"{path}: entry {file.file!r} leaves the release folder")
    if sum(file.row_groups) != file.rows:
        raise ManifestError(
            f"{path}: entry {file.file!r}: row groups add up to {sum(file.row_groups)}, not {file.rows}"
        )
    return file
