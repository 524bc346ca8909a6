"""Choices of the LaTeX kernel: commands that go on with one of two arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from curation.extract.latex.lexer import END, SPACE

if TYPE_CHECKING:
    from curation.extract.latex.stomach import Stomach

T = TypeVar("T")


def choose(tex: Stomach, truth: bool) -> None:
    """Read two arguments and go on with the first when `truth`, else with the second."""
    yes, no = tex.read_arg(), tex.read_arg()
    tex.push(yes if truth else no)


def ifnextchar(tex: Stomach, name: str) -> None:
    """`\\@ifnextchar x{yes}{no}`; `\\bgroup` is an opening brace."""
    wanted = tex.read_arg()
    yes, no = tex.read_arg(), tex.read_arg()
    tok = tex.skip_spaces()
    first = "{" if wanted == ["\\bgroup"] else "".join(wanted[:1])
    tex.push(yes if first and tok[: len(first)] == first else no)


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


def ifloadedwith(tex: Stomach, name: str) -> None:
    """`\\@ifpackagewith{x}{options}{yes}{no}`, `\\@ifclasswith`: whether it was loaded with all of these options."""
    of, wanted = tex.read_name(), tex.read_name()
    given = {word.strip() for word in tex.packages.get(of, "").split(",")}
    loaded = tex.origins.classes if "lass" in name else tex.origins.packages
    choose(tex, of in loaded and all(word.strip() in given for word in wanted.split(",") if word.strip()))


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


def given_name(tex: Stomach) -> str:
    """The command that the next argument of a test names: `{\\x}`."""
    return first_name(tex.read_arg())


def named(tex: Stomach) -> str:
    """The command whose name without a backslash is the next argument: `{x}`."""
    return "\\" + tex.read_name()


def is_odd(tex: Stomach) -> bool:
    """Whether the number in the next argument is odd."""
    number: int = tex.evaluate(tex.read_arg(), "count")
    return number % 2 == 1


def within(tex: Stomach, tokens: list[str], read: Callable[[Stomach], T], *, too_deep: T) -> T:
    """What `read` makes of tokens that end where it would go on behind them; what it leaves of them is dropped.

    Tokens that nest too deeply make `too_deep`, and a warning says so: what stands behind them is read as ever.
    """
    pb, below = tex.pb, len(tex.pb)
    tex.pb.append(END)
    tex.push(tokens)
    try:
        found = read(tex)
    except RecursionError:
        if tex.pb is not pb:
            raise
        del pb[below:]
        tex.warn(f"a test nested too deeply at {tex.where()}: taken as false")
        return too_deep
    while tex.next() != END:
        pass
    return found
