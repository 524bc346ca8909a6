"""Floats of the paper's own: `\\newfloat` (float), `\\DeclareFloatingEnvironment` (newfloat), `\\DeclareCaptionType` (caption)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from curation.extract.latex.floats import float_env
from curation.extract.latex.lexer import untokenize

if TYPE_CHECKING:
    from curation.extract.latex.stomach import Stomach
    from curation.extract.latex.token_stack import Handler

_NAME = re.compile(r"(?:^|,)\s*name\s*=\s*(\{[^{}]*\}|[^,]*)")


def _declare(tex: Stomach, env: str, word: str) -> None:
    if env:
        tex.env_handlers = {**tex.env_handlers, env: float_env, f"{env}*": float_env}
        tex.float_names[env] = word


def _given_name(tex: Stomach, options: list[str] | None) -> str:
    m = _NAME.search(untokenize(options or []))
    return tex.plain_text([m[1].strip(" {}")]) if m else ""


def newfloat(tex: Stomach, name: str) -> None:
    """`\\newfloat{chart}{tbp}{loc}[within]`: it is named as its environment until `\\floatname`."""
    env = tex.read_name()
    tex.read_arg()
    tex.read_arg()
    tex.read_optional_here()
    _declare(tex, env, tex.float_names.get(env, env))


def floatname(tex: Stomach, name: str) -> None:
    """`\\floatname{chart}{Chart}`; the names of LaTeX's own floats stay as our captions write them."""
    env, word = tex.read_name(), tex.plain_text(tex.read_arg())
    if env not in ("figure", "table"):
        tex.float_names[env] = word


def floating_environment(tex: Stomach, name: str) -> None:
    """`\\DeclareFloatingEnvironment[name=Map]{map}`: named as its environment, with a capital, where no name is given."""
    options = tex.read_optional()
    env = tex.read_name()
    _declare(tex, env, _given_name(tex, options) or env[:1].upper() + env[1:])


def set_up(tex: Stomach, name: str) -> None:
    """`\\SetupFloatingEnvironment{map}{name=Chart}`."""
    env = tex.read_name()
    word = _given_name(tex, tex.read_arg())
    if word and env not in ("figure", "table"):
        tex.float_names[env] = word


def caption_type(tex: Stomach, name: str) -> None:
    """`\\DeclareCaptionType[options]{map}[Map][List of Maps]`; `\\trivfloat{map}`."""
    if name != "\\trivfloat":
        tex.read_optional()
    env = tex.read_name()
    word = tex.plain_text(tex.read_optional_here() or [])
    tex.read_optional_here()
    _declare(tex, env, word or env[:1].upper() + env[1:])


OWN_FLOATS: dict[str, Handler] = {
    "\\newfloat": newfloat,
    "\\floatname": floatname,
    "\\DeclareFloatingEnvironment": floating_environment,
    "\\SetupFloatingEnvironment": set_up,
    **dict.fromkeys(("\\DeclareCaptionType", "\\trivfloat"), caption_type),
}
