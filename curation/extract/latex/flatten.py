"""A paper as one TeX source, with the files that it reads in their places: for a reader that may open no file."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping

from curation.errors import PaperError
from curation.extract.latex.bundle import Bundle
from schemas import Reason

MAX_DEPTH = 30
MAX_CHARS = 32_000_000
"""As much as one file of an archive may hold: files that read each other twice and twice again grow without end."""
MAX_READS = 20_000
_ENDINPUT = re.compile(r"\\endinput(?![A-Za-z@])")
_COMMAND = re.compile(
    r"(?<!\\)%[^\n]*"
    r"|\\(?:input|include|subfile|subfileinclude)(?![A-Za-z@])\s*+(?:\{(?P<braced>[^{}\n]*)\}|(?P<bare>[^\s{}%\\]+))"
    r"|\\(?:sub)?(?:import|inputfrom|includefrom)\*?\s*+\{(?P<folder>[^{}\n]*)\}\s*+\{(?P<name>[^{}\n]*)\}"
    r"|\\usepackage\s*+(?:\[(?:[^\[\]]|\[[^\[\]]{0,100}\]){0,500}\]\s*+)?\{(?P<packages>[^{}]{0,500})\}"
)


def flatten(files: Mapping[str, bytes]) -> str:
    """The main file, with `\\input` and its kin replaced by the files that they name, as far as the paper holds them.

    Style files of the paper's own stand before the `\\usepackage` that names them. What the paper does not hold stays as it
    stands: the reader knows it, or leaves it out.

    Raises:
        PaperError: NO_MAIN_FILE; TOO_LARGE past MAX_CHARS.
    """
    bundle = Bundle(files)
    return _Flattener(bundle).read(bundle.main, ())


class _Flattener:
    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self.chars = self.reads = 0

    def read(self, path: str, above: tuple[str, ...]) -> str:
        text = self.bundle.text(path)
        if above:  # TeX ends a file that it reads here, and each file with a line end
            text = _ENDINPUT.split(text, maxsplit=1)[0] + "\n"
        self.chars += len(text)
        self.reads += 1
        if self.chars > MAX_CHARS or self.reads > MAX_READS:
            raise PaperError(Reason.TOO_LARGE, f"more than {MAX_CHARS} characters with the files that the paper reads")
        return _COMMAND.sub(lambda match: self._replaced(match, (*above, path)), text)

    def _replaced(self, match: re.Match[str], above: tuple[str, ...]) -> str:
        if (packages := match["packages"]) is not None:
            styles = [self._file(name, "sty", above) for name in packages.split(",")]
            return "\n".join([*(style for style in styles if style is not None), match[0]])
        if match["name"] is not None:
            name = posixpath.join(match["folder"], match["name"])
        else:
            name = match["braced"] or match["bare"] or ""
        found = self._file(name, "tex", above) if name else None
        return match[0] if found is None else found

    def _file(self, name: str, kind: str, above: tuple[str, ...]) -> str | None:
        found = self.bundle.find(name, kind)
        if found is None or found[0] in above or len(above) > MAX_DEPTH:
            return None
        return self.read(found[0], above)
