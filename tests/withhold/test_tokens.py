from __future__ import annotations

import re
import string
from itertools import pairwise

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.withhold import token_kernel
from curation.withhold.tokens import folded, tokens, tokens_of
from tests.withhold import verifier

CAPITALS = frozenset(string.ascii_uppercase)

UNSEEN_NAMES, PARTING_NAMES, MARK_NAMES = (
    "|".join(names.split())
    for names in (token_kernel.UNSEEN_NAMES, token_kernel.PARTING_NAMES, token_kernel.MARK_NAMES)
)
RULES = re.compile(
    r"(?P<mended>[-\u2010\u00ad][ \t\r]*\n[ \t]*(?=[a-z]))"
    r"|(?P<accent>\\[`'\"^~=.](?=\{?[A-Za-z])|\\[cvuHkrbdt](?=\{))"
    r"|(?P<command>\\[A-Za-z]+)"
    rf"|(?P<unseen>&(?:amp;)*(?:{UNSEEN_NAMES});)"
    rf"|(?P<marked>&(?:amp;)*([A-Za-z])(?:{MARK_NAMES});)"
    r"|(?P<tens>&(?:amp;)*#0*([0-9]{1,6});)"
    r"|(?P<sixteens>&(?:amp;)*#[xX]0*([0-9a-fA-F]{1,5});)"
    rf"|(?P<parts>\}}(?=\{{)|&(?:amp;)*(?:{PARTING_NAMES});|%(?:25)*(?:0[9aAdD]|2[0-9a-fA-F]|3[a-fA-F]))"
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
        named = found and found[found.lastindex + 1] if kind in ("marked", "tens", "sixteens") else None
        if not found or named:
            said = (
                text[at] if not named else named if kind == "marked" else chr(int(named, 10 if kind == "tens" else 16))
            )
            made.append(said if said.isascii() and said.isalnum() else folded(said).replace(" ", "\n"))
            at = found.end() if found else at + 1
            continue
        if kind in ("command", "parts"):
            made.append("\n")
        if kind == "command":
            made.append("")  # what follows a command mends no word
        at = found.end()
    words = "".join(made).replace("\n", " ").split()
    return [part.lower() if part.isascii() else part.casefold() for word in words for part in unjoined(word)]


def unjoined(word: str) -> list[str]:
    """The words of a token: capitals begin them, where there are three or more behind small letters."""
    if sum(one.islower() and one.isascii() and other in CAPITALS for one, other in pairwise(word)) < 3:
        return [word]
    parts = [word[0]]
    for n in range(1, len(word)):
        before, now, behind = word[n - 1], word[n], word[n + 1 : n + 2]
        small, digit = "a" <= before <= "z", "0" <= before <= "9"
        begins = now in CAPITALS and (small or digit or (before in CAPITALS and "a" <= behind <= "z"))
        if begins or ("0" <= now <= "9" and small):
            parts.append("")
        parts[-1] += now
    return parts


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("The Ångström, naïve ﬁnd ½", "the angstrom naive find 1 2"),
        (r"Ma\v{s}ek, T\"onnies and \'{E}mile", "masek tonnies and emile"),
        (r"{\it Word} $\frac{a}{b} = H_{0}$ \alpha-ray", "word a b h 0 ray"),
        ("an exam-\n ple of well-known\u00adness, 3-\nbody X-\nRay", "an example of well knownness 3 body x ray"),
        ("soft\u00ad\nened and re\u2010\ncombined", "softened and recombined"),
        ("ＦＵＬＬ 𝐛𝐨𝐥𝐝 ΣΊΣΥΦΟΣ straße", "full bold σiσyφoσ strasse"),
        ("**Bold**_face_ `code`", "bold face code"),
        (
            "e\u3164v\uffa0e\u1160n\u115ft h\u2065o\ufff0r\u2800i\ue000z\u0378o\x00n f\U000f0000l\U000e0fffa\ufffer\x7fe",
            "event horizon flare",
        ),
        ("e&shy;v&zwj;e&zwnj;n&#8203;t &#xAD;h&#X200b;or&#0008288;i&#xfeff;zon", "event horizon"),
        ("a&shyb c&#8202;d e&#x200a;f g&#8203000;h i&zwk;j &#;&#x;&", "a shyb c d e f g 8203000 h i zwk j x"),
        ("of&nbsp;the&#32;mass&amp;nbsp;of&amp;#160;a%20hot%2Bred%2520star+%0a%e9", "of the mass of a hot red star e9"),
        ("caf&eacute; &Uuml;ber &#x41;&#98;c &ering a&amp;shy;b &amp;#;", "cafe uber abc ering ab"),
        ("Тhе mаss оf Κерlеr'ѕ ѕtаr, ɡіνеո ɪɴ ᴋɢ", "the mass of kepler s star given in kg"),
        ("WhichOfTheseIsAStarOf10Km", "which of these is a star of 10 km"),
        ("NaCl LaTeX SuperKamiokandeII arXiv MgSiO3", "nacl latex superkamiokandeii arxiv mgsio3"),
        ("Whi&shy;chOf\u200bThe{St}ars which_of_the_stars", "which of the stars which of the stars"),
        ("one\ttwo\x0bthree\x85four\u2028five\u3000six\ufffdseven", "one two three four five six seven"),
        ("", ""),
        ("$$ \\ {} -- $$", ""),
    ],
)
def test_what_a_text_is_matched_by(text: str, made: str) -> None:
    assert tokens(text) == made.split() == plain(text) == verifier.tokens(text)


REFERENCES = st.from_regex(
    r"&(amp;)?(shy|nbsp|[ae]acute|amp|zw(n?j)?|#0?[0-9]{0,5}|#[xX]0?(200[a-gB-F]|2060|[fF]e[fF]F|[Aa]D|[0-9a-g:@\[`]{0,4}));?",
    fullmatch=True,
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
