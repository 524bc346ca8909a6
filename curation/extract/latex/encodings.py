"""What a TeX file says of its bytes: inputenc, CJK environments, classes and languages; the letters tell the rest."""

from __future__ import annotations

import re

from curation.text.encoding import Decoded, decode_bytes

_CODECS = {
    "latin1": "latin-1", "latin9": "iso8859-15", "ansinew": "cp1252", "cp1252": "cp1252", "cp1250": "cp1250",
    "cp1251": "cp1251", "koi8-r": "koi8-r", "koi8-ru": "koi8-u", "koi8-u": "koi8-u", "latin2": "iso8859-2",
    "latin3": "iso8859-3", "latin4": "iso8859-4", "latin5": "iso8859-9", "latin10": "iso8859-16", "applemac": "mac-roman",
    "macce": "mac-latin2", "cp850": "cp850", "cp852": "cp852", "cp858": "cp858", "cp865": "cp865", "cp437": "cp437", "cp437de": "cp437", "cp866": "cp866",
    "cp855": "cp855", "iso88595": "iso8859-5", "iso88597": "iso8859-7", "iso-8859-7": "iso8859-7", "maccyr": "mac-cyrillic",
    "cp1254": "cp1254", "cp1257": "cp1257", "utf8": "utf-8", "utf8x": "utf-8", "next": "latin-1",
}  # fmt: skip
_INPUTENC = re.compile(
    rb"\\(?:usepackage|RequirePackage)\s*+\[([^\]]{0,500})\]\s*+\{[^}]{0,200}\binputenc\b|\\inputencoding\s*\{([^}]{0,500})\}"
)
# encodings of the package CJK (its documentation, CJK.txt, section 4)
_CJK = {
    "GB": "gb18030", "GBK": "gb18030", "GBT": "gb18030", "BG5": "big5", "BIG5": "big5", "BG5+": "big5hkscs", "HK": "big5hkscs",
    "JIS": "euc_jp", "EUC-JP": "euc_jp", "SJIS": "shift_jis", "KS": "euc_kr", "UTF8": "utf-8",
}  # fmt: skip
_CJK_ENVIRONMENT = re.compile(
    rb"\\begin\s*\{CJK\*?\}\s*(?:\[[^\]]{0,50}\]\s*)?\{([^{}]{1,20})\}(.*?)(?:\\end\s*\{CJK\*?\}|\Z)", re.DOTALL
)
_LANGUAGES = (
    (
        ("koi8-r", "koi8-u", "cp1251", "cp866", "iso8859-5"),
        "russian|ukrainian|bulgarian|serbianc|belarusian|T2A|russcorr|cmcyralt",
    ),
    (
        ("iso8859-2", "cp1250"),
        "polish|polski|czech|slovak|hungarian|magyar|croatian|slovene|slovenian|romanian|plfonts|QX",
    ),
    (("iso8859-9",), "turkish"),
    (("iso8859-7", "cp1253"), "greek|polutonikogreek|LGR"),
    (("gb18030",), r"ctex\w*|CJKutf8|xeCJK|zhwinfonts|gbt?k?"),
    (("euc_jp", "shift_jis"), r"[jtu]+(?:article|report|book)|jsarticle|jsbook|platex|japanese|okumacro|jlreq"),
    (("euc_kr",), r"h(?:angul|latex|font)\w*|kotex|korean"),
)
_LOADED = re.compile(
    rb"\\(?:documentclass|documentstyle|usepackage|RequirePackage)\s*(?:\[([^\]]{0,500})\])?\s*\{([^}]{0,500})\}"
)
_HEAD = 200_000


def declared_encoding(data: bytes) -> str:
    """The codec named by `\\usepackage[..]{inputenc}`, or an empty string."""
    m = _INPUTENC.search(data)
    if not m:
        return ""
    for option in (m.group(1) or m.group(2)).decode("ascii", "ignore").split(","):
        codec = _CODECS.get(option.strip().lower())
        if codec:
            return codec
    return ""


def likely_encodings(data: bytes) -> tuple[str, ...]:
    """Codecs of the languages that classes, packages and their options name."""
    words = b",".join(b",".join(g for g in m.groups() if g) for m in _LOADED.finditer(data[:_HEAD])).decode(
        "ascii", "ignore"
    )
    return tuple(
        c for codecs, names in _LANGUAGES if re.search(rf"(?<![\w-])(?:{names})(?![\w-])", words) for c in codecs
    )


def decode_tex(data: bytes, declared: str = "", likely: tuple[str, ...] = ()) -> Decoded:
    """A TeX file as text: parts in CJK environments in the encoding that each names, the rest as a whole.

    Args:
        declared, likely: of the main file, where the file says nothing itself.
    """
    declared, likely = declared_encoding(data) or declared, likely_encodings(data) or likely
    pieces: list[bytes] = []
    foreign: list[Decoded] = []
    at = 0
    for m in _CJK_ENVIRONMENT.finditer(data):
        codec = _CJK.get(m[1].decode("ascii", "ignore").strip().upper(), "")
        if not codec or codec == "utf-8" or m[2].isascii() or _is_utf8(m[2]):
            continue
        pieces += [data[at : m.start(2)], b"\x00cjk\x00"]
        foreign.append(_in_cjk(m[2], codec))
        at = m.end(2)
    if not foreign:
        return decode_bytes(data, declared=declared, likely=likely)
    whole = decode_bytes(b"".join([*pieces, data[at:]]), declared=declared, likely=likely)
    parts = whole.text.split("\x00cjk\x00")
    text = parts[0] + "".join(one.text + part for one, part in zip(foreign, parts[1:], strict=True))
    return Decoded(text, whole.codec, whole.doubtful + sum(one.doubtful for one in foreign))


def _in_cjk(data: bytes, codec: str) -> Decoded:
    """A part in the encoding of its environment; where that does not fit, as its letters tell."""
    try:
        return Decoded(data.decode(codec), codec)
    except UnicodeDecodeError:
        text = data.decode(codec, "replace")
        lost = text.count("\ufffd")
        return Decoded(text, codec, lost) if 20 * lost < len(text) else decode_bytes(data)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
