"""Hostile and random input: a result or a reason, in bounded time."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curation.errors import PaperError
from curation.extract.latex import LatexOptions, extract_latex
from curation.extract.latex.lexer import Mouth, pattern, read
from tests.extract.latex.conftest import FILLER, Paper

PIECES = st.sampled_from(
    [
        r"\def",
        r"\newcommand",
        r"\let",
        r"\x",
        r"\y",
        r"\section{",
        r"\begin{equation}",
        r"\end{equation}",
        r"\begin{tabular}{ll}",
        r"\end{tabular}",
        r"\begin{itemize}",
        r"\item",
        r"\end{itemize}",
        r"\begin{deluxetable}{l}",
        r"\end{deluxetable}",
        r"\startdata",
        r"\enddata",
        r"\tablehead{",
        r"\footnote{",
        r"\caption{",
        r"$",
        r"$$",
        r"\[",
        r"\]",
        r"\(",
        r"\)",
        r"{",
        r"}",
        r"[",
        r"]",
        r"&",
        r"\\",
        r"#",
        r"#1",
        r"##1",
        r"%",
        r"~",
        r"^",
        r"_",
        r"\if",
        r"\ifx",
        r"\else",
        r"\fi",
        r"\iffalse",
        r"\newif",
        r"\csname",
        r"\endcsname",
        r"\expandafter",
        r"\edef",
        r"\verb|",
        r"|",
        r"\cite{a}",
        r"\citep[",
        r"\ref{a}",
        r"\label{a}",
        r"\input{m}",
        r"\frac{",
        r"\text{",
        r"\mbox{",
        r"\label{",
        r"\nonumber",
        r"\halign{",
        r"\cr",
        r"\begin{verbatim}",
        r"\end{verbatim}",
        r"\begin{align}",
        r"\end{align}",
        r"\begin{figure}",
        r"\end{figure}",
        r"\begin{x}",
        r"\end{x}",
        r"\newenvironment{x}{",
        r"\SI{",
        r"\ce{",
        r"\gls{",
        r"\makeatletter",
        r"\catcode`\@=11",
        r"\par",
        r"\begin{thebibliography}{9}",
        r"\bibitem{a}",
        r"\end{thebibliography}",
        r"\end{document}",
        r"\abstract{",
        r"\title{",
        r"\it",
        r"\bf",
        r"\xspace",
        r"\futurelet",
        r"\ifcase",
        r"1",
        r"\multicolumn{2}{c}{",
        r"\begin{algorithm}",
        r"\State",
        r"\;",
        r"\end{algorithm}",
        r"\begin{lstlisting}[",
        r"\end{lstlisting}",
        r"\ensuremath{",
        r"\tag{",
        r"\'",
        r"\"",
        r"\v",
        r"\char`\a",
        r"\number",
        r"\romannumeral7",
        r"\loop",
        r"\repeat",
        r"\global",
        r"\long",
        r"\futurelet",
        r"\advance",
        r"\count0",
        r"=",
        r"1pt",
        r"plus",
        r"\hskip",
        r"--",
        r"---",
        r"``",
        r"''",
        r"words",
    ]
) | st.sampled_from([" ", "\n", "\n\n", "a word ", "text, and more. ", "1.5", "\x00", "é", "\\", "\\\n"])
SOURCES = st.lists(PIECES, max_size=60).map(" ".join) | st.lists(PIECES, max_size=60).map("".join)
RELAXED = settings(max_examples=150, suppress_health_check=list(HealthCheck))


@RELAXED
@given(SOURCES)
def test_any_mixture_of_tex_gives_a_paper(source: str) -> None:
    started = time.process_time()
    document = f"\\documentclass{{article}}\\begin{{document}}{FILLER}\n\n{source}\n\n\\section{{End}}{FILLER}\\end{{document}}"
    result = extract_latex({"m.tex": document.encode()})
    assert "These words are here" in result.text
    assert not any(0xE000 <= ord(c) <= 0xE00F or c < "\t" for c in result.text)
    assert time.process_time() - started < 10


@RELAXED
@given(st.binary(max_size=400))
def test_any_bytes_give_a_paper_or_a_reason(data: bytes) -> None:
    try:
        extract_latex({"m.tex": b"\\documentclass{article}\\begin{document}" + FILLER.encode() + data})
    except PaperError as error:
        assert error.reason


@RELAXED
@given(SOURCES)
def test_lexer_reads_every_source_to_its_end(source: str) -> None:
    mouth = Mouth("", source.replace("\x00", ""), pattern("", ""))
    end = 0
    while read(mouth) is not None:
        assert mouth.pos > end
        end = mouth.pos
    assert end == len(mouth.src) or mouth.src[end:].strip() == "" or mouth.src[end] == "%" or "%" in mouth.src


@pytest.mark.parametrize(
    "bomb",
    [
        "{" * 20_000,
        "}" * 20_000,
        "$" * 9_999,
        "\\textbf{" * 3_000,
        "\\footnote{" * 2_000,
        "\\begin{itemize}\\item " * 2_000,
        "\\begin{tabular}{l} a & " * 1_000,
        "\\frac{" * 5_000,
        "$\\text{" * 2_000,
        "\\iffalse " * 10_000,
        "\\def\\x#1{\\x{#1#1}}\\x{a}",
        "\\def\\x{\\begin{equation}\\x}\\x",
        "\\newenvironment{e}{\\begin{e}}{\\end{e}}\\begin{e} a \\end{e}",
        "\\def\\x{\\section{\\x}}\\x",
        "\\edef\\x{\\x\\x}\\x" * 50,
        "\\csname " * 5_000,
        "\\expandafter" * 20_000,
        "\\let\\a\\b\\let\\b\\a\\a" * 500,
        "\\input{m}" * 500,
        "[" * 10_000 + "\\cite[",
        "\\cite[a" * 3_000,
        "\\begin{align}" * 3_000,
        "\\verb|" * 3_000,
        "\\'" * 20_000,
        "^" * 50_000,
        "\\catcode`\\{=12 " * 100 + "{}",
        "\\item[" * 3_000,
        "\\caption{\\label{" * 2_000,
        "\\unknown[x]{" * 5_000,
        "\\begin{" * 5_000,
        "\\multicolumn{99999}{c}{x}" * 500,
        "\\loop\\iftrue x\\repeat" * 100,
    ],
    ids=range(32),
)
def test_bombs_cost_seconds_at_most(bomb: str) -> None:
    started = time.process_time()
    document = f"\\documentclass{{article}}\\begin{{document}}{FILLER}\n\n{bomb}"
    result = extract_latex({"m.tex": document.encode()}, options=LatexOptions())
    assert "These words are here" in result.text
    assert time.process_time() - started < 10


def test_source_beyond_the_limit_is_a_reason() -> None:
    with pytest.raises(PaperError, match="too_large"):
        extract_latex(
            {"m.tex": b"\\documentclass{article}" + b"word " * 1_000}, options=LatexOptions(max_source_chars=100)
        )


@pytest.mark.parametrize(
    "loop",
    [
        r"\makeatletter\@whilenum\count@<3\do{\relax}\makeatother",
        r"\makeatletter\@whilenum\nosuch<3\do{\advance\nosuch by 1}\makeatother",
        r"\makeatletter\@whiledim\dimen@<3pt\do{\relax}\makeatother",
        r"\whiledo{1<2}{\relax}",
    ],
)
def test_a_loop_without_end_costs_no_more_than_itself(loop: str) -> None:
    source = rf"\documentclass{{article}}\begin{{document}}{FILLER} {loop} The rest stands here.\end{{document}}"
    paper = extract_latex({"m.tex": source.encode()})
    assert paper.text.endswith("The rest stands here.")
    assert any(warning.startswith("loop") for warning in paper.warnings)


def test_a_register_keeps_its_value_where_tex_overflows(body: Callable[..., str]) -> None:
    assert body(r"\newcount\n \n=65536 \multiply\n by \n Value \the\n.") == "Value 65536."
    assert body(r"\newcount\n \n=46340 \multiply\n by \n Value \the\n.") == "Value 2147395600."
    assert body(r"\newdimen\d \d=9000pt \advance\d by \d Size \the\d.") == "Size 9000.0pt."
    assert body(r"Value \the\numexpr 65536*65536\relax.") == "Value 0."


def test_a_register_that_is_squared_for_ever_costs_nothing(paper: Paper) -> None:
    made = paper(r"\newcount\n \n=2 \def\a{\multiply\n by \n\a}\a" "\n\nThe quasar fades.")
    assert "The quasar fades." in made.text
    assert r"macro \a does not end" in made.warnings


@pytest.mark.parametrize(
    "doubling",
    [r"\setbox0=\hbox{x}" + r"\setbox0=\hbox{\copy0\copy0}" * 60 + r"\copy0",
     r"\newsavebox\q\sbox\q{x}" + r"\sbox\q{\usebox\q\usebox\q}" * 60 + r"\usebox\q"],
)  # fmt: skip
def test_a_box_that_holds_itself_twice_is_dropped(paper: Paper, doubling: str) -> None:
    made = paper(doubling + "\n\nThe quasar fades.")
    assert "The quasar fades." in made.text
    assert len(made.text) < 1_000
    assert "a box of more than 200000 characters is dropped" in made.warnings


def test_a_long_box_used_again_and_again_spends_the_budget(paper: Paper) -> None:
    many = r"\newsavebox\q\sbox\q{" + "dust " * 20_000 + "}" + r"\usebox\q " * 2_000
    made = paper(many)
    assert len(made.text) < 12_000_000
    assert "token budget spent: the end of the paper is missing" in made.warnings


@pytest.mark.parametrize(
    "deep",
    [r"\number\numexpr " + "(" * 20_000 + "1" + ")" * 20_000 + r"\relax"],
)
def test_what_is_nested_too_deeply_is_skipped_and_the_paper_goes_on(paper: Paper, deep: str) -> None:
    body = f"The comet returns.\n\n{{\\it so {deep}}} It is seen again.\n\n\\section{{Orbit}}\n\nIts period is known."
    made = paper(body, preamble=r"\usepackage{ifthen}")
    assert "The comet returns." in made.text and "It is seen again." in made.text
    assert made.text.endswith("## Orbit\n\nIts period is known.")
    assert any(w.startswith("nested too deeply at ms.tex:") for w in made.warnings)


@pytest.mark.parametrize(
    "test",
    [r"\ifthenelse{" + r"\(" * 5_000 + "1=1" + r"\)" * 5_000 + "}",
     r"\ifboolexpr{" + "not " * 5_000 + "bool{x}" + "}"],
)  # fmt: skip
def test_a_test_that_nests_too_deeply_is_false_and_only_one_branch_is_read(paper: Paper, test: str) -> None:
    made = paper(f"The comet {test}{{waxes}}{{wanes}} slowly.", preamble=r"\usepackage{ifthen,etoolbox}")
    assert "The comet wanes slowly." in made.text
    assert any(w.startswith("a test nested too deeply at ms.tex:") for w in made.warnings)


def test_edits_of_strings_within_each_other_are_bounded(paper: Paper) -> None:
    deep = r"\StrSubstitute{" * 600 + "abc" + "}{a}{b}" * 600
    made = paper(f"The comet {deep} returns.", preamble=r"\usepackage{xstring}")
    assert "The comet returns." in made.text
    assert "an edit of strings within others does not end" in made.warnings


def test_a_paper_that_nests_too_deeply_everywhere_ends(paper: Paper) -> None:
    deep = r"\number\numexpr " + "(" * 5_000 + "1" + ")" * 5_000 + r"\relax"
    made = paper("\n\n".join([deep] * 30))
    assert "nested too deeply at 20 places: the end of the paper is missing" in made.warnings


@pytest.mark.parametrize(
    "loops",
    [
        r"\foreach \a in {1,...,1000}{\foreach \b in {1,...,1000}{\foreach \c in {1,...,1000}{x }}}",
        r"\foreach \a in {1,...,1000}{\footnote{\foreach \b in {1,...,1000}{\textit{\foreach \c in {1,...,1000}{x }}}}}",
        r"\makeatletter\@for\a:=1,2,3,4,5,6,7,8\do{\foreach \b in {1,...,1000}{\foreach \c in {1,...,1000}{x }}}\makeatother",
    ],
)
def test_loops_within_loops_are_cut_and_the_paper_goes_on(paper: Paper, loops: str) -> None:
    made = paper(f"\\textbf{{Bold}} {loops} The rest stands here.", preamble=r"\usepackage{pgffor}")
    assert made.text.endswith("The rest stands here.") and len(made.text) < 200_000
    assert any("makes too much" in w for w in made.warnings)
    assert not any("budget" in w for w in made.warnings)


def test_a_long_loop_says_what_it_leaves_out(paper: Paper) -> None:
    made = paper(r"\foreach \a in {1,...,2500}{\a\ }end", preamble=r"\usepackage{pgffor}")
    assert made.text.endswith("1999 2000 end")
    assert any("rounds past 2,000" in w for w in made.warnings)
    whole = paper(r"\foreach \a in {1,...,2000}{\a\ }end", preamble=r"\usepackage{pgffor}")
    assert whole.text.endswith("1999 2000 end") and not whole.warnings


def test_files_that_call_each_other_again_and_again_cost_little(paper: Paper) -> None:
    files = {f"f{i}.tex": f"word \\input{{f{i + 1}}}\\input{{f{i + 1}}}\n".encode() for i in range(25)}
    made = paper(r"\input{f0} The rest stands here.", files={**files, "f25.tex": b"leaf "})
    assert made.text.endswith("The rest stands here.") and len(made.text) < 200_000
    assert any(w.startswith("files are read again and again") for w in made.warnings)
    often = paper(r"\input{a}" * 500 + "end", files={"a.tex": b"word "})
    assert often.text.count(" word") >= 499 and not often.warnings


def test_a_branch_without_end_is_told(paper: Paper) -> None:
    made = paper("The comet returns.\n\n\\iffalse a short tail")
    assert made.text.endswith("The comet returns.")
    assert any(w.startswith("a conditional at ms.tex:") and "never ends" in w for w in made.warnings)
    assert not paper("The comet returns. \\iffalse not \\fi Again.").warnings


def test_an_even_number_of_nots_is_none(body: Callable[..., str]) -> None:
    both = [
        body(rf"\ifthenelse{{{nots}1=1}}{{yes}}{{no}}", preamble=r"\usepackage{ifthen}")
        for nots in (r"\not\not ", r"\not\not\not ")
    ]
    assert both == ["yes", "no"]


@pytest.mark.parametrize(
    "source",
    [
        r"\newcounter{}\theone",
        r"\makeatletter\@tfor\x:=a}b\do{(\x)}\makeatother",
        r"\newtheorem{}{}[]",
        r"\IfStrEqCase{x}{{a}{b}}}",
        r"\NewDocumentCommand\x{u{}}{#1}\x a",
        r"\ROUND[x]{2.5}{\x}\x",
        r"\newtheorem{outer}{\newtheorem{inner}{Inner}}\begin{outer}Words.\end{outer}",
    ],
)
def test_what_lacks_its_name_costs_no_paper(paper: Paper, source: str) -> None:
    found = paper(source + "\n\nwords behind it", preamble=r"\usepackage{calculator,xstring}")
    assert found.text.endswith("words behind it")


@pytest.mark.parametrize(
    "growing",
    [
        r"\def\x{ab}" + r"\edef\x{\x\x}" * 80 + r"\x",
        r"\def\x{a}" + r"\StrSubstitute{\x\x\x\x\x\x\x\x\x\x}{a}{aaaaaaaaaa}[\x]" * 15 + r"\x",
        r"\def\x#1\y{\x#1#1\y}\x a\y",
        r"\ExplSyntaxOn\prg_replicate:nn{100000}{\prg_replicate:nn{100000}{y}}\ExplSyntaxOff",
        r"\ExplSyntaxOn\int_step_inline:nn{1000000}{\int_step_inline:nn{1000000}{x}}\ExplSyntaxOff",
        r"\csvreader{d.csv}{}{\csvreader{d.csv}{}{\csvreader{d.csv}{}{\csvcoli}}}",
        r"\num{" + "9" * 300_000 + "}",
        r"\pgfmathprintnumber[precision=1000000000]{1.5} \pgfmathprintnumber{1e999999999}",
        r"\pgfmathprintnumber[fixed,precision=30]{123456789012345678901234567890}",
    ],
    ids=lambda source: source[:40],
)
def test_what_grows_without_end_costs_no_paper(paper: Paper, growing: str) -> None:
    preamble = r"\usepackage{xstring,csvsimple,siunitx,pgf}"
    text = paper(f"{growing}\n\nBehind it.", preamble=preamble, files={"d.csv": b"a,b\n" + b"1,2\n" * 3_000}).text
    assert text.endswith("Behind it.")
