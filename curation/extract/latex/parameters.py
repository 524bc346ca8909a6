"""TeX's and LaTeX's parameters: registers with names of their own, what they hold at the start, and the kernel's constants."""

from __future__ import annotations

from curation.extract.latex.lengths import POINT, Glue
from curation.extract.latex.registers import CharDef, Register

# those that a paper may set or ask; values of article at 10 pt, the rest is 0
_DIMENS = """hsize vsize textwidth textheight linewidth columnwidth parindent topmargin oddsidemargin evensidemargin
 headheight headsep footskip hoffset voffset columnsep columnseprule marginparwidth marginparsep marginparpush
 paperwidth paperheight arraycolsep tabcolsep arrayrulewidth doublerulesep fboxsep fboxrule unitlength footnotesep
 lineskiplimit maxdepth splitmaxdepth hfuzz vfuzz overfullrule emergencystretch hangindent mathsurround leftmargin
 rightmargin listparindent labelwidth labelsep itemindent leftmargini leftmarginii leftmarginiii leftmarginiv jot
 nulldelimiterspace scriptspace predisplaysize displaywidth displayindent boxmaxdepth normallineskiplimit
 delimitershortfall pdfpagewidth pdfpageheight pdfhorigin pdfvorigin epsfxsize epsfysize maxdimen p@ z@ dimen@
 bibhang LTcapwidth cmidrulewidth heavyrulewidth lightrulewidth tabrowsep extrarowheight pagewidth movetabledown
 movetableright bibindent dimen@i dimen@ii @tempdima @tempdimb @tempdimc"""
_SKIPS = """parskip baselineskip lineskip topskip splittopskip leftskip rightskip parfillskip spaceskip xspaceskip
 abovedisplayskip belowdisplayskip abovedisplayshortskip belowdisplayshortskip tabskip smallskipamount medskipamount
 bigskipamount abovecaptionskip belowcaptionskip floatsep textfloatsep intextsep dblfloatsep dbltextfloatsep itemsep
 topsep partopsep parsep thinmuskip medmuskip thickmuskip normalbaselineskip normallineskip LTleft LTright LTpre
 LTpost aboverulesep belowrulesep bibsep fill hideskip multicolsep skip@ @tempskipa @tempskipb z@skip"""
_COUNTS = """tolerance pretolerance widowpenalty clubpenalty hyphenpenalty exhyphenpenalty binoppenalty relpenalty
 linepenalty interlinepenalty brokenpenalty displaywidowpenalty predisplaypenalty postdisplaypenalty
 interfootnotelinepenalty hbadness vbadness adjdemerits doublehyphendemerits finalhyphendemerits looseness pageno
 hangafter magnification mag tracingmacros tracinglostchars tracingparagraphs tracingpages tracingcommands
 tracingonline tracingstats showboxdepth showboxbreadth pausing holdinginserts maxdeadcycles defaulthyphenchar
 defaultskewchar endlinechar newlinechar escapechar delimiterfactor floatingpenalty language lefthyphenmin
 righthyphenmin uchyph fam outputpenalty globaldefs errorcontextlines insertpenalties pdfoutput pdfcompresslevel
 pdfminorversion year month day time deadcycles prevgraf synctex pdftexversion lastnodetype count@ @tempcnta
 @tempcntb"""
_TOKENS = """everypar everymath everydisplay everyhbox everyvbox everyjob everycr output errhelp headline footline
 toks@ everyeof @temptokena"""
_VALUES = {
    "hsize": 345, "textwidth": 345, "linewidth": 345, "columnwidth": 345, "vsize": 550, "textheight": 550,
    "paperwidth": 614.295, "paperheight": 794.96999, "parindent": 15, "tabcolsep": 6, "arraycolsep": 5,
    "arrayrulewidth": 0.4, "doublerulesep": 2, "fboxsep": 3, "fboxrule": 0.4, "unitlength": 1, "columnsep": 10, "p@": 1,
    "maxdimen": 16383.99998, "baselineskip": 12, "normalbaselineskip": 12, "headheight": 12, "headsep": 25, "footskip": 30,
    "smallskipamount": 3, "medskipamount": 6, "bigskipamount": 12, "labelsep": 5, "leftmargin": 25, "jot": 3,
}  # fmt: skip
_NUMBERS = {
    "tolerance": 200, "widowpenalty": 150, "clubpenalty": 150, "hyphenpenalty": 50, "exhyphenpenalty": 50, "pageno": 1,
    "hbadness": 1000, "vbadness": 1000, "mag": 1000, "pdfoutput": 1, "pdftexversion": 140, "escapechar": 92,
    "year": 2020, "month": 1, "day": 1, "endlinechar": 13, "newlinechar": 10,
}  # fmt: skip
_CONSTANTS = {
    "m@ne": -1, "@ne": 1, "tw@": 2, "thr@@": 3, "sixt@@n": 16, "@cclv": 255, "@cclvi": 256, "@m": 1000, "@M": 10000,
    "@MM": 20000, "active": 13, "eTeXversion": 2, "magstephalf": 1095,
}  # fmt: skip


def default_values() -> dict[str, int | Glue]:
    """What the parameters hold before a paper sets them."""
    out: dict[str, int | Glue] = {}
    for name, points in _VALUES.items():
        size = round(points * POINT)
        out["\\" + name] = Glue(size) if name in _SKIPS.split() else size
    out.update({"\\" + name: value for name, value in _NUMBERS.items()})
    return out


PARAMETERS: dict[str, Register | CharDef] = {
    **{
        "\\" + name: Register(kind, "\\" + name)
        for kind, names in (("dimen", _DIMENS), ("skip", _SKIPS), ("count", _COUNTS), ("toks", _TOKENS))
        for name in names.split()
    },
    **{"\\" + name: CharDef(value) for name, value in _CONSTANTS.items()},
}
