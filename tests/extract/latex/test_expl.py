"""expl3 in papers: what its functions define is printed, its programs never are, and what is not known is warned of."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.extract.latex.conftest import Paper

Body = Callable[..., str]


def expl(code: str) -> str:
    return f"\\ExplSyntaxOn {code} \\ExplSyntaxOff "


def test_blanks_are_nothing_and_a_tie_is_a_blank(body: Body) -> None:
    assert body(
        expl(r"\tl_set:Nn \l_a_tl { two ~ words  and more } \cs_set_eq:NN \words \l_a_tl") + r"\words, a b~c"
    ) == ("two wordsandmore, a b c")


@pytest.mark.parametrize(
    ("call", "printed"),
    [
        (r"\pair_show:nn {a} {b}", "a-b"),
        (r"\tl_set:Nn \l_a_tl {v} \pair_show:Vn \l_a_tl {b}", "v-b"),
        (r"\tl_set:Nn \l_a_tl {v} \pair_show:xn { \l_a_tl w } {b}", "vw-b"),
        (r"\tl_set:Nn \l_a_tl {v} \pair_show:vn { l_a_tl } {b}", "v-b"),
        (r"\exp_args:Nx \use:n { \int_eval:n { 2 * 4 } }", "8"),
        (r"\use:c { pair _ show :nn } {a} {b}", "a-b"),
    ],
)  # fmt: skip
def test_variants_of_a_function_read_their_arguments_by_their_letters(body: Body, call: str, printed: str) -> None:
    define = r"\cs_new:Npn \pair_show:nn #1 #2 { #1 - #2 }"
    assert body(expl(define + call)) == printed


def test_a_function_that_is_not_known_prints_no_source(paper: Paper) -> None:
    found = paper(
        "before "
        + expl(r"\coffin_typeset:Nnnnn \l_c_coffin {l} {vc} {0pt} {0pt} \unheardof_thing:nn { x } { y }")
        + "after"
    )
    assert found.text.endswith("before after")
    assert "function \\unheardof_thing of expl3 is not known" in found.warnings


@pytest.mark.parametrize(
    "code", [r"\cs_set: x", r"\tl_set:N \l_a_tl", r"\tl_if_eq:nTF { a } { x } { y }", r"\seq_use: ", r"\exp_args:"]
)
def test_a_function_without_all_its_arguments_costs_no_paper(paper: Paper, code: str) -> None:
    assert paper(expl(code) + "\n\nwords behind it").text.endswith("words behind it")


def test_variables_belong_to_their_group(body: Body) -> None:
    code = r"\tl_set:Nn \l_a_tl {out} \group_begin: \tl_set:Nn \l_a_tl {in} \tl_use:N \l_a_tl \group_end: \tl_use:N \l_a_tl"
    assert body(expl(code)) == "inout"
    code = r"\tl_gset:Nn \g_a_tl {out} \group_begin: \tl_gset:Nn \g_a_tl {in} \group_end: \tl_use:N \g_a_tl"
    assert body(expl(code)) == "in"


def test_keys_set_variables_and_run_code(body: Body) -> None:
    define = r"""\keys_define:nn { star } { name .tl_set:N = \l_name_tl, name .initial:n = Sol, bright .bool_set:N = \l_b_bool,
        bright .default:n = true, shout .code:n = { #1! ~ } }
        \NewDocumentCommand \star { O{} } { \keys_set:nn { star } { #1 } \l_name_tl \bool_if:NT \l_b_bool { * } }"""
    assert body(
        expl(define) + r"\star; \star[name=Vega, bright]; \star[shout={Look}]"
    ) == r"Sol; Vega\*; Look! Vega\*".replace("\\", "")


def test_a_regular_expression_that_is_not_applied_is_warned_of(paper: Paper) -> None:
    code = r"\tl_set:Nn \l_a_tl {banana} \regex_replace_all:nnN { PATTERN } { o } \l_a_tl \l_a_tl"
    assert paper(expl(code.replace("PATTERN", "a"))).text.endswith("bonono")
    found = paper(expl(code.replace("PATTERN", "[an]+")))
    assert found.text.endswith("banana") and "a regular expression of expl3 is not applied" in found.warnings


@pytest.mark.parametrize(
    "code",
    [
        r"\cs_new:Npn \a_run: { x \a_run: } \a_run:",
        r"\int_new:N \l_n_int \int_while_do:nn { 1 = 1 } { x }",
        r"\prg_replicate:nn { 999999999 } { x }",
        r"\keys_define:nn { k } { a .meta:n = { a = #1 } } \keys_set:nn { k } { a = 1 }",
        r"\tl_set:Nn \l_a_tl { x } \int_step_inline:nn { 2000 } { \tl_put_right:NV \l_a_tl \l_a_tl }",
        r"\tl_set:Nn \l_a_tl { x } \int_step_inline:nn { 2000 } { \tl_replace_all:Nnn \l_a_tl { x } { xx } }",
        r"\tl_set:Nn \l_a_tl { x } \int_step_inline:nn { 2000 } { \seq_put_right:NV \l_a_seq \l_a_tl \tl_put_right:NV \l_a_tl \l_a_tl }",
        r"\int_eval:n { " * 300 + "1" + " }" * 300,
    ],
)  # fmt: skip
def test_programs_without_end_are_bounded(paper: Paper, code: str) -> None:
    found = paper(expl(code) + "\n\nwords behind it")
    assert found.text.endswith("words behind it") and len(found.text) < 400_000


def test_syntax_is_what_it_was_behind_the_switch(body: Body) -> None:
    assert body(expl(r"\tl_new:N \l_a_tl") + r"A $x_1$ b: c~d" + "\n\nnext") == "A $x_1$ b: c d\n\nnext"
