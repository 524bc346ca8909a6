from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.text.masks import masks, prose

PIECES = st.lists(
    st.sampled_from(
        ["$", "$$", "\\$", "`", "``", "| a $x$ |", "\n", "\n\n", " ", "word", "(Hsu et al. 2019)", "[1, 2]", "```", "(",
         "é", "A", ", and B", " 2019", ";", "\\", "{", "\\citep{k}", "[@k]"]
    )
).map("".join)  # fmt: skip


def kinds(text: str) -> list[tuple[str, str]]:
    return [(m.kind, text[m.start : m.end]) for m in masks(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("the mass $m_1$ and $m_2$.", [("math", "$m_1$"), ("math", "$m_2$")]),
        ("it costs $5 and $6 more", []),
        (r"it costs \$5 and \$6", []),
        (r"a $\$$ sign", [("math", r"$\$$")]),
        ("so $$a = b$$ holds", [("math", "$$a = b$$")]),
        ("$$\na\n$$", [("math", "$$\na\n$$")]),
        ("$a$$b$", [("math", "$a$"), ("math", "$b$")]),
        ("| $a$ | 2 |\n| 3 | `4` |", [("table", "| $a$ | 2 |\n| 3 | `4` |")]),
        ("use `a $x$ b` here", [("code", "`a $x$ b`")]),
        ("```\n$x$\n```", [("code", "```\n$x$\n```")]),
        ("an open $ dollar\n\nand $x$", [("math", "$x$")]),
    ],
)
def test_math_tables_and_code(text: str, found: list[tuple[str, str]]) -> None:
    assert kinds(text) == found


@pytest.mark.parametrize(
    "cited",
    [
        "(Hsu et al. 2019)",
        "(Hsu et al., 2019)",
        "(Amadi & Berg 2015; Hsu et al. 2019)",
        "(Amadi, Berg, and Cole 2015a, b)",
        "(see, e.g., O'Neil & de la Cruz 2001, 2004)",
        "(van der Marel 1999)",
        "(Planck Collaboration 2020)",
        "(Dlamini 2020, and references therein)",
        "[12]",
        "[3, 5-7]",
        "[@hsu2019; @amadi]",
        r"\citep[see][]{hsu2019}",
    ],
)
def test_citations(cited: str) -> None:
    assert kinds(f"as was shown {cited} before.") == [("citation", cited)]


@pytest.mark.parametrize(
    "kept", ["as Hsu et al. (2019) showed", "in the year (2019)", "(see Section 2)", "(Figure 3)", "[Fe/H] = 2"]
)
def test_what_only_looks_like_a_citation_stays(kept: str) -> None:
    assert kinds(kept) == []


def test_prose_leaves_the_words() -> None:
    assert prose("a $x$ b\n\n| c |\n\nd `e` (Hsu 2019)").split() == ["a", "b", "d", "(Hsu", "2019)"]
    assert prose("a $x$ (Hsu 2019)", drop=("citation",)) == "a $x$  "


@given(PIECES | st.text())
def test_masks_are_ordered_and_disjoint(text: str) -> None:
    at = 0
    for mask in masks(text):
        assert at <= mask.start < mask.end <= len(text)
        at = mask.end
