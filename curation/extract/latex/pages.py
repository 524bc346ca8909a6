"""Page breaks end a paragraph; `\\twocolumn[..]` has a text that spans the page; `\\include` starts and ends with a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from curation.extract.latex.lexer import PAR
from curation.extract.latex.verbatim import comment_env

if TYPE_CHECKING:
    from curation.extract.latex.paper_state import EnvHandler
    from curation.extract.latex.stomach import Stomach
    from curation.extract.latex.token_stack import Handler


def page_break(tex: Stomach, name: str) -> None:
    """`\\newpage`, `\\clearpage`; plain TeX's `\\eject`, `\\vfill`, `\\bigbreak`."""
    tex.flush()


def columns(tex: Stomach, name: str) -> None:
    """`\\twocolumn[spanning text]`, `\\onecolumn`."""
    tex.flush()
    spanning = tex.read_optional_here() if name == "\\twocolumn" else None
    if spanning:
        tex.push([*spanning, PAR])


PAGES: dict[str, Handler] = {
    **dict.fromkeys(
        ("\\newpage", "\\clearpage", "\\cleardoublepage", "\\eject", "\\supereject", "\\dosupereject", "\\vfill", "\\vfil",
         "\\filbreak", "\\goodbreak", "\\bigbreak", "\\medbreak", "\\smallbreak"),
        page_break,
    ),
    **dict.fromkeys(("\\twocolumn", "\\onecolumn"), columns),
}  # fmt: skip
# pictures with labels put on them: file name, options and places are no text
PICTURE_ENVS: dict[str, EnvHandler] = dict.fromkeys(("overpic", "Overpic", "overpic*"), comment_env)
