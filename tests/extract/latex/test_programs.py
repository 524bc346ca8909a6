"""Papers that compute: what is defined, registers, conditionals, loops, boxes, document commands give what TeX prints.

`tex_items.jsonl` holds a piece of LaTeX a line, with what TeX printed for it (`python -m tests.extract.latex.test_programs`
prints it anew, TeX Live 2022). A last test asks TeX again where it is installed.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from curation.extract.latex import extract_latex
from tests.extract.latex.conftest import FILLER, Paper
from tests.texlive import has_tex, preamble_of, typeset

Body = Callable[..., str]
ITEMS = Path(__file__).with_name("tex_items.jsonl")
Item = dict[str, Any]


def items() -> list[Item]:
    return [json.loads(line) for line in ITEMS.read_text().splitlines()]


def letters(text: str) -> str:
    """Words and numbers in one spelling: no Markdown marks, no blanks, which a page does not keep surely."""
    text = unicodedata.normalize("NFKC", text).replace("“", '"').replace("”", '"').replace("’", "'").replace("‘", "'")
    return re.sub(r"[\s*`\\$|\u00ad]+", "", re.sub(r"\|( --- \|)+", "", text)).replace("–", "--").replace("−", "-")


@pytest.mark.parametrize("item", items(), ids=lambda item: item["source"][:60])
def test_the_text_is_what_tex_prints(body: Body, item: Item) -> None:
    text = body(item["source"], preamble=preamble_of(item["packages"]) + item.get("preamble", ""),
                cls=item.get("class", "article"))  # fmt: skip
    assert letters(text) == letters(item["printed"])


def test_endinput_ends_the_file_with_its_line(body: Body) -> None:
    part = b"Shown first.\n\\endinput still on the line\nNever shown."
    assert (
        body("Before \\input{part} after.", files={"part.tex": part}) == "Before Shown first. still on the line after."
    )


def test_hooks_run_where_they_belong(body: Body) -> None:
    preamble = (
        r"\usepackage{etoolbox}\AtBeginDocument{\newcommand{\late}{defined late}}"
        r"\AtBeginEnvironment{quote}{Quoted: }\AtEndDocument{Closing words.}"
    )
    text = body(r"\late\begin{quote}these\end{quote}", preamble=preamble)
    assert text == "defined late\n\n> Quoted: these\n\nClosing words."


def printed(item: Item) -> str:
    """What TeX prints now.

    Raises:
        ValueError: TeX refuses the item.
    """
    preamble = preamble_of(item["packages"]) + item.get("preamble", "")
    pages = typeset(preamble, [item["source"]], cls=item.get("class", "article"))
    if pages is None:
        raise ValueError(f"TeX refuses {item['source']}")
    return pages[0] if pages else ""


@pytest.mark.needs_tex
@pytest.mark.slow
def test_tex_prints_what_is_stored() -> None:
    if not has_tex():
        pytest.skip("pdflatex and pdftotext are not installed")
    stored = items()
    with ThreadPoolExecutor(2) as pool:
        now = list(pool.map(printed, stored))
    assert [letters(text) for text in now] == [letters(item["printed"]) for item in stored]


if __name__ == "__main__":
    rows = [{**item, "printed": printed(item)} for item in items()]
    ITEMS.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


def test_hooks_behind_an_environment_of_the_paper_are_read_once(body: Callable[..., str]) -> None:
    preamble = (
        r"\usepackage{etoolbox}\AtEndEnvironment{stuff}{ x}\AfterEndEnvironment{stuff}{ y}\newenvironment{stuff}{(}{)}"
    )
    assert body(r"\begin{stuff}so\end{stuff} on", preamble=preamble) == "(so x) y on"


def test_the_job_is_named_as_its_main_file(paper: Paper) -> None:
    made = paper(r"\input{\jobname.notes} of \jobname.", files={"ms.notes": b"Notes"})
    assert made.text.endswith("Notes of ms.") and not made.warnings


@pytest.mark.parametrize("name", ["#hash#row", "##", "#1x", "a{b", "a}b", "$x", "%s", "a&b", "~"])
def test_marks_of_tex_in_the_name_of_a_job_are_characters(name: str) -> None:
    source = rf"\documentclass{{article}}\begin{{document}}{FILLER} The job \jobname\ ended.\end{{document}}"
    made = extract_latex({f"{name}.tex": source.encode()})
    shown = re.sub(r"\\(?=[^\w\s])", "", made.text.split("The job ")[1])
    assert shown.strip() == f"{name} ended."
