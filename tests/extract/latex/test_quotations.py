"""Quotations of csquotes: their marks and sources, as TeX prints them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Body = Callable[..., str]


@pytest.mark.parametrize(
    ("source", "printed"),
    [
        (r"\enquote{dust} and \enquote*{gas}", "“dust” and ‘gas’"),
        (r"\foreignquote{french}{eau}, \hyphenquote*{german}{Eis}", "“eau”, ‘Eis’"),
        (r"\blockquote{a long word} said", "“a long word” said"),
        (r"\textquote[the referee][.]{No}", "“No.” (the referee)"),
        (r"\foreignblockquote{german}[a sign]{Halt} here", "“Halt” (a sign) here"),
        (r"\textcquote[12]{Lee}{so be it} ends", "“so be it” [Lee, 12] ends"),
        (r"\blockcquote[see][12]{Lee}{so be it} ends", "“so be it” [see Lee, 12] ends"),
        (r"\hyphentextcquote{german}{Lee}{so sei es} ends", "“so sei es” [Lee] ends"),
    ],
)
def test_quotations(body: Body, source: str, printed: str) -> None:
    assert body(f"We read {source}.", preamble=r"\usepackage{csquotes}") == f"We read {printed}."


def test_a_papers_own_enquote_wins(body: Body) -> None:
    assert body(r"\enquote{dust}", preamble=r"\newcommand{\enquote}[1]{(#1)}") == "(dust)"
