"""Tests of LaTeX, ifthen, etoolbox and xstring: commands that choose between two arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from curation.extract.latex.choices import (
    if_argument,
    ifdefinable,
    ifloaded,
    ifloadedwith,
    ifnextchar,
    ifstar,
    ifundefined,
)
from curation.extract.latex.etoolbox import ETOOLBOX_TESTS, etoolbox_test
from curation.extract.latex.ifthen import ifthenelse, newboolean, setboolean
from curation.extract.latex.xstring import (
    XSTRING_EDITS,
    XSTRING_TESTS,
    strcmp,
    xstring_case,
    xstring_cut,
    xstring_edit,
    xstring_number,
    xstring_test,
)

if TYPE_CHECKING:
    from curation.extract.latex.token_stack import Handler

DECISIONS: dict[str, Handler] = {
    **dict.fromkeys(("\\@ifnextchar", "\\kernel@ifnextchar", "\\@testopt@"), ifnextchar),
    "\\@ifstar": ifstar,
    "\\@ifundefined": ifundefined,
    "\\@ifdefinable": ifdefinable,
    **dict.fromkeys(
        ("\\@ifpackageloaded", "\\@ifclassloaded", "\\IfPackageLoadedTF", "\\IfClassLoadedTF", "\\ltx@ifpackageloaded",
         "\\ltx@ifclassloaded"),
        ifloaded,
    ),
    **dict.fromkeys(
        ("\\@ifpackagewith", "\\@ifclasswith", "\\IfPackageLoadedWithOptionsTF", "\\IfClassLoadedWithOptionsTF"), ifloadedwith
    ),
    **dict.fromkeys(
        (f"\\If{what}{arms}" for what in ("NoValue", "Value", "Boolean", "Blank") for arms in ("TF", "T", "F")),
        if_argument,
    ),
    "\\ifthenelse": ifthenelse,
    **dict.fromkeys(("\\newboolean", "\\provideboolean", "\\newbool", "\\providebool", "\\newtoggle", "\\providetoggle"),
                    newboolean),
    **dict.fromkeys(
        ("\\setboolean", "\\setbool", "\\settoggle", "\\booltrue", "\\boolfalse", "\\toggletrue", "\\togglefalse"),
        setboolean,
    ),
    **dict.fromkeys(ETOOLBOX_TESTS, etoolbox_test),
    **dict.fromkeys(XSTRING_TESTS, xstring_test),
    **dict.fromkeys(("\\IfInteger", "\\IfDecimal"), xstring_number),
    **dict.fromkeys(("\\IfStrEqCase", "\\IfEqCase"), xstring_case),
    **dict.fromkeys(XSTRING_EDITS, xstring_edit),
    "\\StrCut": xstring_cut,
    **dict.fromkeys(("\\pdfstrcmp", "\\strcmp"), strcmp),
}  # fmt: skip
