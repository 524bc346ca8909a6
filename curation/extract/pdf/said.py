"""What a font says that its letters are, against the names of the letters that it draws."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from curation.extract.pdf.resources import Resources

_MAP = re.compile(r"/ToUnicode (\d+) 0 R")
_ENCODING = re.compile(r"/Encoding(?: (\d+) 0 R|/(\w+))?")
_DIFFERENCES = re.compile(r"/Differences ?\[([^\]]*)\]")
_DIFFERENCE = re.compile(r"(\d+)|/([^\s/<>\[\](){}%]*)")
_PROGRAM = re.compile(r"/FontFile (\d+) 0 R")
_DESCRIPTOR = re.compile(r"/FontDescriptor (\d+) 0 R")
_OWN_CODE = re.compile(rb"dup\s+(\d+)\s*/(\S+)\s+put")
_CHARS = re.compile(rb"beginbfchar(.*?)endbfchar", re.DOTALL)
_RANGES = re.compile(rb"beginbfrange(.*?)endbfrange", re.DOTALL)
_CHAR = re.compile(rb"<\s*([0-9A-Fa-f]{2})\s*>\s*<([0-9A-Fa-f\s]+)>")
_RANGE = re.compile(rb"<\s*([0-9A-Fa-f]{2})\s*>\s*<\s*([0-9A-Fa-f]{2})\s*>\s*(?:<([0-9A-Fa-f\s]+)>|\[([^\]]*)\])")
_HEX = re.compile(rb"<([0-9A-Fa-f\s]+)>")
_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_LATIN = ("WinAnsiEncoding", "MacRomanEncoding", "StandardEncoding")
"""Encodings that have letters and digits where ASCII has them."""
_STANDARD = re.compile(r"/BaseFont/(?:Helvetica|Times|Courier|Arial)\b")
_FLAGS = re.compile(r"/Flags (\d+)")
MAX_BYTES = 1 << 20
"""Of a map, an encoding or a font's program that are looked at."""


def letters_said_wrong(resources: Resources, font: int) -> frozenset[str]:
    """Letters and digits that a simple font says in the place of others, whose names its glyphs have.

    Fonts of two-byte codes and letters without a name of their own are not told: nobody can but by their shapes.
    """
    text = resources.text(font)
    found = _MAP.search(text)
    if found is None or "/Subtype/Type0" in text or "/Subtype/Type3" in text:
        return frozenset()
    drawn = _drawn(resources, text)
    said = _said(resources.stream(int(found[1]), MAX_BYTES) or b"") if drawn else {}
    return frozenset(
        letter
        for code, name in drawn.items()
        if (letter := said.get(code, "")[:1]).isascii() and letter.isalnum() and letter.casefold() != name.casefold()
    )


def _drawn(resources: Resources, font: str) -> dict[int, str]:
    """The letters and digits of a simple font by their codes, as far as its encoding or its program names them.

    Where an encoding lists what differs from the program's, it lists what the paper uses: TeX writes maps of whole encodings,
    also for codes that no letter of the paper has.
    """
    found = _ENCODING.search(font)
    encoding = resources.text(int(found[1])) if found and found[1] else font[found.end() :] if found else ""
    base = found[2] if found and found[2] else next((name for name in _LATIN if name in encoding), None)
    descriptor = _DESCRIPTOR.search(font)
    described = resources.text(int(descriptor[1])) if descriptor else ""
    flags = _FLAGS.search(described)
    is_symbolic = flags is not None and int(flags[1]) & 4 != 0
    drawn: dict[int, str] = {}
    differences = _DIFFERENCES.search(encoding)
    program = None if differences else _PROGRAM.search(described)
    if program:
        for code, name in _OWN_CODE.findall((resources.stream(int(program[1]), MAX_BYTES) or b"")[:20_000]):
            _name(drawn, int(code), name.decode("latin-1"))
    elif (base in _LATIN and not is_symbolic) or (descriptor is None and _STANDARD.search(font)):
        drawn = {code: chr(code) for code in range(128) if chr(code).isalnum()}
    if differences:
        code = 0
        for number, name in _DIFFERENCE.findall(differences[1]):
            if number:
                code = int(number)
            else:
                drawn.pop(code, None)
                _name(drawn, code, name)
                code += 1
    return drawn


def _name(drawn: dict[int, str], code: int, name: str) -> None:
    if len(name) == 1 and name.isalpha() and name.isascii():
        drawn[code] = name
    elif name in _DIGITS:
        drawn[code] = str(_DIGITS.index(name))


def _said(content: bytes) -> dict[int, str]:
    """What a map to Unicode says of codes of one byte."""
    said: dict[int, str] = {}
    for block in _CHARS.findall(content):
        for code, meant in _CHAR.findall(block):
            said[int(code, 16)] = _text(meant)
    for block in _RANGES.findall(content):
        for first, last, meant, each in _RANGE.findall(block):
            codes = range(int(first, 16), int(last, 16) + 1)
            if meant and (text := _text(meant)):
                said |= {code: text[:-1] + chr(min(ord(text[-1]) + n, 0x10FFFF)) for n, code in enumerate(codes)}
            else:
                said |= {code: _text(one) for code, one in zip(codes, _HEX.findall(each), strict=False)}
    return said


def _text(digits: bytes) -> str:
    packed = b"".join(digits.split())
    return bytes.fromhex(packed[: len(packed) // 4 * 4].decode()).decode("utf-16-be", "replace")
