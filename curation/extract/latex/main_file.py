"""Which file of a bundle is the paper: the one that arXiv's 00README names, else the one that looks most like a paper."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Collection, Mapping, Sequence

from curation.errors import PaperError
from curation.sources.kinds import TEX_SUFFIXES
from curation.sources.paper_names import COMPANIONS
from curation.sources.withdrawal import is_ignored
from schemas import Reason

MAX_README_BYTES = 64 << 10
_TEX_SIGNS = re.compile(
    rb"\\(?:documentclass|documentstyle|begin\s*\{document\}|section|input\b|bye\b|magnification|font\\)"
)
_NOT_PAPER = (*COMPANIONS, ".def", ".fd", ".ldf", ".ps", ".pdf", ".csv", ".dat", ".json", ".gz", ".zip", ".ind", ".bbx", ".cbx",
              ".lbx", ".glo", ".gls", ".ist", ".md", ".html", ".xml")  # fmt: skip

_OTHER_CLASS = re.compile(
    rb"\\documentclass\s*+(?:\[[^\]]{0,2000}\]\s*+)?\{(?:standalone|subfiles|beamer|letter|scrlttr2|minimal)\}"
)
_INPUT = re.compile(rb"\\(?:input|include|subfile)\s*+(?:\{\s*+)?([^\s{}%\\]+)")
_MAX_PARTS = 1000
"""Files that are looked at for what a paper and its parts say together; more say nothing of it."""
_BEGINNING = 3000
"""Bytes behind \\begin{document} in which a letter says what it is; a paper thanks its referee at its end."""
_LETTER = re.compile(
    rb"dear\s+(?:\w+\s+)?(?:editor|referee|reviewer|colleague|dr\b|prof)|\b(?:reply|replies|response|responses|answers?)\s+to\s+"
    rb"(?:the\s+)?(?:\w+\s+)?(?:referee|reviewer|editor|report|comment)|\b(?:we|i)\s+(?:would\s+like\s+to\s+)?(?:hereby\s+)?"
    rb"(?:re)?submit\w*\s+(?:our|the|this)\b|\b(?:referee|reviewer)(?:\s+(?:\#\s*)?\d)?(?:'s)?\s+(?:report|comment)",
    re.IGNORECASE,
)
_SUPPLEMENT = re.compile(
    rb"\\title\s*+(?:\[[^\]]{0,500}\])?\s*+\{[^{}]{0,200}?\b(?:supplement\w*|supporting\s+information|online\s+material)",
    re.IGNORECASE,
)
_ANSWERS = frozenset((
    "response", "responses", "referee", "referees", "reviewer", "reviewers", "cover", "coverletter", "rebuttal", "reply",
    "replies", "answer", "answers", "diff", "difference", "latexdiff", "changes", "supp", "suppl", "supplement",
    "supplementary", "supplemental", "supplementals", "si", "template", "sample", "example", "cv", "poster", "slides", "talk",
    "highlights", "checklist",
))  # fmt: skip
"""Words of the names of what lies beside papers."""
_EARLIER = frozenset((
    "old", "older", "bak", "backup", "orig", "original", "copy", "prev", "previous", "earlier", "outdated", "deprecated",
    "unused", "archive", "archived", "draft", "tmp", "temp", "test", "save", "saved",
))  # fmt: skip
"""Words of the names of a paper's earlier states."""
_USUAL = frozenset({"ms", "main", "paper", "article", "manuscript"})


def main_file(files: Mapping[str, bytes]) -> str:
    """The name of the paper's own file.

    Raises:
        PaperError: NO_MAIN_FILE: none is TeX.
    """
    listed, ignored = readme_choice(files)
    if listed:
        return listed
    candidates = [name for name in files if name not in ignored and is_tex(name, files[name])]
    candidates = [name for name in candidates if not is_ignored(files[name])] or candidates
    if not candidates:
        raise PaperError(Reason.NO_MAIN_FILE, "no file of the bundle is TeX")
    parts = {name: _included(name, files) for name in candidates}
    lives = {name: _live(files[name]) for name in candidates}
    said = {name: _said(live) for name, live in lives.items()}
    are_parts = set().union(*parts.values())

    def score(name: str) -> float:
        own = _score(lives[name]) + _score_of_name(name, files) - (5 if name in are_parts else 0)
        return own + _score_of_text([said[part] for part in _with_parts(name, parts)])

    return max(candidates, key=lambda name: (score(name), name))


def is_tex(path: str, data: bytes) -> bool:
    """Whether a file may hold the paper: .tex, or no known extension and TeX inside."""
    lower = path.lower()
    if lower.endswith(_NOT_PAPER) or "__macosx" in lower or posixpath.basename(lower).startswith("._"):
        return False
    if lower.endswith(TEX_SUFFIXES):
        return True
    head = data[:100_000]
    return b"\x00\x00" not in head[:2_000] and _TEX_SIGNS.search(head) is not None


def _included(name: str, files: Mapping[str, bytes]) -> set[str]:
    """Files that one \\inputs: parts, not papers."""
    found: set[str] = set()
    for match in _INPUT.finditer(files[name][:2_000_000]):
        given = match.group(1).decode("utf-8", "ignore")
        for path in (given, f"{given}.tex"):
            beside = posixpath.normpath(posixpath.join(posixpath.dirname(name), path))
            found.update(p for p in (beside, posixpath.normpath(path)) if p in files and p != name)
    return found


def _with_parts(name: str, parts: Mapping[str, Collection[str]]) -> list[str]:
    """A file, its parts and theirs, as far as they are TeX and there are no more than `_MAX_PARTS`."""
    found: dict[str, None] = {name: None}
    for one in (queue := [name]):
        new = sorted(part for part in parts[one] if part in parts and part not in found)
        queue += new
        found |= dict.fromkeys(new)
        if len(found) > _MAX_PARTS:
            break
    return list(found)


def _live(data: bytes) -> bytes:
    """A text without its comments."""
    return re.sub(rb"(?<!\\)%[^\n]*", b"", data[:3_000_000])


def _score(live: bytes) -> float:
    """How much a file looks like the paper itself, by its own text."""
    score = 0.0
    if re.search(rb"\\document(?:class|style)", live):
        score += 4 if _OTHER_CLASS.search(live) else 10
    begin = re.search(rb"\\begin\s*\{document\}", live)
    if begin:
        score += 10
    if b"\\bye" in live or re.search(rb"\\(?:magnification|input\s+(?:harvmac|lanlmac|phyzzx|amstex|mn)\b)", live):
        score += 5
    if _LETTER.search(live, begin.end() if begin else 0, (begin.end() if begin else 0) + _BEGINNING):
        score -= 6
    if _SUPPLEMENT.search(live):
        score -= 3
    if b"\\DIFadd" in live and b"\\DIFdel" in live:
        score -= 2
    return score


def _said(live: bytes) -> tuple[bool, bool, int]:
    """Whether a file has sections or a title, whether it has an abstract, and its length."""
    has_section = re.search(rb"\\(?:section|chapter|newsec|title)\b", live) is not None
    has_abstract = re.search(rb"\\(?:begin\s*\{abstract\}|abstract\b|Abstract\b)", live) is not None
    return has_section, has_abstract, len(live)


def _score_of_text(said: Sequence[tuple[bool, bool, int]]) -> float:
    """The same by what a file says together with its parts; ties go to the longer one."""
    has_section, has_abstract = any(one[0] for one in said), any(one[1] for one in said)
    return has_section + 2 * has_abstract + min(sum(one[2] for one in said), 10**6) / 10**6


def _score_of_name(name: str, files: Mapping[str, bytes]) -> float:
    """What a file is called, and what lies beside it: arXiv asks for a .bbl of the paper's name."""
    stem = posixpath.splitext(name)[0]
    words = re.findall(r"[a-z]+|\d+", posixpath.basename(stem).lower())
    score = 0.0
    if not _ANSWERS.isdisjoint(words) or re.search(r"response|referee|rebuttal|supplement", "".join(words)):
        score -= 3
    if not _EARLIER.isdisjoint(words):
        score -= 3
    if name.lower().startswith("anc/"):  # ancillary files: https://info.arxiv.org/help/ancillary_files.html
        score -= 5
    score -= 0.1 * name.count("/")
    if f"{stem}.bbl" in files:
        score += 2
    if not _USUAL.isdisjoint(words):
        score += 0.5
    if version := re.search(r"v(\d{1,2})$", posixpath.basename(stem).lower()):
        score += 0.01 * (int(version[1]) - 1)  # the first is no later than one without a number
    return score


def readme_choice(files: Mapping[str, bytes]) -> tuple[str | None, set[str]]:
    """What arXiv's 00README says: the main file, the first where it names several, and the files that are none of the paper.

    Old ones have lines `file.tex toplevelfile` and `file ignore`, new ones are JSON or YAML with `sources: [{filename, usage}]`
    (https://info.arxiv.org/help/00README.html). One that cannot be read says nothing, and a file
    that is not there, or no TeX, is none that it may choose.
    """
    main: str | None = None
    ignored: set[str] = set()
    for path in sorted(files):
        if not posixpath.basename(path).lower().startswith("00readme") or len(files[path]) > MAX_README_BYTES:
            continue
        for given, usage in _usages(files[path].decode("utf-8-sig", "replace")):
            name = _found(given, posixpath.dirname(path), files)
            if name is None:
                continue
            if usage in ("toplevel", "toplevelfile") and main is None and _may_be_main(name, files[name]):
                main = name
            elif usage == "ignore":
                ignored.add(name)
    return main, ignored


def _usages(text: str) -> list[tuple[str, str]]:
    """File and usage, as a 00README names them."""
    if (sources := _sources(text)) is not None:
        given = [(source.get("filename"), source.get("usage")) for source in sources if isinstance(source, dict)]
        return [(name, usage.lower()) for name, usage in given if isinstance(name, str) and isinstance(usage, str)]
    found = []
    for words in map(str.split, text.splitlines()):
        found += [(words[0], word.lower()) for word in words[1:]]
        found += [(" ".join(words[:-1]), words[-1].lower())] if len(words) > 2 else []  # a name with blanks
    return found


def _sources(text: str) -> list[object] | None:
    """`sources` of a text that is JSON or YAML; None for lines of the old form."""
    import yaml  # few papers have such a file

    try:
        value = json.loads(text) if text.lstrip().startswith("{") else yaml.safe_load(text)
    except (ValueError, RecursionError, yaml.YAMLError):
        return None
    sources = value.get("sources") if isinstance(value, dict) else None
    return sources if isinstance(sources, list) else None


def _found(given: str, folder: str, files: Collection[str]) -> str | None:
    for base in dict.fromkeys((folder, "")):
        path = posixpath.normpath(posixpath.join(base, given)) if given else ""
        for name in (path, f"{path}.tex"):
            if name in files:
                return name
    return None


def _may_be_main(name: str, data: bytes) -> bool:
    return is_tex(name, data) and not is_ignored(data)
