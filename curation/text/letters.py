"""How often letters stand in the languages that old papers are written in: what tells one 8-bit encoding from another.

Cyrillic: per thousand letters of Russian (Lyashevskaya & Sharov 2009), with those of Ukrainian. Latin: marked letters of Western and
Central European languages by their rough order of frequency; which of them one language has. CJK: the commonest characters.
"""

from __future__ import annotations

CYRILLIC = dict(
    zip(
        "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъёіїєґ",
        (110, 85, 80, 74, 67, 63, 55, 47, 45, 44, 35, 32, 30, 28, 26, 20, 19, 17, 17, 16, 16, 14, 12, 10, 9, 7, 6, 5, 4, 3, 3, 1, 1, 5, 2,
         2, 1),
        strict=True,
    )
)  # fmt: skip
GREEK = dict(
    zip(
        "αοιετσνηυρπκμλςωδγχθφβξζψάέήίόύώϊϋΐΰ",
        (95, 75, 70, 70, 75, 50, 62, 45, 38, 42, 38, 38, 32, 28, 38, 18, 17, 17, 11, 12, 9, 7, 4, 3, 2, 20, 15, 15, 25, 20, 8, 8, 1, 1, 1, 1),
        strict=True,
    )
)  # fmt: skip
LATIN = {
    **dict.fromkeys("éöüáíóäñ", 4.0), **dict.fromkeys("èàçåøłčšžćęąâêãúßýř", 2.0), **dict.fromkeys("ôîïëœùûõæśżńěőğışăòìńů", 1.0),
    **dict.fromkeys("źťňďűţșțđòð", 0.4), **dict.fromkeys("ľĺŕþÿľñ", 0.2),
}  # fmt: skip
ALPHABETS = tuple(
    frozenset(letters)
    for letters in (
        "éèêëàâçùûüîïôœæ", "áéíóúüñç", "áàâãéêíóôõúç", "àèéìíòóùú", "äöüßé", "åäöé", "åøæéö", "áéíóúýþæöð", "éëïöüáóíèê",
        "ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "čćđšž", "ăâîșşțţ", "çğıöşüâî",
    )
)  # fmt: skip
"""Marked letters that one language has: a word of two alphabets was read in a wrong encoding."""

_SIMPLIFIED = (
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多"
    "经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问"
    "系星测量光数据研究表示结果图式度线波谱温质"
)
_TRADITIONAL = (
    "的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過發後作裡用道行所然家種事成方多"
    "經麼去法學如都同現當沒動面起看定天分還進好小部其些主樣理心她本前開但因只從想實日軍者意無力它與長把機十民第公此已工使情明性知全三又關點正業外將兩高間由問"
    "系星測量光數據研究表示結果圖式度線波譜溫質"
)
_JAPANESE = "日一大年人国会本中学者事出生上自行分前時間的研究物理星系観測光電方法用結果数理論表示図式度線温"
_KANA = "".join(map(chr, [*range(0x3041, 0x3094), *range(0x30A1, 0x30F7), 0x30FC]))
_KOREAN = (
    "이다의에는을가로한고지하기사도를은서리아시인그나일대스라어자정해수부보구상전원적제주장들과만여소동관계우조성유경공면선발방"
    "물분연간중있것학별광측관력체질온도결과값의"
)
COMMON = {
    "gb18030": frozenset(_SIMPLIFIED), "big5": frozenset(_TRADITIONAL), "euc_jp": frozenset(_KANA + _JAPANESE),
    "shift_jis": frozenset(_KANA + _JAPANESE), "euc_kr": frozenset(_KOREAN),
}  # fmt: skip
"""Codec -> the characters that make a good part of any text in its language."""
