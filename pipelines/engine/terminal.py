"""What a terminal is shown: text of papers, users and packages may hold characters that command it, and none gets there.

Everything that a command prints goes through here: `plain_console` for people, `show` for lines, `show_json` for programs.
Files and tables keep texts as they are.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Sequence
from typing import Any

from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderHook, RenderResult
from rich.measure import Measurement
from rich.segment import Segment

_COMMANDS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 but tab and newline, DEL, C1: ESC, CSI, OSC, BEL
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # order of writing: UAX #9
    "\u2028\u2029\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"  # line ends, marks and tags that are not seen
    "\ud800-\udfff]"  # no text: bytes of file names that are not UTF-8
)


def printable(text: str) -> str:
    """The text with every character that a terminal obeys, or does not show, written as an escape (`\\x1b`, `\\u202e`)."""
    return _COMMANDS.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def json_text(value: Any, indent: int | None = None) -> str:
    """JSON of a value that a terminal may be shown; the same characters are JSON's own escapes, so it reads back equal."""
    text = json.dumps(value, ensure_ascii=False, default=str, indent=indent)
    return _COMMANDS.sub(lambda found: json.dumps(found[0])[1:-1], text)


def show(text: str = "", *, error: bool = False) -> None:
    """Print lines for people on standard output, or on standard error."""
    print(printable(text), file=sys.stderr if error else sys.stdout)


def show_text(text: str) -> None:
    """Write a text to standard output: as it is into a file or a pipe, printable on a terminal."""
    sys.stdout.write(printable(text) if sys.stdout.isatty() else text)


def show_json(value: Any, indent: int | None = None) -> None:
    """Print a value as JSON on standard output."""
    print(json_text(value, indent))


def drop_output() -> None:
    """Send what is still to be printed nowhere: its reader is gone, of which Python itself would complain at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def plain_console(**options: Any) -> Console:
    """A console that shows text as it is: what users, papers and packages say may look like markup or emoji codes, or
    command a terminal."""
    console = Console(markup=False, emoji=False, highlight=False, **options)
    console.push_render_hook(_Printable())
    return console


class _Printable(RenderHook):
    """Makes texts printable when they are laid out and only rich's own codes are to come."""

    def process_renderables(self, renderables: Sequence[ConsoleRenderable]) -> list[ConsoleRenderable]:
        return [_Shown(renderable) for renderable in renderables]


class _Shown:
    def __init__(self, renderable: ConsoleRenderable) -> None:
        self._renderable = renderable

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for text, style, control in console.render(self._renderable, options):
            yield Segment(text if control else printable(text), style, control)

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        return Measurement.get(console, options, self._renderable)
