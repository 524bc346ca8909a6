"""Sequences, comma lists and property lists of expl3."""

from __future__ import annotations

from typing import TYPE_CHECKING

from curation.extract.latex.expl_functions import (
    EXPL_FUNCTIONS,
    fits,
    number,
    rounds,
    set_tokens,
    trimmed,
    with_argument,
)
from curation.extract.latex.expl_keys import KEYS
from curation.extract.latex.expl_loops import EXPL_LOOPS
from curation.extract.latex.expl_syntax import Args, Expl, one
from curation.extract.latex.lexer import untokenize, with_depth
from curation.extract.latex.loops import split_list

if TYPE_CHECKING:
    from curation.extract.latex.stomach import Stomach

Items = list[list[str]]


def _items(tex: Stomach, tokens: list[str], *, is_clist: bool) -> Items:
    """The items of a variable, or of a comma list as written."""
    cs = one(tokens)
    held = tex.values.get(f"seq {cs}") if len(trimmed(tokens)) == 1 and cs[:1] == "\\" else None
    if held is not None:
        return list(held)
    return [item for item in split_list(tokens) if item] if is_clist else []


def _keep(tex: Stomach, tokens: list[str], items: Items) -> None:
    if not fits(tex, items):
        return
    key = f"seq {one(tokens)}"
    tex.note_value(key, everywhere=one(tokens).startswith(("\\g_", "\\c_")))
    tex.values[key] = items


def _split(tex: Stomach, args: Args) -> None:
    """`\\seq_set_split:Nnn \\l_x_seq { , } { a, b }`: blanks and braces around an item go."""
    separator = untokenize(trimmed(args[1]))
    if len(separator) == 1 and separator not in "\\{}":
        items = split_list(args[2], separator)
    elif separator:
        items = _split_at(trimmed(args[1])[0], args[2])
    else:
        items = [[c] for tok in args[2] for c in ([tok] if tok[0] in "\\{}" else tok) if c.strip()]
    _keep(tex, args[0], [_bare(item) for item in items])


def _split_at(separator: str, tokens: list[str]) -> Items:
    items: Items = [[]]
    for tok, depth in with_depth(tokens):
        if not depth and tok == separator:
            items.append([])
        else:
            items[-1].append(tok)
    return [trimmed(item) for item in items]


def _bare(tokens: list[str]) -> list[str]:
    return tokens[1:-1] if tokens[:1] == ["{"] and tokens[-1:] == ["}"] and tokens.count("{") == 1 else tokens


def _joined(items: Items, separators: list[list[str]]) -> list[str]:
    """Items with what stands between two, between more, and before the last."""
    two, more, last = separators if len(separators) == 3 else separators * 3
    out: list[str] = []
    for i, item in enumerate(items):
        if i:
            out += two if len(items) == 2 else last if i == len(items) - 1 else more
        out += item
    return out


def _one_item(items: Items, n: int) -> list[str]:
    i = n - 1 if n > 0 else len(items) + n
    return items[i] if n and 0 <= i < len(items) else []


def _take(tex: Stomach, args: Args, *, left: bool, away: bool) -> None:
    items = _items(tex, args[0], is_clist=True)
    set_tokens(tex, one(args[1]), (items[0] if left else items[-1]) if items else ["\\q_no_value"])
    if away:
        _keep(tex, args[0], items[1:] if left else items[:-1])


def _declare(kind: str) -> None:
    is_clist = kind == "clist"
    functions, conditions = EXPL_FUNCTIONS.functions, EXPL_FUNCTIONS.conditions

    def items(tex: Stomach, tokens: list[str]) -> Items:
        return _items(tex, tokens, is_clist=is_clist)

    def put(tex: Stomach, args: Args, *, left: bool) -> None:
        new = items(tex, args[1]) if is_clist else [args[1]]
        old = _items(tex, args[0], is_clist=False)
        _keep(tex, args[0], [*new, *old] if left else [*old, *new])

    for g in ("", "g"):
        functions[f"{kind}_{g}put_right"] = lambda tex, args: put(tex, args, left=False)
        functions[f"{kind}_{g}put_left"] = lambda tex, args: put(tex, args, left=True)
        functions[f"{kind}_{g}clear"] = lambda tex, args: _keep(tex, args[0], [])
        functions[f"{kind}_{g}reverse"] = lambda tex, args: _keep(tex, args[0], items(tex, args[0])[::-1])
        functions[f"{kind}_{g}remove_duplicates"] = lambda tex, args: _keep(
            tex, args[0], [list(item) for item in dict.fromkeys(map(tuple, items(tex, args[0])))]
        )
        for end in ("left", "right"):
            functions[f"{kind}_{g}pop_{end}"] = lambda tex, args, end=end: _take(
                tex, args, left=end == "left", away=True
            )  # type: ignore[misc]
    for end in ("left", "right"):
        functions[f"{kind}_get_{end}"] = lambda tex, args, end=end: _take(tex, args, left=end == "left", away=False)  # type: ignore[misc]
    functions[f"{kind}_new"] = lambda tex, args: _keep(tex, args[0], [])
    functions[f"{kind}_use"] = lambda tex, args: tex.push(
        _joined(items(tex, args[0]), args[1:]) if len(args) > 1 else []
    )
    functions[f"{kind}_count"] = lambda tex, args: tex.push([str(len(items(tex, args[0])))])
    functions[f"{kind}_item"] = lambda tex, args: tex.push(_one_item(items(tex, args[0]), number(tex, args[1])))
    functions[f"{kind}_map_inline"] = lambda tex, args: rounds(
        tex, [with_argument(args[1], item) for item in items(tex, args[0])]
    )
    functions[f"{kind}_map_indexed_inline"] = lambda tex, args: rounds(
        tex, [with_argument(args[1], [str(i)], item) for i, item in enumerate(items(tex, args[0]), 1)]
    )
    functions[f"{kind}_map_function"] = lambda tex, args: rounds(
        tex, [[*args[1], "{", *item, "}"] for item in items(tex, args[0])]
    )
    functions[f"{kind}_map_break"] = lambda tex, args: None
    conditions[f"{kind}_if_empty"] = lambda tex, args: not items(tex, args[0])
    conditions[f"{kind}_if_in"] = lambda tex, args: trimmed(args[1]) in items(tex, args[0])
    EXPL_FUNCTIONS.expandable.update(
        f"{kind}_{name}" for name in ("use", "count", "item", "map_inline", "map_function")
    )


for _kind in ("seq", "clist"):
    _declare(_kind)
EXPL_FUNCTIONS.functions.update(
    {
        **dict.fromkeys(
            ("seq_concat", "seq_gconcat", "clist_concat", "clist_gconcat"),
            lambda tex, args: _keep(
                tex, args[0], [item for arg in args[1:] for item in _items(tex, arg, is_clist=False)]
            ),
        ),
        **dict.fromkeys(("seq_set_split", "seq_gset_split"), _split),
        **dict.fromkeys(
            ("clist_set", "clist_gset", "clist_const", "seq_set_from_clist", "seq_gset_from_clist"),
            lambda tex, args: _keep(tex, args[0], _items(tex, args[1], is_clist=True)),
        ),
    }
)


# ---------------------------------------------------------------- property lists
def _properties(tex: Stomach, tokens: list[str]) -> dict[str, list[str]]:
    return dict(tex.values.get(f"prop {one(tokens)}", {}))


def _keep_properties(tex: Stomach, tokens: list[str], properties: dict[str, list[str]]) -> None:
    if not fits(tex, properties.values()):
        return
    key = f"prop {one(tokens)}"
    tex.note_value(key, everywhere=one(tokens).startswith(("\\g_", "\\c_")))
    tex.values[key] = properties


def _key(tex: Stomach, tokens: list[str]) -> str:
    return tex.plain_text(tokens)


def _put_property(tex: Stomach, args: Args) -> None:
    _keep_properties(tex, args[0], {**_properties(tex, args[0]), _key(tex, args[1]): args[2]})


def _from_keyval(tex: Stomach, args: Args) -> None:
    found: dict[str, list[str]] = {}
    for item in split_list(args[1]):
        parts = split_list(item, "=")
        if parts and parts[0]:
            found[_key(tex, parts[0])] = _bare(parts[1]) if len(parts) > 1 else []
    _keep_properties(tex, args[0], found)


def _get_property(tex: Stomach, args: Args) -> bool:
    value = _properties(tex, args[0]).get(_key(tex, args[1]))
    set_tokens(tex, one(args[2]), ["\\q_no_value"] if value is None else value)
    return value is not None


def _map_properties(tex: Stomach, args: Args) -> None:
    rounds(tex, [with_argument(args[1], [key], value) for key, value in _properties(tex, args[0]).items()])


EXPL_FUNCTIONS.functions.update(
    {
        **dict.fromkeys(
            ("prop_new", "prop_clear", "prop_gclear"), lambda tex, args: _keep_properties(tex, args[0], {})
        ),
        **dict.fromkeys(("prop_put", "prop_gput"), _put_property),
        **dict.fromkeys(("prop_set_from_keyval", "prop_gset_from_keyval", "prop_const_from_keyval"), _from_keyval),
        "prop_item": lambda tex, args: tex.push(_properties(tex, args[0]).get(_key(tex, args[1]), [])),
        "prop_map_inline": _map_properties,
        "prop_count": lambda tex, args: tex.push([str(len(_properties(tex, args[0])))]),
    }
)
EXPL_FUNCTIONS.expandable.update(("prop_item", "prop_count"))
EXPL_FUNCTIONS.conditions.update(
    {
        "prop_get": _get_property,
        "prop_if_in": lambda tex, args: _key(tex, args[1]) in _properties(tex, args[0]),
        "prop_if_empty": lambda tex, args: not _properties(tex, args[0]),
        "quark_if_no_value": lambda tex, args: tex.plain_text(args[0]) in ("", "\\q_no_value"),
    }
)


def all_functions() -> Expl:
    """The functions of expl3 that are known, these and keys among them."""
    EXPL_FUNCTIONS.functions.update(KEYS)
    EXPL_FUNCTIONS.functions.update(EXPL_LOOPS)
    return EXPL_FUNCTIONS
