"""Page breaks end a paragraph; `\\twocolumn[..]` has a text that spans the page; `\\include` starts and ends with a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from curation.extract.latex.lexer import PAR
from curation.extract.latex.macros import Macro
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


def exclude_comment(tex: Stomach, name: str) -> None:
    """comment.sty: `\\excludecomment{draft}` makes an environment whose text is not printed."""
    tex.env_handlers = {**tex.env_handlers, tex.read_name(): comment_env}


def include_comment(tex: Stomach, name: str) -> None:
    """comment.sty: `\\includecomment{draft}`, `\\specialcomment{draft}{before}{after}`: its text is printed."""
    env = tex.read_name()
    handlers = dict(tex.env_handlers)
    handlers.pop(env, None)
    tex.env_handlers = handlers
    before, after = (tex.read_arg(), tex.read_arg()) if name == "\\specialcomment" else ([], [])
    tex.user_envs[env] = (Macro((), before), after)


PAGES: dict[str, Handler] = {
    **dict.fromkeys(
        ("\\newpage", "\\clearpage", "\\cleardoublepage", "\\eject", "\\supereject", "\\dosupereject", "\\vfill", "\\vfil",
         "\\filbreak", "\\goodbreak", "\\bigbreak", "\\medbreak", "\\smallbreak"),
        page_break,
    ),
    **dict.fromkeys(("\\twocolumn", "\\onecolumn"), columns),
    "\\excludecomment": exclude_comment,
    **dict.fromkeys(("\\includecomment", "\\specialcomment"), include_comment),
}  # fmt: skip
# pictures with labels put on them: file name, options and places are no text
PICTURE_ENVS: dict[str, EnvHandler] = dict.fromkeys(("overpic", "Overpic", "overpic*"), comment_env)
