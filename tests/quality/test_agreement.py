"""Two readings of a paper are compared by what a reader sees, and each measure sees its own fault only."""

from __future__ import annotations

import pytest

from curation.quality.agreement import Agreement, agreement, numbers_shown, shown, words_shown

LATEX = (
    "# A disc\n\n## Abstract\n\nWe find a mass of $10^{14}\\,\\mathrm{M}_\\odot$ within $2.5_{-0.3}^{+0.4}$ kpc (Hsu et al. 2019), and "
    "4{,}500 stars.\n\n$$\nM = 4 \\pi r^2\n$$\n\nThe slope is $-1.25 \\pm 0.1$ at $E_T^\\mathrm{miss} > 7$ TeV[^1], as Hsu et al. (2019) saw.\n\n"
    "| $z$ | N |\n| --- | --- |\n| 0.5 | $12$ |\n\n[^1]: Of 38 runs.\n"
).replace("4{,}500", "$4{,}500$")
PDF = (
    "# A disc\n\n## Abstract\n\nWe find a mass of $10^{14}$ M$_{⊙}$ within $2.5^{+0.4}_{−0.3}$ kpc [1, 2], and 4,500 stars. $$[equation 3]$$ The "
    "slope is −1.25 ± 0.1 at $E_{T}^{miss}$ > 7 TeV[^1], as Hsu et al. [3] saw.\n\n| z | N |\n| --- | --- |\n| 0.5 | 12 |\n\n[^1]: Of 38 runs.\n"
)


def shares(found: Agreement) -> list[tuple[float, float]]:
    counts = (found.words, found.ngrams, found.numbers)
    return [(n.shared / n.latex, n.shared / n.pdf) for n in counts]


def test_the_same_paper_in_both_notations_agrees_to_the_last_number() -> None:
    found = agreement(LATEX, PDF)
    assert shares(found) == [(1, 1)] * 3
    assert not found.lost and not found.added
    numbers = ["10", "↑14", "2.5", "↓-0.3", "↑0.4", "4500", "-1.25", "0.1", "7", "0.5", "12", "38"]
    assert sorted(numbers_shown(shown(LATEX))) == sorted(numbers)
    assert words_shown(shown(LATEX))[:9] == ["disc", "abstract", "we", "find", "mass", "of", "within", "kpc", "and"]


@pytest.mark.parametrize(
    ("right", "wrong", "lost", "added"),
    [
        ("$10^{14}$", "1014", ["10", "↑14"], ["1014"]),
        ("−1.25", "1.25", ["-1.25"], ["1.25"]),
        ("4,500", "4.500", ["4500"], ["4.500"]),
        ("0.5 | 12", "0.6 | 12", ["0.5"], ["0.6"]),
        ("TeV[^1]", "TeV1", [], ["1"]),
        ("stars. ", "stars. 117 ", [], ["117"]),
    ],
)
def test_changed_numbers_lower_the_agreement_of_numbers_only(
    right: str, wrong: str, lost: list[str], added: list[str]
) -> None:
    assert PDF.count(right) == 1
    found = agreement(LATEX, PDF.replace(right, wrong))
    assert (sorted(found.lost), sorted(found.added)) == (sorted(lost), sorted(added))
    words, ngrams, numbers = shares(found)
    assert (words, ngrams) == ((1, 1), (1, 1)) and numbers != (1, 1)


def test_a_number_counts_as_often_as_it_stands_in_both() -> None:
    found = agreement("It is 5, 5 and 5.", "It is 5 and 5 and 7.")
    assert found.numbers == (3, 3, 2) and dict(found.lost) == {"5": 1} and dict(found.added) == {"7": 1}


def test_another_order_of_words_lowers_ngrams_only_and_lost_words_both() -> None:
    words, ngrams, numbers = shares(agreement(LATEX, PDF.replace("We find a mass", "A mass find we")))
    assert words == numbers == (1, 1) and max(ngrams) < 1
    words, ngrams, numbers = shares(agreement(LATEX, PDF.replace("The slope is ", "")))
    assert words[0] < 1 == words[1] and ngrams[0] < 1 and numbers == (1, 1)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("in 2019 and 1998, [1, 2-5], (Hsu 2003; Berg & Amadi 2011)", []),
        ("[1], [2], [3, 5] and [500, 650] GeV, [0, 1]", ["500", "650", "0", "1"]),
        ("$$x = 5$$ and $$[equation 12]$$", []),
        ("NGC 4258, M31, 2MASS, v1.2.3", ["4258", "31", "2", "1.2", "3"]),
        ("from 3-5 to 3–5, x-ray 5, $a-5$, $-5$, ( -5 )", ["3", "5", "3", "5", "5", "5", "-5", "-5"]),
        ("10¹⁴ cm⁻² H₂", ["10", "↑14", "↑-2", "↓2"]),
        (
            "1,234,567.5, 4 500, $4{,}500$, $4\\,500$, $4,500$ and 12,34",
            ["1234567.5", "4500", "4500", "4500", "4", "500", "12", "34"],
        ),
        ("$\\frac{1}{2}$ of .5, $t^\\frac{1}{2}$", ["1", "2", ".5", "↑1", "↑2"]),
        (
            "$t^{\\frac{1}{2}}$, $m_\\chi \\lesssim -17$, $2\\pi-1$, $a=\\,-3$, $x_{\\mathrm{2D}}-5$, $x_{2}$−5, $y{<}-5$",
            ["↑1", "↑2", "-17", "2", "1", "-3", "↓2", "5", "↓2", "5", "-5"],
        ),
        ("$R_\\mathrm{2D}$, $s^{\\mathrm{-1}}$, $\\chi^\\pm_1$, 40°-60°", ["↓2", "↑-1", "↓1", "40", "60"]),
        (
            "$512\\times512$, $512 \\times 512$, $300\\pm100$, $120\\cdot 300$, $1\\quad 100$, $64\\times\\,128\\,000$",
            ["512", "512", "512", "512", "300", "100", "120", "300", "1", "100", "64", "128000"],
        ),
        ("| $10^{-1}$ | $^{a}$5 |\n| --- | --- |\n| -2 | b |", ["10", "↑-1", "5", "-2"]),
        ("- so:\n\n  $$\n  x = 5\n  $$\n", []),
    ],
)
def test_what_is_a_number(text: str, numbers: list[str]) -> None:
    assert numbers_shown(shown(text)) == numbers


def test_a_text_that_opens_everything_takes_no_time() -> None:
    hostile = "$" * 3000 + "^{" * 30_000 + "[^" * 30_000 + "\\" * 30_001 + "1," * 50_000 + "-" * 50_000
    assert agreement(hostile, "x").numbers.latex > 0


def test_two_texts_without_anything_to_compare_agree_in_nothing() -> None:
    assert agreement("", "$$x$$").words == (0, 0, 0)
