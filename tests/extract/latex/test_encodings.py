"""Old encodings: named by the paper, told by its letters, or in doubt; never read as other letters."""

from __future__ import annotations

import pytest

from curation.errors import PaperError
from curation.extract.latex import extract_latex
from curation.extract.latex.encodings import declared_encoding, likely_encodings
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
    assert "1 bytes of ms.tex are in no known encoding" in result.warnings


def test_a_name_in_doubt_is_no_other_name() -> None:
    """`Erdős` of Latin-2 would be `Erdõs` in Latin-1: the letter is left open."""
    for name, codec in (("Erdős", "iso8859-2"), ("Dvořák", "iso8859-2"), ("王小明", "gbk")):
        result = extract_latex(paper(b"by " + name.encode(codec) + b" here"))
        assert "\ufffd" in result.text and any("in no known encoding" in w for w in result.warnings)


def test_a_text_in_an_unknown_encoding_is_a_reason() -> None:
    with pytest.raises(PaperError) as error:
        extract_latex(paper(bytes(range(0x80, 0x100)) * 8))
    assert error.value.reason is Reason.UNREADABLE and "ms.tex" in str(error.value)


def test_what_a_head_says() -> None:
    assert declared_encoding(rb"\usepackage[utf8]{inputenc}") == "utf-8"
    assert declared_encoding(rb"\usepackage[T1]{fontenc}") == ""
    assert likely_encodings(rb"\documentclass[12pt,czech]{article}") == ("iso8859-2", "cp1250")
    assert likely_encodings(rb"\documentclass{article}\usepackage[english]{babel}") == ()
