"""Argument signatures of commands that need no code: what they swallow and which argument is text.

A signature has one letter an argument: s star, o optional, m mandatory, d optional in round brackets, g optional
group; then the replacement. Most of a class file's vocabulary is here: page make-up prints nothing, wrappers
print one argument. User definitions replace these entries.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from curation.extract.latex.macros import Macro, builtin
from curation.extract.latex.structure import silent
from curation.extract.latex.swallowed import addtolist, glue, penalty, rule

if TYPE_CHECKING:
    from curation.extract.latex.stomach import Stomach
    from curation.extract.latex.token_stack import Entry

# no argument, prints nothing
_BARE = [
    "maketitle",
    "tableofcontents",
    "listoffigures",
    "listoftables",
    "pagebreak",
    "nopagebreak",
    "noindent",
    "indent",
    "centering",
    "raggedright",
    "raggedleft",
    "flushleft",
    "flushright",
    "smallskip",
    "medskip",
    "bigskip",
    "break",
    "nobreak",
    "allowbreak",
    "hline",
    "firsthline",
    "lasthline",
    "normalsize",
    "large",
    "Large",
    "LARGE",
    "huge",
    "Huge",
    "rm",
    "sf",
    "mdseries",
    "upshape",
    "rmfamily",
    "sffamily",
    "normalfont",
    "boldmath",
    "unboldmath",
    "selectfont",
    "frontmatter",
    "mainmatter",
    "backmatter",
    "singlespace",
    "doublespace",
    "onehalfspace",
    "doublespacing",
    "singlespacing",
    "onehalfspacing",
    "linenumbers",
    "nolinenumbers",
    "sloppy",
    "fussy",
    "raggedbottom",
    "flushbottom",
    "samepage",
    "leavevmode",
    "strut",
    "null",
    "protect",
    "relax",
    "nonumber",
    "notag",
    "quad@",
    "draft",
    "final",
    "twocolumngrid",
    "onecolumngrid",
    "balancecolumns",
    "acknowledgmentsfont",
    "printindex",
    "makeindex",
    "makeglossary",
    "onlinematerial",
    "colnumbers",
    "decimals",
    "decimalcolnumbers",
    "tablenumberfont",
    "pagenumbering@",
    "sloppypar@",
    "endabstract@",
    "nobibliography@",
    "FloatBarrier",
    "phantomsection",
    "suppressAffiliations",
    "nocollaboration@",
    "allauthors",
    "watermark@",
    "titleblock",
    "endtitle",
    "nopagenumbers",
    "headline@",
    "footline@",
    "topglue@",
    "obeylines",
    "obeyspaces",
    "tightlist",
    "beginrefs@",
    "nolimits",
    "displaylimits",
    "nointerlineskip",
    "offinterlineskip",
    "hfilneg",
    "vfilneg",
    "mathstrut@",
    "parbreak@",
    "SetAlgoLined",
    "LinesNumbered",
    "DontPrintSemicolon",
    "SetKwInOut@",
    "centerline@",
    "nonfrenchspacing",
    "frenchspacing",
    "thispagestyle@",
    "twocol@",
    "onecol@",
    "bibsection@",
    "hangindent@",
    "specialrule@",
    "addlinespace@",
    "inhibitglue",
    "penalty10000@",
    "global@",
    "inputencoding@",
    "starttabular",
    "endtabular@",
    "printglossary",
    "printglossaries",
    "printacronyms",
    "makeglossaries",
    "doublerulesep@",
    "lefthead@",
    "cr@",
    "appendixtitleon",
    "appendixtocon",
    "firstpage",
    "lastpage@",
    "pdfoutput@",
    "nofiles",
    "batchmode",
    "nonstopmode",
    "scrollmode",
    "errorstopmode",
    "dump",
    "endgroup@",
    "maxdeadcycles@",
    "xdef@",
    "ttfamily@",
    "ULforem",
    "normalem",
    "isotope@",
    "bibinfo@",
    "BibitemOpen",
    "BibitemShut@",
    "newblock",
    "printead",
    "corauth",
    "firstauthor",
    "justify",
    "reversemarginpar",
    "normalmarginpar",
    "autodot",
    "and@",
    "quotation@",
    "submitted@",
    "appendixpage",
    "noalign",
    "hidewidth",
    "omit",
    "span",
    "crnoalign",
    "expandafter@",
    "columnbreak",
    "maketitlepage",
    "beginabstract",
    "endabstract",
    "tablewidth@",
    "startlongtable",
    "endlongtable",
    "texttt@",
    "movetabledown@",
    "movetableright@",
    "lineup",
    "nosplit@",
    "TeXMac@",
    "reset@font@",
    "mathchardef@",
    "upright@",
    "unitlength@",
    "tightenlines",
    "eqsecnum",
    "preprint@",
    "singlecolumn",
    "clearemptydoublepage",
]

# name: signature (prints nothing)
_SWALLOW = {
    "vspace": "sm", "hspace": "sm@",
    "includegraphics": "soom", "includegraphics*": "oom", "epsfig": "m", "psfig": "m", "epsfbox": "om", "epsffile": "om",
    "plotone": "m", "plottwo": "mm", "plotfiddle": "mmmmmmm", "plotwide": "m", "graphicspath": "m", "epsscale": "m",
    "special": "m", "includesvg": "om", "includepdf": "om", "animategraphics": "ommmm", "pgfimage": "om", "plot": "m",
    "pagestyle": "m", "thispagestyle": "m", "pagenumbering": "m", "bibpunct": "ommmmmm",
    "setcitestyle": "m", "citestyle": "m", "hypersetup": "m", "lstset": "m", "usetikzlibrary": "m",
    "rule": "omm", "cline": "m", "cmidrule": "odm", "specialrule": "mmm", "addlinespace": "o", "arrayrulecolor": "m",
    "toprule": "o", "midrule": "o", "bottomrule": "o", "hhline": "m", "Xhline": "m", "Xcline": "mm", "setcellgapes": "om", "makegapedcells": "", "nomakegapedcells": "", "rowcolor": "omoo", "rowcolors": "ommm", "cellcolor": "om", "columncolor": "omoo", "linespread": "m",
    "fontfamily": "m", "fontseries": "m", "fontencoding": "m", "fontshape": "m", "usefont": "mmmm", "enlargethispage": "sm",
    "captionsetup": "om", "floatsetup": "om", "thisfloatsetup": "m", "markboth": "mm", "markright": "m", "index": "m", "glossary": "m", "addcontentsline": "mmm",
    "addtocontents": "mm", "protected@": "", "email": "om", "ead": "om", "emailAdd": "m", "correspondingauthor": "m",
    "orcid": "m", "orcidlink": "m", "orcidID": "m", "orcidauthor@": "m", "thanks": "m", "thanksref": "m", "tnotetext": "om",
    "tnoteref": "m", "fntext": "om", "fnref": "m", "cortext": "om", "corref": "m", "fnmsep": "", "thanksresto@": "",
    "altaffilmark": "m", "inst": "m", "affilmark": "m", "affiliationmark@": "m", "authorrunning": "m", "titlerunning": "m", "shorttitle": "m",
    "shortauthors": "m", "lefthead": "m", "righthead": "m", "slugcomment": "m", "journalinfo": "m", "received": "om",
    "accepted": "om", "revised": "om", "published": "m", "submitted": "m", "submitjournal": "m", "date": "m", "offprints": "m", "mail": "m",
    "idline": "mm", "pacs": "m", "pacno": "m", "preprint": "m", "arxivnumber": "m", "subjclass": "om", "subheader": "m",
    "homepage": "om", "listfiles": "", "setmonofont": "om", "setsansfont": "om", "fvset": "m", "addtokomafont": "mm", "setkomafont": "mm",
    "lipsum": "soo", "relsize": "m", "smaller": "o", "larger": "o", "marginnote": "omo", "theoremnumbering": "m", "tcbuselibrary": "m", "tcbset": "m", "MakePerPage": "om", "figsetstart": "", "figsetend": "", "figsetnum": "m", "figsettitle": "m", "figsetgrpstart": "", "figsetgrpend": "",
    "figsetgrpnum": "m", "figsetgrptitle": "m", "figsetplot": "m", "figsetgrpnote": "m", "phn": "", "phd": "", "phs": "", "phm": "m",
    "qedhere": "", "nomenclature": "omm", "authornotemark": "o", "theendnotes": "", "runningauthor": "m", "runningtitle": "m", "printfigures": "", "printtables": "",
    "collaborationAuthors": "m", "nocollaboration": "m", "noaffiliation": "", "author@note": "m",
    "volume": "m", "issue": "m", "pubyear": "m", "doi": "m", "jyear": "m", "jvol": "m", "jname": "m", "ppub": "m", "pdbl": "m",
    "pubvolume": "m", "firstpage": "m", "lastpage": "m", "pagerange": "m", "journal": "m", "jnumber": "m", "journalvolume": "m",
    "authorinfo": "m", "ccsdesc": "om", "setcopyright": "m", "copyrightyear": "m", "acmConference": "ommm", "acmDOI": "m",
    "todo": "om", "marginpar": "om", "missingfigure": "om", "deleted": "om", "sout": "m", "st": "m", "xout": "m", "remove": "m",
    "rem": "m", "explain": "om", "listoftodos": "o", "setstretch": "m", "setremarkmarkup": "m", "definechangesauthor": "om",
    "hyphenation": "m", "phantom": "m", "hphantom": "m", "vphantom": "m", "typeout": "m", "message": "m", "write": "m@",
    "ClassError": "mmm", "PackageWarning": "mm",
    "DeclareGraphicsExtensions": "m", "DeclareGraphicsRule": "mmmm", "DeclareUnicodeCharacter": "mm", "DeclareFontShape": "mmmmmm",
    "DeclareFontFamily": "mmm", "DeclareSymbolFont": "mmmmm", "DeclareMathSymbol": "mmmm", "DeclareMathAlphabet": "mmmmm",
    "SetMathAlphabet": "mmmmmm", "DeclareOption": "smm", "ProcessOptions": "s", "PassOptionsToPackage": "mm",
    "PassOptionsToClass": "mm", "ProvidesPackage": "mo", "ProvidesClass": "mo", "NeedsTeXFormat": "mo",
    "theoremstyle": "m", "numberwithin@": "mm", "counterwithin": "smm", "counterwithout": "smm",
    "allowdisplaybreaks": "o", "tablewidth": "m", "tabletypesize": "m", "tablecolumns": "m", "tablenum@": "m", "tabcolsep@": "",
    "tablefontsize": "m", "ptlandscape": "", "rotate": "", "tableheadfrac": "m", "movetabledown": "@", "dummytable": "", "placetable": "m",
    "placefigure": "m", "notetoeditor": "m", "authoremail": "m", "slugger": "mmmm", "paperid": "m", "cpright": "mm", "ccc": "m",
    "titlespacing": "smmmm", "titleformat": "sm@", "geometry": "m", "newgeometry": "m", "fancyhf": "om", "fancyhead": "om",
    "fancyfoot": "om", "lhead": "m", "rhead": "m", "chead": "m", "lfoot": "m", "rfoot": "m", "cfoot": "m", "fancypagestyle": "mm", "settopmatter": "m",
    "creflabelformat": "mm", "crefformat": "mm", "crefmultiformat": "mmmm", "crefrangeformat": "mm",
    "Crefformat": "mm", "creflastconjunction": "",
    "newacronym": "ommm@", "setdefaultlanguage": "om", "hangindent@": "",
    "floatstyle": "m", "restylefloat": "m", "floatplacement": "mm", "captionstyle": "m", "eprint@": "",
    "setitemize": "om", "setenumerate": "om", "renewbibmacro": "mm", "DeclareFieldFormat": "omm",
    "ExecuteBibliographyOptions": "om", "DeclareSourcemap": "m", "DeclareLanguageMapping": "mm", "AtEveryBibitem": "m", "bibliographyfont@": "",
    "tikz@": "", "tikzstyle": "m@", "foreach@": "", "usepgfplotslibrary": "m", "script": "m", "scriptalias@": "",
    "reportnum": "m", "SetKwComment": "mmm", "SetStartEndCondition": "mmm", "SetAlgoNlRelativeSize": "m", "SetAlFnt": "m", "DeclareBibliographyAlias": "mm", "urlstyle": "m", "suppressfloats": "o", "bsp": "", "label@": "", "faIcon": "om", "lstinputlisting": "om", "inputminted": "omm", "verbatiminput": "m", "linkable": "m", "printbibliographyheading": "", "bibstyle": "m",
    "algsetup": "m", "algnewcommand": "mom@", "newmdenv": "om", "newtcolorbox": "omom", "lstdefinestyle": "mm", "lstdefinelanguage": "omom",
    "setminted": "om", "newminted": "omm", "usemintedstyle": "om", "BibitemShut": "m", "bibfield@": "", "bibnamedelima": "",
    "shortstack@": "", "onlinecolor": "", "ExplSyntax@": "",
    "vskip@": "", "interfootnotelinepenalty@": "", "bookmarksetup": "m", "pdfbookmark": "omm", "hypertarget@": "", "tocdepth@": "", "currentpdfbookmark": "mm",
    "acsetup": "m", "setabbreviationstyle": "om", "setacronymstyle": "m", "eqboxheading@": "", "speaker@": "", "ShortTitle": "m", "PoScopyright": "", "FullConference": "m",
    "proceeding": "m", "conference": "m", "maketitlesupplementary": "", "correspondance": "m", "history": "m", "copyrightinfo": "mm", "startpage": "m", "endpage": "m",
    "editor": "m", "pubinfo": "m", "setkeys": "mm", "unmarkedfntext": "m", "blfootnote@": "", "footnotesep@": "", "dedication": "m", "titlenote": "m", "authornote": "m",
    "Received": "m", "Accepted": "m", "Published": "m", "KeyWords@": "", "lineup@": "", "hyphenpenalty@": "", "listofchanges": "o", "setcitation": "m", "vadjust": "m", "mark": "m",
    "authorcontributions@": "", "reftitle@": "", "externalbibliography": "m", "externaldocument": "om", "thesaurus": "m", "markcite": "m", "mathversion": "m", "maintitlerunninghead": "m", "authorrunninghead": "m", "pgfplotstableread": "mm", "psset": "m", "newtoggle@": "",
    "submit": "m", "submitto": "m", "jl": "m", "eqnobysec": "", "noappendix": "", "CopyrightLine": "mm", "moveto@": "", "setmathfont": "om", "setmainfont": "om", "Address@": "", "Title@": "",
    "AuthorEmail": "m", "corres": "m", "presentaddress": "m", "aindex": "m", "psfrag": "smm", "psdraft": "", "fnm": "om", "sur@": "", "bmhead@": "", "jnlcitation": "m",
    "ArticleType": "m", "AuthorMark": "m", "thankstext": "mm", "ErrorMessage@": "", "tracinglostchars@": "", "thispdfpagelabel": "m", "pdfinfo": "m", "pdfpageattr@": "", "vol@": "",
}  # fmt: skip

# name: (signature, replacement)
_PRINT = {
    "textrm": ("m", "{#1}"),
    "textsf": ("m", "{#1}"), "textup": ("m", "{#1}"), "textmd": ("m", "{#1}"), "textnormal": ("m", "{#1}"),
    "text": ("m", "{#1}"), "underline": ("m", "{#1}"), "uline": ("m", "{#1}"), "ul": ("m", "{#1}"), "hl": ("m", "{#1}"), "uwave": ("m", "{#1}"),
    "mbox": ("m", "{#1}"), "hbox@": ("m", "{#1}"), "fbox": ("m", "{#1}"), "makebox": ("oom", "{#3}"), "framebox": ("oom", "{#3}"),
    "raisebox": ("moom", "{#4}"), "rotatebox": ("omm", "{#3}"), "scalebox": ("mom", "{#3}"), "resizebox": ("smmm", "{#4}"), "reflectbox": ("m", "{#1}"),
    "centerline": ("m", "\\par {#1}\\par "), "leftline": ("m", "\\par {#1}\\par "), "rightline": ("m", "\\par {#1}\\par "), "line@": ("m", "{#1}"),
    "added": ("om", "{#2}"), "highlight": ("om", "{#2}"), "change": ("m", "{#1}"), "revise": ("m", "{#1}"),
    "texorpdfstring": ("mm", "{#1}"), "hypertarget": ("mm", "{#2}"), "hyperlink": ("mm", "{#2}"), "phantomlink": ("m", "{#1}"),
    "textlatin": ("m", "{#1}"),
    "bibinfo": ("mm", "{#2}"), "bibnamefont": ("m", "{#1}"), "bibfnamefont": ("m", "{#1}"), "citenamefont": ("m", "{#1}"), "natexlab": ("m", "{#1}"),
    "bibfield": ("mm", "{#2}"), "eprint": ("om", "{#2}"), "Eprint": ("mm", "{#2}"), "translation": ("m", "{#1}"), "urlprefix": ("", ""),
    "bibAnnote": ("mm", ""), "BibitemNoStop": ("", ""), "bibAnnoteFile": ("mm", ""), "selectlanguage*": ("m", ""), "href@noop": ("mm", "{#2}"), "SPIEdoi": ("m", ""),
    "objectname": ("om", "{#2}"), "object": ("om", "{#2}"), "dataset": ("om", "{#2}"), "anchor": ("mm", "{#2}"), "fullciteyear": ("m", "{#1}"),
    "adjustbox": ("mm", "{#2}"), "parbox@": ("omm", "{#3}"), "abbr": ("m", "{#1}"), "sidenote": ("oom", "\\footnote{#3}"), "EUR": ("m", "€\\,{#1}"), "textsmaller": ("om", "{#2}"), "textlarger": ("om", "{#2}"), "textls": ("om", "{#2}"), "IEEEauthorblockN": ("m", "{#1}"), "IEEEauthorblockA": ("m", "{#1}"),
    "hologo": ("om", "{#2}"), "SetAuthorBlock": ("mm", "\\author{#1}\\affiliation{#2}"), "NoCaseChange": ("m", "{#1}"), "surname": ("m", "{#1}"), "minisec": ("m", "\\paragraph{#1}"),
    "newauthor": ("", ", "), "showyourwork": ("", "showyourwork"), "rsquo": ("", "'"), "lsquo": ("", "'"),
    "and": ("", ", "), "And": ("", ", "), "AND": ("", ", "), "quad@": ("", " "), "ref@": ("m", ""), "corauthor": ("m", "{#1}"), "email@": ("m", ""), "latinabbrev": ("m", "{#1}"),
    "snm": ("m", "{#1}"), "fnm@": ("m", "{#1}"), "sur": ("m", "{#1}"), "spfx": ("m", "{#1}"), "pfx": ("m", "{#1}"), "hphantom@": ("m", ""), "uppercase@": ("m", "{#1}"),
    "isotope": ("om", "\\ensuremath{{}^{#1}\\mathrm{#2}}"), "nuclide": ("om", "\\ensuremath{{}^{#1}\\mathrm{#2}}"),
    "textfrac": ("mm", "#1/#2"), "fract": ("mm", "#1/#2"), "textinit": ("m", "{#1}"), "lowercase@": ("m", "{#1}"), "smash": ("om", "{#2}"), "llap": ("m", "{#1}"),
    "rlap": ("m", "{#1}"), "clap": ("m", "{#1}"), "mathstrut": ("", ""), "subsubsubsection": ("m", "\\paragraph{#1}"), "keyword": ("m", "{#1}"), "proglang": ("m", "{#1}"), "pkg": ("m", "{#1}"),
    "file": ("m", "{#1}"), "program": ("m", "{#1}"), "mission": ("m", "{#1}"), "textgreek": ("m", "{#1}"), "boldsymbol@": ("m", "{#1}"), "intertext": ("m", "{#1}"), "copyright@": ("", ""),
    "EHT@": ("", ""), "dodoi": ("m", "doi:{#1}"), "doarXiv": ("m", "arXiv:{#1}"), "doeprint": ("m", "{#1}"), "arxiv": ("m", "arXiv:{#1}"), "path@": ("m", "{#1}"), "citesqueeze": ("m", "{#1}"),
    "mathchoice@": ("mmmm", "{#1}"), "rotatetext": ("m", "{#1}"), "Plainauthor": ("m", ""), "Plaintitle": ("m", ""), "Shorttitle": ("m", ""), "Plainkeywords": ("m", ""), "Keywords": ("m", "\\keywords{#1}"),
    "Abstract@": ("m", ""), "Address": ("m", "\\address{#1}"), "ssr": ("", "Space Sci. Rev."), "textulc": ("m", "{#1}"), "num@": ("m", "{#1}"), "relax@": ("", ""), "hspace": ("sm", " "),
    "subtitle@": ("m", ""), "titlefont": ("m", "{#1}"), "noopsort": ("m", ""), "providecommand@": ("m", ""), "SortNoop": ("m", ""), "bibcommenthead": ("", ""),
    "bibsection": ("", ""), "penalty@": ("", ""), "citestarts": ("", ""), "citeends": ("", ""), "betal": ("", "et al."), "bysame": ("", "---"), "par@": ("", ""), "vref@": ("m", ""), "letterspace": ("m", "{#1}"),
    "IEEEPARstart": ("mm", "#1#2"), "PARstart": ("mm", "#1#2"), "lettrine": ("omm", "#2#3"), "nohyphens": ("m", "{#1}"),
    "hyp": ("", "-"), "discretionary": ("mmm", "{#3}"), "DeclareUrlCommand": ("mm", "\\let#1\\url"), "fshyp": ("", "/"), "dothyp": ("", "."), "colonhyp": ("", ":"), "bshyp": ("", "\\textbackslash"),
    "Tref": ("m", "Table~\\ref{#1}"), "tref": ("m", "table~\\ref{#1}"), "Fref": ("m", "Figure~\\ref{#1}"), "fref": ("m", "figure~\\ref{#1}"),
    "Eref": ("m", "Equation~(\\ref{#1})"), "eref": ("m", "(\\ref{#1})"), "Sref": ("m", "Section~\\ref{#1}"), "sref": ("m", "section~\\ref{#1}"),
    "Csharp": ("", "C#"), "CC": ("", "C++"), "etc": ("", "etc."), "viz": ("", "viz."), "cf": ("", "cf."), "textdblhyphen": ("", "="), "textprimstress": ("", "'"), "fnurl": ("mm", "{#1}\\footnote{#2}"),
}  # fmt: skip

# journal abbreviations of aas_macros, printed in references
_JOURNALS = {
    "aj": "AJ", "actaa": "Acta Astron.", "araa": "ARA&A", "apj": "ApJ", "apjl": "ApJ", "apjlett": "ApJ", "apjs": "ApJS", "apjsupp": "ApJS", "ao": "Appl. Opt.",
    "apss": "Ap&SS", "aap": "A&A", "astap": "A&A", "aapr": "A&A Rev.", "aaps": "A&AS", "azh": "AZh", "baas": "BAAS", "bac": "Bull. astr. Inst. Czechosl.",
    "caa": "Chinese Astron. Astrophys.", "cjaa": "Chinese J. Astron. Astrophys.", "icarus": "Icarus", "jcap": "JCAP", "jrasc": "JRASC", "memras": "MmRAS",
    "mnras": "MNRAS", "na": "New A", "nar": "New A Rev.", "pra": "Phys. Rev. A", "prb": "Phys. Rev. B", "prc": "Phys. Rev. C", "prd": "Phys. Rev. D",
    "pre": "Phys. Rev. E", "prl": "Phys. Rev. Lett.", "pasa": "PASA", "pasp": "PASP", "pasj": "PASJ", "rmxaa": "RMxAA", "qjras": "QJRAS", "skytel": "S&T",
    "solphys": "Sol. Phys.", "sovast": "Soviet Ast.", "ssr": "Space Sci. Rev.", "zap": "ZAp", "nat": "Nature", "iaucirc": "IAU Circ.",
    "aplett": "Astrophys. Lett.", "apspr": "Astrophys. Space Phys. Res.", "bain": "BAN", "fcp": "Fund. Cosmic Phys.", "gca": "Geochim. Cosmochim. Acta",
    "grl": "Geophys. Res. Lett.", "jcp": "J. Chem. Phys.", "jgr": "J. Geophys. Res.", "jqsrt": "JQSRT", "memsai": "MmSAI", "nphysa": "Nucl. Phys. A",
    "physrep": "Phys. Rep.", "physscr": "Phys. Scr.", "planss": "Planet. Space Sci.", "procspie": "Proc. SPIE", "psj": "PSJ", "aas": "AAS", "jaavso": "JAAVSO", "maps": "M&PS",
}  # fmt: skip


def _entries() -> dict[str, Entry]:
    out: dict[str, Entry] = {}
    for name in _BARE:
        if not name.endswith("@"):
            out["\\" + name] = silent
    for name, signature in _SWALLOW.items():
        if not name.endswith("@") and not signature.endswith("@"):
            out["\\" + name] = builtin(signature, "")
    for name, journal in _JOURNALS.items():
        out["\\" + name] = Macro((), [journal], builtin=True)
    for name, (signature, body) in _PRINT.items():
        if not name.endswith("@"):
            out["\\" + name] = builtin(signature, body)
    return out


def ding(tex: Stomach, name: str) -> None:
    """`\\ding{51}` (pifont): ticks, crosses, numbers in circles, and the signs of lists."""
    text = tex.plain_text(tex.read_arg())
    tex.parts.append(_dingbat(int(text)) if text.isdigit() else "")


def _dingbat(code: int) -> str:
    for first, char in ((172, "①"), (182, "❶"), (192, "➀"), (202, "➊")):
        if first <= code < first + 10:
            return chr(ord(char) + code - first)
    return _DINGBATS.get(code, "")


_DINGBATS = {**dict.fromkeys((51, 52), "✓"), **dict.fromkeys((53, 54, 55, 56), "✗"), 72: "★", 73: "☆", 108: "●", 109: "❍", 110: "■",
             115: "▲", 116: "▼", 117: "◆", 213: "→"}  # fmt: skip


def ordinal(tex: Stomach, name: str) -> None:
    """`\\nth{3}`: 3rd."""
    text = tex.plain_text(tex.read_arg())
    ending = "th"
    if text.isdigit() and text[-2:-1] != "1":
        ending = {"1": "st", "2": "nd", "3": "rd"}.get(text[-1], "th")
    tex.parts.append(text + ending)


def replaced(tex: Stomach, name: str) -> None:
    """`\\replaced{..}{..}`: AASTeX gives the old text first, the package changes the new one."""
    tex.read_optional()
    first, second = tex.read_arg(), tex.read_arg()
    old_first = tex.document_class.startswith("aastex") and "changes" not in tex.packages
    tex.push(["{", *(second if old_first else first), "}"])


def edit(tex: Stomach, name: str) -> None:
    """`\\edit1{new text}` (AASTeX): the digit is the round of review."""
    digit = tex.read_arg()
    if len(digit) == 1 and digit[0].isdigit():
        tex.push(["{", *tex.read_arg(), "}"])
    else:
        tex.push(["{", *digit, "}"])


SIGNATURES: dict[str, Entry] = {
    **_entries(),
    **dict.fromkeys(("\\hskip", "\\vskip", "\\kern", "\\hglue", "\\vglue", "\\moveright", "\\moveleft", "\\lower", "\\raise", "\\mskip", "\\mkern"), glue),
    **dict.fromkeys(("\\penalty", "\\linebreak", "\\nolinebreak", "\\pagebreak", "\\nopagebreak"), penalty),
    **dict.fromkeys(("\\hrule", "\\vrule"), rule),
    "\\replaced": replaced,
    "\\edit": edit,
    "\\nth": ordinal,
    "\\ding": ding,
    **dict.fromkeys(("\\write", "\\openin", "\\openout", "\\closein", "\\closeout", "\\read"), addtolist),
    "\\immediate": silent,
}  # fmt: skip
