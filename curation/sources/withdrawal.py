"""Whether a paper was withdrawn: in the words of its comments, and by what stands in the place of its source."""

from __future__ import annotations

import lzma
import re
import zlib

from curation.sources.kinds import as_utf8, unpacked_head

_NOUN = (
    r"(?:paper|article|manuscript|submission|preprint|e-?print|work|version|letter|note|draft|thesis|contribution)\b"
)
_MARKS = r"[\s\[(*\"']{0,5}"
_START = rf"(?:^|[.;:,!?*-] ?){_MARKS}"
# what may be read from many places has a bound, so that no comment takes quadratic time
_LATER = r"(?:(?!earlier|previous|first|old|original|former|initial)[\w-]{1,40} )?"
_ADVERB = r"\w{1,40}ly"
# out of a journal is not out of arXiv
_KEPT = r"(?!(?: by (?:the )?authors?)? from (?!(?:the )?(?:arxiv|archive|publication|public|e-?print|preprint)))"
WITHDRAWN = re.compile(
    # "paper withdrawn", "this paper has now been withdrawn": of itself, and of no earlier version
    rf"(?:{_START}(?:(?:the|our) )?|(?<!\bof )\bthis ){_LATER}{_NOUN} (?:\([^)]{{0,200}}\) )?(?:(?:has|have|is|was) )?"
    rf"(?:(?:now|hereby|therefore|been|being|{_ADVERB}) ){{0,8}}(?:withdrawn\b{_KEPT}|removed by arxiv)"
    # "the authors have withdrawn this paper"
    rf"|\b(?:authors?|we|i) (?:(?:have|has|are|is|hereby|now|decided to|wish to|would like to|{_ADVERB}) ){{0,8}}"
    rf"withdr(?:aw|aws|ew|awn|awing) (?:this|the|our) {_LATER}{_NOUN}{_KEPT}"
    # "withdrawn due to an error"
    rf"|(?:^|[.;] ?){_MARKS}withdrawn\b{_KEPT}",
    re.IGNORECASE,
)

IGNORED = b"%auto-ignore"
"""arXiv runs TeX on no file that begins so; where all do, nothing was submitted: the author withdrew the paper."""
MAX_NOTICE_WORDS = 100
"""A text with more is no notice of a withdrawal, whatever it says of one."""
MAX_NOTICE_BYTES = 16 << 10
"""Of a packed file that may be one."""
_DOCUMENT = re.compile(
    rb"^[^%\n]*\\(?:document(?:class|style)|begin\s*\{document\}|bye\b|end(?![A-Za-z{]))", re.MULTILINE
)


def is_ignored(data: bytes) -> bool:
    """Whether a TeX file is one that arXiv does not run TeX on, and holds no document: a stub, macros, a figure."""
    return data.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(IGNORED) and not _DOCUMENT.search(data)


def is_notice(text: str) -> bool:
    """Whether a text says that its paper is withdrawn, and nothing else."""
    folded = " ".join(re.sub(r"[%#*_]+", " ", text).replace("auto-ignore", " ").split())
    return len(folded.split()) <= MAX_NOTICE_WORDS and WITHDRAWN.search(folded) is not None


def is_withdrawal(data: bytes, name: str, kind: str) -> bool:
    """Whether a file of at most `MAX_NOTICE_BYTES`, TeX or text and perhaps packed, stands for a paper that was withdrawn."""
    if kind not in ("tex", "text"):
        return False
    try:
        text = as_utf8(unpacked_head(data, name)[0])
    except (zlib.error, lzma.LZMAError, OSError, EOFError):
        return False
    return is_ignored(text) or (not _DOCUMENT.search(text) and is_notice(text.decode("utf-8", "replace")))
