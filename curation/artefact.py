"""Artefacts: files that a config names and whose content is part of what is done (a list, learned counts, a model).

Fields of a config that name files are annotated, in a built-in section, a source or a step of the user's own:

    notices: Artefact                # what the file holds is part of the step's identity, where it lies never is
    folder: Annotated[Located, Execution()]     # a path: absolute, and no part of the identity
    bucket: Annotated[PathOrAddress, Execution()]       # the same, where it may also be an address, such as s3://...

All are read relative to the config's folder. `validate` of a config is the one walk that makes paths absolute and looks
whether artefacts can be read; a step that is made in Python takes paths as they are.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, TypeAlias, TypeVar

from pydantic import AfterValidator, BaseModel, PlainSerializer, SerializationInfo, ValidationInfo
from pydantic_core import PydanticSerializationError

from curation.errors import ConfigError, RunError
from schemas.files import sha256_of

P = TypeVar("P", str, Path)

BASE = "base"
"""Key of the validation context: the folder in which relative paths start."""
PLACES = "places"
"""Key of the serialization context under which artefacts are told by where they lie, so that the config can be read again."""
PREFIX = "artefact:"
"""What an artefact's digest begins with in an identity."""
FOOTER_KEY = "astrocorpus.artefact"
"""Key of a Parquet footer: the kind of an artefact, and how it was made, as JSON."""

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


def content_sha256(path: Path) -> str:
    """sha256 of a file, hex; read once a process, and again when it has changed.

    Raises:
        ConfigError: it cannot be read.
    """
    try:
        return _digest(path, stamp_of(path))
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from error


def stamp_of(path: Path) -> tuple[int, ...]:
    """What tells of a file that it is another now: no two of a sync that keeps times and sizes are alike. Raises OSError."""
    found = path.stat()
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino


@lru_cache(maxsize=256)
def _digest(path: Path, stamp: tuple[int, ...]) -> str:
    return sha256_of(path)


def from_config(path: P, info: ValidationInfo) -> P:
    """A path of a config, absolute: a relative one starts at the config's folder. An address (`scheme://...`) is no path and
    stays as it is."""
    base = (info.context or {}).get(BASE)
    if base is None or (isinstance(path, str) and _ADDRESS.match(path)):
        return path
    return type(path)(Path(base).absolute() / path)


def is_of_config(info: ValidationInfo) -> bool:
    """Whether a config is validated, so that the files which it names are looked at; not a step that is made in Python."""
    return BASE in (info.context or {})


def _readable(path: Path, info: ValidationInfo) -> Path:
    if is_of_config(info):
        try:
            content_sha256(path)
        except ConfigError as error:
            raise ValueError(str(error)) from error  # pydantic adds the key to it
    return path


def _by_content(path: Path | None, info: SerializationInfo) -> str | None:
    if path is None:
        return None
    return str(path) if (info.context or {}).get(PLACES) else f"{PREFIX}{content_sha256(path)}"


PathOrAddress: TypeAlias = Annotated[str, AfterValidator(from_config)]
"""A file or folder that a config names, or the address of something else, which who asks for it knows to open."""
Located: TypeAlias = Annotated[Path, AfterValidator(from_config)]
"""A file or folder that a config names."""
Artefact: TypeAlias = Annotated[
    Path, AfterValidator(from_config), AfterValidator(_readable), PlainSerializer(_by_content)
]
"""A file that a config names and whose content counts."""


def plain_config(model: BaseModel, exclude: set[str] | dict[Any, Any]) -> dict[str, Any]:
    """The fields of a config as JSON values, artefacts by their content.

    Raises:
        ConfigError: an artefact cannot be read.
    """
    try:
        return model.model_dump(mode="json", exclude=exclude)
    except PydanticSerializationError as error:
        if isinstance(error.__cause__, ConfigError):
            raise error.__cause__ from error
        raise


def check_artefacts(what: str, now: Mapping[str, str], pinned: Collection[str]) -> None:
    """Look, after artefacts were read, whether they are still the files that a run counts with.

    Args:
        what: who read them, for the error.
        now: key -> sha256 of what lies there.
        pinned: sha256 of the artefacts with which the run began.

    Raises:
        RunError: one is another.
    """
    for key, sha256 in sorted(now.items()):
        if sha256 not in pinned:
            raise RunError(
                f"{what}: the file of its key {key} changed while the run read it (sha256 is {sha256[:12]} now); nothing that was "
                "made of it counts. Run again when nothing writes to it"
            )


def placed_config(model: BaseModel) -> dict[str, Any]:
    """The fields of a config as JSON values from which the same model can be made, artefacts by their paths."""
    return model.model_dump(mode="json", context={PLACES: True})


def artefacts_of(identity: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """(key, sha256) of every artefact that an identity names."""
    if isinstance(identity, str):
        if identity.startswith(PREFIX):
            yield place, identity.removeprefix(PREFIX)
        return
    inside: Iterable[tuple[Any, Any]] = ()
    if isinstance(identity, Mapping):
        inside = identity.items()
    elif isinstance(identity, list | tuple):
        inside = enumerate(identity)
    for key, value in inside:
        yield from artefacts_of(value, f"{place}.{key}" if place else str(key))
