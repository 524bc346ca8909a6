"""The stomach: runs tokens, keeps environments and the paragraph being built.

Commands are plain functions `(tex, name) -> None` in the tables of the sibling modules; this file knows
none of them beyond grouping. TeX's grouping is kept for definitions and fonts; unlike TeX, an unmatched brace or
`\\end` is ignored and an environment left open is closed when an outer one ends.
"""

from __future__ import annotations

import re

from curation.extract.latex.blocks import ICON, Block, Para
from curation.extract.latex.groups import Groups
from curation.extract.latex.inline_text import BLANKS, join_inline, tidy
from curation.extract.latex.lexer import END, FROZEN
from curation.extract.latex.macros import Macro
from curation.extract.latex.paper_state import Env, Flow
from curation.extract.latex.registers import own_counter
from curation.extract.latex.undefined import keep_arguments, skips_assignment, unit_of_number


class Stomach(Groups):
    """One paper being read."""

    # ---------------------------------------------------------------- running
    def run(self, env: Env | None = None) -> None:
        """Read until `env` ends, or until END when it is None."""
        defs = self.defs
        nxt = self.next
        while True:
            pb = self.pb
            tok = pb.pop() if pb else nxt()
            entry = defs.get(tok)
            if entry is None:
                if tok[0] != "\\":
                    self.text(tok)
                elif tok == END:
                    if env is not None:
                        self.pb.append(END)
                    return
                else:
                    self.unknown(tok)
            elif entry.__class__ is Macro:
                self.expand(entry, tok)
            else:
                entry(self, tok)  # type: ignore[operator]
                if self.closing is not None:
                    if self.closing is env:
                        self.closing = None
                        return
                    if env is not None:
                        return
                    self.closing = None

    def run_one(self, tok: str) -> None:
        """Obey one token that was read."""
        entry = self.defs.get(tok)
        if isinstance(entry, Macro):
            self.expand(entry, tok)
        elif entry is not None:
            entry(self, tok)
        elif tok[0] != "\\":
            self.text(tok)
        elif tok == END:
            self.pb.append(tok)
        else:
            self.unknown(tok)

    def unknown(self, tok: str) -> None:
        """An undefined control sequence prints nothing, as in TeX; bracketed options before a group go with it."""
        if len(tok) == 2 and not tok[1].isalpha():
            self.text(tok[1])
            return
        if tok[1] == "\x00":
            return
        if tok[-1] == FROZEN:
            base = tok[:-1]
            entry = self.primitives.get(base)
            if isinstance(entry, Macro):
                self.expand(entry, base)
            elif entry is not None:
                entry(self, base)
            else:
                self.unknown(base)
            return
        if ":" in tok and self.obey_expl(self, tok):
            return
        if tok.startswith("\\fa") and tok[3:4].isupper():
            self.parts.append(ICON)  # fontawesome
            return
        if tok.startswith("\\c@"):
            self.skip_equals()
            self.counters[own_counter(tok[3:])] = self.read_number()
            return
        self.undefined[tok] += 1
        if not skips_assignment(self, tok) and not unit_of_number(self, tok):
            keep_arguments(self)

    def text(self, s: str) -> None:
        """Plain text: ligatures become the characters that TeX prints."""
        if s[0] == "\x00":
            s = s[1:]
        if "--" in s:
            s = s.replace("---", "—").replace("--", "–")
        if "`" in s or "''" in s:
            s = s.replace("?`", "¿").replace("!`", "¡")
            s = s.replace("``", '"').replace("''", '"').replace("`", "'")
        if self.t1_ligatures and _T1.search(s):
            s = s.replace("<<", "«").replace(">>", "»").replace(",,", "„")
        self.parts.append(s)

    def has_inline(self) -> bool:
        """Whether a paragraph was begun."""
        return any(p.strip() for p in self.parts)

    def read_optional_here(self) -> list[str] | None:
        """An optional argument that must follow at once; blanks before it are text."""
        tok = self.peek()
        return self.read_optional() if tok[0] == "[" else None

    # ---------------------------------------------------------------- blocks
    def flush(self) -> None:
        """End the paragraph."""
        flow = self.flow
        if flow.parts:
            text = tidy("".join(flow.parts))
            flow.parts.clear()
            if text:
                flow.blocks.append(Para(text))
        if flow.deferred:
            flow.blocks.extend(flow.deferred)
            flow.deferred.clear()

    def add(self, block: Block) -> None:
        """End the paragraph and set a block."""
        self.flush()
        self.flow.blocks.append(block)

    def add_float(self, blocks: list[Block]) -> None:
        """Set blocks that must not cut the paragraph in which they stand."""
        if self.has_inline():
            self.flow.deferred.extend(blocks)
        else:
            self.flush()
            self.flow.blocks.extend(blocks)

    def capture(self, tokens: list[str] | None = None, env: Env | None = None, *, inline: bool = False) -> list[Block]:
        """Run tokens (or the rest of an environment) into blocks of their own."""
        if self.depth >= self.options.max_depth:
            self.warn("nesting too deep")
            if tokens is not None:
                words = " ".join(t for t in tokens if t[0] not in "\\{}$&#^_~\x00")
                return [Para(tidy(words))] if words.strip() else []
            return []
        flow, parts, table, barrier, n_envs = self.flow, self.parts, self.table, self.barrier, len(self.envs)
        n_groups = len(self.groups)
        self.flow = Flow(inline=inline or flow.inline)
        self.parts = self.flow.parts
        self.outer_flows.append(flow)
        self.depth += 1
        if tokens is not None:
            self.table = None
            self.barrier = n_envs
            self.pb.append(END)
            self.push(tokens)
            in_math, self.in_math = self.in_math, False
            self.run()
            self.in_math = in_math
            while len(self.envs) > n_envs:
                self.pop_env()
            self.pop_groups(n_groups)
        else:
            self.run(env)
        self.flush()
        blocks = self.flow.blocks
        self.depth -= 1
        self.outer_flows.pop()
        self.flow, self.table, self.barrier = flow, table, barrier
        self.parts = parts
        return blocks

    def inline(self, tokens: list[str]) -> str:
        """Tokens as one line of text with marks."""
        if not tokens:
            return ""
        if len(tokens) == 1 and tokens[0][0] not in "\\{}$&#^_~`'-\x00" and not _LIGATURE.search(tokens[0]):
            return BLANKS.sub(" ", tokens[0])
        lead = " " if tokens[0][0] in " \n" else ""
        trail = " " if tokens[-1][-1] in " \n" and len(tokens) > 1 else ""
        return lead + join_inline(self.capture(tokens, inline=True)) + trail

    # ---------------------------------------------------------------- environments
    def push_env(self, name: str, **fields: object) -> Env:
        """Open an environment and its group."""
        self.groups.append(None)
        env = Env(name, len(self.groups), **fields)  # type: ignore[arg-type]
        self.envs.append(env)
        return env

    def pop_env(self) -> None:
        """Close the innermost environment."""
        env = self.envs.pop()
        self.pop_groups(env.groups - 1)
        if env.on_end is not None:
            env.on_end(self)

    def run_env(self, name: str) -> list[Block]:
        """Read an environment to its end into blocks of its own."""
        env = self.push_env(name, nested=True)
        table, self.table = self.table, None
        blocks = self.capture(None, env)
        self.table = table
        if env in self.envs:
            while self.envs and self.envs[-1] is not env:
                self.pop_env()
            self.pop_env()
        return blocks

    def end_env(self, name: str) -> None:
        """`\\end{name}`: close it and whatever was left open inside; ignore it when nothing of that name is open."""
        index = -1
        for i in range(len(self.envs) - 1, self.barrier - 1, -1):
            if self.envs[i].name == name:
                index = i
                break
        if index < 0:
            return
        env = self.envs[index]
        if env.end_tokens is not None and not env.expanded:
            env.expanded = True
            self.push([*env.end_tokens, "\\end", "{", name, "}"])
            return
        # environments above it that run their own loop must return first
        for i in range(len(self.envs) - 1, index, -1):
            inner = self.envs[i]
            if inner.nested:
                self.push(["\\end", "{", name, "}"])
                self.closing = inner
                return
            self.pop_env()
        if env.nested:
            self.closing = env
        else:
            self.pop_env()

    def in_plain_tex(self) -> bool:
        """Whether this is no LaTeX document: neither class nor `\\begin{document}` was seen."""
        return not self.document_class and not self.in_body

    # ---------------------------------------------------------------- numbers
    def step(self, counter: str) -> int:
        """`\\refstepcounter` without the reference; subordinate counters restart."""
        self.counters[counter] += 1
        below, restarted = [counter], {counter}
        while below:
            upper = below.pop()
            for sub in (*_RESETS.get(upper, ()), *self.counter_resets.get(upper, ())):
                if sub not in restarted:
                    self.counters[sub] = 0
                    restarted.add(sub)
                    below.append(sub)
        return self.counters[counter]


_RESETS = {
    "chapter": ("section", "subsection", "subsubsection"),
    "section": ("subsection", "subsubsection"),
    "subsection": ("subsubsection",),
}
_LIGATURE = re.compile(r"--|[`']|<<|>>|,,")
_T1 = re.compile(r"<<|>>|,,")
