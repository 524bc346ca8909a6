"""The bundle: which file is the paper, what its bytes say, where an \\input leads."""

from __future__ import annotations

import codecs
import json
import posixpath
import re
from collections.abc import Mapping

from curation.errors import PaperError
from curation.sources.withdrawal import is_ignored
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
_TEX_SIGNS = re.compile(
    rb"\\(?:documentclass|documentstyle|begin\s*\{document\}|section|input\b|bye\b|magnification|font\\)"
)
_NOT_PAPER = (".sty", ".cls", ".bst", ".bbl", ".bib", ".clo", ".def", ".cfg", ".fd", ".aux", ".log", ".toc", ".out", ".ldf",
              ".eps", ".ps", ".pdf", ".png", ".jpg", ".jpeg", ".gif", ".py", ".csv", ".dat", ".json", ".gz", ".zip", ".ind",
              ".bbx", ".cbx", ".lbx", ".glo", ".gls", ".ist", ".md", ".html", ".xml", ".yml", ".ipynb", ".sh")  # fmt: skip
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

    # ------------------------------------------------------------ main file
    def _choose(self, main: str | None) -> str:
        if main is not None:
            path = posixpath.normpath(main)
            if path in self.files:
                return path
            raise PaperError(Reason.NO_MAIN_FILE, f"{main} is not in the bundle")
        listed, ignored = readme_choice(self.files)
        if listed:
            return listed
        candidates = [k for k in self.files if k not in ignored and is_tex(k, self.files[k])]
        candidates = [k for k in candidates if not is_ignored(self.files[k])] or candidates
        if not candidates:
            raise PaperError(Reason.NO_MAIN_FILE, "no file of the bundle is TeX")
        included = self._included(candidates)
        return max(candidates, key=lambda k: (_score(k, self.files[k]) - (5 if k in included else 0), k))

    def _included(self, candidates: list[str]) -> set[str]:
        """Files that others \\input: parts, not papers."""
        names: set[str] = set()
        for k in candidates:
            for m in re.finditer(
                rb"\\(?:input|include|subfile)\s*+(?:\{\s*+)?([^\s{}%\\]+)", self.files[k][:2_000_000]
            ):
                name = m.group(1).decode("utf-8", "ignore")
                for path in (name, name + ".tex"):
                    full = posixpath.normpath(posixpath.join(posixpath.dirname(k), path))
                    for p in (full, posixpath.normpath(path)):
                        if p in self.files and p != k:
                            names.add(p)
        return names


def is_tex(path: str, data: bytes) -> bool:
    """Whether a file may hold the paper: .tex, or no known extension and TeX inside."""
    lower = path.lower()
    if lower.endswith(_NOT_PAPER) or "__macosx" in lower or posixpath.basename(lower).startswith("._"):
        return False
    if lower.endswith((".tex", ".ltx", ".latex")):
        return True
    head = data[:100_000]
    return b"\x00\x00" not in head[:2_000] and _TEX_SIGNS.search(head) is not None


def _score(path: str, data: bytes) -> float:
    """How much a file looks like the paper itself; ties go to the longer one."""
    live = re.sub(rb"(?<!\\)%[^\n]*", b"", data[:3_000_000])
    score = 0.0
    if re.search(rb"\\document(?:class|style)", live):
        score += 10
        if re.search(
            rb"\\documentclass\s*+(?:\[[^\]]{0,2000}\]\s*+)?\{(?:standalone|subfiles|beamer|letter|scrlttr2|minimal)\}",
            live,
        ):
            score -= 6
    if re.search(rb"\\begin\s*\{document\}", live):
        score += 10
    if b"\\bye" in live or re.search(rb"\\(?:magnification|input\s+(?:harvmac|lanlmac|phyzzx|amstex|mn)\b)", live):
        score += 5
    if re.search(rb"\\(?:section|chapter|newsec|title)\b", live):
        score += 1
    name = posixpath.basename(path).lower()
    if re.search(
        r"respon|referee|cover|rebuttal|reply|letter|diff|supp|template|sample|example|cv\b|poster|slides", name
    ):
        score -= 3
    if b"\\DIFadd" in live and b"\\DIFdel" in live:
        score -= 2
    return score - 0.1 * path.count("/") + min(len(live), 10**6) / 10**6


def readme_choice(files: Mapping[str, bytes]) -> tuple[str | None, set[str]]:
    """arXiv's 00README (text lines `file.tex toplevelfile`, or JSON/YAML-like `sources`): main file and ignored files."""
    main: str | None = None
    ignored: set[str] = set()
    for path, data in files.items():
        name = posixpath.basename(path).lower()
        if not name.startswith("00readme"):
            continue
        text = data.decode("utf-8", "replace")
        if text.lstrip().startswith("{"):
            try:
                parsed = json.loads(text)
            except ValueError:
                continue
            sources = parsed.get("sources") if isinstance(parsed, dict) else None
            for source in sources if isinstance(sources, list) else []:
                if not isinstance(source, dict):
                    continue
                filename, usage = str(source.get("filename", "")), source.get("usage")
                if usage == "toplevel" and main is None and filename in files:
                    main = filename
                elif usage == "ignore":
                    ignored.add(filename)
            continue
        for line in text.splitlines():
            words = line.split()
            if len(words) >= 2 and words[0] in files:
                if words[1].lower() == "toplevelfile" and main is None:
                    main = words[0]
                elif words[1].lower() == "ignore":
                    ignored.add(words[0])
    return main, ignored
