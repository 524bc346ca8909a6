"""Algorithms (algorithmic, algorithmicx, algorithm2e) as indented lines of a code block."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from curation.extract.latex.blocks import Block, Caption, Code
from curation.extract.latex.floats import float_env
from curation.extract.latex.inline_text import join_inline
from curation.extract.latex.macros import Macro

if TYPE_CHECKING:
    from curation.extract.latex.paper_state import EnvHandler
    from curation.extract.latex.stomach import Stomach
    from curation.extract.latex.token_stack import Handler

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
    is_2e = "\\;" in body or ("algorithm2e" in tex.packages and "\\begin{algorithmic" not in body)
    if not is_2e and not _OF_ALGORITHM2E.search(body):
        float_env(tex, name)
        return
    commands: dict[str, Handler] = {
        **ALGORITHM2E,
        **dict.fromkeys(tex.kw_inputs, input_2e),
        **dict.fromkeys(tex.kw_blocks, block_2e),
    }
    saved = {k: tex.defs.get(k) for k in commands}
    tex.defs.update(commands)
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


_OF_ALGORITHM2E = re.compile(r"\\(?:Kw(?:In|Data|Result)|SetAlgoLined)")


def comment_2e(tex: Stomach, name: str) -> None:
    """`\\tcp{x}`, `\\tcc*[r]{x}`: a comment, with which its line ends; beside a head (`[f]`, `[h]`) it does not."""
    tex.read_star()
    place = "".join(tex.read_optional_here() or [])
    tex.parts.append("  // " + tex.inline(tex.read_arg()))
    if place not in ("f", "h"):
        statement_end(tex, name)


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
    pattern = tex.kw_blocks.get(name) or _2E_BLOCKS.get(name, name[1:].lower() + " {}")
    tex.parts.append(pattern.replace("{}", condition).strip())
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
        tex.parts.append("otherwise" if name == "\\Other" else "else")
    _take_line(tex)
    _body_2e(tex)


def input_2e(tex: Stomach, name: str) -> None:
    """`\\KwIn{..}`."""
    statement_end(tex, name)
    tex.parts.append(tex.kw_inputs.get(name) or _2E_INPUTS[name])
    if tex.skip_spaces() == "{":
        tex.parts.append(tex.inline(tex.read_arg()))
        _take_line(tex)


# ---------------------------------------------------------------- algorithm2e's own vocabulary
def kw_function(tex: Stomach, name: str) -> None:
    """`\\SetKwFunction{Name}{text}`: `\\Name{args}` prints text(args), in text and in math; alone, text."""
    word = tex.read_name()
    tokens = tex.read_arg()
    own = f"\\kw@{word}"
    tex.define(own, Macro(("m",), ["\\text", "{", *tokens, "}", "(", "#1", ")"]))
    tex.define(
        "\\" + word, Macro((), ["\\@ifnextchar", "\\bgroup", own, "{", "\\text", "{", *tokens, "}", "\\xspace", "}"])
    )


def kw_word(tex: Stomach, name: str) -> None:
    """`\\SetKw{Name}{text}`, `\\SetKwInOut{Name}{text}`, `\\SetKwData`."""
    word = tex.read_name()
    tokens = tex.read_arg()
    if name in ("\\SetKw", "\\SetKwData"):
        tex.define("\\" + word, Macro((), ["{", *tokens, "}", " "]))
    else:
        tex.kw_inputs["\\" + word] = tex.inline(tokens).strip() + ": "
        if tex.code_lines is not None:
            tex.define("\\" + word, input_2e)


def kw_block(tex: Stomach, name: str) -> None:
    """`\\SetKwFor{For}{for}{do}{end}`, `\\SetKwProg{Fn}{function}{}{end}`, `\\SetKwRepeat{Do}{do}{until}`."""
    word = tex.read_name()
    before = tex.inline(tex.read_arg()).strip()
    after = tex.inline(tex.read_arg()).strip()
    if name != "\\SetKwRepeat":
        tex.read_arg()
    tex.kw_blocks["\\" + word] = f"{before} {{}} {after}".strip()


def kw_if(tex: Stomach, name: str) -> None:
    """`\\SetKwIF`, `\\SetKwSwitch`: eight and nine arguments; their names keep our wording."""
    for _ in range(8 if name == "\\SetKwIF" else 9):
        tex.read_arg()


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
    "\\Switch": block_2e,
    "\\Case": block_2e,
    "\\uCase": block_2e,
    "\\Other": else_2e,
    "\\BlankLine": statement_end,
    **dict.fromkeys(("\\tcp", "\\tcc"), comment_2e),
    "\\Comment": code_comment,
}
ALGORITHM_COMMANDS: dict[str, Handler] = {
    "\\SetKwFunction": kw_function,
    **dict.fromkeys(("\\SetKw", "\\SetKwData", "\\SetKwInOut", "\\SetKwInput"), kw_word),
    **dict.fromkeys(("\\SetKwFor", "\\SetKwProg", "\\SetKwRepeat"), kw_block),
    "\\SetKwIF": kw_if,
    "\\SetKwSwitch": kw_if,
}
ALGORITHM_ENVS: dict[str, EnvHandler] = {
    "algorithm": algorithm_env,
    "algorithm*": algorithm_env,
    "algorithm2e": algorithm_env,
    "algorithmic": algorithmic_env,
}
