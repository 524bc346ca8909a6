r"""The package physics: brackets, derivatives, Dirac notation and matrices as the plain LaTeX that they expand to.

Markdown math engines do not know it. Meanings are those of its manual (physics 1.3); a name counts only where the package is
loaded, since papers define `\abs` and `\dd` themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from curation.extract.latex.lexer import FROZEN, SPACE

if TYPE_CHECKING:
    from curation.extract.latex.stomach import Stomach
    from curation.extract.latex.token_stack import Handler

_PAIRS = {"(": ")", "[": "]", "|": "|"}
# \left and \right around the argument
_BRACKETS = {"\\abs": ("|", "|"), "\\norm": ("\\|", "\\|"), "\\order": ("(", ")"), "\\Set": ("\\{", "\\}"),
             "\\pqty": ("(", ")"), "\\bqty": ("[", "]"), "\\vqty": ("|", "|"), "\\Bqty": ("\\{", "\\}"),
             "\\absolutevalue": ("|", "|")}  # fmt: skip
_SIZES = frozenset({"\\big", "\\Big", "\\bigg", "\\Bigg"})
_FONTS = {
    "\\vb": ["\\mathbf"], "\\vectorbold": ["\\mathbf"], "\\va": ["\\vec", "\\mathbf"], "\\vectorarrow": ["\\vec", "\\mathbf"],
    "\\vu": ["\\hat", "\\mathbf"], "\\vectorunit": ["\\hat", "\\mathbf"],
}  # fmt: skip
_SIGNS = {"\\vdot": ["\\cdot"], "\\cross": ["\\times"], "\\cp": ["\\times"], "\\laplacian": ["\\nabla", "^", "2"]}
_OPERATORS = {"\\grad": [], "\\gradient": [], "\\div": ["\\cdot"], "\\divergence": ["\\cdot"], "\\curl": ["\\times"]}
_NAMES = {"\\Tr": "Tr", "\\tr": "tr", "\\trace": "tr", "\\Trace": "Tr", "\\rank": "rank", "\\erf": "erf", "\\Res": "Res",
          "\\principalvalue": "\\mathcal{P}", "\\pv": "\\mathcal{P}"}  # fmt: skip
_FUNCTIONS = (
    "sin",
    "cos",
    "tan",
    "csc",
    "sec",
    "cot",
    "sinh",
    "cosh",
    "tanh",
    "arcsin",
    "arccos",
    "arctan",
    "exp",
    "log",
    "ln",
    "det",
)
_D, _PARTIAL, _DELTA = ["\\mathrm", "{", "d", "}"], ["\\partial", SPACE], ["\\delta", SPACE]
_DERIVATIVES = {"\\dv": _D, "\\derivative": _D, "\\pdv": _PARTIAL, "\\pderivative": _PARTIAL, "\\partialderivative": _PARTIAL,
                "\\fdv": _DELTA, "\\fderivative": _DELTA, "\\functionalderivative": _DELTA}  # fmt: skip
_COMMUTATORS = {"\\comm": ("[", "]"), "\\commutator": ("[", "]"), "\\acomm": ("\\{", "\\}"), "\\anticommutator": ("\\{", "\\}"),
                "\\pb": ("\\{", "\\}"), "\\poissonbracket": ("\\{", "\\}")}  # fmt: skip
_MATRICES = {"\\mqty": "matrix", "\\matrixquantity": "matrix", "\\pmqty": "pmatrix", "\\bmqty": "bmatrix", "\\vmqty": "vmatrix",
             "\\smqty": "smallmatrix", "\\mdet": "vmatrix"}  # fmt: skip
_SHAPES = {"(": "pmatrix", "[": "bmatrix", "|": "vmatrix"}


def _delimited(tex: Stomach) -> tuple[str, list[str]] | None:
    """A bracketed argument `(x)`, `[x]` or `|x|` and its bracket; None when something else follows."""
    first = tex.skip_spaces()[:1]
    close = _PAIRS.get(first)
    if close is None:
        return None
    if first == "|":
        tex.next_char()
        out: list[str] = []
        while len(out) < 500:
            tok = tex.next_char()
            if tok == "|":
                return first, out
            if tok[0] == "\x00" or tok == "\\\x00end":
                tex.pb.append(tok)
                break
            out.append(tok)
        tex.push(["\x00|", *out])
        return None
    found = tex.read_optional(first, close)
    return None if found is None else (first, found)


def _sized(left: str, body: list[str], right: str) -> list[str]:
    return ["\\left", left, SPACE, *body, SPACE, "\\right", right, SPACE]


def _fixed(size: str, left: str, body: list[str], right: str) -> list[str]:
    return [size, left, SPACE, *body, SPACE, size, right, SPACE]


def _size(tex: Stomach) -> str:
    """The size that stands before an argument: `\\abs\\Big{x}`."""
    tok = tex.skip_spaces().removesuffix(FROZEN)
    if tok not in _SIZES:
        return ""
    tex.pb.pop()
    return tok


def quantity(tex: Stomach, name: str) -> None:
    r"""`\qty(x)`, `\qty[x]`, `\qty{x}`: brackets that grow, `\qty\big{x}`: of one size."""
    if size := _size(tex):
        left, body = _delimited(tex) or ("\\{", tex.read_arg())
        tex.push(_fixed(size, left, body, _PAIRS.get(left, "\\}")))
    elif found := _delimited(tex):
        tex.push(_sized(found[0], found[1], _PAIRS[found[0]]))
    elif tex.skip_spaces() == "{":
        tex.push(_sized("\\{", tex.read_arg(), "\\}"))


def _bracket(tex: Stomach, name: str) -> None:
    star = tex.read_star()
    left, right = _BRACKETS[name]
    size = _size(tex)
    body = tex.read_arg()
    lead = ["\\mathcal", "{", "O", "}"] if name == "\\order" else []
    if size:
        tex.push([*lead, *_fixed(size, left, body, right)])
        return
    tex.push([*lead, left, *body, right, SPACE] if star else [*lead, *_sized(left, body, right)])


def _evaluated(tex: Stomach, name: str) -> None:
    """`\\eval{x}_a^b`: a bar behind; `\\eval(x|_a^b`, `\\eval[x|`: and a bracket before."""
    tex.read_star()
    left = "."
    if tex.skip_spaces()[0] in "([":
        left = tex.next_char()
        body = tex._read_delimited(("|",))
    else:
        body = tex.read_arg()
    tex.push(_sized(left, body, "|")[:-1])


def _font(tex: Stomach, name: str) -> None:
    star = tex.read_star()
    body = tex.read_arg()
    fonts = ["\\boldsymbol" if star and f == "\\mathbf" else f for f in _FONTS[name]]
    tokens: list[str] = ["{", *body, "}"]
    for f in reversed(fonts):
        tokens = ["{", f, *tokens, "}"]
    tex.push(tokens[1:-1])


def _sign(tex: Stomach, name: str) -> None:
    tex.push([*_SIGNS[name], SPACE])


def _operator(tex: Stomach, name: str) -> None:
    tokens = ["\\nabla", *_OPERATORS[name], SPACE]
    if found := _delimited(tex):
        tokens += _sized(found[0], found[1], _PAIRS[found[0]])
    tex.push(tokens)


def _operator_name(tex: Stomach, name: str) -> None:
    word = _NAMES[name]
    tex.push([word, SPACE] if word[0] == "\\" else ["\\operatorname", "{", word, "}"])


def _differential(tex: Stomach, name: str) -> None:
    r"""`\dd`, `\dd{x}`, `\dd[3]{x}`, `\dd(x)`."""
    power = tex.read_optional()
    tokens = ["\\mathrm", "{", "d", "}"]
    if power:
        tokens += ["^", "{", *power, "}"]
    if tex.skip_spaces() == "{":
        tokens += ["{", *tex.read_arg(), "}"]
    elif tex.skip_spaces()[0] == "(" and (found := _delimited(tex)):
        tokens += _sized("(", found[1], ")")
    tex.push([*tokens, SPACE])


def _derivative(tex: Stomach, name: str) -> None:
    r"""`\dv{x}`, `\dv{f}{x}`, `\dv[n]{f}{x}`, `\pdv{f}{x}{y}`, `\dv*{f}{x}`."""
    star = tex.read_star()
    power = tex.read_optional()
    sign = _DERIVATIVES[name]
    groups: list[list[str]] = []
    while len(groups) < 3 and tex.skip_spaces() == "{":
        groups.append(tex.read_arg())
    if not groups:
        return
    function = groups[0] if len(groups) > 1 else []
    variables = groups[1:] if len(groups) > 1 else groups
    order = ["^", "{", *power, "}"] if power else ["^", "2"] if len(variables) > 1 else []
    above = [*sign, *order, *function]
    below = [t for v in variables for t in (*sign, *v, *(order if power else []))]
    tex.push(["{", *above, "}", "/", "{", *below, "}"] if star else ["\\frac", "{", *above, "}", "{", *below, "}"])


def _dirac(tex: Stomach, name: str) -> None:
    r"""`\bra{a}`, `\ket{b}`, `\braket{a}{b}`, `\expval{A}{\psi}`, `\mel{n}{A}{m}`."""
    tex.read_star()
    groups = [tex.read_arg()]
    most = {"\\braket": 2, "\\ip": 2, "\\innerproduct": 2, "\\ketbra": 2, "\\dyad": 2, "\\op": 2, "\\outerproduct": 2,
            "\\expval": 2, "\\ev": 2, "\\mel": 3, "\\matrixel": 3, "\\matrixelement": 3}.get(name, 1)  # fmt: skip
    while len(groups) < most and tex.skip_spaces() == "{":
        groups.append(tex.read_arg())
    middle = ["\\middle", "|", SPACE]
    if name == "\\bra":
        tokens = _sized("\\langle", groups[0], "|")
    elif name == "\\ket":
        tokens = _sized("|", groups[0], "\\rangle")
    elif name in ("\\ketbra", "\\dyad", "\\op", "\\outerproduct"):
        tokens = [*_sized("|", groups[0], "\\rangle"), *_sized("\\langle", groups[-1], "|")]
    elif name in ("\\expval", "\\ev"):
        body = groups[0] if len(groups) == 1 else [*groups[1], *middle, *groups[0], *middle, *groups[1]]
        tokens = _sized("\\langle", body, "\\rangle")
    elif name in ("\\mel", "\\matrixel", "\\matrixelement"):
        tokens = _sized("\\langle", [t for g in groups for t in (*middle, *g)][len(middle) :], "\\rangle")
    else:
        tokens = _sized("\\langle", [*groups[0], *middle, *groups[-1]], "\\rangle")
    tex.push(tokens)


def _commutator(tex: Stomach, name: str) -> None:
    tex.read_star()
    left, right = _COMMUTATORS[name]
    tex.push(_sized(left, [*tex.read_arg(), ",", SPACE, *tex.read_arg()], right))


def _matrix(tex: Stomach, name: str) -> None:
    r"""`\mqty(a & b \\ c & d)`, `\pmqty{..}`."""
    tex.read_star()
    shape = _MATRICES[name]
    if found := _delimited(tex):
        shape, body = _SHAPES[found[0]], found[1]
    else:
        body = tex.read_arg()
    tex.push(["\\begin", "{", shape, "}", *body, "\\end", "{", shape, "}"])


def _words(tex: Stomach, name: str) -> None:
    r"""`\qq{if}`: words between quads."""
    star = tex.read_star()
    body = tex.read_arg()
    tex.push([*([] if star else ["\\quad"]), "\\text", "{", *body, "}", "\\quad", SPACE])


def _function(tex: Stomach, name: str) -> None:
    r"""`\sin[2](x)`: the power behind the name, brackets that grow."""
    tokens = [name + FROZEN]
    if tex.peek()[0] == "[" and (power := tex.read_optional()) is not None:
        tokens += ["^", "{", *power, "}"]
    if tex.peek()[0] == "(" and (found := _delimited(tex)):
        tokens += _sized("(", found[1], ")")
    tex.push(tokens)


# `\\qty` is in the tables of the units, whose package gives it another meaning
_HANDLERS: dict[str, Handler] = {
    **dict.fromkeys(_BRACKETS, _bracket),
    **dict.fromkeys(("\\eval", "\\evaluated"), _evaluated),
    **dict.fromkeys(_FONTS, _font),
    **dict.fromkeys(_SIGNS, _sign),
    **dict.fromkeys(_OPERATORS, _operator),
    **dict.fromkeys(_NAMES, _operator_name),
    **dict.fromkeys(("\\dd", "\\differential"), _differential),
    **dict.fromkeys(_DERIVATIVES, _derivative),
    **dict.fromkeys(
        ("\\bra", "\\ket", "\\braket", "\\ip", "\\innerproduct", "\\ketbra", "\\dyad", "\\op", "\\outerproduct", "\\expval", "\\ev",
         "\\mel", "\\matrixel", "\\matrixelement"),
        _dirac,
    ),
    **dict.fromkeys(_COMMUTATORS, _commutator),
    **dict.fromkeys(_MATRICES, _matrix),
    **dict.fromkeys(("\\qq", "\\qqtext"), _words),
    **dict.fromkeys(("\\" + f for f in _FUNCTIONS), _function),
}  # fmt: skip


def load_physics(tex: Stomach) -> None:
    """`\\usepackage{physics}`: its commands, which a formula obeys while it is read."""
    tex.defs.update(_HANDLERS)
    tex.switch_commands.update(_HANDLERS)
    tex.math_clean.difference_update(_HANDLERS)
