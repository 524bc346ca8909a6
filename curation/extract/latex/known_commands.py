"""All commands and environments that are known, and a stomach that knows them."""

from __future__ import annotations

from pathlib import PurePosixPath

from curation.extract.latex.algorithms import ALGORITHM_COMMANDS, ALGORITHM_ENVS
from curation.extract.latex.amsppt import AMSPPT, MATH_FONT_COMMANDS
from curation.extract.latex.arguments import read_argument
from curation.extract.latex.boxes import BOX_ENVS, BOX_SIZES, BOXES
from curation.extract.latex.bundle import Bundle
from curation.extract.latex.calculations import CALCULATIONS
from curation.extract.latex.characters import CHARACTER_MATH, CHARACTERS
from curation.extract.latex.citations import CITATION_ENVS, CITATIONS
from curation.extract.latex.command_forms import COMMAND_FORMS, MATH_FORMS
from curation.extract.latex.conditions import BRANCHES
from curation.extract.latex.counters import ASSIGNMENTS
from curation.extract.latex.data_tables import DATA_TABLES
from curation.extract.latex.decisions import DECISIONS
from curation.extract.latex.definitions import DEFINITIONS
from curation.extract.latex.displays import MATH_ENVS
from curation.extract.latex.drawn_signs import DRAWN_SIGNS
from curation.extract.latex.evaluations import EVALUATIONS
from curation.extract.latex.expansion import EXPANDABLE, EXPANSIONS, QUANTITIES, UNEXPANDING, plain_characters
from curation.extract.latex.expl_syntax import EXPL_SYNTAX, EXPL_VARIABLES
from curation.extract.latex.fixed_names import FIXED_NAMES
from curation.extract.latex.floats import FLOAT_COMMANDS, FLOAT_ENVS
from curation.extract.latex.fonts import FONTS
from curation.extract.latex.foreach import FOREACH
from curation.extract.latex.glossary import GLOSSARY, GLOSSARY_ENVS
from curation.extract.latex.hidden_text import HIDDEN, HIDDEN_ENVS
from curation.extract.latex.ions import ION_MATH, IONS
from curation.extract.latex.letter_case import LETTER_CASE
from curation.extract.latex.lists import LIST_ENVS, LISTS
from curation.extract.latex.loops import LOOPS
from curation.extract.latex.macros import Macro
from curation.extract.latex.math_commands import add_math_commands, m_text_command
from curation.extract.latex.mathmode import MATH_TEXT
from curation.extract.latex.number_words import NUMBER_WORDS
from curation.extract.latex.old_tables import OLD_TABLE_ENVS, OLD_TABLES
from curation.extract.latex.options import LatexOptions
from curation.extract.latex.own_floats import OWN_FLOATS
from curation.extract.latex.pages import PAGES, PICTURE_ENVS
from curation.extract.latex.parameters import default_values
from curation.extract.latex.pgf_commands import PGF
from curation.extract.latex.phyzzx import PHYZZX
from curation.extract.latex.plain import HARVMAC, PLAIN, PLAIN_MATH
from curation.extract.latex.quotations import QUOTATIONS
from curation.extract.latex.sections import SECTION_NUMBERS
from curation.extract.latex.short_verbs import SHORT_VERBS
from curation.extract.latex.shorthands import LANGUAGE_ENVS, SHORTHANDS
from curation.extract.latex.signatures import SIGNATURES
from curation.extract.latex.spanning_marks import SPANNING
from curation.extract.latex.stomach import Stomach
from curation.extract.latex.structure import STRUCTURE, STRUCTURE_ENVS
from curation.extract.latex.table_notes import m_tablenotemark
from curation.extract.latex.tables import TABLE_ENVS, TABLES
from curation.extract.latex.theorems import THEOREM_ENVS, THEOREMS
from curation.extract.latex.token_stack import Entry
from curation.extract.latex.units import UNIT_COMMANDS, UNIT_MATH
from curation.extract.latex.verbatim import VERBATIM, VERBATIM_ENVS
from curation.extract.latex.versions import VERSION_ENVS, VERSIONS

_COMMANDS: dict[str, Entry] = {
    **COMMAND_FORMS,
    **SIGNATURES,
    **FIXED_NAMES,
    **SECTION_NUMBERS,
    **GLOSSARY,
    **CHARACTERS,
    **LETTER_CASE,
    **SPANNING,
    **SHORTHANDS,
    **NUMBER_WORDS,
    **PAGES,
    **VERSIONS,
    **IONS,
    **PLAIN,
    **FONTS,
    **STRUCTURE,
    **FLOAT_COMMANDS,
    **OWN_FLOATS,
    **VERBATIM,
    **SHORT_VERBS,
    **ALGORITHM_COMMANDS,
    **LISTS,
    **CITATIONS,
    **TABLES,
    **DATA_TABLES,
    **OLD_TABLES,
    **UNIT_COMMANDS,
    **MATH_TEXT,
    **THEOREMS,
    **QUOTATIONS,
    **BOXES,
    **ASSIGNMENTS,
    **LOOPS,
    **FOREACH,
    **HIDDEN,
    **EVALUATIONS,
    **CALCULATIONS,
    **PGF,
    **DRAWN_SIGNS,
    **EXPANSIONS,
    **DECISIONS,
    **DEFINITIONS,
    **EXPL_SYNTAX,
    **EXPL_VARIABLES,
    **BRANCHES,
}
_ENVIRONMENTS = {
    **LIST_ENVS,
    **THEOREM_ENVS,
    **STRUCTURE_ENVS,
    **FLOAT_ENVS,
    **VERBATIM_ENVS,
    **GLOSSARY_ENVS,
    **PICTURE_ENVS,
    **VERSION_ENVS,
    **LANGUAGE_ENVS,
    **HIDDEN_ENVS,
    **ALGORITHM_ENVS,
    **TABLE_ENVS,
    **OLD_TABLE_ENVS,
    **CITATION_ENVS,
    **BOX_ENVS,
    **MATH_ENVS,
}
_EXPANDABLE = EXPANDABLE | {entry for entry in EVALUATIONS.values() if not isinstance(entry, Macro)}
_BRACES = ("{", "}", "\\bgroup", "\\egroup", "\\begingroup", "\\endgroup")
# what a paper cannot redefine: without these nothing else would be read right
_CORE = frozenset(
    name
    for table in (_BRACES, STRUCTURE, FLOAT_COMMANDS, VERBATIM, LISTS, CITATIONS, TABLES, MATH_TEXT, THEOREMS, DEFINITIONS, BRANCHES, EXPANSIONS, DECISIONS)
    for name in table
) - {"\\fig", "\\url@", "\\software", "\\object", "\\path", "\\entry", "\\code", "\\subref", "\\tnote", "\\ack", "\\nl",
     "\\Item", "\\reference", "\\variable", "\\collaboration", "\\endnote", "\\endnotetext", "\\endnotemark", "\\hyperref", "\\change", "\\specialcell", "\\note", "\\import", "\\email",
     "\\or@", "\\tmark", "\\thead", "\\affil", "\\address", "\\figurenum", "\\rightfig", "\\leftfig", "\\tablenote",
     "\\fullref", "\\vref", "\\acks", "\\acknow", "\\institution", "\\Title", "\\Abstract", "\\boxedfig", "\\robustify",
     "\\eqref", "\\autoref", "\\Autoref", "\\cref", "\\Cref", "\\nameref"}  # fmt: skip
add_math_commands(CHARACTER_MATH)
add_math_commands(UNIT_MATH)
add_math_commands(PLAIN_MATH)
add_math_commands(MATH_FORMS)
add_math_commands(ION_MATH)
add_math_commands(MATH_FONT_COMMANDS)
_FORMATS: dict[str, dict[str, Entry]] = {"harvmac": HARVMAC, "lanlmac": HARVMAC, "phyzzx": PHYZZX, "amsppt": AMSPPT}
add_math_commands({"\\tablenotemark": m_tablenotemark})
add_math_commands(
    dict.fromkeys(
        [n for n in CITATIONS if "cite" in n]
        + ["\\ref", "\\eqref", "\\autoref", "\\cref", "\\Cref", "\\multicolumn", "\\verb", "\\url", "\\gls", "\\ac"],
        m_text_command,
    )
)


def _obey_expl(tex: Stomach, tok: str, *, expanding: bool = False) -> bool:
    """Run a function of expl3; its tables are read by the first paper that has one."""
    from curation.extract.latex.expl_lists import all_functions

    return all_functions().obey(tex, tok, expanding=expanding)


def stomach_for(bundle: Bundle, options: LatexOptions) -> Stomach:
    """A stomach before its first token: it knows all that LaTeX, plain TeX and their packages may define, and finds the files of the bundle."""
    tex = Stomach(options)
    tex.defs = dict(_COMMANDS)
    tex.env_handlers = _ENVIRONMENTS
    tex.primitives = _COMMANDS
    tex.core = _CORE
    tex.command_forms = COMMAND_FORMS
    tex.free_envs = frozenset(LIST_ENVS)
    tex.expandables = _EXPANDABLE
    tex.obey_expl = _obey_expl
    tex.unexpanding = UNEXPANDING
    tex.quantities = {**QUANTITIES, **BOX_SIZES}
    tex.values.update(default_values())
    tex.read_document_argument = read_argument
    tex.find_file = bundle.find
    tex.defs["\\jobname"] = Macro((), _name_of_job(PurePosixPath(bundle.main).stem))
    tex.use_format = lambda name: tex.defs.update(_FORMATS[name])
    return tex


def _name_of_job(stem: str) -> list[str]:
    """What `\\jobname` stands for: the main file's name, in which marks of TeX are characters."""
    return plain_characters(stem) if set(stem) & set("\\{}$&#^~%") else [stem]
