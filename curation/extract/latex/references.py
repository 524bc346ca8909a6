"""How a cross-reference is printed once all labels have their numbers."""

from __future__ import annotations

from curation.extract.latex.stomach import Reference

_NAMES = {
    "equation": ("equation", "Equation", "equations", "Equations"),
    "figure": ("figure", "Figure", "figures", "Figures"),
    "table": ("table", "Table", "tables", "Tables"),
    "section": ("section", "Section", "sections", "Sections"),
    "algorithm": ("algorithm", "Algorithm", "algorithms", "Algorithms"),
    "listing": ("listing", "Listing", "listings", "Listings"),
    "item": ("item", "Item", "items", "Items"),
    "theorem": ("theorem", "Theorem", "theorems", "Theorems"),
}


def print_reference(ref: Reference, labels: dict[str, tuple[str, str]]) -> str:
    """`3`, `(3)`, `Figure 3`, `Figures 3 and 4`; an unknown label prints `??` as in TeX.

    `\\autoref` and `\\cref` name what they point to. `\\pageref` has no number in a text without pages.
    """
    command = ref.command[1:]
    found = [labels.get(k, ("", "")) for k in ref.keys]
    numbers = [n or "??" for _, n in found]
    if command == "pageref":
        return "??"
    if command == "eqref":
        return ", ".join(f"({n})" for n in numbers)
    if command in ("autoref", "Autoref", "cref", "Cref", "fullref"):
        kind = found[0][0]
        names = _NAMES.get(kind)
        joined = numbers[0] if len(numbers) == 1 else ", ".join(numbers[:-1]) + " and " + numbers[-1]
        if kind == "equation":
            joined = (
                joined
                if "autoref" in command.lower()
                else "(" + joined.replace(", ", "), (").replace(" and ", ") and (") + ")"
            )
        if names is None:
            return joined
        name = names[(0 if command == "cref" else 1) + (2 if len(numbers) > 1 else 0)]
        return f"{name} {joined}"
    if command in ("crefrange", "Crefrange") and len(numbers) == 2:
        names = _NAMES.get(found[0][0], ("", "", "", ""))
        return f"{names[2 if command == 'crefrange' else 3]} {numbers[0]}–{numbers[1]}".strip()
    return ", ".join(numbers)
