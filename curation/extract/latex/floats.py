"""Floats and their captions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from curation.extract.latex.blocks import Caption, Para
from curation.extract.latex.equation_numbers import prefix_number
from curation.extract.latex.inline_text import tidy

if TYPE_CHECKING:
    from curation.extract.latex.paper_state import EnvHandler
    from curation.extract.latex.stomach import Stomach
    from curation.extract.latex.token_stack import Handler

FLOATS = {
    "figure": "Figure", "wrapfigure": "Figure", "sidewaysfigure": "Figure", "SCfigure": "Figure", "marginfigure": "Figure",
    "subfigure": "Figure", "subtable": "Table", "floatingfigure": "Figure", "figwindow": "Figure",
    "teaserfigure": "Figure",
    "table": "Table", "sidewaystable": "Table", "wraptable": "Table", "margintable": "Table", "SCtable": "Table",
    "algorithm": "Algorithm", "algorithm2e": "Algorithm", "listing": "Listing", "longlisting": "Listing",
    "code": "Listing", "scheme": "Scheme", "plate": "Plate", "video": "Video", "chart": "Chart", "program": "Listing",
}  # fmt: skip
_FIXED_ARGS = {
    "wrapfigure": "omom", "wraptable": "omom", "subfigure": "om", "subtable": "om", "floatingfigure": "om", "figwindow": "m",
}  # fmt: skip
_SUBFLOATS = frozenset({"subfigure", "subtable"})


def float_env(tex: Stomach, name: str) -> None:
    """A float: its blocks in order, set after the paragraph in which it stands; its label is local to it."""
    base = name.rstrip("*")
    for kind in _FIXED_ARGS.get(base, "o"):
        if kind == "o":
            tex.read_optional_here()
        else:
            tex.read_arg()
    kind = float_kind(tex, base)
    outer_kind, outer_ref, caption_seen = tex.float_kind, tex.current_ref, tex.caption_seen
    part_of, tex.subfloat_of = tex.subfloat_of, upcoming_number(tex, kind) if base in _SUBFLOATS and outer_kind else ""
    tex.float_kind, tex.caption_seen = kind, False
    ack, tex.ack_level = tex.ack_level, 0
    pending, tex.pending_labels = tex.pending_labels, []
    blocks = tex.run_env(name)
    if tex.pending_labels:
        if not tex.caption_seen:
            # labelled but never captioned: the caption is an argument of a macro that nobody defined
            number = next_part(tex, kind)[1] if tex.subfloat_of else float_number(tex, kind)
            bind_float(tex, (kind.lower(), number))
            if not tex.subfloat_of and blocks and isinstance(blocks[-1], Para):
                blocks[-1] = Caption(kind, number, blocks[-1].text)
        bind_float(tex, tex.current_ref)
    tex.pending_labels = pending
    tex.ack_level = ack
    tex.subfloat_of = part_of
    tex.float_kind, tex.caption_seen = outer_kind, caption_seen
    if base not in _SUBFLOATS:
        tex.current_ref = outer_ref
    captions = [b for b in blocks if isinstance(b, Caption)]
    others = [b for b in blocks if not isinstance(b, Caption)]
    if kind == "Table" or kind == "Algorithm":
        blocks = captions + others
    tex.add_float(blocks)


def float_kind(tex: Stomach, env: str) -> str:
    """What the captions of a float begin with."""
    return tex.float_names.get(env) or FLOATS.get(env, "Figure")


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


def upcoming_number(tex: Stomach, kind: str) -> str:
    """The number of the float being read: its caption may stand above or below its parts."""
    before = tex.counters["\x00" + kind]
    tex.counters["\x00" + kind] += 0 if tex.caption_seen else 1
    number = prefix_number(tex, kind.lower(), tex.counters["\x00" + kind])
    tex.counters["\x00" + kind] = before
    return number


def next_part(tex: Stomach, kind: str) -> tuple[str, str]:
    """Step the letter of a float's parts: what its caption prints, and what `\\ref` prints: (a), 3a."""
    tex.counters["\x00sub" + kind] += 1
    letter = chr(96 + min(26, tex.counters["\x00sub" + kind]))
    return f"({letter})", tex.subfloat_of + (f"({letter})" if "subfigure" in tex.packages else letter)


def continued(tex: Stomach, name: str) -> None:
    """`\\ContinuedFloat` (caption): the next caption has the number of the one before."""
    if tex.float_kind and tex.counters["\x00" + tex.float_kind]:
        tex.counters["\x00" + tex.float_kind] -= 1


def caption(tex: Stomach, name: str) -> None:
    """`\\caption[short]{text}`, `\\captionof{figure}{text}`, `\\figcaption[file]{text}`."""
    star = tex.read_star()
    kind = tex.float_kind or "Figure"
    if name == "\\captionof":
        kind = float_kind(tex, tex.read_name())
    elif name in ("\\figcaption", "\\figurecaption"):
        kind = "Figure"
    elif name in ("\\tablecaption", "\\topcaption", "\\bottomcaption", "\\tcaption"):
        kind = "Table"
    tex.read_optional()
    tokens = tex.read_arg()
    if name == "\\captionsetup":
        return
    if tex.subfloat_of or name == "\\subcaption":
        part_caption(tex, kind, tokens)
        return
    numeral = ""
    if not star:
        numeral = float_number(tex, kind)
        bind_float(tex, (kind.lower(), numeral))
    text = tidy(tex.inline(tokens))
    if text:
        tex.add(Caption("" if star else kind, numeral, text))


def part_number(tex: Stomach, kind: str) -> tuple[str, str]:
    """The next part of the float being read: what its caption prints, and what `\\ref` prints."""
    part_of, tex.subfloat_of = tex.subfloat_of, tex.subfloat_of or upcoming_number(tex, kind)
    numbers = next_part(tex, kind)
    tex.subfloat_of = part_of
    return numbers


def part_caption(tex: Stomach, kind: str, tokens: list[str], numbers: tuple[str, str] | None = None) -> None:
    """The caption of a part: `(a) text`; a label in it or after it prints as 3a."""
    part_of = tex.subfloat_of
    letter, number = numbers or part_number(tex, kind)
    caption_seen = tex.caption_seen
    if part_of:
        bind_float(tex, (kind.lower(), number))
    else:
        tex.current_ref, tex.caption_seen = (kind.lower(), number), True
    text = tidy(tex.inline(tokens))
    tex.caption_seen = caption_seen or bool(part_of)
    if not part_of and tex.skip_spaces() == "\\label":
        tex.pb.pop()
        tex.labels.setdefault(tex.read_name(), (kind.lower(), number))
    if text:
        tex.add(Caption("", "", f"{letter} {text}"))


def figurenum(tex: Stomach, name: str) -> None:
    """`\\figurenum{3}`, `\\tablenum{2}` (aastex): the next number by hand."""
    text = tex.plain_text(tex.read_arg())
    if text.isdigit():
        tex.counters["\x00" + ("Figure" if name == "\\figurenum" else "Table")] = int(text) - 1


def dataset(tex: Stomach, name: str) -> None:
    """`\\dataset[DOI or words]{address}`, `\\object[id]{name}` (aastex): what is printed is the words, if given."""
    words = tex.read_optional()
    address = tex.read_arg()
    tex.push(words if words and name == "\\dataset" else address)


def subfloat(tex: Stomach, name: str) -> None:
    """`\\subfigure[caption]{graphic}`, `\\subfloat[..][..]{..}`, `\\subcaptionbox{caption}[width]{graphic}`."""
    if name == "\\subcaptionbox":
        tex.read_star()
        text: list[str] | None = tex.read_arg()
        tex.read_optional()
        tex.read_optional()
    else:
        first, second = tex.read_optional(), tex.read_optional()
        text = second if second is not None else first
    body = tex.read_arg()
    kind = tex.float_kind or "Figure"
    outer = tex.current_ref, tex.caption_seen
    numbers = None if text is None else part_number(tex, kind)
    if numbers:  # a label among the graphics is the part's
        tex.current_ref, tex.caption_seen = (kind.lower(), numbers[1]), True
    blocks = tex.capture(body)
    tex.current_ref, tex.caption_seen = outer
    tex.flush()
    tex.flow.blocks.extend(blocks)
    if text:
        part_caption(tex, kind, text, numbers)


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
    "\\subfigure": subfloat,
    "\\subfloat": subfloat,
    "\\subcaptionbox": subfloat,
    "\\ContinuedFloat": continued,
    "\\dataset": dataset,
    "\\gridline": gridline,
    "\\fig": gridline,
    "\\leftfig": gridline,
    "\\rightfig": gridline,
    "\\boxedfig": gridline,
}  # fmt: skip
FLOAT_ENVS: dict[str, EnvHandler] = {n + s: float_env for n in FLOATS for s in ("", "*")}
