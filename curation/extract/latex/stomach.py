"""The stomach: runs tokens, keeps groups, environments and the paragraph being built.

Commands are plain functions `(tex, name) -> None` in the tables of the sibling modules; this file knows
none of them beyond grouping. TeX's grouping is kept for definitions and fonts; unlike TeX, an unmatched brace or
`\\end` is ignored and an environment left open is closed when an outer one ends.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from curation.extract.latex.blocks import (
    BREAK,
    EMPH,
    EMPH_END,
    ICON,
    MATH,
    MATH_END,
    Block,
    Caption,
    Code,
    Display,
    Heading,
    ListBlock,
    Para,
    Quote,
    Table,
)
from curation.extract.latex.glossary import Term
from curation.extract.latex.gullet import Entry, Handler
from curation.extract.latex.itemstyle import ItemStyle
from curation.extract.latex.lexer import END, FROZEN, SPACE
from curation.extract.latex.macros import Macro
from curation.extract.latex.options import LatexOptions
from curation.extract.latex.origins import Origins
from curation.extract.latex.references import Reference, ReferenceNames
from curation.extract.latex.registers import Registers, own_counter

BARE_UNITS = {
    **{u: u for u in ("eV", "meV", "keV", "MeV", "GeV", "TeV", "PeV", "EeV", "pc", "kpc", "Mpc", "Gpc", "km", "cm", "mm", "nm", "kg",
                      "Hz", "kHz", "MHz", "GHz", "THz", "Jy", "mJy", "yr", "kyr", "Myr", "Gyr", "erg", "Angstrom", "barn", "mas")},
    "um": "μm", "uJy": "μJy", "muJy": "μJy", "uas": "μas", "muas": "μas", "ev": "eV", "kev": "keV", "mev": "MeV", "gev": "GeV",
    "tev": "TeV", "mpc": "Mpc",
}  # fmt: skip
"""Names of units that papers use as commands of their own; where nothing defines them they print as they are."""

EnvHandler = Callable[["Stomach", str], None]
_BLANKS = re.compile(r"[ \t\n\r\f\v\u2028\u2029]+")


@dataclass(slots=True)
class Group:
    """What a brace group or an environment must undo when it ends."""

    saved: dict[str, Entry | None] = field(default_factory=dict)
    closers: list[str] = field(default_factory=list)
    values: dict[str, object] = field(default_factory=dict)  # of registers
    catcodes: tuple[str, str, str] | None = None
    after: list[str] = field(default_factory=list)  # of \\aftergroup
    vertical: bool = False  # a \\vbox: boxes in it stand below each other


@dataclass(slots=True, eq=False)
class Env:
    """An environment that is open."""

    name: str
    groups: int
    end_tokens: list[str] | None = None
    on_end: Callable[[Stomach], None] | None = None
    nested: bool = False
    expanded: bool = False


@dataclass(slots=True)
class Flow:
    """A stream of blocks with its current paragraph."""

    inline: bool = False
    parts: list[str] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    deferred: list[Block] = field(default_factory=list)


@dataclass(slots=True)
class Citation:
    """A citation as written; printed when the bibliography is known."""

    command: str
    keys: list[str]
    pre: str = ""
    post: str = ""
    star: bool = False


@dataclass(slots=True)
class Front:
    """Everything that is kept beside the body."""

    title: str = ""
    subtitle: str = ""
    abstract: list[Block] = field(default_factory=list)
    authors: list[str] = field(default_factory=list)
    affiliations: list[str] = field(default_factory=list)
    keywords: str = ""
    facilities: list[str] = field(default_factory=list)


class Stomach(Registers):
    """One paper being read."""

    def __init__(self, options: LatexOptions) -> None:
        super().__init__(options)
        self.flow = Flow()
        self.parts = self.flow.parts
        self.outer_flows: list[Flow] = []
        self.groups: list[Group | None] = []
        self.envs: list[Env] = []
        self.barrier = 0
        self.closing: Env | None = None
        self.depth = 0
        self.in_math = False
        self.in_body = False
        # meaning of names
        self.core: frozenset[str] = frozenset()
        self.command_forms: dict[str, Handler] = {}
        self.env_handlers: dict[str, EnvHandler] = {}
        self.user_envs: dict[str, tuple[Macro, list[str]]] = {}
        self.math_clean: set[str] = set()
        self.n_open_ifs = 0
        self.unless = False
        self.n_registers = 0
        self.begin_hook: list[str] = []
        self.end_hook: list[str] = []
        self.env_hooks: dict[tuple[str, str], list[str]] = {}
        self.hooked: set[str] = set()  # environments whose hooks are being read
        self.free_envs: frozenset[str] = frozenset()
        self.reading_package = False
        self.undefined: Counter[str] = Counter()
        # files
        self.find_file: Callable[[str, str], tuple[str, str] | None] = lambda name, kind: None
        self.use_format: Callable[[str], None] = lambda name: None
        self.missing_files: list[str] = []
        self.included_only: frozenset[str] | None = None
        self.packages: dict[str, str] = {}
        self.document_class = ""
        self.origins = Origins()
        # numbers and labels
        self.numbers: dict[str, str] = {}
        self.current_ref: tuple[str, str] = ("", "")
        self.labels: dict[str, tuple[str, str]] = {}
        self.label_names: dict[str, str] = {}  # what \\nameref prints
        self.current_title = ""
        self.n_boxes = 0
        self.in_appendix = False
        self.appendix_floats_restart = False
        self.theorems: dict[str, tuple[str, str]] = {}  # environment -> its title, its counter ("": no number)
        self.pending_labels: list[str] = []
        self.heading_labels: list[str] | None = None
        # citations and notes
        self.citations: list[Citation] = []
        self.references: list[Reference] = []
        self.reference_names = ReferenceNames()
        self.cite_aliases: dict[str, str] = {}
        self.bib_files: list[str] = []
        self.bib_style = ""
        self.bibitems: list[tuple[str, str, str]] = []
        self.terms: dict[str, Term] = {}  # acronyms and glossary entries
        self.seen_terms: set[str] = set()
        self.mute_notes = False
        self.marked_notes: list[tuple[str, str]] = []  # number and text of each \\footnotemark
        self.cell_marks: set[str] = set()
        self.after_math: list[str] = []
        self.ack_level = 0
        self.bbl_read = False
        self.si_units: dict[str, list[str]] = {}  # what \\DeclareSIUnit gave
        self.si_prefixes: dict[str, str] = {}
        self.biblatex_bbl = ""
        self.bib_open = False
        self.bib_current: tuple[str, str] | None = None
        self.item_labels: list[str | None] | None = None
        self.item_style: ItemStyle | None = None  # of the enumeration being read
        self.item_reference = ""
        self.n_enumerations = 0
        self.caption_seen = False
        self.code_lines: list[str] | None = None
        self.code_indent = 0
        self.never_closed: set[str] = set()  # `\\end{verbatim}` and kin that were looked for in vain
        self.kw_inputs: dict[str, str] = {}
        self.kw_blocks: dict[str, str] = {}
        self.code_captions: list[Block] = []
        self.subequation: int | None = None
        self.subequation_of = ""
        self.switch_commands: set[str] = set()
        self.n_equations = 0
        self.n_inline_math = 0
        self.n_tables = 0
        self.unclosed_math = 0
        self.front = Front()
        self.title_made = False
        self.table: object | None = None
        self.column_types: dict[str, tuple[int, list[str]]] = {}
        self.deluxe: object | None = None
        self.table_parts: dict[str, list[str]] = {}  # heads and tails that were declared before their table
        self.tab_rows: Table | None = None
        self.float_kind = ""
        self.subfloat_of = ""  # number of the float whose part is being read
        self.verbatim_envs: dict[str, str] = {}

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
        if tok.startswith("\\fa") and tok[3:4].isupper():
            self.parts.append(ICON)  # fontawesome
            return
        if tok.startswith("\\c@"):
            self.skip_equals()
            self.counters[own_counter(tok[3:])] = self.read_number()
            return
        self.undefined[tok] += 1
        if not self._unit_of_number(tok):
            self._keep_arguments()

    def _unit_of_number(self, tok: str) -> bool:
        """Print the name of `5\\,\\GeV`: an undefined name behind a number that takes nothing is its unit."""
        name = tok[1:]
        known = BARE_UNITS.get(name)
        if known is None and not (name.isalpha() and len(name) <= _MAX_UNIT_LETTERS):
            return False
        before = "".join(self.parts[-3:])
        if not (_NUMBER_BEFORE if known else _NUMBER_AND_GAP).search(before) or self._takes_argument():
            return False
        self.parts.append(("" if before.endswith((" ", "\u2009", "\u00a0")) else " ") + (known or name))
        return True

    def _takes_argument(self) -> bool:
        tok = self.next()
        takes = tok[0] == "[" or (tok == "{" and self.peek() != "}")
        self.pb.append(tok)
        return takes

    def _keep_arguments(self) -> None:
        """`\\unknown{one}{two}`: its arguments are words of their own, whatever is made of them; options and a key go."""
        if self.pb:
            end = len(self.pb)
            while (begin := _group_before(self.pb, end)) is not None and begin and self.pb[begin - 1] == "{":
                self.pb.insert(begin, SPACE)
                end = begin
            return
        src = self.mouth.src
        for pattern in (_UNKNOWN_OPTIONS, _KEY_ARGUMENT):
            if m := pattern.match(src, self.mouth.pos):
                self.mouth.pos = m.end()
        m = _TEXT_ARGUMENTS.match(src, self.mouth.pos)
        if m:
            self.mouth.pos = m.end()
            self.push_text(_BETWEEN_ARGUMENTS.sub(r"} {", m.group(0)) + " ")

    def text(self, s: str) -> None:
        """Plain text: ligatures become the characters that TeX prints."""
        if s[0] == "\x00":
            s = s[1:]
        if "--" in s:
            s = s.replace("---", "—").replace("--", "–")
        if "`" in s or "''" in s:
            s = s.replace("?`", "¿").replace("!`", "¡")
            s = s.replace("``", '"').replace("''", '"').replace("`", "'")
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
        flow, table, barrier, n_envs = self.flow, self.table, self.barrier, len(self.envs)
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
        self.parts = flow.parts
        return blocks

    def inline(self, tokens: list[str]) -> str:
        """Tokens as one line of text with marks."""
        if not tokens:
            return ""
        if len(tokens) == 1 and tokens[0][0] not in "\\{}$&#^_~`'-\x00" and not _LIGATURE.search(tokens[0]):
            return _BLANKS.sub(" ", tokens[0])
        lead = " " if tokens[0][0] in " \n" else ""
        trail = " " if tokens[-1][-1] in " \n" and len(tokens) > 1 else ""
        return lead + join_inline(self.capture(tokens, inline=True)) + trail

    # ---------------------------------------------------------------- groups
    def open_group(self) -> None:
        """`{`, `\\begingroup`."""
        self.groups.append(None)

    def close_group(self) -> None:
        """`}`: undo what the group defined, close its fonts."""
        if self.groups and len(self.groups) > (self.envs[-1].groups if self.envs else 0):
            self._undo(self.groups.pop())

    def pop_groups(self, n: int) -> None:
        """Close groups until n are open."""
        while len(self.groups) > n:
            self._undo(self.groups.pop())

    def _undo(self, group: Group | None) -> None:
        if group is None:
            return
        for name, old in group.saved.items():
            self.math_clean.discard(name)
            if old is None:
                self.defs.pop(name, None)
            else:
                self.defs[name] = old
        for key, value in group.values.items():
            if value is None:
                self.values.pop(key, None)
            else:
                self.values[key] = value
        if group.catcodes is not None:
            letters, plain, active = group.catcodes
            self.set_catcodes(letters=letters, plain=plain, active=active)
        self.parts.extend(reversed(group.closers))
        if group.after:
            self.push(group.after)

    def note_value(self, key: str, *, everywhere: bool) -> None:
        """Keep a register's value for the end of the group."""
        if everywhere:
            for g in self.groups:
                if g is not None:
                    g.values.pop(key, None)
            return
        group = self.group()
        if group is not None:
            group.values.setdefault(key, self.values.get(key))

    def set_category(self, char: str, code: int) -> None:
        """`\\catcode`: until the group ends."""
        group = self.group()
        if group is not None and group.catcodes is None:
            group.catcodes = (self.letters, self.plain, self.active)
        self.set_catcodes(**changed_categories(self.letters, self.plain, self.active, char, code))

    def vertical_group(self) -> Group:
        """The innermost group, which is open."""
        group = self.group()
        if group is None:
            group = Group()
            self.groups.append(group)
        return group

    def ends_number(self, tok: str) -> bool:
        """`\\fi`, `\\else`, `\\or` close a condition that is being read."""
        return self.alias(tok) in _BRANCH_ENDS

    def is_defined(self, tok: str) -> bool:
        """Whether the format, a class or package that the paper loads, or the paper itself defined a name."""
        entry = self.defs.get(tok)
        if isinstance(entry, Macro) and entry.alias:
            base = entry.body[0]
            return base[-1] != FROZEN or base == "\\relax" + FROZEN or self.origins.defines(base[1:-1])
        if entry is None or entry is self.primitives.get(tok):
            known = entry is not None or self.origins.in_format(tok[1:])
            return known and self.origins.defines(tok[1:])
        return True

    def group(self) -> Group | None:
        """The innermost group, to note what it must undo; None at the top."""
        if not self.groups:
            return None
        g = self.groups[-1]
        if g is None:
            g = self.groups[-1] = Group()
        return g

    def switch_font(self, opener: str, closer: str) -> None:
        """`\\it` and kin: until the group ends."""
        g = self.group()
        if g is not None:
            self.parts.append(opener)
            g.closers.append(closer)

    def define(self, name: str, entry: Entry | None, *, everywhere: bool = False) -> None:
        """Give a name a meaning, or none; core commands keep theirs, or one stray \\def would take the paper apart."""
        if (name in self.core and self.is_defined(name)) or (
            (name[0] != "\\" or len(name) < 2) and name not in self.active
        ):
            return
        if (
            self.reading_package
            and name in self.defs
            and (entry is None or not _is_abbreviation(entry, self.defs[name]))
        ):
            return
        self.math_clean.discard(name)
        if everywhere:
            for g in self.groups:
                if g is not None:
                    g.saved.pop(name, None)
        else:
            group = self.group()
            if group is not None:
                group.saved.setdefault(name, self.defs.get(name))
        if entry is None:
            self.defs.pop(name, None)
        else:
            self.defs[name] = entry

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
        for sub in (*_RESETS.get(counter, ()), *self.counter_resets.get(counter, ())):
            self.counters[sub] = 0
        return self.counters[counter]


def _group_before(tokens: list[str], end: int) -> int | None:
    """Where the group that is read next from a pushed list ends: the index of its closing brace, None where there is none."""
    if not end or tokens[end - 1] != "{":
        return None
    depth = 0
    for i in range(end - 1, max(-1, end - 2_000), -1):
        depth += (tokens[i] == "{") - (tokens[i] == "}")
        if not depth:
            return i
    return None


def _is_abbreviation(new: Entry, old: Entry) -> bool:
    """Whether a style file gives a printed abbreviation of ours (`\\kms`, `\\teff`) its own text.

    Page make-up and commands with arguments keep our meaning: a class redefines them out of its internals.
    """
    if not (isinstance(new, Macro) and isinstance(old, Macro) and old.builtin and old.body):
        return False
    return not new.params and not old.params and not any("@" in t or t in _INTERNAL for t in new.body)


def changed_categories(letters: str, plain: str, active: str, char: str, code: int) -> dict[str, str]:
    """The categories after one `\\catcode`: 11 letter, 12 plain character, 13 active; a special character may get its own back."""
    special = char in "{}$&#^_~%\\"
    letters, plain, active = (kept.replace(char, "") for kept in (letters, plain, active))
    if code == 11 and not char.isalpha() and not special:
        letters += char
    elif code in (11, 12) and special and char not in "{}%\\":
        plain += char
    elif code == 13 and char != "~" and char.isprintable() and not char.isspace() and not special:
        active += char
    return {"letters": letters, "plain": plain, "active": active}


_BRANCH_ENDS = frozenset({"\\fi", "\\else", "\\or", "\\repeat"})
_INTERNAL = frozenset({"\\csname", "\\catcode", "\\expandafter", "\\write", "\\global", "\\let", "\\def"})
_RESETS = {
    "chapter": ("section", "subsection", "subsubsection"),
    "section": ("subsection", "subsubsection"),
    "subsection": ("subsubsection",),
}
_UNKNOWN_OPTIONS = re.compile(r"\*?(?:\[[^\]\[\n]{0,120}\])+(?=\s*\{)")
# of several arguments a first one such as `{fig_3}` or `{plots/a.pdf}` is a key or a file, not text; `{1.2}` is a number
_KEY_ARGUMENT = re.compile(
    r"\{(?=[^{}]*[A-Za-z])(?:[\w:/.=-]*[_:=][\w:/.=-]*|[\w:/.-]+\.(?:pdf|e?ps|png|jpe?g|tex|txt|dat))\}(?=\s*\{)"
)
_TEXT_ARGUMENTS = re.compile(r"(?:\{(?:[^{}%\\]|\\.|\{[^{}%]{0,100}\}){0,300}\})+(?=\{)")
_BETWEEN_ARGUMENTS = re.compile(r"(?<!\\)\}\{")
_NUMBER_BEFORE = re.compile(r"\d[.)]?[\ue007}]*[ \u2009\u00a0]*$")
_NUMBER_AND_GAP = re.compile(r"\d[.)]?[\ue007}]*[\u2009\u00a0]$")
_MAX_UNIT_LETTERS = 8
_LIGATURE = re.compile(r"--|[`']")


def tidy(text: str) -> str:
    """Fold white space; a blank before a closing bracket or full stop stays the author's own."""
    if "\u2009" in text:
        text = _THOUSANDS.sub("", text).replace("\u2009", " ")
    return _BLANKS.sub(" ", text).strip()


# `3\\,000`: a thin space between digits separates thousands
_THOUSANDS = re.compile(r"(?<=\d)\u2009(?=\d{3}(?!\d))")


def join_inline(blocks: list[Block]) -> str:
    """Blocks on one line: for captions, cells, headings, notes."""
    if len(blocks) == 1 and isinstance(blocks[0], Para):
        return blocks[0].text
    out: list[str] = []
    for block in blocks:
        if isinstance(block, Para):
            out.append(block.text)
        elif isinstance(block, Display):
            out.append(MATH + block.tex + MATH_END)
        elif isinstance(block, Heading):
            out.append(block.text + ".")
        elif isinstance(block, (Code, Caption)):
            out.append(block.text)
        elif isinstance(block, Quote):
            out.append(join_inline(block.blocks))
        elif isinstance(block, Table):
            out.extend(" ".join(c for c in row if c) for row in block.rows)
        elif isinstance(block, ListBlock):
            for label, item in block.items:
                out.append(((label + " ") if label else "") + join_inline(item))
    return " ".join(o for o in out if o)


__all__ = [
    "BREAK",
    "EMPH",
    "EMPH_END",
    "SPACE",
    "Citation",
    "Env",
    "Flow",
    "Reference",
    "Stomach",
    "join_inline",
    "tidy",
]
