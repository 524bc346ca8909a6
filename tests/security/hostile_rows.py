"""Rows of data files that are odd, plain text that would be code elsewhere, titles that would be markup in a card."""

from __future__ import annotations

import json
import pickle
from collections.abc import Mapping
from io import BytesIO
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.security.hostile import Hostile, file, folder, touch
from tests.security.planted import Planted
from tests.security.prose import paper, paragraphs

ESCAPES = "\x1b]0;owned\x07\x1b[2J\x1b[31m\x9b32m\x1bP+q\x1b\\\x00\x08\r"


class _Opens:
    """Unpickled, it makes a file."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return open, (self.path, "w")


def text_of(name: str) -> str:
    """Prose without line breaks, which may stand between quotes of JSON."""
    return " ".join(paragraphs(name))


def rows(planted: Planted) -> list[Hostile]:
    """JSONL and Parquet."""
    vault, text = str(planted.stems[0]), text_of
    odd: list[str] = [
        json.dumps({"id": "../../../../etc/passwd", "text": text("row up")}),
        json.dumps({"id": vault, "text": text("row vault"), "member": vault, "pdf_member": "/etc/passwd", "source": ".."}),
        json.dumps({"id": "tex", "text": rf"\lstinputlisting{{/proc/self/environ}} \input{{{vault}}} " + text("row tex")}),
        json.dumps({"id": f"escapes{ESCAPES}", "text": text("row escapes") + ESCAPES, "title": f"Escapes {ESCAPES}"}),
        json.dumps({"id": "x" * 100_000, "text": text("row long id")}),
        json.dumps({"id": 10**400, "text": text("row number")}),
        json.dumps({"id": "types", "text": text("row types"), "title": {"a": 1}, "authors": [[]], "date": 10**30, "license": {"$ref": vault}}),
        json.dumps({"id": "dates", "text": text("row dates"), "date": "99999-99-99", "version": 10**30, "is_journal": "yes", "work_id": []}),
        json.dumps({"id": "nan", "text": text("row nan"), "version": float("nan"), "score": float("inf")}),
        json.dumps({"id": "no text", "text": ["x"]}),
        '{"id": "surrogate \\ud800", "text": "\\udfff ' + text("row surrogate") + '"}',
        '{"id": "deep", "text": "x", "authors": ' + "[" * 100_000 + "]" * 100_000 + "}",
        '{"id": "double", "id": "double 2", "text": "x", "text": "' + text("row double") + '"}',
        '{"__proto__": {"id": "p"}, "id": "proto", "text": "' + text("row proto") + '"}',
        '["no object"]',
        '{"id": "broken',
    ]  # fmt: skip
    marks = {"id": "marks", "text": "a" + "\u0301\u0316" * 50_000}
    return [
        file("rows", "rows-odd.jsonl", "\n".join(odd) + "\n", len(odd)),
        file("rows", "rows-marks.jsonl", json.dumps(marks, ensure_ascii=False) + "\n"),
        file("rows", "rows-pickle.parquet", _parquet_with_code(planted)),
        file("rows", "rows-nested.parquet", _parquet({"id": [["a"]], "text": [{"x": "y"}]})),
        file("rows", "rows-dates.parquet", _parquet({"id": ["d"], "text": [text("dates")], "date": pa.array([2**62], pa.timestamp("us"))})),
        file("rows", "rows-footer.parquet", b"PAR1" + bytes(100) + b"\xff\xff\xff\x7fPAR1"),
        file("rows", f"rows-{ESCAPES.replace(chr(0), '')}.jsonl", json.dumps({"id": "n", "text": text("row name")}) + "\n"),
    ]  # fmt: skip


def _parquet(columns: Mapping[str, Any], schema: pa.Schema | None = None) -> bytes:
    sink = BytesIO()
    pq.write_table(pa.table(dict(columns), schema=schema), sink)
    return sink.getvalue()


def _parquet_with_code(planted: Planted) -> bytes:
    """Columns of Arrow's old extension type, whose metadata was once unpickled on reading (CVE-2023-47248)."""
    code = pickle.dumps(_Opens(str(planted.canary)))
    metadata = {"ARROW:extension:name": "arrow.py_extension_type", "ARROW:extension:metadata": code}
    fields = [pa.field("id", pa.string()), pa.field("text", pa.string()), pa.field("x", pa.int32(), metadata=metadata)]
    return _parquet({"id": ["p"], "text": [text_of("pickle")], "x": [1]}, pa.schema(fields))


def texts(planted: Planted) -> list[Hostile]:
    """Plain text, pickles, scripts and pages under the names of papers."""
    code = pickle.dumps(_Opens(str(planted.canary)), protocol=0)
    prose = text_of("texts")
    contents: dict[str, bytes | str] = {
        "escapes.txt": f"{ESCAPES.replace(chr(0), '')}\n\n{prose}",
        "escapes.tex": paper("escapes", ESCAPES.replace("\0", ""), title=f"Escapes {ESCAPES}"),
        "includes.txt": f".. include:: {planted.stems[0]}\n!include {planted.stems[0]}\n{{% include '/etc/passwd' %}}\n{prose}",
        "markdown.md": f"---\nbibliography: {planted.stems[0]}\n---\n![x](file://{planted.stems[0]})<script>x</script>\n{prose}",
        "pickle.tex": b"\\documentclass{article}\\begin{document}"
        + code
        + paper("pickle").encode()
        + b"\\end{document}",
        "pickle.txt": code + prose.encode(),
        "pickle.gz": pickle.dumps(_Opens(str(planted.canary))),
        "python.txt": touch(planted.canary) + prose,
        "shell.tex": f"#!/bin/sh\ntouch {planted.canary}\n" + paper("shell"),
        "utf16.tex": paper("utf16", r"\lstinputlisting{/proc/self/environ}").encode("utf-16"),
        "utf7.tex": paper("utf7", "+AFw-input+AHs-/etc/passwd+AH0-"),
    }
    made = [file("texts", f"text-{name}", data) for name, data in contents.items()]
    return [*made, folder("texts", "text-folder", {"00README.json": '{"sources": [{"filename": "../../vault.tex", "usage": "toplevel"}]}', "a.tex": paper("readme")})]  # fmt: skip


INJECTIONS = (
    "<script>fetch('//x')</script><img src=x onerror=alert(1)><svg onload=alert(1)>",
    '"\' onmouseover=alert(1) autofocus onfocus=alert(1) x="</pre></title></style><iframe srcdoc=x>',
    "[x](javascript:alert(1)) ![x](http://127.0.0.1:9/x) <javascript:alert(1)> <a href='javascript:alert(1)'>x</a>",
    "x\n---\nlicense: mit\nconfigs: []\n--- | a | b |\n|---|---|\n```\n# heading\n&lt;script&gt; &#60;script&#62;",
    "{{ 7 * 7 }} {% raw %} ${x} $(x) `x` <!-- --> ]]> <![CDATA[ \\<script\\> " + ESCAPES.replace("\0", ""),
)


def injections() -> list[dict[str, str]]:
    """Rows of a data file whose every field would be markup, a script or a header if it were not escaped."""
    base = {"license": "http://creativecommons.org/licenses/by/4.0/", "update_date": "2020-01-01"}
    fields = (
        "title",
        "authors",
        "abstract",
        "comments",
        "journal-ref",
        "doi",
        "categories",
        "date",
        "bibcode",
        "work_id",
        "source",
    )
    return [
        base | {"id": f"row {i} {words}", "text": f"{words.replace('```', '')}\n\n{text_of(words)}"} | dict.fromkeys(fields, words)
        for i, words in enumerate(INJECTIONS)
    ]  # fmt: skip
