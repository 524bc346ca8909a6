"""Foreign XML, parsed and walked: a document type is refused, so there are no entities; nothing is fetched; deep trees and texts
over 10 MB are refused by libxml2. Bytes that are no UTF-8 and characters that XML forbids are replaced, and counted."""

from __future__ import annotations

import re

from lxml import etree

from curation.errors import BrokenAnswerError

MAX_MARKS = 1_000_000
"""Of tags and of attributes, each of which takes 100 times its bytes in memory. A page of arXiv has 100,000."""
REPLACEMENT = "\ufffd"
_END = re.compile(rb"</(?:\w+:)?OAI-PMH\s*>\s*\Z")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_REFERENCE = re.compile(r"&#(x[0-9a-fA-F]{1,8}|[0-9]{1,10});")


def root_of(body: bytes) -> tuple[etree._Element, int]:
    """The root, and how many characters had to be replaced before it could be read.

    Raises:
        BrokenAnswerError: it cannot be read; in words.
    """
    if body.count(b"<") > 2 * MAX_MARKS or body.count(b"=") > MAX_MARKS:
        raise BrokenAnswerError(f"it has over {MAX_MARKS:,} tags or attributes; no page has as many")
    try:
        return _parsed(body), 0
    except etree.XMLSyntaxError as error:
        if not body.strip():
            raise BrokenAnswerError("it is empty") from error
        if b"<html" in body[:2000].lower():
            raise BrokenAnswerError("it is a page for people (HTML), not an answer") from error
        if not _END.search(body[-200:]):
            raise BrokenAnswerError(f"it is cut or no XML ({_words(error)})") from error
        text, count = _mended(body)
        if not count:
            raise BrokenAnswerError(f"it is no XML ({_words(error)})") from error
        try:
            return _parsed(text.encode()), count
        except etree.XMLSyntaxError as still:
            raise BrokenAnswerError(f"it is no XML ({_words(still)})") from still


def _parsed(body: bytes) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    root = etree.fromstring(body, parser)
    if root.getroottree().docinfo.doctype:
        if local(root).lower() == "html":
            raise BrokenAnswerError("it is a page for people (HTML), not an answer")
        raise BrokenAnswerError("it has a document type, which no answer of OAI-PMH has")
    return root


def _mended(body: bytes) -> tuple[str, int]:
    """The text with what cannot stand in XML replaced, and how many characters that were; the declaration is left out."""
    text = body.decode("utf-8-sig", "replace")
    count = text.count(REPLACEMENT) - body.count(REPLACEMENT.encode())
    text, forbidden = _FORBIDDEN.subn(REPLACEMENT, text)
    count += forbidden

    def written(match: re.Match[str]) -> str:
        nonlocal count
        code = int(match[1][1:], 16) if match[1].startswith("x") else int(match[1])
        if code <= 0x10FFFF and not _FORBIDDEN.match(chr(code)):
            return match[0]
        count += 1
        return REPLACEMENT

    text = _REFERENCE.sub(written, text)
    return re.sub(r"\A\s*<\?xml[^>]{0,200}\?>", "", text), count


def _words(error: etree.XMLSyntaxError) -> str:
    return (error.msg or "it cannot be parsed")[:200]


def local(element: etree._Element) -> str:
    """The name of an element without its namespace; empty for what is no element."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def children(element: etree._Element, name: str) -> list[etree._Element]:
    """The children of a name, in any namespace."""
    return [child for child in element if local(child) == name]


def child(element: etree._Element, name: str) -> etree._Element | None:
    """The first of them."""
    return next(iter(children(element, name)), None)


def texts(element: etree._Element, name: str, *, strip: bool = True) -> list[str]:
    """The texts of the children of a name, without empty ones."""
    found = ["".join(each.itertext()) for each in children(element, name)]
    return [text.strip() if strip else text for text in found if text.strip()]


def text(element: etree._Element, name: str) -> str | None:
    """The first of them."""
    return next(iter(texts(element, name)), None)
