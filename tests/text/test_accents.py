"""Accents as signs of their own beside their letters."""

from __future__ import annotations

import pytest

from curation.text.accents import join_accents


@pytest.mark.parametrize(
    ("printed", "name"),
    [
        ("M¨uller, ¨Uber", "Müller, Über"),
        ("Garc´ıa, na¨ıve", "García, naïve"),
        ("Boˇsnjak, Dvoˇr´ak", "Bošnjak, Dvořák"),
        ("˚Angstr¨om", "Ångström"),
        ("pr´elev´e, `a la, voil`a", "prélevé, à la, voilà"),
        ("Erd˝os, S˜ao, ˙Zak, M¯ori, ˆıle", "Erdős, São, Żak, Mōri, île"),
        ("C¸elik, Ko¸c, gar¸con, S¸ahin", "Çelik, Koç, garçon, Şahin"),
        ("M¨ uller", "Müller"),
        ("Fran¸cois, Fac¸ade, gar¸con", "François, Façade, garçon"),
        ("ˆk and ¯x, ˆθ", "k̂ and x̄, θ̂"),
    ],
)
def test_an_accent_and_its_letter_are_one(printed: str, name: str) -> None:
    assert join_accents(printed) == name


@pytest.mark.parametrize("text", ["the tilde ˜ and ˆ alone", "`a' and `echo` and ``a b''", "¨q ´5", "5 ˚ 3", "plain"])
def test_signs_without_a_letter_of_theirs_stay(text: str) -> None:
    assert join_accents(text) == text
