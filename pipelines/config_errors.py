"""What is wrong with a config, in words: the key, what stands there, what would be right."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from curation.artefact import BASE
from curation.errors import ConfigError, NoPapersError, did_you_mean
from curation.sft.config import FILLED
from pipelines.config_keys import docs_of, models_by_kind, range_words

M = TypeVar("M", bound=BaseModel)
Error = Mapping[str, Any]
"""An error as pydantic tells it: loc, type, msg, input, ctx."""
_NO_VALUE = {
    "string_type": "is no text; put it in quotes",
    "path_type": "names no file",
    "bool_type": "is neither true nor false",
    "bool_parsing": "is neither true nor false",
    "int_type": "is no whole number",
    "int_parsing": "is no whole number",
    "int_from_float": "is no whole number",
    "float_type": "is no number",
    "float_parsing": "is no number",
    "finite_number": "is no finite number",
}
"""Type of an error -> what is wrong with a value."""
INSTEAD = {
    "extract.remove_boilerplate": "boilerplate: {artefact: FILE, use: remove}",
    "dedup.shingling.strip_boilerplate": "boilerplate: {artefact: FILE, use: compare_without}",
}
"""Fields of our models that are no keys, because another section fills them -> what to write."""


def validated(model: type[M], value: Mapping[str, Any], where: str, base: Path) -> M:
    """A config as its model, every path in it absolute and every artefact looked at (`curation.artefact`).

    Args:
        where: what the config is called in an error.
        base: where relative paths start.

    Raises:
        ConfigError: names every key that is wrong.
    """
    for path, instead in INSTEAD.items():
        if _stands_in(value, path.split(".")):
            raise ConfigError(f"{where}: {path} is no key of a config; write `{instead}`")
    try:
        return model.model_validate(dict(value), context={BASE: base})
    except ValidationError as error:
        told = [dict(e) for e in error.errors()]
        lines = [_explain(model, e) for e in told if not _follows(e, told)]
        raise ConfigError(f"{where}: " + "; ".join(lines)) from error


def _stands_in(value: object, path: Sequence[str]) -> bool:
    for key in path:
        if not isinstance(value, Mapping) or key not in value:
            return False
        value = value[key]
    return True


@contextmanager
def of_config(where: str) -> Iterator[None]:
    """Errors of what a config asks for, told with its name.

    Raises:
        ConfigError, NoPapersError: as they came, with `where` before their words.
    """
    try:
        yield
    except (ConfigError, NoPapersError) as error:
        raise type(error)(f"{where}: {error}") from error


def _follows(error: Error, others: Sequence[Error]) -> bool:
    """Whether an error is there only because of another one: a list is counted without its items that are wrong, and a key that
    is spelled wrongly is missing too."""
    place, kind = error["loc"], error["type"]
    if kind == "too_short":
        return any(len(o["loc"]) > len(place) and o["loc"][: len(place)] == place for o in others)
    beside = [str(o["loc"][-1]) for o in others if o["type"] == "extra_forbidden" and o["loc"][:-1] == place[:-1]]
    return kind == "missing" and bool(difflib.get_close_matches(str(place[-1]), beside, n=1))


def _explain(model: type[BaseModel], error: Error) -> str:
    path = [str(p) for p in error["loc"]]
    name, kind = ".".join(_walked(model, path)[0]) or "config", error["type"]
    if kind == "missing":
        doc = docs_of(_model(model, path[:-1])).get(path[-1])
        return f"{name} is missing{_doc(doc)}"
    if kind == "extra_forbidden":
        hint = did_you_mean(path[-1], _fields(model, path[:-1]))
        if near := difflib.get_close_matches(name, INSTEAD, n=1, cutoff=0.9):
            hint = f"; did you mean `{INSTEAD[near[0]]}`?"
        return f"unknown key {name!r}; {_allowed(model, path[:-1])}{hint}"
    info = _field(model, path)
    if asked := range_words(info.annotation, info.metadata) if info else "":
        return f"{name}: {_short(error['input'])} is not a {asked}"
    return f"{name}: {_wrong(model, path, error)}"


def _wrong(model: type[BaseModel], path: Sequence[str], error: Error) -> str:
    """What is wrong with the value of a key that is there."""
    value, kind = error["input"], error["type"]
    if kind in _NO_VALUE:
        return f"{_short(value)} {_NO_VALUE[kind]}"
    if kinds := _kinds(model, path):
        if kind == "union_tag_invalid":
            tag = str(error["ctx"]["tag"])
            return f"there is no kind {tag!r}{did_you_mean(tag, kinds)} (there are: {', '.join(kinds)})"
        if kind == "union_tag_not_found" or kind in ("model_type", "model_attributes_type"):
            return f"{_short(value)} names no kind; write `{path[-1]}: {{kind: ...}}` (there are: {', '.join(kinds)})"
    if kind in ("tuple_type", "list_type"):
        how = "each item behind `- `" if isinstance(value, Mapping) else f"`{path[-1]}: [{value}]`"
        return f"{_short(value)} is no list; write {how}"
    if kind in ("model_type", "model_attributes_type"):
        if value is None:
            return f"nothing stands below it; remove the key, or write others below it ({_allowed(model, path)})"
        return f"{_short(value)} is no section; write keys below it ({_allowed(model, path)})"
    if kind == "dict_type":
        return f"{_short(value)} is no section; write `NAME: VALUE` below it, one a line"
    if kind in ("too_short", "string_too_short"):
        return f"is empty{_doc(docs_of(_model(model, path[:-1])).get(path[-1]))}; write at least one"
    if kind in ("literal_error", "enum"):
        return f"{_short(value)} is not {error['ctx']['expected']}"
    return str(error["msg"]).removeprefix("Value error, ")


def _doc(doc: str | None) -> str:
    return f" ({doc.removesuffix('.')})" if doc else ""


def _allowed(model: type[BaseModel], path: Sequence[str]) -> str:
    found = _fields(model, path)
    return f"allowed here: {', '.join(found)}" if found else "no key is allowed here"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:40]}..."


def _field(model: type[BaseModel], path: Sequence[str]) -> FieldInfo | None:
    """The field that a path of keys leads to."""
    found = _model(model, path[:-1]).model_fields
    return found.get(path[-1]) if path else None


def _kinds(model: type[BaseModel], path: Sequence[str]) -> list[str]:
    """Kinds of the section that a path of keys leads to, where it is one of several by its key `kind`; else none."""
    return list(models_by_kind(_field(model, path)))


def _fields(model: type[BaseModel], path: Sequence[str]) -> list[str]:
    """Keys of the model that a path of keys leads to, as they are written."""
    there = _model(model, path)
    filled = FILLED.get(path[-1], ()) if len(path) == 2 and path[0] == "pairs" else ()
    known = (field.alias or name for name, field in there.model_fields.items() if name not in filled)
    return sorted(name for name in known if ".".join((*path, name)) not in INSTEAD)


def _model(model: type[BaseModel], path: Sequence[str]) -> type[BaseModel]:
    """The model that a path of keys leads to."""
    return _walked(model, path)[1]


def _walked(model: type[BaseModel], path: Sequence[str]) -> tuple[list[str], type[BaseModel]]:
    """The keys of a path as they are written, and the model that they lead to. pydantic puts the kind of a section, which is no key of
    its own, behind the section's key."""
    written: list[str] = []
    kinds: Mapping[str, type[BaseModel]] = {}
    for key in path:
        if key in kinds:
            model, kinds = kinds[key], {}
            continue
        written.append(key)
        info = model.model_fields.get(key)
        if info is None:
            continue
        kinds = models_by_kind(info)
        inner = [a for a in (info.annotation, *getattr(info.annotation, "__args__", ())) if isinstance(a, type)]
        models = [a for a in inner if issubclass(a, BaseModel)]
        if models:
            model = models[0]
    return written, model
