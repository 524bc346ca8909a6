"""Choices of the LaTeX kernel: commands that go on with one of two arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from curation.extract.latex.lexer import SPACE

if TYPE_CHECKING:
    from curation.extract.latex.stomach import Stomach


def choose(tex: Stomach, truth: bool) -> None:
    """Read two arguments and go on with the first when `truth`, else with the second."""
    yes, no = tex.read_arg(), tex.read_arg()
    tex.push(yes if truth else no)


def ifnextchar(tex: Stomach, name: str) -> None:
    """`\\@ifnextchar x{yes}{no}`."""
    wanted = tex.read_arg()
    yes, no = tex.read_arg(), tex.read_arg()
    tok = tex.skip_spaces()
    tex.push(yes if wanted and tok[: len(wanted[0])] == wanted[0] else no)


def ifstar(tex: Stomach, name: str) -> None:
    """`\\@ifstar{yes}{no}`."""
    yes, no = tex.read_arg(), tex.read_arg()
    tex.push(yes if tex.read_star() else no)


def is_undefined(tex: Stomach, tok: str) -> bool:
    """LaTeX's `\\@ifundefined`: a name that `\\csname` made counts too."""
    return not tex.is_defined(tok) or tex.alias(tok) == "\\relax"


def ifundefined(tex: Stomach, name: str) -> None:
    """`\\@ifundefined{x}{yes}{no}`."""
    choose(tex, is_undefined(tex, "\\" + tex.read_name()))


def ifdefinable(tex: Stomach, name: str) -> None:
    """`\\@ifdefinable\\x{definition}`."""
    cs = first_name(tex.read_arg())
    body = tex.read_arg()
    tex.push(body if is_undefined(tex, cs) else [])


def ifloaded(tex: Stomach, name: str) -> None:
    """`\\@ifpackageloaded{x}{yes}{no}`, `\\@ifclassloaded`, `\\IfPackageLoadedTF`."""
    wanted = tex.read_name()
    loaded = tex.origins.classes if "lass" in name else tex.origins.packages
    choose(tex, wanted in loaded)


def if_argument(tex: Stomach, name: str) -> None:
    """`\\IfNoValueTF{#1}{yes}{no}`, `\\IfBooleanT`, `\\IfBlankF`: what an argument of a document command is."""
    tokens = [t for t in tex.read_arg() if t != SPACE]
    what = name.removeprefix("\\If").rstrip("TF")
    if what == "Boolean":
        truth = tokens == ["\\BooleanTrue"]
    elif what == "Blank":
        truth = not "".join(tokens).strip()
    else:
        truth = (tokens == [NO_VALUE]) == (what == "NoValue")
    arms = name[len("\\If" + what) :]
    yes = tex.read_arg() if "T" in arms else []
    no = tex.read_arg() if "F" in arms else []
    tex.push(yes if truth else no)


NO_VALUE = "\\c_novalue_tl"


def first_name(tokens: list[str]) -> str:
    return next((t for t in tokens if t != SPACE), "\\\x00none")
