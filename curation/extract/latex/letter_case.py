"""Letters in another case: `\\uppercase`, `\\MakeUppercase`, `\\MakeTextUppercase`, in text and in formulas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from curation.extract.latex.lexer import with_depth

if TYPE_CHECKING:
    from curation.extract.latex.stomach import Stomach
    from curation.extract.latex.token_stack import Handler


def change_case(tex: Stomach, name: str) -> None:
    """`\\uppercase{x}`: the characters as they stand; `\\MakeUppercase{x}` after expansion, but for math and keys."""
    upper = "pper" in name
    if name in ("\\uppercase", "\\lowercase"):
        tokens = [_cased(tok, upper=upper) for tok in tex.read_general_text()]
    else:
        tokens = cased_text(tex.expand_all(tex.read_arg()), upper=upper)
    tex.push(["{", *tokens, "}"] if name.startswith("\\Make") else tokens)


def cased_text(tokens: list[str], *, upper: bool) -> list[str]:
    """Tokens in one case; formulas, and what stands behind commands that read a key, keep theirs."""
    out: list[str] = []
    math = False
    depth = 0
    kept = -1
    for tok, depth in with_depth(tokens):
        if tok == "$":
            math = not math
        if kept >= 0 and depth <= kept and tok == "}":
            kept = -1
        inside = kept >= 0
        if tok in _KEYED:
            kept = depth
        elif tok[0] == "\\" and not inside and not math:
            tok = _OTHER_CASE[upper].get(tok, tok)
        out.append(tok if math or inside else _cased(tok, upper=upper))
    return out


def _cased(tok: str, *, upper: bool) -> str:
    if tok[0] in "\\#":
        return tok
    return tok.upper() if upper else tok.lower()


_KEYED = frozenset(
    {"\\label", "\\ref", "\\eqref", "\\cite", "\\citep", "\\citet", "\\begin", "\\end", "\\NoCaseChange"}
)
_PAIRS = {"\\ae": "\\AE", "\\oe": "\\OE", "\\o": "\\O", "\\aa": "\\AA", "\\l": "\\L", "\\dh": "\\DH", "\\th": "\\TH",
          "\\dj": "\\DJ", "\\ng": "\\NG"}  # fmt: skip
_OTHER_CASE = {
    True: {**_PAIRS, "\\ss": "SS", "\\i": "I", "\\j": "J"},
    False: {large: small for small, large in _PAIRS.items()},
}

LETTER_CASE: dict[str, Handler] = dict.fromkeys(
    ("\\MakeUppercase", "\\uppercase", "\\MakeLowercase", "\\lowercase", "\\MakeTextUppercase", "\\MakeTextLowercase"),
    change_case,
)
