"""Floats and captions; code, algorithms and pictures."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from curation.extract.latex.blocks import CODE, CODE_END, Block, Caption, Code
from curation.extract.latex.mathmode import prefix_number
from curation.extract.latex.stomach import join_inline, tidy

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


# ---------------------------------------------------------------- verbatim
_VERBATIM_OPTIONS = re.compile(r"[ \t]*(?:\[((?:[^\[\]\n]|\n|\[[^\]]*\])*?)\])?")
_LANGUAGE = re.compile(r"language\s*=\s*(?:\[[^\]]*\])?\s*\{?([A-Za-z+#]+)")


def verbatim_env(tex: Stomach, name: str) -> None:
    """`verbatim`, `lstlisting`, `minted`: lines as they stand, up to the literal `\\end{..}`."""
    mouth = tex.mouth
    if tex.pb:
        # inside an argument the category codes are frozen; TeX fails here too
        tex.push_env(name)
        return
    closing = "\\end{" + name + "}"
    start = mouth.pos
    language = ""
    if name.rstrip("*") not in ("verbatim", "comment", "alltt"):
        m = _VERBATIM_OPTIONS.match(mouth.src, start)
        if m and m.group(1) is not None:
            start = m.end()
            found = _LANGUAGE.search(m.group(1))
            language = found.group(1).lower() if found else ""
            cap = re.search(r"caption\s*=\s*\{([^{}]*)\}", m.group(1))
            if cap:
                mouth.pos = start
                tex.push_text("\\caption{" + cap.group(1) + "}")
                caption_tokens = tex.next()
                tex.run_one(caption_tokens)
                start = mouth.pos
        if name.rstrip("*") in ("minted", "pycode", "Verbatim@"):
            m2 = re.compile(r"\s*\{([^{}]*)\}").match(mouth.src, start)
            if m2:
                language = m2.group(1).strip()
                start = m2.end()
    end = mouth.src.find(closing, start)
    if end < 0:
        tex.warn(f"unclosed {name}")
        tex.push_env(name)
        return
    text = mouth.src[start:end]
    mouth.pos = end + len(closing)
    if "\n" in text:
        first, _, rest = text.partition("\n")
        text = rest if not first.strip() else text
    text = text.rstrip()
    if text.strip():
        tex.add(Code(text, language))


def comment_env(tex: Stomach, name: str) -> None:
    """`comment` and pictures: nothing up to the literal `\\end{..}`."""
    mouth = tex.mouth
    closing = "\\end{" + name + "}"
    if tex.pb:
        _skip_tokens(tex, name)
        return
    end = mouth.src.find(closing, mouth.pos)
    if end < 0:
        tex.warn(f"unclosed {name}")
        return
    mouth.pos = end + len(closing)


def _skip_tokens(tex: Stomach, name: str) -> None:
    """Read tokens away up to `\\end{name}`."""
    seen: list[str] = []
    for _ in range(200_000):
        tok = tex.next()
        if tok == "\\end" and tex.read_name() == name:
            return
        if tok == "\\\x00end":
            tex.pb.append(tok)
            return
        seen.append(tok)


def verb(tex: Stomach, name: str) -> None:
    """`\\verb|x|`, `\\lstinline!x!`, `\\mintinline{python}{x}`, `\\path|x|`."""
    if name == "\\lstinline":
        tex.read_optional_here()
    elif name == "\\mintinline":
        tex.read_optional_here()
        tex.read_arg()
    text = ""
    if tex.pb:
        if tex.peek() == "{":
            text = tex.plain_text(tex.read_arg())
        else:
            delimiter = tex.next_char()
            out: list[str] = []
            for _ in range(2_000):
                tok = tex.next_char()
                if tok == delimiter or tok == "\\\x00end":
                    break
                out.append(tok)
            text = "".join(out)
    else:
        mouth = tex.mouth
        src, pos = mouth.src, mouth.pos
        if src[pos : pos + 1] == "*" and name == "\\verb":
            pos += 1
        delimiter = src[pos : pos + 1]
        if delimiter == "{" and name != "\\verb":
            end = _closing_brace(src, pos)
        else:
            end = src.find(delimiter, pos + 1) if delimiter else -1
        if end < 0 or "\n" in src[pos:end] or end - pos > 2_000:
            return
        text = src[pos + 1 : end]
        mouth.pos = end + 1
    tex.parts.append(CODE + text.replace("$", "\\$") + CODE_END)


def _closing_brace(src: str, pos: int) -> int:
    depth = 0
    for i in range(pos, min(len(src), pos + 2_000)):
        if src[i] == "{":
            depth += 1
        elif src[i] == "}":
            depth -= 1
            if depth == 0:
                return i
    return -1


_URL = re.compile(r"\s*\{((?:[^{}\\\n]|\\.|\{[^{}]*\}|\n)*?)\}")


def read_url(tex: Stomach) -> str:
    """An address: `%`, `#`, `_` and `~` are themselves."""
    if not tex.pb:
        m = _URL.match(tex.mouth.src, tex.mouth.pos)
        if m:
            tex.mouth.pos = m.end()
            return re.sub(r"\\([%#&_~{}])", r"\1", m.group(1)).replace("\n", "").strip()
    return re.sub(r"\\([%#&_~{}])", r"\1", "".join(tex.read_arg())).strip()


def url(tex: Stomach, name: str) -> None:
    """`\\url{..}`."""
    text = read_url(tex)
    if text.startswith("\\"):
        tex.push_text(text)
        return
    tex.parts.append(text)


def href(tex: Stomach, name: str) -> None:
    """`\\href{url}{text}`: the text."""
    tex.read_optional()
    target = read_url(tex)
    tokens = tex.read_arg()
    if tokens:
        tex.push(tokens)
    elif target:
        tex.parts.append(target)


# ---------------------------------------------------------------- algorithms
_KEYWORDS = {
    "\\State": "", "\\STATE": "", "\\Statex": "", "\\Require": "Require: ", "\\REQUIRE": "Require: ",
    "\\Ensure": "Ensure: ", "\\ENSURE": "Ensure: ", "\\Return": "return ", "\\RETURN": "return ", "\\Print": "print ",
    "\\Input": "Input: ", "\\Output": "Output: ", "\\INPUT": "Input: ", "\\OUTPUT": "Output: ",
}  # fmt: skip
_OPEN = {
    "\\If": "if {} then", "\\IF": "if {} then", "\\For": "for {} do", "\\FOR": "for {} do", "\\While": "while {} do",
    "\\WHILE": "while {} do", "\\ForAll": "for all {} do", "\\FORALL": "for all {} do", "\\ElsIf": "else if {} then",
    "\\ELSIF": "else if {} then",
}  # fmt: skip
_OPEN_BARE = {
    "\\Else": "else",
    "\\ELSE": "else",
    "\\Repeat": "repeat",
    "\\REPEAT": "repeat",
    "\\Loop": "loop",
    "\\LOOP": "loop",
}
_CLOSE = {
    "\\EndIf": "end if", "\\ENDIF": "end if", "\\EndFor": "end for", "\\ENDFOR": "end for", "\\EndWhile": "end while",
    "\\ENDWHILE": "end while", "\\EndFunction": "end function", "\\EndProcedure": "end procedure", "\\EndLoop": "end loop",
    "\\ENDLOOP": "end loop",
}  # fmt: skip
_2E_BLOCKS = {
    "\\For": "for {} do", "\\ForEach": "for each {} do", "\\ForAll": "for all {} do", "\\While": "while {} do",
    "\\If": "if {} then", "\\uIf": "if {} then", "\\ElseIf": "else if {} then", "\\uElseIf": "else if {} then",
    "\\lIf": "if {} then", "\\lFor": "for {} do", "\\Fn": "function {}", "\\Function": "function {}",
}  # fmt: skip
_2E_INPUTS = {"\\KwIn": "Input: ", "\\KwOut": "Output: ", "\\KwData": "Data: ", "\\KwResult": "Result: ", "\\KwRet": "return ",
              "\\Return": "return ", "\\KwInput": "Input: ", "\\KwOutput": "Output: "}  # fmt: skip


def algorithmic_env(tex: Stomach, name: str) -> None:
    """`algorithmic`: one line a statement, indented by its blocks, as a code block."""
    tex.read_optional_here()
    env = tex.push_env(name, nested=True)
    saved = {k: tex.defs.get(k) for k in ALGORITHMIC}
    tex.defs.update(ALGORITHMIC)
    lines, tex.code_lines = tex.code_lines, []
    indent, tex.code_indent = tex.code_indent, 0
    blocks = tex.capture(None, env, inline=True)
    if env in tex.envs:
        while tex.envs[-1] is not env:
            tex.pop_env()
        tex.pop_env()
    _take_line(tex, blocks)
    body, tex.code_lines, tex.code_indent = tex.code_lines, lines, indent
    for k, entry in saved.items():
        if entry is None:
            tex.defs.pop(k, None)
        else:
            tex.defs[k] = entry
    if body:
        tex.add(Code("\n".join(body), "\x00math"))


def _take_line(tex: Stomach, blocks: list[Block] | None = None) -> None:
    """What was written since the last statement becomes a line."""
    if blocks is None:
        tex.flush()
        blocks = list(tex.flow.blocks)
        tex.flow.blocks.clear()
    text = join_inline(blocks)
    if text and tex.code_lines is not None:
        tex.code_lines.append("    " * max(0, tex.code_indent) + text.replace("\ue00a", " "))


def state(tex: Stomach, name: str) -> None:
    """`\\State`, `\\Require`."""
    _take_line(tex)
    if _KEYWORDS[name]:
        tex.parts.append(_KEYWORDS[name])


def open_block(tex: Stomach, name: str) -> None:
    """`\\If{c}`, `\\For{c}`."""
    _take_line(tex)
    if name in ("\\ElsIf", "\\ELSIF"):
        tex.code_indent -= 1
    tex.parts.append(_OPEN[name].format(tex.inline(tex.read_arg())))
    _take_line(tex)
    tex.code_indent += 1


def open_bare(tex: Stomach, name: str) -> None:
    """`\\Else`, `\\Repeat`."""
    _take_line(tex)
    if name in ("\\Else", "\\ELSE"):
        tex.code_indent -= 1
    tex.parts.append(_OPEN_BARE[name])
    _take_line(tex)
    tex.code_indent += 1


def close_block(tex: Stomach, name: str) -> None:
    """`\\EndIf`."""
    _take_line(tex)
    tex.code_indent -= 1
    tex.parts.append(_CLOSE[name])
    _take_line(tex)


def until(tex: Stomach, name: str) -> None:
    """`\\Until{c}`."""
    _take_line(tex)
    tex.code_indent -= 1
    tex.parts.append(f"until {tex.inline(tex.read_arg())}")
    _take_line(tex)


def function(tex: Stomach, name: str) -> None:
    """`\\Function{name}{args}`, `\\Procedure`, `\\Call{name}{args}`."""
    head = tex.inline(tex.read_arg())
    args = tex.inline(tex.read_arg())
    if name == "\\Call":
        tex.parts.append(f"{head}({args})")
        return
    _take_line(tex)
    tex.parts.append(f"{name[1:].lower()} {head}({args})")
    _take_line(tex)
    tex.code_indent += 1


def code_comment(tex: Stomach, name: str) -> None:
    """`\\Comment{x}`, `\\tcp{x}`."""
    tex.read_star()
    tex.parts.append("  // " + tex.inline(tex.read_arg()))


def algorithm_env(tex: Stomach, name: str) -> None:
    """`algorithm`: a float around `algorithmic`, or algorithm2e's own statements ended by `\\;`."""
    src, pos = tex.mouth.src, tex.mouth.pos
    end = src.find("\\end{" + name + "}", pos)
    body = src[pos : end if end > 0 else pos + 20_000] if not tex.pb else ""
    if "\\;" not in body and not re.search(r"\\(?:KwIn|KwData|KwResult|SetAlgoLined)", body):
        float_env(tex, name)
        return
    saved = {k: tex.defs.get(k) for k in ALGORITHM2E}
    tex.defs.update(ALGORITHM2E)
    lines, tex.code_lines = tex.code_lines, []
    indent, tex.code_indent = tex.code_indent, 0
    tex.read_optional_here()
    outer_kind, tex.float_kind, outer_ref = tex.float_kind, "Algorithm", tex.current_ref
    env = tex.push_env(name, nested=True)
    blocks = tex.capture(None, env, inline=True)
    if env in tex.envs:
        while tex.envs[-1] is not env:
            tex.pop_env()
        tex.pop_env()
    captions: list[Block] = [b for b in blocks if isinstance(b, Caption)] + list(tex.code_captions)
    tex.code_captions.clear()
    _take_line(tex, [b for b in blocks if not isinstance(b, Caption)])
    body_lines, tex.code_lines, tex.code_indent = tex.code_lines, lines, indent
    tex.float_kind, tex.current_ref = outer_kind, outer_ref
    for k, entry in saved.items():
        if entry is None:
            tex.defs.pop(k, None)
        else:
            tex.defs[k] = entry
    tex.add_float([*captions, Code("\n".join(body_lines or []), "\x00math")])


def statement_end(tex: Stomach, name: str) -> None:
    """`\\;` of algorithm2e."""
    _keep_captions(tex)
    _take_line(tex)


def _keep_captions(tex: Stomach) -> None:
    tex.flush()
    tex.code_captions.extend(b for b in tex.flow.blocks if isinstance(b, Caption))
    tex.flow.blocks[:] = [b for b in tex.flow.blocks if not isinstance(b, Caption)]


def block_2e(tex: Stomach, name: str) -> None:
    """`\\For{c}{body}`."""
    statement_end(tex, name)
    tex.read_optional_here()
    condition = tex.inline(tex.read_arg())
    tex.parts.append(_2E_BLOCKS[name].format(condition))
    _take_line(tex)
    _body_2e(tex)


def _body_2e(tex: Stomach) -> None:
    body = tex.read_arg()
    tex.code_indent += 1
    blocks = tex.capture(body, inline=True)
    _take_line(tex, blocks)
    tex.code_indent -= 1


def if_else_2e(tex: Stomach, name: str) -> None:
    """`\\eIf{c}{yes}{no}`."""
    statement_end(tex, name)
    tex.parts.append(f"if {tex.inline(tex.read_arg())} then")
    _take_line(tex)
    _body_2e(tex)
    tex.parts.append("else")
    _take_line(tex)
    _body_2e(tex)


def else_2e(tex: Stomach, name: str) -> None:
    """`\\Else{body}`, `\\Repeat{c}{body}`."""
    statement_end(tex, name)
    if name == "\\Repeat":
        condition = tex.inline(tex.read_arg())
        tex.parts.append(f"repeat until {condition}")
    else:
        tex.parts.append("else")
    _take_line(tex)
    _body_2e(tex)


def input_2e(tex: Stomach, name: str) -> None:
    """`\\KwIn{..}`."""
    statement_end(tex, name)
    tex.parts.append(_2E_INPUTS[name])
    if tex.skip_spaces() == "{":
        tex.parts.append(tex.inline(tex.read_arg()))
        _take_line(tex)


ALGORITHMIC: dict[str, Handler] = {
    **dict.fromkeys(_KEYWORDS, state),
    **dict.fromkeys(_OPEN, open_block),
    **dict.fromkeys(_OPEN_BARE, open_bare),
    **dict.fromkeys(_CLOSE, close_block),
    "\\Until": until,
    "\\UNTIL": until,
    "\\Function": function,
    "\\Procedure": function,
    "\\Call": function,
    "\\Comment": code_comment,
    "\\COMMENT": code_comment,
}
ALGORITHM2E: dict[str, Handler] = {
    "\\;": statement_end,
    **dict.fromkeys(_2E_BLOCKS, block_2e),
    **dict.fromkeys(_2E_INPUTS, input_2e),
    "\\eIf": if_else_2e,
    "\\Else": else_2e,
    "\\uElse": else_2e,
    "\\Repeat": else_2e,
    **dict.fromkeys(("\\tcp", "\\tcc", "\\Comment"), code_comment),
}
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
    "\\gridline": gridline,
    "\\fig": gridline,
    "\\leftfig": gridline,
    "\\rightfig": gridline,
    "\\boxedfig": gridline,
    **dict.fromkeys(("\\verb", "\\lstinline", "\\mintinline", "\\Verb"), verb),
    "\\url": url,
    "\\nolinkurl": url,
    "\\path": url,
    "\\href": href,
}  # fmt: skip
FLOAT_ENVS: dict[str, EnvHandler] = {
    **{n + s: float_env for n in FLOATS for s in ("", "*")},
    "algorithm": algorithm_env,
    "algorithm*": algorithm_env,
    "algorithm2e": algorithm_env,
    "algorithmic": algorithmic_env,
    **dict.fromkeys(
        ("verbatim", "verbatim*", "Verbatim", "lstlisting", "minted", "alltt", "python", "pycode", "pyconsole",
         "BVerbatim", "LVerbatim", "spverbatim", "semiverbatim", "CodeInput", "CodeOutput", "Sinput", "Soutput",
         "Code@"),
        verbatim_env,
    ),
    **dict.fromkeys(
        ("comment", "tikzpicture", "picture", "pspicture", "pspicture*", "pgfpicture", "CCSXML", "filecontents",
         "filecontents*", "fmfgraph", "fmfgraph*", "feynman", "axis", "asy", "tikzcd", "forest", "animateinline",
         "textblock@"),
        comment_env,
    ),
}  # fmt: skip
