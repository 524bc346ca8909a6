"""Verbatim text, listings, addresses, and environments whose source is no text at all."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from curation.extract.latex.blocks import CODE, CODE_END, Caption, Code
from curation.extract.latex.floats import float_number
from curation.extract.latex.inline_text import tidy
from curation.extract.latex.lexer import END, tokenize, with_depth
from curation.extract.latex.macros import Macro

if TYPE_CHECKING:
    from curation.extract.latex.paper_state import EnvHandler
    from curation.extract.latex.stomach import Stomach
    from curation.extract.latex.token_stack import Handler

_LANGUAGE = re.compile(r"language\s*=\s*(?:\[[^\]]*\])?\s*\{?([A-Za-z+#]+)")
_OPTION = re.compile(r"\b(caption|label)\s*=\s*(\{(?:[^{}]|\{[^{}]*\})*\}|(?:[^,{}\[\]]|\{[^{}]*\})+)")
_GROUP = re.compile(r"\s*\{([^{}]*)\}")


def _bracket(src: str, pos: int) -> int:
    """The end of `[..]` at pos, braces respected; pos itself when there is none."""
    m = re.compile(r"[ \t]*\[").match(src, pos)
    if not m:
        return pos
    depth = 0
    for i in range(m.end(), min(len(src), m.end() + 3_000)):
        c = src[i]
        depth += (c == "{") - (c == "}")
        if c == "]" and depth <= 0:
            return i + 1
    return pos


def verbatim_env(tex: Stomach, name: str) -> None:
    """`verbatim`, `lstlisting`, `minted`: lines as they stand, up to the literal `\\end{..}`."""
    mouth = tex.mouth
    if tex.pb:
        # inside an argument the category codes are frozen; TeX fails here too
        tex.push_env(name)
        return
    closing = "\\end{" + name + "}"
    start = mouth.pos
    options = ""
    if name.rstrip("*") not in ("verbatim", "alltt"):
        end = _bracket(mouth.src, start)
        options, start = mouth.src[start:end], end
    language = m.group(1).lower() if (m := _LANGUAGE.search(options)) else ""
    if name == "minted" and (m := _GROUP.match(mouth.src, start)):
        language, start = re.sub(r"[^\w+#.-]", "", m.group(1)), m.end()
    end = -1 if closing in tex.never_closed else mouth.src.find(closing, start)
    if end < 0:
        tex.never_closed.add(closing)
        tex.warn(f"unclosed {name}")
        tex.push_env(name)
        return
    text = mouth.src[start:end]
    mouth.pos = end + len(closing)
    _leave_line(tex, name)
    first, newline, rest = text.partition("\n")
    text = (rest if newline and not first.strip() else text).rstrip()
    _caption(tex, options)
    if text.strip():
        tex.add(Code(text, language))


def _caption(tex: Stomach, options: str) -> None:
    """`caption={..}, label={..}` of a listing."""
    given = {k: v.strip().removeprefix("{").removesuffix("}") for k, v in _OPTION.findall(options)}
    if "caption" not in given and "label" not in given:
        return
    n = float_number(tex, "Listing")
    if "label" in given:
        tex.labels.setdefault(given["label"], ("listing", n))
    if text := tidy(tex.inline(tokenize(given.get("caption", "")))):
        tex.add(Caption("Listing", n, text))


def comment_env(tex: Stomach, name: str) -> None:
    """`comment` and pictures: nothing up to the literal `\\end{..}`."""
    mouth = tex.mouth
    closing = "\\end{" + name + "}"
    if tex.pb:
        _skip_tokens(tex, name)
        return
    end = -1 if closing in tex.never_closed else mouth.src.find(closing, mouth.pos)
    if end < 0:
        tex.never_closed.add(closing)
        tex.warn(f"unclosed {name}")
        return
    mouth.pos = end + len(closing)
    _leave_line(tex, name)


def _leave_line(tex: Stomach, name: str) -> None:
    """The packages verbatim and comment drop what stands behind the end of their environments in its line."""
    if name in _DROPS_LINE and not tex.origins.packages.isdisjoint(_DROPS_LINE):
        src, pos = tex.mouth.src, tex.mouth.pos
        end = src.find("\n", pos)
        if src[pos : end if end >= 0 else None].strip():
            tex.mouth.pos = end if end >= 0 else len(src)


_DROPS_LINE = frozenset({"verbatim", "comment"})


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


def written_file(tex: Stomach, name: str) -> None:
    """`\\begin{filecontents}{data.csv}`: a file that the paper brings in its own source."""
    mouth = tex.mouth
    m = _FILE_HEAD.match(mouth.src, mouth.pos)
    start = mouth.pos
    comment_env(tex, name)
    if m is None or mouth.pos == start:
        return
    target, find = m[1].strip(), tex.find_file
    text = mouth.src[m.end() : mouth.pos - len("\\end{" + name + "}")]
    tex.find_file = lambda wanted, kind: (
        find(wanted, kind) or ((target, text) if wanted in (target, target.rpartition(".")[0]) else None)
    )


_FILE_HEAD = re.compile(r"\s*(?:\[[^\]]*\])?\s*\{([^{}\n]+)\}[ \t]*\n")


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
            text = _tokens_to(tex, tex.next_char())
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


def _tokens_to(tex: Stomach, delimiter: str) -> str:
    """Tokens up to a character, as they were written: `\\verb|\\|` in an argument ends with its second token."""
    out: list[str] = []
    for _ in range(2_000):
        tok = tex.next_char()
        if tok == END:
            tex.pb.append(tok)
            break
        if tok == delimiter:
            break
        if tok == "\\" + delimiter:
            out.append("\\")
            break
        out.append(tok)
    return "".join(out)


def _closing_brace(src: str, pos: int) -> int:
    found = enumerate(with_depth(src[pos : pos + 2_000]), pos)
    return next((i for i, (c, depth) in found if c == "}" and depth == 1), -1)


_DELIMITED_URL = re.compile(r"\s*([^\s{}\\%A-Za-z0-9])([^\n]*?)\1")
_URL = re.compile(r"\s*\{((?:[^{}\\\n]|\\.|\{[^{}]*\}|\n)*?)\}")


def read_url(tex: Stomach) -> str:
    """An address: `%`, `#`, `_` and `~` are themselves. It stands in braces, or between two of any other character."""
    if not tex.pb:
        if m := _DELIMITED_URL.match(tex.mouth.src, tex.mouth.pos):
            tex.mouth.pos = m.end()
            return m.group(2).strip()
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


def urldef(tex: Stomach, name: str) -> None:
    """`\\urldef\\mine\\url{..}`: an address by a name of its own, for places where `%` and `#` cannot stand."""
    cs = tex.next_char()
    while cs == " ":
        cs = tex.next_char()
    tex.skip_spaces()
    tex.next()  # \\url, \\path
    address = read_url(tex)
    if cs[0] == "\\" and address:
        tex.define(cs, Macro((), ["\x00" + address]))


def href(tex: Stomach, name: str) -> None:
    """`\\href{url}{text}`: the text."""
    tex.read_optional()
    target = read_url(tex)
    tokens = tex.read_arg()
    if tokens:
        tex.push(tokens)
    elif target:
        tex.parts.append(target)


VERBATIM: dict[str, Handler] = {
    **dict.fromkeys(("\\verb", "\\lstinline", "\\mintinline", "\\Verb"), verb),
    "\\url": url,
    "\\nolinkurl": url,
    "\\path": url,
    "\\href": href,
    "\\urldef": urldef,
}
VERBATIM_ENVS: dict[str, EnvHandler] = {
    **dict.fromkeys(
        ("verbatim", "verbatim*", "Verbatim", "lstlisting", "minted", "alltt", "python", "pycode", "pyconsole",
         "BVerbatim", "LVerbatim", "spverbatim", "semiverbatim", "CodeInput", "CodeOutput", "Sinput", "Soutput", "Code"),
        verbatim_env,
    ),
    **dict.fromkeys(
        ("comment", "tikzpicture", "picture", "pspicture", "pspicture*", "pgfpicture", "CCSXML", "fmfgraph", "fmfgraph*", "feynman", "axis", "asy", "tikzcd", "forest", "animateinline"),
        comment_env,
    ),
    **dict.fromkeys(("filecontents", "filecontents*"), written_file),
}  # fmt: skip
