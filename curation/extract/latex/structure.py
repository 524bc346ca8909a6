"""The document itself: where it begins and ends, labels and references; the table of what gives it structure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from curation.extract.latex.blocks import MARK, MARK_END
from curation.extract.latex.files import endinput, if_file_exists, include_only, input_, variable
from curation.extract.latex.front_matter import (
    abstract,
    abstract_env,
    affiliation,
    author,
    collaboration,
    facility,
    keywords,
    keywords_env,
    maketitle,
    subtitle,
    title,
)
from curation.extract.latex.lexer import END
from curation.extract.latex.macros import Macro
from curation.extract.latex.notes import footnote, footnotemark, footnotetext
from curation.extract.latex.packages import documentclass, usepackage
from curation.extract.latex.references import Reference
from curation.extract.latex.sections import (
    LEVELS,
    acknowledgements,
    acknowledgements_env,
    appendix,
    appendix_env,
    restart_appendix_numbering,
    section,
)

if TYPE_CHECKING:
    from curation.extract.latex.paper_state import EnvHandler
    from curation.extract.latex.stomach import Stomach
    from curation.extract.latex.token_stack import Handler


def begin_document(tex: Stomach, name: str) -> None:
    """`\\begin{document}`: what the preamble printed was no text."""
    tex.in_body = True
    tex.parts.clear()
    tex.flow.blocks.clear()
    tex.flow.deferred.clear()
    tex.groups.clear()
    tex.envs.clear()
    tex.n_open_ifs = 0
    forget_foreign(tex)
    tex.push(tex.begin_hook)


_SWALLOWS_TEXT = ("sout", "st", "xout", "rem", "script", "submit", "mail", "linkable", "editor", "note", "plot",
                  "issue", "volume", "journal", "history", "conference", "proceeding", "dedication")  # fmt: skip


def forget_foreign(tex: Stomach) -> None:
    """Drop signatures that swallow a text and belong to packages that the paper does not load: TeX prints it."""
    for name in _SWALLOWS_TEXT:
        entry = tex.defs.get("\\" + name)
        ours = isinstance(entry, Macro) and entry.builtin and not entry.body
        if ours and not tex.origins.defines(name):
            del tex.defs["\\" + name]


def end_document(tex: Stomach) -> None:
    """`\\end{document}`, `\\bye`: what follows is not read."""
    tex.mouth.pos = len(tex.mouth.src)
    tex.pb = [t for t in tex.pb if t == END]
    for pb, mouth in tex.frames:
        pb[:] = [t for t in pb if t == END]
        mouth.pos = len(mouth.src)
    hook, tex.end_hook = tex.end_hook, []
    tex.push(hook)


def bye(tex: Stomach, name: str) -> None:
    """`\\bye`, and `\\end` of plain TeX."""
    end_document(tex)


def document_env(tex: Stomach, name: str) -> None:
    """`\\begin{document}`."""
    if not tex.in_body:
        begin_document(tex, name)


def dropped_env(tex: Stomach, name: str) -> None:
    """An environment whose content is no running text."""
    tex.run_env(name)


def silent(tex: Stomach, name: str) -> None:
    """Prints nothing."""


def par(tex: Stomach, name: str) -> None:
    """A paragraph break."""
    tex.flush()


# ---------------------------------------------------------------- labels and references
def label(tex: Stomach, name: str) -> None:
    """`\\label{x}` names the number that was given last."""
    key = tex.read_name()
    own = tex.defs.get("\\@currentlabel")
    if isinstance(own, Macro):
        if tex.own_label[0] is not own:
            tex.own_label = own, tex.current_ref
        if tex.own_label[1] == tex.current_ref:  # no number was given since it was defined
            tex.labels.setdefault(key, ("", tex.plain_text(["\\@currentlabel"])))
            return
    if tex.heading_labels is not None:
        tex.heading_labels.append(key)
        return
    if tex.float_kind and not tex.caption_seen:
        tex.pending_labels.append(key)
        return
    tex.labels.setdefault(key, tex.current_ref)
    tex.label_names.setdefault(key, tex.current_title)


def ref(tex: Stomach, name: str) -> None:
    """`\\ref{x}` and kin: a mark, resolved when all labels are known."""
    tex.read_star()
    written = tex.read_name()
    keys = [k.strip() for k in written.split(",")]
    if name in ("\\hyperref@", "\\crefrange", "\\Crefrange"):
        keys.append(tex.read_name())
    tex.references.append(Reference(name, keys, written))
    tex.parts.append(f"{MARK}R{len(tex.references) - 1}{MARK_END}")


def crefname(tex: Stomach, name: str) -> None:
    """cleveref's `\\crefname{figure}{Fig.}{Figs.}`, `\\Crefname`."""
    kind = tex.read_name()
    words = tuple(tex.plain_text(tex.read_arg()).replace("~", " ") for _ in range(2))
    table = tex.reference_names.cref if name == "\\crefname" else tex.reference_names.upper
    table[kind] = words  # type: ignore[assignment]


def hyperref(tex: Stomach, name: str) -> None:
    """`\\hyperref[label]{text}`: text."""
    if tex.read_optional() is None:
        for _ in range(3):
            tex.read_arg()
    tex.push(tex.read_arg())


STRUCTURE: dict[str, Handler] = {
    "\\documentclass": documentclass,
    "\\documentstyle": documentclass,
    "\\LoadClass": documentclass,
    "\\usepackage": usepackage,
    "\\RequirePackage": usepackage,
    **dict.fromkeys(
        ("\\input", "\\include", "\\subfile", "\\import", "\\subimport", "\\subfileinclude", "\\InputIfFileExists"), input_
    ),
    "\\includeonly": include_only,
    "\\variable": variable,
    "\\collaboration": collaboration,
    "\\endinput": endinput,
    "\\IfFileExists": if_file_exists,
    "\\bye": bye,
    **dict.fromkeys(("\\" + k for k in LEVELS), section),
    **dict.fromkeys(("\\acknowledgments", "\\acknowledgements", "\\acknowledgment", "\\acknowledgement", "\\ack",
                     "\\acks", "\\Acknowledgements", "\\acknow"), acknowledgements),
    "\\appendix": appendix,
    "\\appendices": appendix,
    "\\restartappendixnumbering": restart_appendix_numbering,
    **dict.fromkeys(("\\title", "\\icmltitle"), title),
    "\\subtitle": subtitle,
    "\\maketitle": maketitle,
    "\\author": author,
    **dict.fromkeys(
        ("\\affiliation", "\\affil", "\\institute", "\\institution", "\\address", "\\altaffiltext", "\\altaffiliation",
         "\\inst@", "\\authoraffil"),
        affiliation,
    ),
    "\\keywords": keywords,
    **dict.fromkeys(("\\facility", "\\facilities", "\\software"), facility),
    **dict.fromkeys(("\\abstract", "\\Abstract", "\\abstracts"), abstract),
    "\\par": par,
    "\\endgraf": par,
    "\\label": label,
    **dict.fromkeys(
        ("\\ref", "\\eqref", "\\autoref", "\\cref", "\\Cref", "\\pageref", "\\nameref", "\\vref", "\\Autoref", "\\fullref",
         "\\crefrange", "\\Crefrange", "\\subref", "\\labelcref", "\\namecref", "\\nameCref", "\\namecrefs", "\\nameCrefs", "\\lcnamecref", "\\lcnamecrefs", "\\cpageref", "\\autopageref"),
        ref,
    ),
    "\\hyperref": hyperref,
    "\\crefname": crefname,
    "\\Crefname": crefname,
    **dict.fromkeys(("\\footnote", "\\endnote"), footnote),
    **dict.fromkeys(("\\footnotetext", "\\endnotetext"), footnotetext),
    **dict.fromkeys(("\\footnotemark", "\\endnotemark"), footnotemark),
}  # fmt: skip
STRUCTURE_ENVS: dict[str, EnvHandler] = {
    "document": document_env,
    **dict.fromkeys(("acknowledgements", "acknowledgments", "acknowledgement", "acknowledgment", "ack", "acks",
                     "Acknowledgements"), acknowledgements_env),
    **dict.fromkeys(("appendix", "appendices"), appendix_env),
    **dict.fromkeys(("abstract", "abstract*", "Abstract", "onecolabstract"), abstract_env),
    **dict.fromkeys(("keywords", "keyword"), keywords_env),
    # highlights and graphical abstract of elsarticle; the dates of iopart stand in `indented`
    **dict.fromkeys(("highlights", "graphicalabstract", "indented"), dropped_env),
}  # fmt: skip
