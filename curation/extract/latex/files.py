"""Files that a paper reads: `\\input` and its kin, and where they end."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from curation.extract.latex.lexer import END, PAR, SPACE
from curation.extract.latex.packages import FORMAT_FILE, KNOWN_FILES, read_definitions

if TYPE_CHECKING:
    from curation.extract.latex.stomach import Stomach


def input_(tex: Stomach, name: str) -> None:
    """`\\input{x}`, `\\input x`, `\\include`, `\\subfile`, `\\import{dir}{x}`."""
    if name in ("\\import", "\\subimport", "\\inputfrom", "\\includefrom", "\\subinputfrom"):
        folder = tex.read_name()
        target = folder.rstrip("/") + "/" + tex.read_name()
    elif tex.skip_spaces() == "{":
        target = tex.read_name()
    else:
        target = _bare_name(tex)
    target = target.strip().strip('"')
    if name == "\\include":
        if tex.included_only is not None and target.removesuffix(".tex") not in tex.included_only:
            return
        tex.flush()  # a page ends before it and after it
        tex.pb.append(PAR)
    read_file(tex, target)


def include_only(tex: Stomach, name: str) -> None:
    """`\\includeonly{a,b}`: other files are not read by `\\include`."""
    tex.included_only = frozenset(part.strip().removesuffix(".tex") for part in tex.read_name().split(","))


def _bare_name(tex: Stomach) -> str:
    """`\\input file ` as in plain TeX: up to a blank."""
    out: list[str] = []
    while True:
        tok = tex.next()
        if tok[0] == "\\" or tok in ("{", "}", END, "$", SPACE):
            if tok != SPACE:
                tex.pb.append(tok)
            break
        m = re.match(r"\S+", tok)
        if not m:
            break
        out.append(m.group(0))
        if m.end() < len(tok):
            tex.pb.append(tok[m.end() :])
            break
    return "".join(out)


def read_file(tex: Stomach, target: str) -> None:
    """Read a file of the bundle where it is called; a file that calls itself is left alone."""
    if not target or KNOWN_FILES.fullmatch(target.removesuffix(".tex")):
        return
    if m := FORMAT_FILE.fullmatch(target):
        tex.use_format(m.group(1))
    found = tex.find_file(target, "tex")
    if found is None:
        if not FORMAT_FILE.fullmatch(target):
            tex.missing_files.append(target)
        return
    path, src = found
    if FORMAT_FILE.fullmatch(target):
        read_definitions(tex, path, src)
        return
    if any(m.name == path for _, m in tex.frames) or tex.mouth.name == path or len(tex.frames) > 30:
        tex.warn("file includes itself")
        return
    if path in tex.files_read:
        tex.n_reread += len(src) + _CHARS_PER_READING
        if tex.n_reread > tex.options.max_reread_chars:
            tex.warn("files are read again and again: from here on each is read once")
            return
    tex.files_read.add(path)
    if path.endswith((".sty", ".cls", ".clo", ".def", ".cfg")):
        read_definitions(tex, path, src)
        return
    m = _SUBFILE.search(src)
    if m and tex.in_body:
        # a subfile or standalone: only what stands inside its own document
        ends = (found.start() for found in _COMMENT_OR_END.finditer(src, m.end()) if found.group(1))
        src = src[m.end() : next(ends, len(src))]
    tex.open(path, src)


_CHARS_PER_READING = 100
"""What opening a file counts, however little it holds."""
_COMMENT_OR_END = re.compile(r"%[^\n]*|(\\end\s*\{document\})|\\[^\n]")
_SUBFILE = re.compile(r"^[^%\n]*\\begin\s*\{document\}", re.M)


def endinput(tex: Stomach, name: str) -> None:
    """`\\endinput`: the file ends with this line."""
    mouth = tex.mouth
    behind = mouth.src.rfind("\\endinput", 0, mouth.pos)
    end = mouth.src.find("\n", max(behind, 0))
    if end >= 0:
        mouth.src = mouth.src[: max(end, mouth.pos)]


def if_file_exists(tex: Stomach, name: str) -> None:
    """`\\IfFileExists{file}{yes}{no}`: only files of the bundle exist."""
    target = tex.read_name()
    yes, no = tex.read_arg(), tex.read_arg()
    tex.push(yes if tex.find_file(target, "tex") or tex.find_file(target, "any") else no)


def variable(tex: Stomach, name: str) -> None:
    """showyourwork's `\\variable{output/x.txt}`: the number that the pipeline wrote, `??` where its file is absent.

    An absent .tex is a table or a listing, not a number in a sentence: nothing stands for it.
    """
    target = tex.read_name()
    found = tex.find_file(target, "any")
    if found is None:
        tex.missing_files.append(target)
        if not target.endswith(".tex"):
            tex.parts.append("??")
    elif len(found[1]) < 5_000:
        tex.push_text(found[1].strip())
