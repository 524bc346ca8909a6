"""Boxes: what is set in one is kept, and printed where it is used."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from curation.extract.latex.blocks import BREAK, Block, Para
from curation.extract.latex.inline_text import join_inline
from curation.extract.latex.lengths import POINT
from curation.extract.latex.lexer import END, PAR
from curation.extract.latex.macros import Macro
from curation.extract.latex.math_commands import read_box_size
from curation.extract.latex.registers import Quantity, Registers
from curation.extract.latex.stomach import Stomach

if TYPE_CHECKING:
    from curation.extract.latex.paper_state import EnvHandler
    from curation.extract.latex.token_stack import Handler

_VERTICAL = frozenset({"\\vbox", "\\vtop", "\\vcenter"})
_MAKES_BOX = frozenset({"\\hbox", "\\vbox", "\\vtop", "\\vcenter"})
_MAX_BOX = 200_000
"""Characters in a box; one of more (boxes that hold themselves twice) stays empty."""
_CHARS_PER_TOKEN = 4


# ---------------------------------------------------------------- keeping
def keep(tex: Stomach, key: str, tokens: list[str]) -> None:
    """Set tokens now, print them later."""
    blocks = tex.capture(["{", *tokens, "}"])
    if len(join_inline(blocks)) > _MAX_BOX:
        tex.warn(f"a box of more than {_MAX_BOX} characters is dropped")
        blocks = []
    tex.note_value(key, everywhere=tex.pending_global)
    tex.pending_global = False
    tex.values[key] = blocks


def savebox(tex: Stomach, name: str) -> None:
    """`\\sbox\\x{..}`, `\\savebox{\\x}[width][place]{..}`."""
    key = tex.read_box_key()
    if name == "\\savebox":
        _picture_size(tex)
        tex.read_optional()
        tex.read_optional()
    keep(tex, key, tex.read_arg())


def _picture_size(tex: Stomach) -> None:
    """`(3,2)` of a box in a picture."""
    m = re.match(r"\([^()]*\)", tex.skip_spaces())
    if m:
        tok = tex.pb.pop()
        if tok[m.end() :]:
            tex.pb.append(tok[m.end() :])


def setbox(tex: Stomach, name: str) -> None:
    """`\\setbox0=\\hbox to 3cm{..}`, `\\setbox\\x\\copy1`."""
    key = tex.read_box_key()
    tex.skip_equals()
    for _ in range(100):
        tok = tex.skip_spaces()
        base = tex.alias(tok)
        if base in _MAKES_BOX:
            tex.pb.pop()
            read_box_size(tex)
            keep(tex, key, _content(tex))
            return
        if base in ("\\box", "\\copy", "\\usebox", "\\lastbox", "\\vsplit"):
            tex.pb.pop()
            other = tex.read_box_key() if base != "\\lastbox" else ""
            tex.note_value(key, everywhere=tex.pending_global)
            tex.pending_global = False
            tex.values[key] = tex.values.get(other, [])
            return
        if tok[0] != "\\" or tok in (END, PAR):
            return
        tex.pb.pop()
        if not tex.expand_once(tok) and tok != "\\relax":
            tex.pb.append(tok)
            return


def _content(tex: Stomach) -> list[str]:
    """A box's group, closed by `}` or `\\egroup`, or by the end of the environment whose last words say so."""
    tok = tex.skip_spaces()
    if tok == "{":
        tex.pb.pop()
        return tex.read_group()
    if tok != "\\bgroup":
        return []
    tex.pb.pop()
    out: list[str] = []
    depth = 1
    begun = 0
    while len(out) < 20_000:
        tok = tex.next()
        if tok == END or (tok == "\\end" and not begun):
            tex.pb.append(tok)
            break
        begun += (tok == "\\begin") - (tok == "\\end")
        depth += (tok in ("{", "\\bgroup")) - (tok in ("}", "\\egroup"))
        if not depth:
            break
        out.append(tok)
    return out


def lrbox_env(tex: Stomach, name: str) -> None:
    """`\\begin{lrbox}{\\x}`."""
    key = tex.read_box_key()
    blocks = tex.run_env(name)
    tex.note_value(key, everywhere=False)
    tex.values[key] = blocks


# ---------------------------------------------------------------- printing
def use(tex: Stomach, name: str) -> None:
    """`\\usebox{\\x}`, `\\copy0`; `\\box0` and `\\unhbox0` leave the box empty."""
    key = tex.read_box_key()
    blocks: list[Block] = tex.values.get(key) or []
    if name in ("\\box", "\\unhbox", "\\unvbox"):
        tex.values.pop(key, None)
    if not blocks:
        return
    text = join_inline(blocks)
    tex.spend(len(text) // _CHARS_PER_TOKEN)
    if tex.flow.inline or tex.in_math or all(isinstance(b, Para) for b in blocks):
        tex.parts.append(text)
        return
    tex.flush()
    tex.flow.blocks.extend(blocks)


def box(tex: Stomach, name: str) -> None:
    """`\\hbox to 3in{..}`, `\\vbox spread 2pt{..}`: the content follows as a group; boxes in a vertical one stand in lines."""
    read_box_size(tex)
    if tex.skip_spaces() != "{":
        return
    if name in _VERTICAL:
        tex.pb.pop()
        tex.open_group()
        tex.vertical_group().vertical = True
        return
    group = tex.groups[-1] if tex.groups else None
    if group is not None and group.vertical:
        tex.pb.pop()
        tex.open_group()
        tex.vertical_group().closers.append(BREAK)


def size(tex: Registers, tok: str) -> Quantity:
    """`\\wd0`: about 5 pt a character; nothing has no size."""
    blocks: list[Block] = tex.values.get(tex.read_box_key()) or []
    length = len(join_inline(blocks))
    if tok != "\\wd":
        return Quantity("dimen", 7 * POINT * bool(length) if tok == "\\ht" else 0)
    return Quantity("dimen", 5 * POINT * length)


def text_width(tex: Registers, tok: str) -> Quantity:
    """`\\widthof{..}` (calc)."""
    text = join_inline(tex.capture(tex.read_arg(), inline=True)) if isinstance(tex, Stomach) else ""
    return Quantity("dimen", 5 * POINT * len(text) if tok == "\\widthof" else 7 * POINT * bool(text))


BOX_SIZES = {
    **dict.fromkeys(("\\wd", "\\ht", "\\dp"), size),
    **dict.fromkeys(("\\widthof", "\\heightof", "\\depthof", "\\totalheightof"), text_width),
}
BOXES: dict[str, Handler | Macro] = {
    "\\sbox": savebox,
    "\\savebox": savebox,
    "\\setbox": setbox,
    **dict.fromkeys(("\\usebox", "\\box", "\\copy", "\\unhbox", "\\unhcopy", "\\unvbox", "\\unvcopy"), use),
    **dict.fromkeys(("\\hbox", "\\vbox", "\\vcenter", "\\vtop"), box),
}
BOX_ENVS: dict[str, EnvHandler] = {"lrbox": lrbox_env}
