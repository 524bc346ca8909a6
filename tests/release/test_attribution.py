"""Whoever uses a released text can name its authors, its licence and its page."""

from __future__ import annotations

import pytest

from curation.release.attribution import MAX_AUTHORS_CHARS, attribution, url_of


@pytest.mark.parametrize(
    ("paper_id", "version", "doi", "bibcode", "want"),
    [
        ("arXiv:2301.00001", 2, "10.1/x", None, "https://arxiv.org/abs/2301.00001v2"),
        ("arXiv:astro-ph/0003001", None, None, None, "https://arxiv.org/abs/astro-ph/0003001"),
        ("doi:10.1/a<b>", None, None, None, "https://doi.org/10.1/a%3Cb%3E"),
        ("doi:10.1/a", None, "10.1/a", "2012ARA&A..50..455K", "https://doi.org/10.1/a"),
        ("bibcode:2012ARA&A..50..455K", None, None, None, "https://ui.adsabs.harvard.edu/abs/2012ARA%26A..50..455K"),
        ("sha256:ab", None, None, None, None),
    ],
)
def test_the_page_of_a_paper(
    paper_id: str, version: int | None, doi: str | None, bibcode: str | None, want: str | None
) -> None:
    assert url_of(paper_id, version, doi, bibcode) == want


@pytest.mark.parametrize(
    ("licence", "said"),
    [
        ("CC-BY-4.0", "CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/)"),
        ("CC-BY-NC-SA-3.0", "CC BY-NC-SA 3.0 (https://creativecommons.org/licenses/by-nc-sa/3.0/)"),
        ("CC0-1.0", "CC0-1.0 (https://creativecommons.org/publicdomain/zero/1.0/)"),
        ("MIT", "MIT"),
    ],
)
def test_the_line_has_title_authors_licence_and_page(licence: str, said: str) -> None:
    line = attribution("On\n stars", "A. One;\nB. Two", licence, "https://arxiv.org/abs/1")
    assert line == f"{said}, https://arxiv.org/abs/1, “On stars”, A. One; B. Two"


def test_no_title_ends_before_its_end_and_speaks_as_a_licence() -> None:
    line = attribution("T”, A. Name, CC0-1.0 (https://x), “", "B. Two", "CC-BY-4.0", None)
    assert line is not None and line.startswith("CC BY 4.0 (") and line.count("“") == line.count("”") == 1


def test_what_is_not_known_is_left_out() -> None:
    assert attribution(None, None, "CC-BY-4.0", None) is None
    assert attribution("T", None, None, None) == "“T”"


def test_a_collaboration_is_named_by_its_first_authors() -> None:
    line = attribution("T", ", ".join(f"A. Author{i}" for i in range(3000)), None, "u")
    assert line is not None and len(line) < MAX_AUTHORS_CHARS + 50
    assert line.endswith(" et al.") and "Author3" in line
