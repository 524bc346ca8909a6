"""The words that classes print by a name: `\\figurename~\\ref{f}` of running text, heads such as `\\refname`."""

from __future__ import annotations

import re

from curation.extract.latex.macros import Macro

# LaTeX's own (article.cls, report.cls, amsthm, algorithm, listings) and hyperref's manual, section \autoref
_NAMES = {
    "figure": "Figure", "table": "Table", "ref": "References", "bib": "Bibliography", "contents": "Contents",
    "listfigure": "List of Figures", "listtable": "List of Tables", "index": "Index", "abstract": "Abstract",
    "appendix": "Appendix", "part": "Part", "chapter": "Chapter", "proof": "Proof", "page": "Page", "see": "see",
    "also": "see also", "cc": "cc", "encl": "encl", "headto": "To", "keywords": "Key words", "algorithm": "Algorithm",
    "lstlisting": "Listing", "listing": "Listing", "glossary": "Glossary", "acronym": "Acronyms", "nomenclature": "Nomenclature",
    "equationautoref": "Equation", "figureautoref": "Figure", "tableautoref": "Table", "sectionautoref": "section",
    "subsectionautoref": "subsection", "subsubsectionautoref": "subsubsection", "chapterautoref": "chapter",
    "partautoref": "Part", "appendixautoref": "Appendix", "itemautoref": "item", "footnoteautoref": "footnote",
    "theoremautoref": "Theorem", "pageautoref": "page",
}  # fmt: skip
# classes whose own words are others
_OF_CLASSES = (
    (re.compile(r"aa|svjour\d?|llncs|IEEEtran"), {"figure": "Fig."}),
    (re.compile(r"revtex4(?:-\d)?"), {"figure": "FIG.", "table": "TABLE"}),
    (re.compile(r"IEEEtran"), {"table": "TABLE"}),
)

FIXED_NAMES = {f"\\{name}name": Macro((), [word], builtin=True) for name, word in _NAMES.items()}


def names_of_class(document_class: str) -> dict[str, Macro]:
    """The words that a class prints otherwise than LaTeX's."""
    words = {
        name: word for rule, words in _OF_CLASSES if rule.fullmatch(document_class) for name, word in words.items()
    }
    return {f"\\{name}name": Macro((), [word], builtin=True) for name, word in words.items()}
