"""Options of siunitx and numprint: `key = value` lists, local to the group in which they are set, version 2 under version 3's names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from curation.extract.latex.lexer import tokenize, untokenize, with_depth

if TYPE_CHECKING:
    from curation.extract.latex.stomach import Stomach

Options = Mapping[str, str]

# siunitx 3 manual, section 9.1 "Upgrading from version 2"
_RENAMED = {
    "multi-part-units": "separate-uncertainty-units", "retain-unity-mantissa": "print-unity-mantissa",
    "retain-zero-exponent": "print-zero-exponent", "explicit-sign": "print-implicit-plus", "omit-uncertainty": "drop-uncertainty",
    "omit-exponent": "drop-exponent", "table-omit-exponent": "drop-exponent", "zero-decimal-to-integer": "drop-zero-decimal",
    "number-unit-product": "quantity-product", "number-unit-separator": "quantity-product", "bracket-numbers":
    "bracket-ambiguous-numbers", "arc-separator": "angle-separator", "unit-separator": "inter-unit-product", "per": "per-mode",
}  # fmt: skip
_COMMA = {"output-decimal-marker": ","}
_LOCALES: dict[str, dict[str, str]] = {
    "DE": {**_COMMA, "exponent-product": "\\cdot"}, "PL": {**_COMMA, "exponent-product": "\\cdot", "inter-unit-product": "\\cdot"},
    "FR": _COMMA, "SI": _COMMA, "ZA": {**_COMMA, "inter-unit-product": "\\cdot"}, "UK": {}, "US": {}, "USA": {},
}  # fmt: skip
_SPACES = ("\\,", "~", "\\ ", "\\;", "\\:", "\\!", "{}", "\\thinspace", "\\nobreakspace", "\\space")


class Settings:
    """Options as an entry of `Stomach.defs`, so that groups restore them; as a command it does nothing."""

    def __init__(self, values: Options) -> None:
        self.values = values

    def __call__(self, tex: Stomach, name: str, /) -> None:
        """Not a command of any paper."""


def settings(tex: Stomach, package: str) -> Options:
    """The options in force: of the package, and what was set since."""
    found = tex.defs.get(_name(package))
    if isinstance(found, Settings):
        return found.values
    return parse_options(tokenize(tex.packages.get(package, "")))


def change(tex: Stomach, package: str, values: Options) -> None:
    """Set options until the group ends."""
    name = _name(package)
    merged = Settings({**settings(tex, package), **values})
    group = tex.group()
    if group is not None:
        group.saved.setdefault(name, tex.defs.get(name))
    tex.defs[name] = merged


def _name(package: str) -> str:
    return f"\\\x00{package}"


def parse_options(tokens: list[str]) -> dict[str, str]:
    """`per-mode = symbol, group-separator = {,}` by key; a key alone is `true`."""
    found: dict[str, str] = {}
    for item in _items(tokens):
        key, _, value = item.partition("=")
        key, value = key.strip(), _bare(value) if "=" in item else "true"
        if key == "locale":
            found |= {"output-decimal-marker": ".", "exponent-product": "\\times", **_LOCALES.get(value, {})}
        elif key in ("separate-uncertainty", "seperr"):
            found["uncertainty-mode"] = "separate" if value == "true" else "compact"
        elif key == "scientific-notation":
            found["exponent-mode"] = {"true": "scientific", "false": "input"}.get(value, value)
        elif key == "group-four-digits":
            found["group-minimum-digits"] = "4" if value == "true" else "5"
        elif key == "prefixes-as-symbols":
            found["prefix-mode"] = "input" if value == "true" else "extract-exponent"
        elif key:
            found[_RENAMED.get(key, key)] = value
    return found


def _items(tokens: list[str]) -> list[str]:
    items: list[list[str]] = [[]]
    for tok, depth in with_depth(tokens):
        if depth or tok[0] == "\\" or "," not in tok:
            items[-1].append(tok)
            continue
        first, *rest = tok.split(",")
        items[-1].append(first)
        items += [[piece] for piece in rest]
    return [untokenize([t for t in item if t]) for item in items]


def _bare(value: str) -> str:
    value = value.strip()
    return value[1:-1] if value[:1] == "{" and value[-1:] == "}" and value.count("{") == 1 else value


def sign(value: str) -> str:
    """An option's value as math: `\\ensuremath{\\cdot}` as `\\cdot`, a space as nothing."""
    for space in _SPACES:
        value = value.replace(space, "")
    return value.replace("\\ensuremath", "").replace("{", "").replace("}", "").replace("$", "").strip()


def is_true(options: Options, key: str, default: str = "false") -> bool:
    """Whether a switch is on."""
    return options.get(key, default) in ("true", "+", "")
