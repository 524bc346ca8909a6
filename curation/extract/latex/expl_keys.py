"""Keys of expl3: `\\keys_define:nn {module} {colour .tl_set:N = \\l_colour_tl}` and `\\keys_set:nn {module} {colour = red}`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from curation.extract.latex.expl_functions import EXPL_FUNCTIONS, set_tokens, trimmed, with_argument
from curation.extract.latex.expl_syntax import Args, one
from curation.extract.latex.lexer import untokenize
from curation.extract.latex.loops import split_list

if TYPE_CHECKING:
    from curation.extract.latex.stomach import Stomach

_PROPERTY = re.compile(r"\s*(.*?)\s*\.([a-z_]+):[A-Za-z]*\s*", re.S)
_SETS = {"tl_set": "tl", "tl_gset": "tl", "str_set": "tl", "int_set": "int", "int_gset": "int", "bool_set": "bool", "bool_gset": "bool",
         "fp_set": "fp", "clist_set": "clist"}  # fmt: skip
Key = dict[str, Any]


def _key_and_value(item: list[str]) -> tuple[str, list[str] | None]:
    """`name = value`; None where no sign of equality is."""
    parts = split_list(item, "=")
    name = untokenize(trimmed(parts[0]))
    if len(parts) == 1:
        return name, None
    value = parts[1]
    for more in parts[2:]:
        value = [*value, "=", *more]
    return name, value[1:-1] if value[:1] == ["{"] and value[-1:] == ["}"] and value.count("{") == 1 else value


def _define(tex: Stomach, args: Args) -> None:
    module = tex.plain_text(args[0])
    keys: dict[str, Key] = {name: dict(key) for name, key in tex.values.get(f"keys {module}", {}).items()}
    tex.values[f"keys {module}"] = keys
    first: list[tuple[str, list[str]]] = []
    for item in split_list(args[1]):
        name, value = _key_and_value(item)
        m = _PROPERTY.fullmatch(name)
        if m is None:
            continue
        key = keys.setdefault(m[1], {})
        what = m[2]
        if what in _SETS:
            key["kind"], key["variable"] = _SETS[what], one(value or [])
            if key["variable"] not in tex.defs:
                _assign(tex, key, [] if key["kind"] == "tl" else ["false"] if key["kind"] == "bool" else ["0"])
        elif what in ("code", "meta", "default"):
            key[what] = value or []
        elif what == "initial":
            first.append((m[1], value or []))
    for name, value in first:
        _set_one(tex, module, name, value, [])


def _assign(tex: Stomach, key: Key, value: list[str]) -> None:
    cs = key["variable"]
    kind = key["kind"]
    if kind == "tl":
        set_tokens(tex, cs, value)
    elif kind == "bool":
        set_tokens(tex, cs, ["1" if untokenize(value).strip() in ("", "true") else "0"])
    else:
        EXPL_FUNCTIONS.functions[f"{kind}_set"](tex, [[cs], value])


def _set_one(tex: Stomach, module: str, name: str, value: list[str] | None, code: list[str]) -> None:
    """Set a key, or note the code that it runs."""
    key: Key | None = tex.values.get(f"keys {module}", {}).get(name)
    if key is None:
        return
    given: list[str] = key.get("default", []) if value is None else value
    if "variable" in key:
        _assign(tex, key, given)
    if "code" in key:
        code += with_argument(key["code"], given)
    if "meta" in key:
        code += ["\\keys_set:nn", "{", module, "}", "{", *with_argument(key["meta"], given), "}"]


def _set(tex: Stomach, args: Args) -> None:
    module = tex.plain_text(args[0])
    code: list[str] = []
    for item in split_list(args[1]):
        name, value = _key_and_value(item)
        _set_one(tex, module, name, value, code)
    tex.spend(len(code))
    if code and not tex.runs_away(f"keys of {module}"):
        tex.push(code)


KEYS = {"keys_define": _define, "keys_set": _set, "keys_set_known": _set}
