"""Floats and their captions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from curation.extract.latex.blocks import Caption
from curation.extract.latex.mathmode import prefix_number
from curation.extract.latex.stomach import tidy

if TYPE_CHECKING:
    from curation.extract.latex.gullet import Handler
    from curation.extract.latex.stomach import EnvHandler, Stomach

FLOATS = {
    "figure": "Figure", "wrapfigure": "Figure", "sidewaysfigure": "Figure", "SCfigure": "Figure", "marginfigure": "Figure",
    "subfigure": "Figure", "floatingfigure": "Figure", "figwindow": "Figure", "teaserfigure": "Figure",
    "table": "Table", "sidewaystable": "Table", "wraptable": "Table", "margintable": "Table", "SCtable": "Table",
    "algorithm": "Algorithm", "algorithm2e": "Algorithm", "listing": "Listing", "longlisting": "Listing",
    "code": "Listing", "scheme": "Scheme", "plate": "Plate", "video": "Video", "chart": "Chart", "program": "Listing",
}  # fmt: skip
_FIXED_ARGS = {"wrapfigure": "omom", "wraptable": "omom", "subfigure": "om", "floatingfigure": "om", "figwindow": "m"}


def float_env(tex: Stomach, name: str) -> None:
    """A float: its blocks in order, set after the paragraph in which it stands; its label is local to it."""
    base = name.rstrip("*")
    for kind in _FIXED_ARGS.get(base, "o"):
        if kind == "o":
            tex.read_optional_here()
        else:
            tex.read_arg()
    kind = FLOATS[base]
    outer_kind, outer_ref, caption_seen = tex.float_kind, tex.current_ref, tex.caption_seen
    tex.float_kind, tex.caption_seen = kind, False
    ack, tex.ack_level = tex.ack_level, 0
    pending, tex.pending_labels = tex.pending_labels, []
    blocks = tex.run_env(name)
    if tex.pending_labels:
        # labelled but never captioned (the caption may be a macro that nobody defined)
        if not tex.caption_seen:
            bind_float(tex, (kind.lower(), float_number(tex, kind)))
        bind_float(tex, tex.current_ref)
    tex.pending_labels = pending
    tex.ack_level = ack
    tex.float_kind, tex.caption_seen = outer_kind, caption_seen
    if base != "subfigure":
        tex.current_ref = outer_ref
    captions = [b for b in blocks if isinstance(b, Caption)]
    others = [b for b in blocks if not isinstance(b, Caption)]
    if kind == "Table" or kind == "Algorithm":
        blocks = captions + others
    tex.add_float(blocks)


def bind_float(tex: Stomach, number: tuple[str, str]) -> None:
    """A caption's number is also that of the labels that stood before it in its float."""
    tex.current_ref = number
    tex.caption_seen = True
    for key in tex.pending_labels:
        tex.labels.setdefault(key, number)
    tex.pending_labels.clear()


def float_number(tex: Stomach, kind: str) -> str:
    """Step a float's counter."""
    tex.counters["\x00" + kind] += 1
    tex.counters["\x00sub" + kind] = 0
    return prefix_number(tex, kind.lower(), tex.counters["\x00" + kind])


def caption(tex: Stomach, name: str) -> None:
    """`\\caption[short]{text}`, `\\captionof{figure}{text}`, `\\figcaption[file]{text}`."""
    star = tex.read_star()
    kind = tex.float_kind or "Figure"
    if name == "\\captionof":
        kind = {"table": "Table", "algorithm": "Algorithm", "listing": "Listing"}.get(tex.read_name(), "Figure")
    elif name in ("\\figcaption", "\\figurecaption"):
        kind = "Figure"
    elif name == "\\tablecaption" or name == "\\topcaption":
        kind = "Table"
    tex.read_optional()
    tokens = tex.read_arg()
    if name == "\\captionsetup":
        return
    numbered = not star and name != "\\subcaption"
    numeral = ""
    if numbered:
        numeral = float_number(tex, kind)
        bind_float(tex, (kind.lower(), numeral))
    text = tidy(tex.inline(tokens))
    if text:
        tex.add(Caption(kind if numbered else "", numeral, text))


def figurenum(tex: Stomach, name: str) -> None:
    """`\\figurenum{3}`, `\\tablenum{2}` (aastex): the next number by hand; inside a row a blank filler."""
    text = tex.plain_text(tex.read_arg())
    if name == "\\tablenum" and tex.table is not None:
        tex.parts.append(text)
    elif text.isdigit():
        tex.counters["\x00" + ("Figure" if name == "\\figurenum" else "Table")] = int(text) - 1


def dataset(tex: Stomach, name: str) -> None:
    """`\\dataset[DOI or words]{address}`, `\\object[id]{name}` (aastex): what is printed is the words, if given."""
    words = tex.read_optional()
    address = tex.read_arg()
    tex.push(words if words and name == "\\dataset" else address)


def subfloat(tex: Stomach, name: str) -> None:
    """`\\subfigure[caption]{graphic}`, `\\subfloat[..][..]{..}`."""
    first = tex.read_optional()
    second = tex.read_optional()
    body = tex.read_arg()
    text = second if second is not None else first
    tex.counters["\x00sub" + tex.float_kind] += 1
    blocks = tex.capture(body)
    tex.flush()
    tex.flow.blocks.extend(blocks)
    if text:
        line = tidy(tex.inline(text))
        if line:
            tex.add(Caption("", "", line))


def gridline(tex: Stomach, name: str) -> None:
    """`\\gridline{..}`, `\\fig{file}{width}{text}`, `\\leftfig`, `\\rightfig` (aastex)."""
    if name == "\\gridline":
        tex.push(tex.read_arg())
        return
    tex.read_arg()
    tex.read_arg()
    text = tidy(tex.inline(tex.read_arg()))
    if text:
        tex.add(Caption("", "", text))


FLOAT_COMMANDS: dict[str, Handler] = {
    **dict.fromkeys(
        ("\\caption", "\\captionof", "\\figcaption", "\\figurecaption", "\\tablecaption", "\\subcaption", "\\topcaption",
         "\\bottomcaption", "\\tcaption"),
        caption,
    ),
    "\\figurenum": figurenum,
    "\\tablenum": figurenum,
    "\\subfigure": subfloat,
    "\\subfloat": subfloat,
    "\\dataset": dataset,
    "\\gridline": gridline,
    "\\fig": gridline,
    "\\leftfig": gridline,
    "\\rightfig": gridline,
    "\\boxedfig": gridline,
}  # fmt: skip
FLOAT_ENVS: dict[str, EnvHandler] = {n + s: float_env for n in FLOATS for s in ("", "*")}
