"""Lists of the paper's own: enumitem's `\\setlist` and `\\newlist`, `\\labelenumi`, `\\usecounter`, and packages of lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from curation.extract.latex.itemstyle import ItemStyle, redefined_style
from curation.extract.latex.lexer import untokenize
from curation.extract.latex.macros import Macro

if TYPE_CHECKING:
    from curation.extract.latex.paper_state import EnvHandler
    from curation.extract.latex.stomach import Stomach
    from curation.extract.latex.token_stack import Handler


def counter_of(declarations: list[str]) -> str:
    """The counter of `\\usecounter{x}` among a list's declarations."""
    if "\\usecounter" not in declarations:
        return ""
    rest = declarations[declarations.index("\\usecounter") + 1 :]
    return "".join(rest[1 : rest.index("}")]).strip() if rest[:1] == ["{"] and "}" in rest else ""


def redefined(tex: Stomach, level: int, style: ItemStyle | None) -> ItemStyle | None:
    """The style that `\\renewcommand{\\labelenumi}{..}`, `\\theenumi` ask for."""
    counter = "enum" + ("i", "ii", "iii", "iv")[min(level, 3)]
    bodies: list[str | None] = []
    for kind in ("label", "the"):
        entry = tex.defs.get(f"\\{kind}{counter}")
        bodies.append(untokenize(entry.body) if isinstance(entry, Macro) and not entry.builtin else None)
    if style is None or bodies == [None, None]:
        return None
    return redefined_style(bodies[0], bodies[1], level, style.outer, style.start)


def set_before(tex: Stomach, name: str, kind: str) -> list[str]:
    """What `\\setlist` said of a list: of its level first, then of all."""
    level = tex.n_enumerations + 1
    keys = [f"{env},{depth}" for env in dict.fromkeys((name, kind)) for depth in (level, "")]
    return [tex.values[f"setlist {key}"] for key in keys if f"setlist {key}" in tex.values]


def set_list(tex: Stomach, name: str) -> None:
    """enumitem: `\\setlist[enumerate,1]{label=(\\alph*)}`."""
    tex.read_star()
    names = [word.strip() for word in untokenize(tex.read_optional() or []).split(",")]
    options = untokenize(tex.read_arg())
    if "label" not in options and "start" not in options:
        return
    levels = [word for word in names if word.isdigit()] or [""]
    for env in names:
        for level in levels:
            if env and not env.isdigit():
                key = f"setlist {env},{level}"
                tex.note_value(key, everywhere=False)
                tex.values[key] = options


def new_list(tex: Stomach, name: str) -> None:
    """enumitem: `\\newlist{steps}{enumerate}{2}`."""
    env, kind = tex.read_name(), tex.read_name()
    tex.read_arg()
    tex.values[f"list kind {env}"] = kind
    tex.env_handlers = {**tex.env_handlers, env: tex.env_handlers["itemize"]}


def outline_env(tex: Stomach, name: str) -> None:
    """`outline` (outlines): `\\1`, `\\2` begin items of their level; here they stand in one list."""
    tex.push(
        [
            "\\begin",
            "{",
            "itemize",
            "}",
            *(tok for digit in "1234" for tok in ("\\def", f"\\{digit}", "{", "\\item", "}")),
        ]
    )
    tex.push_env(name, end_tokens=["\\end", "{", "itemize", "}"])


def tasks_env(tex: Stomach, name: str) -> None:
    """`\\begin{tasks}[options](2)` (tasks): items a), b) in columns."""
    options = untokenize(tex.read_optional_here() or [])
    tex.read_optional("(", ")")
    label = options if "label" in options else "label=\\alph*)"
    tex.push(["\\begin", "{", "enumerate", "}", "[", label, "]", "\\let", "\\task", "\\item"])
    tex.push_env(name, end_tokens=["\\end", "{", "enumerate", "}"])


OWN_LISTS: dict[str, Handler] = {"\\setlist": set_list, "\\newlist": new_list}
OWN_LIST_ENVS: dict[str, EnvHandler] = {"outline": outline_env, "tasks": tasks_env}
