"""LaTeX by pandoc, where it is installed: asked only when our own reading is doubted or gives nothing.

pandoc gives nothing at all for one error in a paper, so it is no first choice; what it does give is read with the same
self-check. It is told to open no file (`--sandbox`, pandoc 2.15 and newer), so it gets the paper as one source, has a
heap limit, and never runs TeX. The process that starts it is confined, and so is pandoc.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from curation.confine.ended import run_program
from curation.errors import PaperError
from curation.extract.latex.flatten import flatten
from curation.extract.markdown_parts import read_markdown
from curation.extract.result import Extracted
from schemas import Reason

MAX_S = 20
MAX_HEAP_MB = 2048
ENVIRONMENT = {"LC_ALL": "C.UTF-8", "PATH": os.defpath}
"""All that a program that reads a paper knows of this machine."""
_FORMAT = "markdown-raw_tex-raw_html-native_divs-native_spans-header_attributes-fenced_divs-bracketed_spans-link_attributes-simple_tables-grid_tables-multiline_tables"
_FIGURE = re.compile(r"^!\[([^\n]+)\]\([^()\n]*\)$", re.MULTILINE)
_NOTE = re.compile(r"^\[\^(\w+)\]: ([^\n]+)$\n*", re.MULTILINE)
_NOTE_MARK = re.compile(r"\[\^(\w+)\]")
_DISPLAY = re.compile(r"\$\$.+?\$\$", re.DOTALL)


@cache
def find_pandoc() -> str | None:
    """The program on the path, or the one inside the package pypandoc-binary; None when there is neither."""
    if program := shutil.which("pandoc"):
        return program
    package = importlib.util.find_spec("pypandoc")
    bundled = Path(package.origin).parent / "files" / "pandoc" if package and package.origin else None
    return str(bundled) if bundled is not None and bundled.is_file() else None


@cache
def pandoc_version() -> str:
    """Version of pandoc for the fingerprint; "none" without it."""
    program = find_pandoc()
    if program is None:
        return "none"
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    return said.split("\n")[0].split()[-1]


def extract_pandoc(files: Mapping[str, bytes], max_memory_mb: int = MAX_HEAP_MB) -> Extracted:
    """The paper as pandoc reads it: one source by standard input (pandoc opens no file), no environment.

    Args:
        files: relative POSIX path -> bytes.
        max_memory_mb: bound of its heap.

    Raises:
        PaperError: NO_MAIN_FILE; TIMEOUT or STALLED after 20 s; KILLED; EXTRACT_ERROR when pandoc gives nothing, with what
            it said.
    """
    program = find_pandoc()
    if program is None:
        raise PaperError(Reason.EXTRACT_ERROR, "pandoc is not installed")
    source = flatten(files).encode("utf-8", "replace")
    command = [program, "+RTS", f"-M{max_memory_mb}m", "-RTS", "--sandbox", "--standalone", "--wrap=none"]
    command += ["--from=latex", f"--to={_FORMAT}", "--shift-heading-level-by=1"]
    done = run_program(command, source, MAX_S, ENVIRONMENT)
    text = done.stdout.decode("utf-8", errors="replace")
    if done.returncode != 0 or not text.strip():
        said = done.stderr.decode("utf-8", errors="replace").strip()[:200]
        raise PaperError(Reason.EXTRACT_ERROR, f"pandoc gave nothing: {said}")
    title, abstract, body = _front(_with_inline_notes(text))
    parts = read_markdown(_FIGURE.sub(r"**Figure.** \1", body), title=title, abstract=abstract)
    return Extracted.of(parts, "pandoc", n_equations=len(_DISPLAY.findall(body)))


def _with_inline_notes(text: str) -> str:
    """`[^1]` with the note that pandoc puts at the end, as `^[note]` in its place."""
    notes = {note[1]: note[2] for note in _NOTE.finditer(text)}
    return _NOTE_MARK.sub(lambda mark: f"^[{notes[mark[1]]}]" if mark[1] in notes else mark[0], _NOTE.sub("", text))


def _front(text: str) -> tuple[str | None, str | None, str]:
    """Title and abstract of the YAML block that pandoc puts first, and the rest."""
    if not text.startswith("---\n") or (end := text.find("\n---\n", 4)) < 0:
        return None, None, text
    import yaml

    try:
        front = yaml.safe_load(text[4:end])
    except yaml.YAMLError:
        front = None
    body = text[end + 5 :]
    if not isinstance(front, dict):
        return None, None, body
    title, abstract = (front.get(name) for name in ("title", "abstract"))
    return (
        " ".join(title.split()) if isinstance(title, str) else None,
        abstract.strip() if isinstance(abstract, str) else None,
        body,
    )
