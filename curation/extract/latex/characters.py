"""Accents, letters and symbols of text mode, and the symbol commands of the astronomy classes."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from curation.extract.latex.blocks import BREAK
from curation.extract.latex.decimals import DECIMAL_UNITS, decimal_unit, m_decimal_unit
from curation.extract.latex.lexer import END, PAR, SPACE
from curation.extract.latex.macros import Macro, builtin
from curation.extract.latex.math_marks import MathHandler
from curation.extract.latex.mathmode import math_in_text
from curation.extract.latex.text_signs import TEXT_SIGNS

if TYPE_CHECKING:
    from curation.extract.latex.stomach import Stomach
    from curation.extract.latex.token_stack import Entry

_COMBINING = {
    "`": "\u0300", "'": "\u0301", "^": "\u0302", "~": "\u0303", "=": "\u0304", "u": "\u0306", ".": "\u0307",
    '"': "\u0308", "r": "\u030a", "H": "\u030b", "v": "\u030c", "d": "\u0323", "c": "\u0327", "k": "\u0328",
    "b": "\u0331", "t": "\u0361", "G": "\u030f", "U": "\u030e",
}  # fmt: skip
_DOTLESS = {"\\i": "i", "\\j": "j", "\\ae": "æ", "\\o": "ø", "\\O": "Ø", "\\aa": "å", "\\AA": "Å", "\\l": "l", "ı": "i"}

SYMBOLS = {
    "\\ss": "ß", "\\ae": "æ", "\\AE": "Æ", "\\oe": "œ", "\\OE": "Œ", "\\o": "ø", "\\O": "Ø", "\\aa": "å", "\\AA": "Å",
    "\\l": "ł", "\\L": "Ł", "\\i": "ı", "\\j": "ȷ", "\\dh": "ð", "\\DH": "Ð", "\\th": "þ", "\\TH": "Þ", "\\dj": "đ",
    "\\DJ": "Đ", "\\ng": "ŋ", "\\NG": "Ŋ", "\\S": "§", "\\P": "¶", "\\SS": "SS", "\\IJ": "IJ", "\\ij": "ij", "\\copyright": "©", "\\textcopyright": "©",



    "\\pounds": "£", "\\textsterling": "£", "\\euro": "€", "\\texteuro": "€", "\\dag": "†", "\\ddag": "‡",
    "\\textdagger": "†", "\\textdaggerdbl": "‡", "\\dagger": "†", "\\ddagger": "‡", "\\ldots": "...", "\\dots": "...", "\\vdots": "⋮",
    "\\textellipsis": "...", "\\cdots": "...", "\\textendash": "–", "\\textemdash": "—", "\\textquoteleft": "‘",
    "\\textquoteright": "’", "\\textquotedblleft": "“", "\\textquotedblright": "”", "\\textquotesingle": "'",
    "\\textquotedbl": '"', "\\dq": '"', "\\glqq": "„", "\\grqq": "“", "\\glq": "‚", "\\grq": "‘", "\\flqq": "«", "\\frqq": "»", "\\flq": "‹", "\\frq": "›", "\\guillemotleft": "«", "\\guillemotright": "»", "\\guillemetleft": "«",
    "\\guillemetright": "»", "\\quotedblbase": "„", "\\quotesinglbase": "‚", "\\lq": "‘", "\\rq": "’",
    "\\textdegree": "°", "\\textcelsius": "°C", "\\degr": "°", "\\arcdeg": "°", "\\degree": "°", "\\degrees": "°",
    "\\textordfeminine": "ª", "\\textordmasculine": "º", "\\textregistered": "®", "\\texttrademark": "™", "\\TM": "™",
    "\\textbullet": "•", "\\textperiodcentered": "·", "\\textasciitilde": "~", "\\textasciicircum": "^",
    "\\textbackslash": "\\backslash ", "\\textless": "<", "\\textgreater": ">", "\\textbar": "|",
    "\\textunderscore": "_", "\\textdollar": "\\$", "\\textpercent": "%", "\\textmu": "μ", "\\micron": "μm",
    "\\textmicro": "μ", "\\textohm": "Ω", "\\textasteriskcentered": "*", "\\slash": "/", "\\_": "_", "\\&": "&",
    "\\%": "%", "\\#": "#", "\\$": "\\$", "\\{": "{", "\\}": "}", "\\textbraceleft": "{", "\\textbraceright": "}",
    "\\arcsec": "″", "\\arcmin": "′", "\\textprime": "′", "\\sun": "☉", "\\astrosun": "☉", "\\earth": "⊕",
    "\\TeX": "TeX", "\\LaTeX": "LaTeX", "\\LaTeXe": "LaTeX2e", "\\BibTeX": "BibTeX", "\\XeTeX": "XeTeX",
    "\\LuaTeX": "LuaTeX", "\\XeLaTeX": "XeLaTeX", "\\LuaLaTeX": "LuaLaTeX", "\\AmS": "AMS", "\\diameter": "⌀",
    "\\textexclamdown": "¡", "\\textquestiondown": "¿", "\\og": "« ", "\\fg": " »", "\\AASTeX": "AASTeX", "\\aastex": "AASTeX", "\\eprint@": "", "\\checkmark": "✓", "\\cmark": "✓",
    "\\xmark": "✗", "\\ding@": "", "\\textvisiblespace": " ", "\\quad": " ", "\\qquad": " ", "\\enspace": " ",
    "\\enskip": " ", "\\thinspace": "\u2009", "\\,": "\u2009", "\\;": " ", "\\:": " ", "\\>": " ", "\\ ": " ", "\\\t": " ",
    "\\space": " ", "\\nobreakspace": " ", "\\!": "", "\\-": "", "\\/": "", "\\@": "", "\\negthinspace": "",
    "\\hfill": " ", "\\hfil": " ", "\\hss": " ", "\\dotfill": " ", "\\hrulefill": " ", "\\vfill": "", "\\vfil": "",
    "\\lbrack": "[", "\\rbrack": "]", "\\textonehalf": "½", "\\textonequarter": "¼", "\\textthreequarters": "¾",
    "\\today": "", "\\nodata": "...", "\\orcidlink@": "", "\\bigstar": "★", "\\textsuperscript@": "",
    "\\bullet": "•", "\\cdot": "·", "\\star": "⋆", "\\mho@": "", "\\textrightarrow": "→", "\\textleftarrow": "←",
    "\\textuparrow": "↑", "\\textdownarrow": "↓", "\\textminus": "−", "\\texttimes": "×", "\\textpm": "±",
    "\\textdiv": "÷", "\\textonesuperior": "¹", "\\texttwosuperior": "²", "\\textthreesuperior": "³",
    "\\etal": "et al.", "\\ie": "i.e.", "\\eg": "e.g.", "\\sq": "□", "\\lbrace": "{", "\\rbrace": "}",
    "\\female": "♀", "\\male": "♂", "\\mercury": "☿", "\\venus": "♀", "\\mars": "♂", "\\jupiter": "♃", "\\saturn": "♄",
    "\\uranus": "♅", "\\neptune": "♆", "\\pluto": "♇", "\\leftmoon": "☾", "\\rightmoon": "☽",
}  # fmt: skip

SYMBOLS |= TEXT_SIGNS

# Math symbols that authors use bare in text (TeX stops, inserts $ and goes on) or that classes make safe in text.
MATH_SYMBOLS = [
    "alpha", "beta", "gamma", "delta", "epsilon", "varepsilon", "zeta", "eta", "theta", "vartheta", "iota", "kappa",
    "lambda", "mu", "nu", "xi", "pi", "varpi", "rho", "varrho", "sigma", "varsigma", "tau", "upsilon", "phi", "varphi",
    "chi", "psi", "omega", "Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega",
    "pm", "mp", "times", "div", "sim", "simeq", "approx", "approxeq", "equiv", "propto", "leq", "le", "geq", "ge", "neq",
    "ne", "ll", "gg", "lesssim", "gtrsim", "lessapprox", "gtrapprox", "la", "ga", "infty", "odot", "oplus", "rightarrow",
    "leftarrow", "Rightarrow", "leftrightarrow", "longrightarrow", "to", "prime", "partial", "nabla", "sum", "int",
    "prod", "langle", "rangle", "circ", "ell", "hbar", "perp", "parallel", "sqrt", "frac", "mathrm", "mathbf", "mathit",
    "mathcal", "mathsf", "boldsymbol", "bm", "vec", "hat", "bar", "tilde", "dot", "ddot", "overline", "in", "subset",
    "cup", "cap", "forall", "exists", "uparrow", "downarrow", "mathring", "log", "ln", "exp", "sin", "cos", "tan", "max",
    "min", "asymp", "upper", "backslash", "triangle", "diamond", "ast", "dfrac", "tfrac", "cdotp", "colon", "nsim",
    "widehat", "widetilde", "underline@", "overset", "underset", "mathscr", "mathbb", "mathfrac", "lsim@", "rtimes",
    "otimes", "square", "Box", "mid", "geqslant", "leqslant", "gtrless", "lessgtr", "blacksquare", "blacktriangle",
    "bigcirc", "vee", "wedge", "star@", "Re", "Im", "aleph",
]  # fmt: skip
_MATH_WITH_ARGS = {
    "sqrt": 1, "frac": 2, "dfrac": 2, "tfrac": 2, "mathrm": 1, "mathbf": 1, "mathit": 1, "mathcal": 1, "mathsf": 1,
    "boldsymbol": 1, "bm": 1, "vec": 1, "hat": 1, "bar": 1, "tilde": 1, "dot": 1, "ddot": 1, "overline": 1,
    "mathring": 1, "widehat": 1, "widetilde": 1, "overset": 2, "underset": 2, "mathscr": 1, "mathbb": 1,
}  # fmt: skip


def symbol(tex: Stomach, name: str) -> None:
    """A command that prints a fixed character."""
    tex.parts.append(SYMBOLS[name])


def backslash(tex: Stomach, name: str) -> None:
    """`\\textbackslash`: set as math, the only way in which Markdown and our readers keep one."""
    tex.parts.append("\\")


def accent(tex: Stomach, name: str) -> None:
    """`\\'e`, `\\'{e}`, `\\v{c}`, `\\'{\\i}`: one composed character."""
    tok = tex.skip_spaces()
    if tok in (END, PAR, "}", "$"):
        return
    tok = tex.next_char()
    rest: list[str] = []
    if tok == "{":
        group = tex.read_group()
        while group and group[0] == SPACE:
            group = group[1:]
        if not group:
            if name[1] in "~^":
                tex.parts.append(name[1])
            return
        tok, rest = group[0], group[1:]
    if tok in _DOTLESS:
        tok = _DOTLESS[tok]
    elif tok[0] == "\\":
        tex.pb.append(tok)
        if rest:
            tex.pb[-1:-1] = reversed(rest)
        return
    mark = _COMBINING[name[1]]
    if tok[0] in "{}$&#^_~":
        tex.push([tok, *rest])
        return
    tex.parts.append(unicodedata.normalize("NFC", tok[0] + mark) + tok[1:])
    if rest:
        tex.push(rest)


def tie(tex: Stomach, name: str) -> None:
    """`~`: a blank."""
    tex.parts.append(" ")


def space(tex: Stomach, name: str) -> None:
    """White space."""
    tex.parts.append(" ")


def script(tex: Stomach, name: str) -> None:
    """`_` and `^` outside math: characters (`underscore`, `\\catcode`, or an error that TeX repairs)."""
    tex.parts.append(name)


_SYMBOL_TOKENS = 400
"""A longer argument of a symbol outside math has lost its brace; reading it again and again would cost quadratic time."""


def bare_math(tex: Stomach, name: str) -> None:
    """A math symbol in text."""
    n = _MATH_WITH_ARGS.get(name[1:], 0)
    tokens = [name]
    for _ in range(n):
        tokens += ["{", *tex.read_short_arg(_SYMBOL_TOKENS), "}"]
    # sub- and superscripts that follow belong to it
    for _ in range(2):
        tok = tex.peek()
        if tok not in ("_", "^"):
            break
        tex.pb.pop()
        tokens += [tok, "{", *tex.read_short_arg(_SYMBOL_TOKENS), "}"]
    math_in_text(tex, name, tokens)


def ignorespaces(tex: Stomach, name: str) -> None:
    """`\\ignorespaces`: blanks that follow are no text."""
    tex.ahead()


def unskip(tex: Stomach, name: str) -> None:
    """`\\unskip`: the blank before it is no text."""
    while tex.parts and not tex.parts[-1].strip(" \t\n\u2009"):
        tex.parts.pop()
    if tex.parts:
        tex.parts[-1] = tex.parts[-1].rstrip(" \t\n")


def xspace(tex: Stomach, name: str) -> None:
    """`\\xspace`: a blank unless punctuation, a brace or a blank follows."""
    tok = tex.peek()
    if tok[0] in ".,'/?;:!~-)]} \n" or tok in (
        "\\ ",
        "\\/",
        "\\,",
        "\\xspace",
        END,
        PAR,
        "\\footnote",
        "\\@",
        "\\bgroup",
    ):
        return
    tex.parts.append(" ")


def newline(tex: Stomach, name: str) -> None:
    """`\\\\` in text: a line break, which prose does not need."""
    _row_skip(tex)
    tex.parts.append(BREAK)


def _row_skip(tex: Stomach) -> None:
    """`\\\\*[2pt]`."""
    if not tex.pb:
        m = _SKIP.match(tex.mouth.src, tex.mouth.pos)
        if m:
            tex.mouth.pos = m.end()
        return
    tok = tex.peek()
    if tok[0] == "*" or _SKIP.match(tok):
        m = _SKIP.match(tok)
        tex.pb.pop()
        rest = tok[m.end() :] if m else tok[1:]
        if rest:
            tex.pb.append(rest)
    elif tok[0] == "[" and len(tex.pb) > 1 and tex.pb[-2][0] == "\\" and tex.pb[-2] not in ("\\rm", "\\bf"):
        tex.read_optional()


_SKIP = re.compile(
    r"\*?[ \t]*(?:\[\s*[-+]?\s*[\d.]*\s*(?:true)?\s*(?:pt|em|ex|cm|mm|in|pc|\\[A-Za-z]+)\s*(?:plus[^\]]*)?\])|\*"
)


def superscript(tex: Stomach, name: str) -> None:
    """`\\textsuperscript{x}`, `\\textsubscript{x}`: as math, or `1st` when letters only."""
    text = tex.inline(tex.read_arg()).strip()
    if not text:
        return
    if text in ("st", "nd", "rd", "th"):
        tex.parts.append(text)
        return
    sign = "_" if "sub" in name else "^"
    if min(text, default=" ") >= "\ue000" or any("\ue000" <= c <= "\ue00f" for c in text):
        tex.parts.append(text)
        return
    body = text if text.replace(",", "").isdigit() else "\\mathrm{" + text + "}"
    tex.parts.append("\ue006{}" + sign + "{" + body + "}\ue007")


_ROMAN = ["", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII", "XIV", "XV", "XVI",
          "XVII", "XVIII", "XIX", "XX", "XXI", "XXII", "XXIII", "XXIV", "XXV", "XXVI", "XXVII"]  # fmt: skip


def ion_stage(text: str) -> str:
    """`2`, `ii`, `\\textsc{ii}` as `II`."""
    text = text.strip().strip("\ue002\ue003\ue004\ue005 ")
    if text.isdigit() and int(text) < len(_ROMAN):
        return _ROMAN[int(text)]
    return text.upper() if text and all(c in "ivxIVX" for c in text) else text


def ion(tex: Stomach, name: str) -> None:
    """`\\ion{Fe}{ii}`, `\\ion{Fe}{2}`: Fe II."""
    element = tex.inline(tex.read_arg()).strip()
    stage = ion_stage(tex.inline(tex.read_arg()))
    tex.parts.append(f"{element} {stage}".strip())


def m_ion(tex: Stomach, name: str, out: list[str]) -> None:
    """The same inside math."""
    element = "".join(tex.read_arg())
    stage = ion_stage("".join(t for t in tex.read_arg() if t[0] != "\\"))
    out.append("\\mathrm{" + element + "\\," + stage + "}")


def char(tex: Stomach, name: str) -> None:
    """``\\char`\\_``, `\\char95`, `\\symbol{95}`."""
    if name == "\\symbol":
        code = tex.evaluate(tex.read_arg(), "count")
    else:
        code = tex.read_number()
    if 32 < code < 0x2FFF and chr(code).isprintable():
        tex.parts.append({"\\": "\\", "$": "\\$"}.get(chr(code), chr(code)))


CHARACTERS: dict[str, Entry] = {
    **dict.fromkeys((s for s in SYMBOLS if not s.endswith("@") or s == "\\@"), symbol),
    "\\textbackslash": backslash,
    **dict.fromkeys(("\\" + s for s in MATH_SYMBOLS if not s.endswith("@")), bare_math),
    **dict.fromkeys(("\\" + c for c in _COMBINING), accent),
    "~": tie,
    " ": space,
    "_": script,
    "^": script,
    "&": script,
    "#": script,
    "\\xspace": xspace,
    "\\ignorespaces": ignorespaces,
    "\\unskip": unskip,
    "\\\\": newline,
    "\\newline": newline,
    "\\linebreak@": newline,
    **dict.fromkeys(DECIMAL_UNITS, decimal_unit),
    **dict.fromkeys(("\\textsuperscript", "\\textsubscript", "\\sp", "\\sb"), superscript),
    "\\ion": ion,
    "\\char": char,
    "\\symbol": char,
}  # fmt: skip

# astronomy's own, when the paper does not define them: in math they need no handler of text
ASTRONOMY: dict[str, Macro] = {
    "\\Msun": builtin("", "\\ensuremath{M_\\odot}"),
    "\\msun": builtin("", "\\ensuremath{M_\\odot}"),
    "\\Lsun": builtin("", "\\ensuremath{L_\\odot}"),
    "\\lsun": builtin("", "\\ensuremath{L_\\odot}"),
    "\\Rsun": builtin("", "\\ensuremath{R_\\odot}"),
    "\\rsun": builtin("", "\\ensuremath{R_\\odot}"),
    "\\Mearth": builtin("", "\\ensuremath{M_\\oplus}"),
    "\\Rearth": builtin("", "\\ensuremath{R_\\oplus}"),
    "\\Mjup": builtin("", "\\ensuremath{M_\\mathrm{Jup}}"),
    "\\Rjup": builtin("", "\\ensuremath{R_\\mathrm{Jup}}"),
    "\\kms": builtin("", "\\ensuremath{\\mathrm{km\\,s^{-1}}}"),
    "\\kmsMpc": builtin("", "\\ensuremath{\\mathrm{km\\,s^{-1}\\,Mpc^{-1}}}"),
    "\\lsim": builtin("", "\\ensuremath{\\lesssim}"),
    "\\gsim": builtin("", "\\ensuremath{\\gtrsim}"),
    "\\hi": builtin("", "H I"),
    "\\HI": builtin("", "H I"),
    "\\HII": builtin("", "H II"),
    "\\CO": builtin("", "CO"),
    "\\teff": builtin("", "\\ensuremath{T_\\mathrm{eff}}"),
    "\\logg": builtin("", "\\ensuremath{\\log g}"),
}
CHARACTERS.update(ASTRONOMY)

CHARACTER_MATH: dict[str, MathHandler | Macro] = {
    **dict.fromkeys(DECIMAL_UNITS, m_decimal_unit),
    "\\ion": m_ion,
    "\\arcsec": builtin("", "^{\\prime\\prime}"),
    "\\arcmin": builtin("", "^{\\prime}"),
    "\\arcdeg": builtin("", "^{\\circ}"),
    "\\degr": builtin("", "^{\\circ}"),
    "\\degree": builtin("", "^{\\circ}"),
    "\\degrees": builtin("", "^{\\circ}"),
    "\\textdegree": builtin("", "^{\\circ}"),
    "\\micron": builtin("", "\\mu\\mathrm{m}"),
    # iopart
    "\\rmd": builtin("", "\\mathrm{d}"),
    "\\rme": builtin("", "\\mathrm{e}"),
    "\\rmi": builtin("", "\\mathrm{i}"),
    "\\la": builtin("", "\\lesssim"),
    "\\ga": builtin("", "\\gtrsim"),
    "\\sun": builtin("", "\\odot"),
    "\\astrosun": builtin("", "\\odot"),
    "\\earth": builtin("", "\\oplus"),
    "\\openone": builtin("", "\\mathbb{1}"),
    **{  # mn2e, mnras and revtex
        "\\" + k: builtin("", "\\" + v)
        for k, v in {
            "upi": "pi",
            "umu": "mu",
            "upartial": "partial",
            "lid": "leqq",
            "gid": "geqq",
            "loa": "lessapprox",
            "goa": "gtrapprox",
            "cor": "triangleq",
            "sol": "lesssim",
            "sog": "gtrsim",
            "lse": "lesssim",
            "gse": "gtrsim",
            "getsto": "leftrightarrows",
            "grole": "gtrless",
            "leogr": "lessgtr",
            "alt": "lesssim",
            "agt": "gtrsim",
            "diameter": "varnothing",
        }.items()
    },
    "\\nodata": builtin("", "\\ldots"),
    "\\textendash": builtin("", "-"),
    "\\space": builtin("", "\\ "),
    "\\textmu": builtin("", "\\mu"),
    "\\celsius": builtin("", "^{\\circ}\\mathrm{C}"),
    "\\ohm": builtin("", "\\Omega"),
    "\\micro": builtin("", "\\mu"),
    "\\AA": builtin("", "\\text{Å}"),
    "\\textasciitilde": builtin("", "\\sim"),
    "\\textless": builtin("", "<"),
    "\\textgreater": builtin("", ">"),
    "\\sp": builtin("m", "^{#1}"),
    "\\sb": builtin("m", "_{#1}"),
    "\\textsuperscript": builtin("m", "^{\\text{#1}}"),
    "\\textsubscript": builtin("m", "_{\\text{#1}}"),
    **{k: v for k, v in ASTRONOMY.items() if k not in ("\\hi", "\\HI", "\\HII", "\\CO")},
}
