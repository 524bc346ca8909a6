"""The bundle: which file is the paper, what its bytes say, where an \\input leads."""

from __future__ import annotations

import codecs
import posixpath
import re
from collections.abc import Mapping

from curation.errors import PaperError
from curation.extract.latex.main_file import main_file
from schemas import Reason

_CODECS = {
    "latin1": "latin-1", "latin9": "iso8859-15", "ansinew": "cp1252", "cp1252": "cp1252", "cp1250": "cp1250",
    "cp1251": "cp1251", "koi8-r": "koi8-r", "koi8-ru": "koi8-u", "koi8-u": "koi8-u", "latin2": "iso8859-2",
    "latin3": "iso8859-3", "latin4": "iso8859-4", "latin5": "iso8859-9", "applemac": "mac-roman", "cp850": "cp850",
    "cp437": "cp437", "cp866": "cp866", "iso88595": "iso8859-5", "utf8": "utf-8", "utf8x": "utf-8", "next": "latin-1",
}  # fmt: skip
_INPUTENC = re.compile(
    rb"\\(?:usepackage|RequirePackage)\s*+\[([^\]]{0,500})\]\s*+\{inputenc\}|\\inputencoding\{([^}]{0,500})\}"
)
_PRIVATE = re.compile("[\ue000-\ue00f\x00-\x08\x0b\x0e-\x1f\x7f]")


def decode(data: bytes, default: str = "") -> str:
    """Bytes to text: BOM, UTF-8, the encoding that inputenc declares, else cp1252 (latin-1 where that has holes).

    Control characters and our private marks are removed, line ends become `\\n`.
    """
    if data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) and len(data) > 2:
        text = data.decode("utf-16", "replace")
    else:
        if data[:3] == codecs.BOM_UTF8:
            data = data[3:]
        text = _decode(data, default)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _PRIVATE.sub("", text)


def _decode(data: bytes, default: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    for codec in (declared_encoding(data), default):
        if codec and codec != "utf-8":
            return data.decode(codec, "replace")
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return data.decode("latin-1")


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


class Bundle:
    """The files of one paper, decoded when first read."""

    def __init__(self, files: Mapping[str, bytes], main: str | None = None) -> None:
        self.files = {posixpath.normpath(k.replace("\\", "/")).lstrip("/"): v for k, v in files.items()}
        self._lower = {k.lower(): k for k in self.files}
        self._named: dict[str, list[str]] = {}
        for k in self.files:
            self._named.setdefault(posixpath.basename(k).lower(), []).append(k)
        self._text: dict[str, str] = {}
        self.main = self._choose(main)
        self.encoding = declared_encoding(self.files[self.main])
        self.root = posixpath.dirname(self.main)

    def text(self, path: str) -> str:
        """A file as text."""
        if path not in self._text:
            self._text[path] = decode(self.files[path], self.encoding)
        return self._text[path]

    def find(self, name: str, kind: str) -> tuple[str, str] | None:
        """The file that TeX would read under this name: beside the main file, with the extension of its kind."""
        if kind == "bbl":
            return self._bbl()
        suffixes = {
            "tex": ("", ".tex", ".TEX", ".ltx", ".txt"),
            "sty": (".sty",),
            "cls": (".cls",),
            "bib": (".bib", ""),
        }.get(kind, ("",))
        name = name.strip().strip('"')
        for base in dict.fromkeys((self.root, "")):
            for suffix in suffixes:
                path = posixpath.normpath(posixpath.join(base, name + suffix))
                real = path if path in self.files else self._lower.get(path.lower())
                if real is not None and not real.endswith((".pdf", ".eps", ".png", ".ps", ".jpg")):
                    return real, self.text(real)
        if kind in ("sty", "cls"):
            return None
        # \import and \graphicspath-like folders: the only file of that name
        tail = posixpath.basename(name).lower()
        hits = [k for suffix in dict.fromkeys(s.lower() for s in suffixes) for k in self._named.get(tail + suffix, ())]
        if tail and len(hits) == 1 and not hits[0].endswith((".pdf", ".eps", ".png", ".ps", ".jpg")):
            return hits[0], self.text(hits[0])
        return None

    def _bbl(self) -> tuple[str, str] | None:
        own = posixpath.splitext(self.main)[0] + ".bbl"
        if own in self.files:
            return own, self.text(own)
        others = [k for k in self.files if k.endswith(".bbl")]
        return (others[0], self.text(others[0])) if len(others) == 1 else None

    def read_texts(self) -> list[tuple[str, str]]:
        """The files that were read so far."""
        return list(self._text.items())

    def bib_files(self) -> list[str]:
        """Texts of all .bib files."""
        return [self.text(k) for k in sorted(self.files) if k.lower().endswith(".bib")]

    def _choose(self, main: str | None) -> str:
        if main is None:
            return main_file(self.files)
        path = posixpath.normpath(main)
        if path in self.files:
            return path
        raise PaperError(Reason.NO_MAIN_FILE, f"{main} is not in the bundle")
