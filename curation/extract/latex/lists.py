"""Lists, quotations, theorems, minipages: environments whose text goes through."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from curation.extract.latex.blocks import BOLD, BOLD_END, Block, ListBlock, Para, Quote
from curation.extract.latex.displays import display
from curation.extract.latex.equation_numbers import equation_number
from curation.extract.latex.inline_text import tidy
from curation.extract.latex.itemstyle import item_style, resumed
from curation.extract.latex.lexer import PAR, untokenize
from curation.extract.latex.macros import Macro
from curation.extract.latex.own_lists import OWN_LIST_ENVS, OWN_LISTS, counter_of, redefined, set_before
from curation.extract.latex.registers import own_counter
from curation.extract.latex.structure import end_document
from curation.extract.latex.theorems import theorem_env

if TYPE_CHECKING:
    from curation.extract.latex.paper_state import EnvHandler
    from curation.extract.latex.stomach import Stomach
    from curation.extract.latex.token_stack import Handler

_ORDERED = frozenset({"enumerate", "enumerate*", "inparaenum", "compactenum", "asparaenum", "steps"})
_ITEM = "\x00item"


def list_env(tex: Stomach, name: str) -> None:
    """`itemize`, `enumerate`, `description` and their kin; each `\\item` starts an entry."""
    options = ""
    label: tuple[list[str], str] | None = None
    if name == "list":
        label = tex.read_arg(), counter_of(tex.read_arg())
    elif name != "trivlist":
        options = untokenize(tex.read_optional() or [])
    kind = tex.values.get(f"list kind {name}", name)
    ordered = kind in _ORDERED
    options = ",".join([options, *set_before(tex, name, kind)]).strip(",")
    resumes = resumed(options) if ordered else None
    if resumes and resumes[2] == "resume":
        n_before, options_before = tex.last_lists.get(resumes[0] or name, (0, ""))
        options = ",".join(filter(None, (options, options_before if resumes[1] else "", f"start={n_before + 1}")))
    outer = tex.counters["\x00item"], tex.item_style, tex.item_reference, tex.n_enumerations
    tex.item_style = (
        item_style(options, outer[3], outer[2], enumitem="enumerate" not in tex.packages) if ordered else None
    )
    if ordered and "label" not in options:
        tex.item_style = redefined(tex, outer[3], tex.item_style) or tex.item_style
    outer_label, tex.list_label = tex.list_label, label
    if label and label[1]:
        tex.counters[own_counter(label[1])] = 0
    tex.n_enumerations += ordered
    tex.counters["\x00item"] = tex.item_style.start - 1 if tex.item_style else 0
    labels, tex.item_labels = tex.item_labels, []
    blocks = tex.run_env(name)
    labels, tex.item_labels = tex.item_labels, labels
    if ordered:
        for series in {name, resumes[0] if resumes else name} - {""}:
            tex.last_lists[series] = (
                tex.counters["\x00item"],
                re.sub(r",?\b(?:start=\d+|resume\*?|series=[^,]*)", "", options),
            )
    tex.counters["\x00item"], tex.item_style, tex.item_reference, tex.n_enumerations = outer
    tex.list_label = outer_label
    result = ListBlock(ordered)
    current: list[Block] = []
    started = False
    lead: list[Block] = []
    for block in blocks:
        if isinstance(block, Para) and block.text.startswith(_ITEM):
            index, _, rest = block.text[len(_ITEM) :].partition("\x00")
            current = []
            result.items.append((labels[int(index)] if int(index) < len(labels) else None, current))
            started = True
            if rest.strip():
                current.append(Para(rest.strip()))
        elif started:
            current.append(block)
        else:
            lead.append(block)
    tex.flush()
    tex.flow.blocks.extend(lead)
    if result.items:
        tex.flow.blocks.append(result)


def item(tex: Stomach, name: str) -> None:
    """`\\item[label]`."""
    given = tex.read_arg() if tex.in_plain_tex() and tex.skip_spaces() == "{" else tex.read_optional()
    text = tidy(tex.inline(given)) if given is not None else None
    tex.flush()
    if tex.item_labels is None:
        # outside a list: a paragraph
        if text:
            tex.parts.append(text + " ")
        return
    if given is None and tex.list_label is not None:
        label, counter = tex.list_label
        if counter:
            tex.current_ref = (counter, str(tex.step(own_counter(counter))))
        text = tidy(tex.inline(label)) or None
    elif given is None:
        tex.counters["\x00item"] += 1
        n = tex.counters["\x00item"]
        style = tex.item_style
        tex.item_reference = style.reference(n) if style else str(n)
        tex.current_ref = ("item", tex.item_reference)
        if style and style.label(n) != f"{len(tex.item_labels) + 1}.":
            text = style.label(n)
    tex.item_labels.append(text)
    tex.parts.append(f"{_ITEM}{len(tex.item_labels) - 1}\x00")


def quote_env(tex: Stomach, name: str) -> None:
    """`quote`, `quotation`, `verse`."""
    tex.read_optional_here()
    blocks = tex.run_env(name)
    if blocks:
        tex.add(Quote(blocks))


# transparent environments: the arguments that follow \begin{..}; o optional, d optional in round brackets, m mandatory
TRANSPARENT = {
    "center": "", "flushleft": "", "flushright": "", "small": "", "footnotesize": "", "scriptsize": "", "tiny": "",
    "large": "", "Large": "", "normalsize": "", "minipage": "ooom", "multicols": "m", "multicols*": "m", "landscape": "", "widetext": "",
    "frontmatter": "", "sloppypar": "", "spacing": "m", "singlespace": "", "doublespace": "", "onehalfspace": "",
    "adjustwidth": "mm", "frame": "o", "columns": "o", "column": "m", "block": "m", "titlepage": "", "samepage": "",
    "raggedright": "", "raggedleft": "", "centering": "", "mdframed": "o", "framed": "", "shaded": "", "tcolorbox": "o",
    "fmffile": "m", "linenumbers": "", "nolinenumbers": "", "linenomath": "", "linenomath*": "", "singlespacing": "",
    "doublespacing": "", "strip": "", "turnpage": "", "rotate": "m", "turn": "m", "ruledtabular": "", "savenotes": "",
    "threeparttable": "o", "subequations": "", "mathletters": "", "adjustbox": "m", "em": "", "bf": "", "it": "", "contribution": "",
    "interactive": "mm", "subfigmatrix": "m", "rotatetable": "", "rotatetable*": "", "longrotatetable": "", "otherlanguage": "m", "otherlanguage*": "om", "english": "",
    "summary": "o", "issues": "o", "extract": "", "CJK": "mm", "CJK*": "mm", "flushing": "",
    "textblock": "mod", "textblock*": "mod", "contents": "", "document*": "", "mainmatter": "", "refsection": "o", "refsegment": "", "figurehere": "",
}  # fmt: skip


def transparent_env(tex: Stomach, name: str) -> None:
    """An environment that only places its text."""
    for kind in TRANSPARENT.get(name, ""):
        if kind == "o":
            tex.read_optional_here()
        elif kind == "d":
            tex.read_optional("(", ")")
        else:
            tex.read_arg()
    heading = tex.read_optional_here() if name.startswith("multicols") else None
    block = name not in ("em", "bf", "it", "small", "footnotesize", "CJK", "CJK*", "otherlanguage*")
    is_parts = name in ("subequations", "mathletters")
    if block and not is_parts and name not in ("linenomath", "linenomath*"):
        tex.flush()
    if is_parts:
        outer = equation_number(tex)
        tex.subequation, tex.subequation_of = 0, outer
        tex.current_ref = ("equation", outer)

    def end(tex: Stomach) -> None:
        if is_parts:
            tex.subequation = None
        elif block and not name.startswith("linenomath"):
            tex.flush()

    tex.push_env(name, on_end=end)
    if heading:
        tex.push([*heading, PAR])


def textbox_env(tex: Stomach, name: str) -> None:
    """`textbox` (Annual Reviews): a float of text with heads of its own."""
    tex.read_optional_here()
    tex.n_boxes += 1
    blocks = tex.run_env(name)
    tex.n_boxes -= 1
    tex.add_float(blocks)


def marginnote_env(tex: Stomach, name: str) -> None:
    """`marginnote` (Annual Reviews): a glossary entry beside the text."""
    tex.read_optional_here()
    blocks = tex.run_env(name)
    tex.add_float(blocks)


def entry(tex: Stomach, name: str) -> None:
    """`\\entry{term}{definition}` (Annual Reviews)."""
    term, text = tidy(tex.inline(tex.read_arg())), tidy(tex.inline(tex.read_arg()))
    tex.flush()
    tex.parts.append(f"{BOLD}{term}{BOLD_END}: {text}")
    tex.flush()


def begin(tex: Stomach, name: str) -> None:
    """`\\begin{x}`: ours, the user's, a theorem, a font named as environment, or unknown and transparent."""
    env = tex.read_name()
    if tex.env_hooks and _run_hooks(tex, env):
        return
    user = tex.user_envs.get(env)
    if user is not None:
        begin_user_env(tex, env, *user)
        return
    handler = tex.env_handlers.get(env)
    if handler is not None and not (env == "proof" and _has_own_proof(tex)):
        handler(tex, env)
        return
    if env in tex.theorems:
        theorem_env(tex, env, *tex.theorems[env])
        return
    command = tex.defs.get("\\" + env)
    if isinstance(command, Macro) and not command.builtin:
        # \newenvironment is \x and \endx; \def makes them too
        tex.push_env(env, end_tokens=["\\end" + env] if "\\end" + env in tex.defs else None)
        tex.expand(command, "\\" + env)
        return
    if isinstance(command, Macro) and not command.body:
        # `\\begin{color}{red}`: a command that prints nothing, with its arguments
        tex.push_env(env)
        tex.expand(command, "\\" + env)
        return
    if _holds_math(tex, env):
        display(tex, "\\\x00never", env, numbered=not env.endswith("*"))
        return
    tex.undefined["\\begin{" + env + "}"] += 1
    tex.read_optional_here()
    tex.push_env(env)


def _has_own_proof(tex: Stomach) -> bool:
    return "proof" in tex.user_envs or "proof" in tex.theorems or isinstance(tex.defs.get("\\proof"), Macro)


def begin_user_env(tex: Stomach, env: str, macro: Macro, end_tokens: list[str]) -> None:
    """An environment of the paper: its beginning is read next; what ends it may name the arguments too (xparse)."""
    opened = tex.push_env(env, end_tokens=end_tokens)
    if not macro.params:
        tex.expand(macro, "\\begin{" + env + "}")
        return
    args = tex.read_args(macro)
    if any(t[0] == "#" for t in end_tokens):
        opened.end_tokens = Macro(macro.params, end_tokens).reversed_expansion(args)[::-1]
    expansion = macro.reversed_expansion(args)
    tex.spend(len(expansion))
    tex.pb.extend(expansion)


def _run_hooks(tex: Stomach, env: str) -> bool:
    """Read the code hung on an environment before it; False where there is none left to read."""
    code = [
        tex.env_hooks.get((env, name), [])
        for name in ("\\BeforeBeginEnvironment", "\\AtBeginEnvironment", "\\AtEndEnvironment", "\\AfterEndEnvironment")
    ]
    if not any(code) or env in tex.hooked:
        tex.hooked.discard(env)
        return False
    tex.hooked.add(env)
    if env in _WITH_COLUMNS:
        tex.push([*code[0], *(t for t in code[1] if t not in _SWITCHES), "\\begin", "{", env, "}"])
    else:
        tex.push([*code[0], "\\begin", "{", env, "}", *code[1]])
    return True


# their columns stand behind the name: what is hung on them is read before these
_WITH_COLUMNS = frozenset({"tabular", "tabular*", "tabularx", "tabulary", "array", "longtable", "longtable*", "tabu", "longtabu", "xltabular",
                           "supertabular", "supertabular*", "xtabular", "NiceTabular"})  # fmt: skip
# fonts of a table's group, in which nothing of the hook stands then
_SWITCHES = frozenset({"\\it", "\\em", "\\sl", "\\itshape", "\\slshape", "\\bf", "\\bfseries", "\\tt", "\\ttfamily"})


# what may hold `_` and `^` without being math: names, files, formulas; what no formula holds
_NAMES_AND_MATH = re.compile(
    r"\\(?:label|ref|eqref|cite\w*|includegraphics|input|url|href|hyperref|file|tag)\*?\s*(?:\[[^\]]*\])?\{[^{}]*\}|"
    r"(?<!\\)\$[^$]*\$|\\\(.*?\\\)|\\\[.*?\\\]",
    re.S,
)
_NO_MATH = re.compile(
    r"\n[ \t]*\n|\\(?:item|caption|section|hline|toprule|begin\{(?:tabular|figure|table|equation|align|tikz))"
)
_SCRIPT = re.compile(r"(?<!\\)[_^]")
_CONTROL_WORD = re.compile(r"\\[A-Za-z]{2,}")
_SENTENCE = re.compile(r"(?:\b[A-Za-z]{2,}[,;]?\s+){4}")


def _holds_math(tex: Stomach, env: str) -> bool:
    """Whether an environment that nobody defined is a display: TeX takes `_` and `^` only in math."""
    if tex.pb:
        return False
    src, pos = tex.mouth.src, tex.mouth.pos
    close = src.find("\\end{" + env + "}", pos, pos + 6_000)
    if close < 0 or "_" in tex.plain:
        return False
    body = src[pos:close]
    if _NO_MATH.search(body):
        return False
    bare = _NAMES_AND_MATH.sub(" ", body)
    return bool(_SCRIPT.search(bare) and _CONTROL_WORD.search(bare)) and not _SENTENCE.search(bare)


def end(tex: Stomach, name: str) -> None:
    """`\\end{x}`; plain TeX's bare `\\end` ends the job."""
    if tex.skip_spaces() != "{":
        if tex.in_body and tex.document_class:
            return
        end_document(tex)
        return
    env = tex.read_name()
    if env == "document":
        if tex.barrier == 0:
            end_document(tex)
        return
    before, behind = (tex.env_hooks.get((env, name)) for name in ("\\AtEndEnvironment", "\\AfterEndEnvironment"))
    # the `\\end` behind what ends an environment of the paper
    is_second = bool(tex.envs) and tex.envs[-1].name == env and tex.envs[-1].expanded
    if (before or behind) and env not in tex.hooked and not is_second:
        tex.hooked.add(env)
        tex.push([*(before or []), "\\end", "{", env, "}", *(behind or [])])
        return
    tex.hooked.discard(env)
    tex.end_env(env)


def close_user_env(tex: Stomach, name: str) -> None:
    """Internal: pops a user's environment whose end was read inside math."""
    tex.end_env(tex.read_name())


LISTS: dict[str, Handler] = {
    "\\begin": begin,
    "\\end": end,
    "\\\x00close": close_user_env,
    "\\item": item,
    "\\entry": entry,
    "\\Item": item,
    "\\itemitem": item,
    **OWN_LISTS,
}
LIST_ENVS: dict[str, EnvHandler] = {
    **dict.fromkeys(
        ("itemize", "enumerate", "description", "itemize*", "enumerate*", "description*", "list", "trivlist",
         "inparaenum", "compactenum", "compactitem", "compactdesc", "asparaenum", "asparaitem", "inparaitem",
         "tablenotes", "labeling", "steps", "dinglist", "etaremune"),
        list_env,
    ),
    **dict.fromkeys(("quote", "quotation", "verse", "displayquote"), quote_env),
    "marginnote": marginnote_env,
    "armarginnote": marginnote_env,
    "textbox": textbox_env,
    **OWN_LIST_ENVS,
    **dict.fromkeys(TRANSPARENT, transparent_env),
}  # fmt: skip
