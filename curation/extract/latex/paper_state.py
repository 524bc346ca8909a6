"""What is known of a paper while it is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from curation.extract.latex.blocks import Block, Table
from curation.extract.latex.glossary import Term
from curation.extract.latex.itemstyle import ItemStyle
from curation.extract.latex.macros import Macro
from curation.extract.latex.options import LatexOptions
from curation.extract.latex.origins import Origins
from curation.extract.latex.references import Reference, ReferenceNames
from curation.extract.latex.registers import Registers
from curation.extract.latex.token_stack import Entry, Handler

if TYPE_CHECKING:
    from curation.extract.latex.stomach import Stomach


EnvHandler = Callable[["Stomach", str], None]


@dataclass(slots=True)
class Group:
    """What a brace group or an environment must undo when it ends."""

    saved: dict[str, Entry | None] = field(default_factory=dict)
    closers: list[str] = field(default_factory=list)
    values: dict[str, object] = field(default_factory=dict)  # of registers
    catcodes: tuple[str, str, str] | None = None
    after: list[str] = field(default_factory=list)  # of \\aftergroup
    is_argument: bool = False  # of a command such as \\textit, read as it comes
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


class PaperState(Registers):
    """All that commands leave for each other: text, groups, names, files, numbers, labels, citations."""

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
        self.files_read: set[str] = set()
        self.n_reread = 0  # characters of files that were read before
        self.included_only: frozenset[str] | None = None
        self.packages: dict[str, str] = {}
        self.t1_ligatures = False  # fonts in which << is «
        self.document_class = ""
        self.origins = Origins()
        # numbers and labels
        self.numbers: dict[str, str] = {}
        self.current_ref: tuple[str, str] = ("", "")
        self.own_label: tuple[object, tuple[str, str]] = (
            None,
            ("", ""),
        )  # `\\@currentlabel` as the paper defined it; the number then
        self.labels: dict[str, tuple[str, str]] = {}
        self.label_names: dict[str, str] = {}  # what \\nameref prints
        self.current_title = ""
        self.n_boxes = 0
        self.in_appendix = False
        self.appendix_floats_restart = False
        self.theorems: dict[str, tuple[str, str]] = {}  # environment -> its title, its counter ("": no number)
        self.box_theorems: dict[str, str] = {}  # of tcolorbox: environment -> what its labels begin with
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
        self.last_lists: dict[str, tuple[int, str]] = {}  # environment or series -> its last number, its options
        self.list_label: tuple[list[str], str] | None = None  # of `list`: its label, the counter it steps
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
        self.float_names: dict[str, str] = {}  # of the paper's own floats
        self.subfloat_of = ""  # number of the float whose part is being read
        self.verbatim_envs: dict[str, str] = {}
