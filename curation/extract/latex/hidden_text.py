"""Text that no reader of the page sees: white on the white page, or set in a size of nothing.

It is left out where it is sure: in running text of a paper whose page has no colour. In boxes, tables, figures and
environments of the paper's own, white letters may stand on a dark ground, and stay.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from curation.extract.latex.lexer import untokenize

if TYPE_CHECKING:
    from curation.extract.latex.paper_state import EnvHandler
    from curation.extract.latex.stomach import Stomach
    from curation.extract.latex.token_stack import Handler

_WHITES, _GROUND = "names of white", "coloured ground"
_SEEN_AGAIN = "\\\x00seen"
_ON_THE_PAGE = frozenset(
    ("document", "abstract", "center", "flushleft", "flushright", "quote", "quotation", "itemize", "enumerate", "description",
     "small", "footnotesize", "scriptsize", "tiny", "normalsize", "titlepage", "frontmatter", "acknowledgements",
     "acknowledgments", "spacing", "singlespace", "color")
)  # fmt: skip
_GROUNDS = frozenset({"beamer", "tcolorbox", "sectsty", "colortbl"})
"""Classes and packages whose words stand on colours that the text does not tell."""
_TINIEST_PT = 2.0
"""A size of letters below which none can be read: TeX's own smallest is 5 pt."""
_AHEAD = 5_000
"""Characters of source in which white that no group ends must end, or it is taken for an oversight."""
_NEXT_COLOUR = re.compile(r"\\(?:color|normalcolor)(?![A-Za-z])")


def is_white(tex: Stomach, model: str, colour: str) -> bool:
    """Whether a colour of xcolor is white: its name, a mixture of it, or its parts in a model."""
    colour = colour.strip()
    if not model:
        name, *mixed = (piece.strip() for piece in colour.split("!"))
        if mixed[:1] == ["0"]:
            return len(mixed) < 2 or mixed[1].lower() in _whites(tex)
        return name.lower() in _whites(tex) and (len(mixed) < 2 or mixed[1].lower() in _whites(tex))
    parts = re.findall(r"[\da-fA-F]{2}", colour) if model == "HTML" else colour.split(",")
    least, most = {"rgb": (0.98, 1.0), "gray": (0.98, 1.0), "RGB": (250, 255), "HTML": (250, 255)}.get(model, (2, 1))
    try:
        values = [int(part, 16) if model == "HTML" else float(part) for part in parts]
    except ValueError:
        return False
    if model == "cmyk":
        return len(values) == 4 and max(values) <= 0.02
    return bool(values) and all(least <= value <= most for value in values)


def _whites(tex: Stomach) -> frozenset[str]:
    whites: frozenset[str] = tex.values.get(_WHITES, frozenset({"white"}))
    return whites


def _names(tex: Stomach, name: str, *, white: bool) -> None:
    if white != (name.lower() in _whites(tex)):
        tex.values[_WHITES] = _whites(tex) ^ {name.lower()}


def define_colour(tex: Stomach, name: str) -> None:
    """`\\definecolor[named]{paper}{rgb}{1,1,1}`, `\\providecolor`."""
    tex.read_optional()
    colour, model, parts = tex.read_name(), tex.read_name(), tex.read_name()
    _names(tex, colour, white=is_white(tex, "" if model == "named" else model, parts))


def let_colour(tex: Stomach, name: str) -> None:
    """`\\colorlet{paper}{white}`."""
    tex.read_optional()
    colour = tex.read_name()
    model = untokenize(tex.read_optional() or [])
    _names(tex, colour, white=is_white(tex, model, tex.read_name()))


def page_colour(tex: Stomach, name: str) -> None:
    """`\\pagecolor{black}`: from here on white letters are seen."""
    model = untokenize(tex.read_optional() or [])
    if not is_white(tex, model, tex.read_name()):
        tex.values[_GROUND] = True


def _is_on_the_page(tex: Stomach) -> bool:
    """Whether what is printed now surely stands on the page's own white."""
    return (
        tex.in_body
        and not tex.values.get(_GROUND)
        and tex.table is None
        and not tex.float_kind
        and all(env.name in _ON_THE_PAGE for env in tex.envs)
        and _GROUNDS.isdisjoint((*tex.origins.packages, *tex.origins.classes))
    )


def _hide(tex: Stomach) -> None:
    """Print nothing until the group ends."""
    if tex.parts is tex.flow.parts:
        tex.parts = []
        tex.warn("text that is white or too small to be seen is left out")
        group = tex.group()
        if group is not None:
            group.after.append(_SEEN_AGAIN)


def seen_again(tex: Stomach, name: str) -> None:
    """`\\normalcolor`, and the end of a group in which nothing was seen."""
    tex.parts = tex.flow.parts


def colour(tex: Stomach, name: str) -> None:
    """`\\color{white}` until the group ends, or until another colour."""
    model = untokenize(tex.read_optional() or [])
    if not is_white(tex, model, tex.read_name()):
        seen_again(tex, name)
    elif _is_on_the_page(tex) and (tex.groups or _ends_soon(tex)):
        _hide(tex)


def colour_env(tex: Stomach, name: str) -> None:
    """`\\begin{color}{red}`."""
    tex.push_env(name)
    colour(tex, name)


def _ends_soon(tex: Stomach) -> bool:
    """Whether the source sets another colour soon."""
    src, pos = tex.mouth.src, tex.mouth.pos
    return not tex.pb and _NEXT_COLOUR.search(src, pos, pos + _AHEAD) is not None


def text_colour(tex: Stomach, name: str) -> None:
    """`\\textcolor[rgb]{1,1,1}{x}`: x, unless it is white on white."""
    model = untokenize(tex.read_optional() or [])
    white = is_white(tex, model, tex.read_name())
    text = tex.read_arg()
    if white and _is_on_the_page(tex):
        tex.warn("text that is white or too small to be seen is left out")
    else:
        tex.push(["{", *text, "}"])


def colour_box(tex: Stomach, name: str) -> None:
    """`\\colorbox{black}{x}`, `\\fcolorbox{red}{black}{x}`: x, on a ground of its own."""
    for _ in range(2 if name == "\\fcolorbox" else 1):
        tex.read_optional()
        tex.read_arg()
    tex.push(["{", _ON_COLOUR, *tex.read_arg(), "}"])


_ON_COLOUR = "\\\x00ground"


def on_colour(tex: Stomach, name: str) -> None:
    """Within a box that has a ground of its own."""
    tex.note_value(_GROUND, everywhere=False)
    tex.values[_GROUND] = True


def font_size(tex: Stomach, name: str) -> None:
    """`\\fontsize{0.1pt}{0.1pt}`: letters so small are not seen."""
    size = re.match(r"\s*(\d*\.?\d+)\s*(?:pt|bp|sp)?\s*\Z", untokenize(tex.read_arg()))
    tex.read_arg()
    if size and float(size[1]) < _TINIEST_PT and tex.groups and _is_on_the_page(tex):
        _hide(tex)


HIDDEN: dict[str, Handler] = {
    "\\color": colour,
    "\\textcolor": text_colour,
    **dict.fromkeys(("\\colorbox", "\\fcolorbox"), colour_box),
    **dict.fromkeys(("\\definecolor", "\\providecolor"), define_colour),
    "\\colorlet": let_colour,
    "\\pagecolor": page_colour,
    **dict.fromkeys(("\\normalcolor", "\\nopagecolor", _SEEN_AGAIN), seen_again),
    "\\fontsize": font_size,
    _ON_COLOUR: on_colour,
}
"""Colours, and sizes given in numbers."""
HIDDEN_ENVS: dict[str, EnvHandler] = {"color": colour_env}
