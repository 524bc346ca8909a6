"""Signs that packages give to text: textcomp, textgreek, gensymb, wasysym, bbding, eurosym."""

from __future__ import annotations

_GREEK = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu", "xi", "omicron", "pi", "rho", "varsigma", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega"]  # fmt: skip
_SMALL_ALPHA, _LARGE_ALPHA = 0x3B1, 0x391

TEXT_SIGNS = {
    "\\textsection": "§", "\\textparagraph": "¶", "\\textyen": "¥", "\\textcent": "¢", "\\textnumero": "№", "\\textperthousand": "‰",
    "\\textpertenthousand": "‱", "\\textlnot": "¬", "\\textbrokenbar": "¦", "\\textcurrency": "¤", "\\officialeuro": "€",
    "\\perthousand": "‰", "\\celsius": "°C", "\\ohm": "Ω", "\\micro": "μ", "\\permil": "‰", "\\checked": "✓", "\\CIRCLE": "●",
    "\\Circle": "○", "\\LEFTcircle": "◐", "\\RIGHTcircle": "◑", "\\Checkmark": "✓", "\\CheckmarkBold": "✓", "\\XSolid": "✗",
    "\\XSolidBold": "✗", "\\XSolidBrush": "✗",
    **{f"\\text{name}": chr(_SMALL_ALPHA + i) for i, name in enumerate(_GREEK)},
    **{f"\\text{name.capitalize()}": chr(_LARGE_ALPHA + i) for i, name in enumerate(_GREEK) if name != "varsigma"},
}  # fmt: skip
