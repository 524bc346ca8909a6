"""Fonts: emphasis and bold are kept as Markdown marks, everything else about type falls away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from curation.extract.latex.blocks import BOLD, BOLD_END, CODE, CODE_END, EMPH, EMPH_END

if TYPE_CHECKING:
    from curation.extract.latex.stomach import Stomach
    from curation.extract.latex.token_stack import Handler


def emph(tex: Stomach, name: str) -> None:
    """`\\emph{x}`, `\\textit{x}`, `\\textsl{x}`."""
    _wrap(tex, EMPH, EMPH_END)


def bold(tex: Stomach, name: str) -> None:
    """`\\textbf{x}`."""
    _wrap(tex, BOLD, BOLD_END)


def typewriter(tex: Stomach, name: str) -> None:
    """`\\texttt{x}`: code."""
    _wrap(tex, CODE, CODE_END)


def _wrap(tex: Stomach, opener: str, closer: str) -> None:
    if tex.skip_spaces() != "{":
        return
    tex.pb.pop()
    tex.open_group()
    tex.parts.append(opener)
    group = tex.group()
    if group is not None:
        group.closers.append(closer)
        group.is_argument = True


def italic_switch(tex: Stomach, name: str) -> None:
    """`{\\it ..}`, `{\\em ..}`: to the end of the group."""
    tex.switch_font(EMPH, EMPH_END)


def bold_switch(tex: Stomach, name: str) -> None:
    """`{\\bf ..}`."""
    tex.switch_font(BOLD, BOLD_END)


def typewriter_switch(tex: Stomach, name: str) -> None:
    """`{\\tt ..}`."""
    tex.switch_font(CODE, CODE_END)


def begin_group(tex: Stomach, name: str) -> None:
    """`{`, `\\begingroup`, `\\bgroup`."""
    tex.open_group()


def end_group(tex: Stomach, name: str) -> None:
    """`}`, `\\endgroup`, `\\egroup`."""
    tex.close_group()


FONTS: dict[str, Handler] = {
    "{": begin_group,
    "\\bgroup": begin_group,
    "\\begingroup": begin_group,
    "}": end_group,
    "\\egroup": end_group,
    "\\endgroup": end_group,
    **dict.fromkeys(("\\emph", "\\textit", "\\textsl"), emph),
    **dict.fromkeys(("\\textbf",), bold),
    **dict.fromkeys(("\\texttt", "\\code"), typewriter),
    **dict.fromkeys(("\\it", "\\em", "\\sl", "\\itshape", "\\slshape"), italic_switch),
    **dict.fromkeys(("\\bf", "\\bfseries"), bold_switch),
    **dict.fromkeys(("\\tt", "\\ttfamily"), typewriter_switch),
}
