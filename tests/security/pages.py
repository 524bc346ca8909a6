"""Reads a card as a browser and the Hub would: what in it is a tag, an attribute, a link, a heading, and what is text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import yaml
from markdown_it import MarkdownIt


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


TAGS = _set(
    "html head meta title style body main header section div h1 h2 h3 h4 p ul li b span table thead tbody tr th td pre code"
    " svg g path rect text line defs clippath tspan circle"
)
ATTRIBUTES = _set(
    "lang charset name content http-equiv class style width height viewbox transform d fill stroke stroke-width x y x1 x2 y1 y2"
    " opacity font-size font-family font-weight text-anchor aria-hidden aria-label aria-roledescription role id xmlns"
    " xmlns:xlink version pointer-events clip-path display fill-opacity stroke-opacity stroke-miterlimit dy dx r cx cy"
)


@dataclass
class Page:
    """A page of HTML. `policy` is its Content-Security-Policy."""

    tags: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)
    policy: str = ""
    text: str = ""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Page()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.page.tags.add(tag)
        self.page.attributes |= {name for name, _ in attrs}
        if dict(attrs).get("http-equiv") == "Content-Security-Policy":
            self.page.policy = dict(attrs)["content"] or ""

    def handle_data(self, data: str) -> None:
        self.page.text += data

    def handle_comment(self, data: str) -> None:
        self.page.tags.add(f"comment {data[:40]}")

    def unknown_decl(self, data: str) -> None:
        self.page.tags.add(f"declaration {data[:40]}")


def read_html(text: str) -> Page:
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return reader.page


@dataclass
class Readme:
    """A README of the Hub. `active` is what is neither text nor a table: HTML, links, images, code."""

    header: dict[str, Any]
    headings: list[str]
    active: list[str]


def read_readme(text: str) -> Readme:
    match = re.match(r"---\n(.*?\n)---\n", text, re.DOTALL)
    assert match, text[:200]
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(text[match.end() :])
    inline = [child for token in tokens for child in token.children or []]
    wrong = ("html_block", "html_inline", "link_open", "image", "fence", "code_block")
    return Readme(
        header=yaml.safe_load(match[1]),
        headings=[b.content for a, b in pairwise(tokens) if a.type == "heading_open"],
        active=[f"{t.type}: {t.content or t.attrs}" for t in (*tokens, *inline) if t.type in wrong],
    )
