from __future__ import annotations

import re

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.withhold.tokens import folded, tokens, tokens_of
from tests.withhold import verifier

RULES = re.compile(
    r"(?P<mended>[-\u2010\u00ad][ \t\r]*\n[ \t]*(?=[a-z]))"
    r"|(?P<accent>\\[`'\"^~=.](?=\{?[A-Za-z])|\\[cvuHkrbdt](?=\{))"
    r"|(?P<command>\\[A-Za-z]+)"
    r"|(?P<unseen>&(?:shy|zwn?j|#0*(?:173|820[3-7]|8288|65279)|#[xX]0*(?:[aA][dD]|200[b-fB-F]|2060|[fF][eE][fF]{2}));)"
    r"|(?P<parts>\}(?=\{))"
    r"|(?P<brace>[{}])"
)


def plain(text: str) -> list[str]:
    """The rules of the module, word for word."""
    made, at = [""], 0
    while at < len(text):
        found = RULES.match(text, at)
        kind = found.lastgroup if found else None
        if kind == "mended" and not (re.fullmatch("[A-Za-z]", text[at - 1 : at]) and made[-1]):
            found = None
        if not found:
            made.append(folded(text[at]).replace(" ", "\n"))
            at += 1
            continue
        if kind in ("command", "parts"):
            made.append("\n")
        if kind == "command":
            made.append("")  # what follows a command mends no word
        at = found.end()
    return "".join(made).replace("\n", " ").split()


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("The Ångström, naïve ﬁnd ½", "the angstrom naive find 1 2"),
        (r"Ma\v{s}ek, T\"onnies and \'{E}mile", "masek tonnies and emile"),
        (r"{\it Word} $\frac{a}{b} = H_{0}$ \alpha-ray", "word a b h 0 ray"),
        ("an exam-\n ple of well-known\u00adness, 3-\nbody X-\nRay", "an example of well knownness 3 body x ray"),
        ("soft\u00ad\nened and re\u2010\ncombined", "softened and recombined"),
        ("ＦＵＬＬ 𝐛𝐨𝐥𝐝 ΣΊΣΥΦΟΣ straße", "full bold σισυφοσ strasse"),
        ("**Bold**_face_ `code`", "bold face code"),
        (
            "e\u3164v\uffa0e\u1160n\u115ft h\u2065o\ufff0r\u2800i\ue000z\u0378o\x00n f\U000f0000l\U000e0fffa\ufffer\x7fe",
            "event horizon flare",
        ),
        ("e&shy;v&zwj;e&zwnj;n&#8203;t &#xAD;h&#X200b;or&#0008288;i&#xfeff;zon", "event horizon"),
        ("a&shyb c&#8202;d e&#x200a;f g&#82030;h i&zwk;j &#;&#x;&", "a shyb c 8202 d e x200a f g 82030 h i zwk j x"),
        ("one\ttwo\x0bthree\x85four\u2028five\u3000six\ufffdseven", "one two three four five six seven"),
        ("", ""),
        ("$$ \\ {} -- $$", ""),
    ],
)
def test_what_a_text_is_matched_by(text: str, made: str) -> None:
    assert tokens(text) == made.split() == plain(text) == verifier.tokens(text)


REFERENCES = st.from_regex(
    r"&(shy|zw(n?j)?|#0?[0-9]{0,5}|#[xX]0?(200[a-gB-F]|2060|[fF]e[fF]F|[Aa]D|[0-9a-g:@\[`]{0,4}));?", fullmatch=True
)
CHARACTERS = st.one_of(
    st.sampled_from("ab Z0\n\\{}-'\"_cvt.\u00ad\u2010é½ﬁ\u0301ς\ufdfa"), st.characters(exclude_categories=["Cs"])
)


UNSEEN = st.one_of(
    st.sampled_from(
        "\u115f\u1160\u3164\uffa0\u2800\u2065\ufff0\ufff8\u200b\u2060\u034f\u180e\ufe0f\U000e0041\x00\x1f\x7f\x9f"
    ),
    st.characters(categories=["Cf", "Co", "Cn"]),
).filter(lambda c: c != "\u00ad")  # which mends words at line ends
SEEN = st.one_of(
    st.sampled_from("abz Z019\n\t.,*_$—ς½ﬁ한日"),
    st.characters(categories=["L", "N", "P", "Z"], exclude_characters="\\{}-\u2010"),
)


@given(st.lists(st.tuples(SEEN, st.text(UNSEEN, max_size=2)), max_size=40), st.text(UNSEEN, max_size=2))
def test_what_a_reader_does_not_see_is_nothing_to_run_and_stranger(parts: list[tuple[str, str]], first: str) -> None:
    bare, put_in = "".join(seen for seen, _ in parts), first + "".join(seen + unseen for seen, unseen in parts)
    assert tokens(put_in) == tokens(bare) == verifier.tokens(put_in) == verifier.tokens(bare)


@given(st.lists(st.lists(st.one_of(CHARACTERS, REFERENCES), max_size=40).map("".join), max_size=4))
def test_the_kernel_makes_what_the_rules_say(texts: list[str]) -> None:
    made = tokens_of(pa.array(texts, pa.string()))
    for n, text in enumerate(texts):
        assert made.words(int(made.bounds[n]), int(made.bounds[n + 1])) == plain(text)


@given(st.text(CHARACTERS, max_size=60))
def test_places_are_bytes_that_make_the_token_again(text: str) -> None:
    made = tokens_of(pa.array([text], pa.large_string()))
    data, last = text.encode(), 0
    for start, end, word in zip(made.starts, made.ends, made.words(), strict=True):
        assert 0 <= start < end <= len(data)
        assert start >= last or not data[start:end].isascii()
        assert word in " ".join(tokens(data[start:end].decode()))
        last = end


def test_equal_tokens_have_equal_hashes_wherever_they_stand() -> None:
    made = tokens_of(pa.array(["Stars, stars", None, "STARS in a long_galactic halo", "stárs"], pa.string()))
    assert made.bounds.tolist() == [0, 2, 2, 8, 9]
    assert len({int(made.hashes[k]) for k in (0, 1, 2, 8)}) == 1
    assert len(set(made.hashes.tolist())) == 6
