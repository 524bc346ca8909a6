"""Every key of a config with what may stand there and what it means, read off the models that a config is checked by."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from itertools import chain, pairwise
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, RootModel
from pydantic.fields import FieldInfo

_DOCS = re.compile(r"^(?:Args|Fields):\n((?:    .*\n|\n)+)", re.MULTILINE)
_DOC = re.compile(r"^    (\w+(?:, \w+)*): (.*(?:\n {8}.*)*)", re.MULTILINE)
_LOW, _HIGH = ("ge", "gt"), ("le", "lt")
_WORDS: dict[object, str] = {
    bool: "true | false",
    int: "whole number",
    float: "number",
    date: "date",
    Path: "file",
    Any: "value",
}


@dataclass(frozen=True)
class Key:
    """A key of a config.

    Args:
        path: as errors and `--set` name it; `[]` is an item of a list, NAME a key of the user's own.
        kind: what may stand there.
        default: what counts without it, as YAML; empty for a key that must be given, and for one that is a section.
        doc: what it means.
        is_required: whether it must be given.
    """

    path: str
    kind: str
    default: str
    doc: str
    is_required: bool


def docs_of(model: type[BaseModel]) -> dict[str, str]:
    """Key -> what it means, from the docstrings of a model, of its fields, and of those that it extends."""
    found: dict[str, str] = {}
    for base in reversed(model.__mro__):
        found |= _below_fields(base) if issubclass(base, BaseModel) and base is not BaseModel else {}
        for block in _DOCS.findall(inspect.cleandoc(base.__doc__ or "") + "\n"):
            for names, doc in _DOC.findall(block):
                found |= dict.fromkeys(names.split(", "), " ".join(doc.split()))
    return {
        name: doc
        for name, doc in found.items()
        if name in map(_called, model.model_fields, model.model_fields.values())
    }


@lru_cache(maxsize=256)
def _below_fields(model: type[BaseModel]) -> dict[str, str]:
    """Field -> the string that stands below it in the model's own source."""
    try:
        (tree,) = ast.parse(textwrap.dedent(inspect.getsource(model))).body
    except (OSError, TypeError, SyntaxError):  # a model that was not read from a file
        return {}
    lines = tree.body if isinstance(tree, ast.ClassDef) else []
    return {
        field.target.id: " ".join(doc.value.value.split())
        for field, doc in pairwise(lines)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        if isinstance(doc, ast.Expr) and isinstance(doc.value, ast.Constant) and isinstance(doc.value.value, str)
    }


def keys_of(
    model: type[BaseModel], also: Mapping[type[BaseModel], type[BaseModel]] | None = None, place: str = ""
) -> Iterator[Key]:
    """The keys of a config, those of a section behind it.

    Args:
        also: model -> another one whose fields stand beside its own, which go first.
        place: where the config stands in a larger one.
    """
    if issubclass(model, RootModel):
        root = model.model_fields["root"]
        doc = " ".join(inspect.cleandoc(model.__doc__ or "").split())
        yield Key(place, _kind(root.annotation, root.metadata), "{}", doc, is_required=False)
        return
    docs = docs_of(model)
    for name, info in model.model_fields.items():
        called = _called(name, info)
        yield from _keys(f"{place}.{called}" if place else called, info, docs.get(called, ""), also or {})
    beside = (also or {}).get(model)
    for key in keys_of(beside, also, place) if beside is not None else ():
        name = key.path.removeprefix(f"{place}.").partition(".")[0]
        if name not in model.model_fields:
            yield key


def _called(name: str, info: FieldInfo) -> str:
    """The key of a field: `from`, which Python allows no field for, has another name there."""
    return info.alias or name


def _keys(path: str, info: FieldInfo, doc: str, also: Mapping[type[BaseModel], type[BaseModel]]) -> Iterator[Key]:
    suffix, model = _model_in(info.annotation)
    is_section = model is not None
    if model is None or not issubclass(model, RootModel):
        default = "" if info.is_required() or (is_section and not suffix) else _plain(info.default)
        yield Key(path, _kind(info.annotation, info.metadata), default, doc, info.is_required())
    if by_kind := models_by_kind(info):
        yield from _keys_of_kinds(path, by_kind, also)
    elif model is not None:
        yield from keys_of(model, also, path + suffix)


def models_by_kind(info: FieldInfo | None) -> dict[str, type[BaseModel]]:
    """Kind -> model of a section that is one of several by its key `kind`; of any other key none."""
    if info is None or info.discriminator != "kind":
        return {}
    return {str(one.model_fields["kind"].default): one for one in getattr(info.annotation, "__args__", ())}


def _keys_of_kinds(
    path: str, by_kind: Mapping[str, type[BaseModel]], also: Mapping[type[BaseModel], type[BaseModel]]
) -> Iterator[Key]:
    """The keys of a section that is one of several: `kind`, then of every kind its own. What is the same for several stands there once."""
    doc = next(docs_of(model).get("kind", "") for model in by_kind.values())
    yield Key(f"{path}.kind", " | ".join(by_kind), "", doc, is_required=True)
    found: dict[Key, list[str]] = {}
    for kind, model in by_kind.items():
        for key in keys_of(model, also, path):
            if key.path != f"{path}.kind":
                found.setdefault(key, []).append(kind)
    for key in sorted(found, key=lambda key: [*dict.fromkeys(k.path for k in found)].index(key.path)):
        some = f"(kind {', '.join(found[key])}) " if key.doc and len(found[key]) < len(by_kind) else ""
        yield replace(key, doc=f"{some}{key.doc}")


def _model_in(kind: Any) -> tuple[str, type[BaseModel] | None]:
    """The model that an annotation holds, with how its place is written: "" itself, `[]` in a list, `.NAME` in a mapping."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return "", kind
    origin, inside = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _model_in(inside[0])
    within = "[]" if origin in (tuple, list) else ".NAME" if origin is dict else ""
    for inner in inside:
        suffix, model = _model_in(inner)
        if model is not None:
            return within + suffix, model
    return "", None


def _kind(kind: Any, bounds: Sequence[object] = ()) -> str:
    """What may stand for an annotation, in words."""
    origin, inside = get_origin(kind), get_args(kind)
    if origin is Annotated:
        given = (m.metadata if isinstance(m, FieldInfo) else [m] for m in inside[1:])
        return _kind(inside[0], [*chain.from_iterable(given)])
    if origin is Literal:
        return " | ".join(map(str, inside))
    if origin in (Union, UnionType):
        return " | ".join(dict.fromkeys(_kind(i) for i in inside if i is not NoneType))
    if origin in (tuple, list):
        return f"list of {_kind(inside[0]).replace('section', 'sections')}"
    if origin in (dict, Mapping):
        return f"NAME: {_kind(inside[1])}"
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return "section"
    return range_words(kind, bounds) or _WORDS.get(kind, "text")


def range_words(kind: Any, bounds: Sequence[object]) -> str:
    """What a number of a config asks for, in words; empty for another value, and for one without bounds on both sides."""
    given = {name: getattr(m, name) for m in bounds for name in (*_LOW, *_HIGH) if getattr(m, name, None) is not None}
    low, high = (next((given[name] for name in names if name in given), None) for names in (_LOW, _HIGH))
    if kind not in (int, float) or low is None or high is None:
        return ""
    what = "whole number" if kind is int else "number"
    return f"{what} {'above' if 'gt' in given else 'from'} {low:,} {'to below' if 'lt' in given else 'to'} {high:,}"


def _plain(value: Any) -> str:
    """A default as YAML has it."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, BaseModel):
        return f"{{{', '.join(f'{k}: {_plain(getattr(value, k))}' for k in sorted(value.model_fields_set))}}}"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{k}: {_plain(v)}' for k, v in value.items())}}}"
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(_plain, value))}]"
    return f"{value:g}" if isinstance(value, float) else str(value)
