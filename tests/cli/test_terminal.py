"""No text of a paper commands a terminal: ids, titles, texts, file names and errors are shown with escapes."""

from __future__ import annotations

import ast
import gzip
import json
import os
import pty
import re
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pipelines.cli import main
from pipelines.engine.terminal import json_text, printable

PROJECT = Path(__file__).parents[2]
EVIL = "\x1b]0;owned\x07\x1b[2J\x9b31m\x9d52;c;eA==\x9c\u202egnp\u2066.\x08\x7f\r"
SEEN = re.compile("\x1b(?!\\[[0-9;]*[mKA]|\\[\\?25[hl])|[\x07\x08\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""What commands a terminal, but for what rich's styles and bars need."""
TEXTS = [
    f"We observed the star number {n} for {word} nights. "
    + f"The light curve of the {word} planets that orbit it shows no sign of a moon and is that of a quiet star. " * 3
    for n, word in enumerate(("three", "seven"))
]


def on_terminal(arguments: list[str], cwd: Path, **env: str) -> tuple[int, str]:
    """What a person sees: exit code, and all that the command writes to its terminal."""
    ours, theirs = pty.openpty()
    environment = os.environ | {"TERM": "xterm-256color", "COLUMNS": "400", "PYTHONPATH": str(PROJECT)} | env
    command = [sys.executable, "-m", "pipelines.cli", *arguments]
    process = subprocess.Popen(
        command, cwd=cwd, env=environment, stdout=theirs, stderr=theirs, stdin=subprocess.DEVNULL
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # the other side is closed
            break
        if not piece:
            break
        shown += piece
    os.close(ours)
    return process.wait(), shown.decode()


@pytest.fixture(scope="module")
def evil_run(tmp_path_factory) -> Path:
    """A run, and its release in `out`, whose rows have evil ids, titles and texts."""
    folder = tmp_path_factory.mktemp("evil")
    (folder / "docs").mkdir()
    rows = [{"id": f"{EVIL}{n}", "title": EVIL, "text": f"{text} {EVIL}"} for n, text in enumerate(TEXTS)]
    rows.append({"id": f"bad{EVIL}", "text": None})
    (folder / "docs" / "docs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "docs" / f"stray{EVIL.replace('/', '')}.bib").write_text("x")
    config = {"name": "evil", "sources": [{"name": "docs", "path": "docs"}], "decide": {"tiers": {"research": {}}}}
    (folder / "c.yaml").write_text(yaml.safe_dump(config))
    code, shown = on_terminal(["run", "c.yaml", "--run", "run", "--executor", "inline"], folder)
    assert code == 0, shown
    assert not SEEN.search(shown) and "stray%1B]0;owned" in shown
    assert main(["release", str(folder / "run"), "--out", str(folder / "out")]) == 0
    return folder


@pytest.mark.slow
def test_trace_shows_escapes(evil_run):
    code, shown = on_terminal(["trace", "run", f"{EVIL}0"], evil_run)
    assert code == 0 and not SEEN.search(shown)
    assert "\\x1b]0;owned" in shown and "\\u202e" in shown
    code, shown = on_terminal(["trace", "run", f"nobody{EVIL}"], evil_run)
    assert code == 2 and not SEEN.search(shown)


@pytest.mark.slow
def test_json_reads_back_equal_and_commands_nothing(evil_run):
    for command in (["trace", "run", f"{EVIL}0", "--json"], ["stream", "out"]):
        code, shown = on_terminal(command, evil_run)
        assert code == 0 and not SEEN.search(shown) and "\x1b" not in shown
        rows = [json.loads(line) for line in shown.splitlines()]
        assert any("gnp" in str(value) for row in rows for value in row.values())


@pytest.mark.slow
def test_dedup_shows_why_with_escapes(tmp_path):
    words = " ".join(f"word{i}" for i in range(200))
    rows = [{"id": f"{EVIL}{n}", "text": f"{words} {EVIL} {n}"} for n in range(2)]
    (tmp_path / "d.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    code, shown = on_terminal(["dedup", "d.jsonl", "--why", f"{EVIL}1"], tmp_path)
    assert code == 0 and "1 is removed (near)" in shown and not SEEN.search(shown)


@pytest.mark.slow
def test_extract_shows_a_paper_and_names_of_files_with_escapes(tmp_path):
    (tmp_path / "ok.txt").write_text(TEXTS[0] * 3 + "\u202egnp")
    (tmp_path / f"bad{EVIL}.tar.gz").write_bytes(gzip.compress(b"\0" * 99))
    code, shown = on_terminal(["extract", "ok.txt"], tmp_path)
    assert code == 0 and "gnp" in shown and not SEEN.search(shown)
    code, shown = on_terminal(["extract", f"bad{EVIL}.tar.gz"], tmp_path)
    assert code == 1 and "bad\\x1b]0;owned" in shown and not SEEN.search(shown)
    code, shown = on_terminal(["extract", ".", "--out-dir", "../out"], tmp_path)
    assert code == 1 and not SEEN.search(shown)
    text = (tmp_path.parent / "out" / "ok.md").read_text()
    assert "gnp" in text and "\u202e" not in text


@pytest.mark.slow
def test_doctor_and_wrong_use_show_escapes(tmp_path):
    programs = tmp_path / EVIL.replace("/", "")
    programs.mkdir()
    (programs / "tesseract").write_text("#!/bin/sh\necho tesseract 5\n")
    (programs / "tesseract").chmod(0o755)
    _, shown = on_terminal(["doctor"], tmp_path, PATH=f"{programs}:{os.environ['PATH']}")
    assert "owned" in shown and not SEEN.search(shown)
    for wrong in ([EVIL], ["stream", "r", f"--{EVIL}"], ["card", EVIL]):
        code, shown = on_terminal(wrong, tmp_path)
        assert code == 2 and "\\x1b]0;owned" in shown and not SEEN.search(shown)


def test_a_file_name_that_is_no_text_can_be_named(tmp_path, capsys):
    name = os.fsdecode(os.fsencode(tmp_path) + b"/\xff.jsonl")
    assert main(["extract", name]) == 2
    assert "\\udcff.jsonl is not there" in " ".join(capsys.readouterr().err.split())


@given(st.text(st.characters(codec=None), max_size=30))
def test_json_text_is_the_value_and_prints(text):
    assert json.loads(json_text({text: text})) == {text: text}
    assert printable(json_text(text)) == json_text(text)
    assert not SEEN.search(printable(text)) and "\x1b" not in printable(text)
    printable(text).encode()


def test_every_character_that_commands_or_hides_is_an_escape():
    order = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    hidden = {0x61C, 0x200E, 0x200F, 0x2028, 0x2029, 0xFEFF, 0xFFF9, 0xFFFA, 0xFFFB, *range(0xE0000, 0xE0080)}
    for point in (p for p in range(0x110000) if chr(p) not in "\n\t"):
        char = chr(point)
        commands = unicodedata.category(char) in ("Cc", "Cs") or unicodedata.bidirectional(char) in order
        shown = printable(char)
        assert (shown != char) == (commands or point in hidden), hex(point)
        assert shown == char or (shown.isascii() and shown.isprintable())


def test_words_of_all_languages_are_shown_as_they_are():
    text = "Größe α→β 星 \U0001f52d नमस्ते\n\tx"
    assert printable(text) == text


def test_all_output_goes_through_one_place():
    """No module of the commands prints, or makes a console, but `pipelines.engine.terminal`."""
    for path in sorted((PROJECT / "pipelines").rglob("*.py")):
        if path.name in ("terminal.py", "build_papers.py"):
            continue
        calls = [node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
        names = {call.id for call in calls if isinstance(call, ast.Name)}
        names |= {ast.unparse(call.value) for call in calls if isinstance(call, ast.Attribute) and call.attr == "write"}
        names |= {call.attr for call in calls if isinstance(call, ast.Attribute) and call.attr != "print"}
        prints = {n for n in names if n in ("print", "echo", "secho", "Console")}
        assert prints <= ({"print"} if "plain_console" in path.read_text() or path.name == "progress.py" else set()), (
            path
        )
