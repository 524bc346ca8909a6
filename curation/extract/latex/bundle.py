"""The bundle: which file is the paper, what its bytes say, where an \\input leads."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import replace

from curation.errors import PaperError
from curation.extract.latex.encodings import declared_encoding, decode_tex, likely_encodings
from curation.extract.latex.main_file import main_file
from curation.text.encoding import Decoded, is_unreadable
from schemas import Reason

_PRIVATE = re.compile("[\ue000-\ue00f\x00-\x08\x0b\x0e-\x1f\x7f]")


def decode(data: bytes, default: str = "", likely: tuple[str, ...] = ()) -> Decoded:
    """Bytes of a TeX file as text; control characters and our private marks are removed, line ends become `\\n`."""
    found = decode_tex(data, default, likely)
    text = found.text
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return replace(found, text=_PRIVATE.sub("", text))


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
        self.likely = likely_encodings(self.files[self.main])
        self.doubtful: dict[str, tuple[int, int]] = {}
        """Of files: characters of unknown meaning, and the line of the first."""
        self.root = posixpath.dirname(self.main)

    def text(self, path: str) -> str:
        """A file as text."""
        if path not in self._text:
            found = decode(self.files[path], self.encoding, self.likely)
            self._text[path] = found.text
            if found.doubtful:
                self.doubtful[path] = (found.doubtful, found.text.partition("\ufffd")[0].count("\n") + 1)
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

    def check_encodings(self) -> None:
        """Raise where nothing tells what a paper's bytes mean.

        Raises:
            PaperError: UNREADABLE: more than a name or two is in an unknown encoding.
        """
        doubtful = {k: n for k, (n, _) in self.doubtful.items() if not k.lower().endswith((".bib", ".sty", ".cls"))}
        n, size = sum(doubtful.values()), sum(map(len, self._text.values()))
        if is_unreadable(n, size):
            name = max(doubtful, key=lambda path: doubtful[path])
            raise PaperError(
                Reason.UNREADABLE,
                f"{name}: neither inputenc, class, packages nor letters tell the encoding of {doubtful[name]} bytes",
            )

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
