"""What is wrong with a config, in words: the key, what stands there, what would be right."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from curation.artefact import BASE
from curation.errors import ConfigError

M = TypeVar("M", bound=BaseModel)
_LOW, _HIGH = ("ge", "gt"), ("le", "lt")
_BOUNDS = (*_LOW, *_HIGH)
"""Names of bounds in the metadata of a pydantic field."""


def validated(model: type[M], value: Mapping[str, Any], where: str, base: Path) -> M:
    """A config as its model, every path in it absolute and every artefact looked at (`curation.artefact`).

    Args:
        where: what the config is called in an error.
        base: where relative paths start.

    Raises:
        ConfigError: names every key that is wrong.
    """
    try:
        return model.model_validate(dict(value), context={BASE: base})
    except ValidationError as error:
        told = [dict(e) for e in error.errors()]
        lines = [_explain(model, e) for e in told if not _follows(e, told)]
        raise ConfigError(f"{where}: " + "; ".join(lines)) from error


def _follows(error: Mapping[str, Any], others: Sequence[Mapping[str, Any]]) -> bool:
    """Whether an error is true only because of another one: a list is counted without its items that are wrong."""
    place = error["loc"]
    return error["type"] == "too_short" and any(
        len(o["loc"]) > len(place) and o["loc"][: len(place)] == place for o in others
    )


def _explain(model: type[BaseModel], error: Mapping[str, Any]) -> str:
    path = [str(p) for p in error["loc"]]
    name = ".".join(path) or "config"
    if (asked := _range(_field(model, path))) and error["type"] != "missing":
        return f"{name}: {_short(error['input'])} is not {asked}"
    if error["type"] != "extra_forbidden":
        return f"{name}: {str(error['msg']).removeprefix('Value error, ')}"
    allowed = _fields(model, path[:-1])
    close = difflib.get_close_matches(path[-1], allowed, n=1)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    return f"unknown key {name!r}; allowed here: {', '.join(allowed)}{hint}"


def _range(info: FieldInfo | None) -> str:
    """What a field of numbers asks for, in words; empty for another field, and for one without bounds on both sides."""
    bounds = {name: getattr(m, name) for m in (info.metadata if info else ()) for name in _BOUNDS if hasattr(m, name)}
    low, high = (next((bounds[name] for name in names if name in bounds), None) for names in (_LOW, _HIGH))
    if info is None or low is None or high is None:
        return ""
    what = "a whole number" if info.annotation is int else "a number"
    return f"{what} {'above' if 'gt' in bounds else 'from'} {low:,} {'to below' if 'lt' in bounds else 'to'} {high:,}"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:40]}..."


def _field(model: type[BaseModel], path: Sequence[str]) -> FieldInfo | None:
    """The field that a path of keys leads to."""
    found = _model(model, path[:-1]).model_fields
    return found.get(path[-1]) if path else None


def _fields(model: type[BaseModel], path: Sequence[str]) -> list[str]:
    """Names of the fields of the model that a path of keys leads to."""
    return sorted(_model(model, path).model_fields)


def _model(model: type[BaseModel], path: Sequence[str]) -> type[BaseModel]:
    for key in path:
        info = model.model_fields.get(key)
        if info is None:
            continue
        inner = [a for a in (info.annotation, *getattr(info.annotation, "__args__", ())) if isinstance(a, type)]
        models = [a for a in inner if issubclass(a, BaseModel)]
        if models:
            model = models[0]
    return model
