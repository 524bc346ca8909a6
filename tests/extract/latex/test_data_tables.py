"""Tables made from data: the paper's files, data in its source, data bases: cells are printed, never the program around them."""

from __future__ import annotations

from collections.abc import Callable

from tests.extract.latex.conftest import Paper

Body = Callable[..., str]
_CSV = {"stars.csv": b"name,mag\nVega,0.03\nDeneb,1.25\n"}
_TABLE = "| name | mag |\n| --- | --- |\n| Vega | 0.03 |\n| Deneb | 1.25 |"


def test_a_file_becomes_a_table(body: Body) -> None:
    preamble = r"\usepackage{csvsimple}"
    assert body(r"\csvautotabular{stars.csv}", files=_CSV, preamble=preamble) == _TABLE
    text = body(
        r"\csvreader[tabular=ll,table head=\hline Star & Magnitude\\]{stars.csv}{name=\n,mag=\m}{\n & \m}", files=_CSV
    )
    assert "| Star | Magnitude |" in text and "| Vega | 0.03 |" in text and "| Deneb | 1.25 |" in text


def test_rows_fill_a_sentence(body: Body) -> None:
    source = r"\csvreader[head to column names]{stars.csv}{}{\name{} has \mag; }\csvreader{stars.csv}{}{(\csvcoli, \csvcolii)}"
    assert body(source, files=_CSV) == "Vega has 0.03; Deneb has 1.25; (Vega, 0.03)(Deneb, 1.25)"


def test_data_in_the_source(body: Body) -> None:
    data = "\\begin{filecontents*}{moons.csv}\nmoon,planet\nIo,Jupiter\n\\end{filecontents*}"
    assert "| Io | Jupiter |" in body(data + r"\csvautotabular{moons.csv}")
    text = body("\\pgfplotstabletypeset[col sep=comma]{x,y\n1,2000.5\n3,0.25\n}")
    assert (
        "| x | y |" in text
        and "| $1$ | $2{,}000{.}5$ |" in text.replace("2,000.5", "2{,}000{.}5")
        and "| $3$ | $0" in text
    )


def test_a_data_base_is_gone_through(body: Body) -> None:
    source = (
        r"\DTLnewdb{d}\DTLnewrow{d}\DTLnewdbentry{d}{name}{Io}\DTLnewdbentry{d}{of}{Jupiter}\DTLnewrow{d}\DTLnewdbentry{d}{name}{Titan}"
        r"\DTLforeach{d}{\n=name,\p=of}{[\n: \p]}"
    )
    assert body(source) == "[Io: Jupiter][Titan: ]"


def test_a_file_that_is_not_there_is_warned_of(paper: Paper) -> None:
    found = paper(r"before \csvautotabular{lost.csv} after")
    assert "missing file lost.csv" in found.warnings and found.text.endswith("before after")


def test_long_data_are_bounded(paper: Paper) -> None:
    rows = b"n\n" + b"word " * 400 + b"\n" + b"more\n" * 3_000
    found = paper(r"\csvreader{rows.csv}{n=\n}{" + r"\n " * 500 + "}\n\nwords behind it", files={"rows.csv": rows})
    assert found.text.endswith("words behind it") and len(found.text) < 2_000_000
