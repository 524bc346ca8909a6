"""Old encodings: named by the paper, told by its letters, or in doubt; never read as other letters."""

from __future__ import annotations

import random

import pytest

from curation.errors import PaperError
from curation.extract.latex import extract_latex
from curation.extract.latex.encodings import declared_encoding, likely_encodings
from curation.text.encoding import REPLACEMENT, decode_bytes
from schemas import Reason
from tests.extract.latex.conftest import FILLER

RUSSIAN = (
    "Светимость звезды измеряли три ночи подряд. Соколов и Гринина сравнили её с моделью; разность не превышает ошибки."
)
POLISH = "Jasność gwiazdy mierzono przez trzy noce, a różnica między modelem i pomiarem była mniejsza niż błąd. Łoś i Świątek"
JAPANESE = "この星の明るさを三晩にわたって測定し、モデルと比較した。その差は誤差より小さいことがわかった。"
CHINESE = "我们用三个夜晚测量了这颗星的光度,并且和模型进行了比较。结果表明它们的差别比误差要小。"
TAIWANESE = "我們用三個夜晚測量了這顆星的光度,並且和模型進行了比較。結果表明它們的差別比誤差要小。"
KOREAN = "우리는 이 별의 광도를 사흘 밤에 걸쳐 측정하고 모형과 비교하였다. 그 차이는 오차보다 작은 것으로 나타났다."
FRENCH = "L'étoile a été observée où la lumière était très faible, près de l'équateur; les résultats diffèrent peu du modèle."
ENGLISH_NAMES = "with F. Müller, J. García, S. Nuñez and K. Ångström"


def paper(body: bytes, head: bytes = b"") -> dict[str, bytes]:
    start = b"\\documentclass{article}" + head + b"\\begin{document}" + FILLER.encode()
    return {"ms.tex": start + b"\n\n" + body + b"\\end{document}"}


def text_of(body: bytes, head: bytes = b"") -> str:
    return extract_latex(paper(body, head)).text.split("for the extractor,")[-1].strip()


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        *((RUSSIAN, codec) for codec in ("koi8-r", "cp1251", "cp866", "iso8859-5", "mac-cyrillic", "utf-8")),
        *((POLISH, codec) for codec in ("iso8859-2", "cp1250", "utf-8")),
        *((JAPANESE, codec) for codec in ("euc_jp", "shift_jis", "iso2022_jp", "utf-8")),
        (CHINESE, "gbk"),
        (TAIWANESE, "big5"),
        (KOREAN, "euc_kr"),
        (FRENCH, "latin-1"),
        (FRENCH, "mac-roman"),
        (ENGLISH_NAMES, "latin-1"),
    ],
)
def test_letters_tell_an_encoding_that_nothing_names(text: str, codec: str) -> None:
    result = extract_latex(paper(text.encode(codec)))
    assert result.text.split("for the extractor,")[-1].strip() == text
    assert not [w for w in result.warnings if "encoding" in w]


@pytest.mark.parametrize(
    ("head", "codec", "name"),
    [
        (rb"\usepackage[koi8-r]{inputenc}", "koi8-r", "Лев"),
        (rb"\usepackage[T2A]{fontenc}\usepackage[cp1251]{inputenc}", "cp1251", "Лев"),
        (rb"\usepackage[latin2]{inputenc}", "iso8859-2", "Dvořák"),
        (rb"\usepackage[latin1]{inputenc}", "latin-1", "Vázquez"),
        (rb"\usepackage[applemac]{inputenc}", "mac-roman", "naïve"),
        (rb"\usepackage[polish]{babel}", "iso8859-2", "Łoś"),
        (rb"\usepackage[russian]{babel}", "cp1251", "Лебедев"),
        (rb"\usepackage[turkish]{babel}", "iso8859-9", "Doğan"),
    ],
)
def test_a_name_is_read_as_the_preamble_says(head: bytes, codec: str, name: str) -> None:
    assert text_of(f"by {name} here".encode(codec), head) == f"by {name} here"


def test_a_class_tells_the_language() -> None:
    head = b"\\documentclass{jsarticle}\\begin{document}" + FILLER.encode()
    result = extract_latex({"ms.tex": head + "図の観測".encode("shift_jis") + b"\\end{document}"})
    assert "図の観測" in result.text


@pytest.mark.parametrize(
    ("encoding", "codec", "name"),
    [
        ("GB", "gb2312", "李小龙"),
        ("Bg5", "big5", "陳怡君"),
        ("JIS", "euc_jp", "山田太郎"),
        ("SJIS", "shift_jis", "表示"),
        ("KS", "euc_kr", "김철수"),
    ],
)
def test_an_environment_of_cjk_names_its_own_encoding(encoding: str, codec: str, name: str) -> None:
    """Also where the rest of the file is Latin-1 or UTF-8."""
    inside = f"\\begin{{CJK*}}{{{encoding}}}{{font}}".encode() + name.encode(codec) + b"\\end{CJK*}"
    for others in ("latin-1", "utf-8"):
        assert text_of("Gómez and ".encode(others) + inside + ", Müller".encode(others)) == f"Gómez and {name}, Müller"


def test_one_bad_byte_stays_one_bad_byte() -> None:
    body = "Größe, Ångström, Łódź, naïve ".encode() + b"and \xb5 caf\xe9 rest"
    result = extract_latex(paper(body))
    assert result.text.endswith("Größe, Ångström, Łódź, naïve and \ufffd café rest")
    (warning,) = [w for w in result.warnings if "in no known encoding" in w]
    assert warning.startswith("1 bytes of ms.tex") and "U+FFFD, the first on line " in warning


def test_a_name_in_doubt_is_no_other_name() -> None:
    """`Erdős` of Latin-2 would be `Erdõs` in Latin-1: the letter is left open."""
    for name, codec in (("Erdős", "iso8859-2"), ("Dvořák", "iso8859-2"), ("王小明", "gbk")):
        result = extract_latex(paper(b"by " + name.encode(codec) + b" here"))
        assert "\ufffd" in result.text and any("in no known encoding" in w for w in result.warnings)


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("Erdős", "iso8859-2"),
        ("Kovač", "cp1250"),
        ("Doğan", "iso8859-9"),
        ("Nuñez", "mac-roman"),
        ("Groß", "cp850"),
        ("Лебедев", "koi8-r"),
        ("Παπάς", "iso8859-7"),
        ("王小明", "gbk"),
    ],
)
def test_one_name_forty_times_tells_no_more_than_one(name: str, codec: str) -> None:
    """An English paper with one foreign name: the letters stay open, with a warning, however often it stands."""
    raw = f"The model of {name} holds. ".encode(codec)
    expected = raw.decode("ascii", "replace")
    for times in (1, 40):
        found = decode_bytes(FILLER.encode() + raw * times)
        assert found.text == FILLER + expected * times
        assert found.doubtful == times * expected.count(REPLACEMENT)
    result = extract_latex(paper(raw * 3))
    assert name not in result.text and any("in no known encoding" in w for w in result.warnings)


@pytest.mark.parametrize("name", ["Müller", "García", "Ångström", "Poincaré", "Lemaître", "Nuñez", "Møller"])
def test_one_western_name_forty_times_is_latin_1(name: str) -> None:
    raw = f"The model of {name} holds. "
    assert decode_bytes((raw * 40).encode("latin-1")).text == raw * 40


WESTERN = (
    "Müller",
    "García",
    "Nuñez",
    "Ångström",
    "Poincaré",
    "Lemaître",
    "Schrödinger",
    "Gonçalves",
    "Møller",
    "Désert",
)
EASTERN = ("Dvořák", "Łoś", "Erdős", "Kovač", "Świątek", "Paczyński", "Žáček", "Kołaczek", "Gajdoš", "Křížek", "Bartoň")


@pytest.mark.parametrize(
    ("names", "codec"),
    [(WESTERN, "latin-1"), (WESTERN, "cp1252"), (WESTERN, "mac-roman"), (EASTERN, "iso8859-2"), (EASTERN, "cp1250")],
)
def test_a_bibliography_of_a_few_names_is_read_or_left_open(names: tuple[str, ...], codec: str) -> None:
    """Of 60 bibliographies of three to five names >= 50 are read in full; none has a wrong letter."""
    draw = random.Random(codec)
    read = 0
    for i in range(60):
        listed = "".join(f"[{k}] A. {name}, ApJ. " for k, name in enumerate(draw.sample(names, 3 + i % 3)))
        found = decode_bytes(FILLER.encode() + listed.encode(codec))
        got = found.text.removeprefix(FILLER)
        assert all(g in (REPLACEMENT, t) for g, t in zip(got, listed, strict=True)), (listed, got)
        assert found.doubtful == got.count(REPLACEMENT)
        read += got == listed
    assert read >= 50


def test_random_bytes_are_never_letters_without_a_warning() -> None:
    for seed in range(100):
        draw = random.Random(seed)
        scattered = bytes(
            draw.choice(b"etaoinsr") if draw.random() < 0.6 else draw.randrange(128, 256) for _ in range(60)
        )
        block = bytes(draw.randrange(256) for _ in range(80))
        word = bytes(draw.randrange(128, 256) for _ in range(5)) + b" and "
        for raw in (scattered, block, word * 40):
            assert decode_bytes(FILLER.encode() + raw).doubtful, raw


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"the star\x92s light ", "the star’s light "),
        (b"the stars\x92 light ", "the stars’ light "),
        (b"the \x93hot\x94 star ", "the “hot” star "),
        (b"from 10\x9620 km at 5\xb0 ", "from 10–20 km at 5° "),
        (b"a mass\x96radius relation ", "a mass–radius relation "),
    ],
)
def test_signs_of_windows_are_read_once_or_often(raw: bytes, text: str) -> None:
    for times in (1, 40):
        assert decode_bytes(raw * times).text == text * times


def test_what_close_readings_share_is_kept() -> None:
    """`ü` is one letter in Latin-1 and Latin-2, `õ` and `ő` are two."""
    found = decode_bytes("by Müller, Erdõs and Böhm".encode("latin-1"))
    assert found.text == "by Müller, Erd\ufffds and Böhm" and found.doubtful == 1


def test_a_sign_where_a_letter_stood_is_left_open() -> None:
    found = decode_bytes(FRENCH.encode("latin-1") + b" by Ki\xb3ka and St\x81el")
    assert found.text == FRENCH + " by Ki\ufffdka and St\ufffdel"


def test_a_text_in_an_unknown_encoding_is_a_reason() -> None:
    with pytest.raises(PaperError) as error:
        extract_latex(paper(bytes(range(0x80, 0x100)) * 8))
    assert error.value.reason is Reason.UNREADABLE and "ms.tex" in str(error.value)


def test_what_a_head_says() -> None:
    assert declared_encoding(rb"\usepackage[utf8]{inputenc}") == "utf-8"
    assert declared_encoding(rb"\usepackage[T1]{fontenc}") == ""
    assert likely_encodings(rb"\documentclass[12pt,czech]{article}") == ("iso8859-2", "cp1250")
    assert likely_encodings(rb"\documentclass{article}\usepackage[english]{babel}") == ()
