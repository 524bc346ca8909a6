"""The `astrocorpus` command: one module a subcommand.

Exit codes: 0 ok, 1 the run failed, 2 wrong use.
"""

from __future__ import annotations

import errno
import importlib
import io
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import typer

from curation.errors import AstrocorpusError, UserError
from pipelines.engine.terminal import drop_output, plain_console, show

COMMANDS = (
    "run",
    "extract",
    "dedup",
    "withhold",
    "pairs",
    "release",
    "card",
    "audit",
    "publish",
    "stream",
    "trace",
    "ledger",
    "step",
    "gc",
    "sources",
    "artefact",
    "keys",
    "doctor",
)
"""Subcommands; each is the function (or the group of commands) of its own name in the module of its own name."""

EXTRAS = {
    **dict.fromkeys(("numba", "scipy", "datasketch"), "dedup"),
    **dict.fromkeys(("jinja2", "markupsafe", "vl_convert", "tokenizers"), "cards"),
    **dict.fromkeys(("datasets", "huggingface_hub"), "hub"),
    **dict.fromkeys(("rapidocr", "onnxruntime"), "ocr"),
    **dict.fromkeys(("lxml", "httpx", "stamina"), "http"),
    **{
        "fasttext": "quality",
        "rapidfuzz": "withhold",
        "aiohttp": "llm",
        "xllamacpp": "llm",
        "sympy": "llm",
        "ray": "ray",
        "boto3": "s3",
        "pypdfium2": "pdfium",
    },
}
"""Optional packages and the extra that brings each."""


WRONG_USE: type[Exception] = typer.BadParameter.__mro__[1]
"""What typer raises for any wrong use of a command; it names only this child of it."""

NOT_TO_BE_OPENED = frozenset(
    {errno.ENOENT, errno.EACCES, errno.EPERM, errno.EISDIR, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.EROFS}
)
"""Faults of a path that was given; others are the machine's."""


def build_app(commands: Sequence[str] = COMMANDS) -> typer.Typer:
    """The typer application with all subcommands, or those that are needed: a module takes its time to import."""
    app = typer.Typer(
        name="astrocorpus",
        help="arXiv/ADS papers in; clean, deduplicated, benchmark-safe releases out, with an account for every paper.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
    )
    app.callback()(_group)
    for name in commands:
        module = importlib.import_module(f"pipelines.cli.{name}")
        command = getattr(module, name)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            app.command(name)(command)
    return app


def _group() -> None:
    """Keeps the name of the command in its place when there is only one."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    sys.excepthook = _show_crash
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal need not know every character
    console = plain_console(stderr=True, soft_wrap=True)
    try:
        return _flushed(_run(list(sys.argv[1:] if arguments is None else arguments)))
    except SystemExit as error:  # the reader of standard output is gone
        return error.code if isinstance(error.code, int) else int(error.code is not None)
    except (KeyboardInterrupt, typer.Abort):  # while modules are imported: a run says itself what is kept
        console.print("stopped", style="red")
        return 1
    except WRONG_USE as error:
        console.print(_usage(error), style="red")
        return 2
    except ModuleNotFoundError as error:
        if (extra := EXTRAS.get((error.name or "").partition(".")[0])) is None:
            raise
        console.print(f"{error.name} is not installed: pip install 'astrocorpus[{extra}]'", style="red")
        return 2
    except AstrocorpusError as error:
        console.print(f"{type(error).__name__}: {error}", style="red")
        return 2 if isinstance(error, UserError) else 1
    except OSError as error:
        console.print(f"{error.filename or Path()}: {error.strerror or error}", style="red")
        return 2 if error.errno in NOT_TO_BE_OPENED else 1


def submitted(command: str) -> int:
    """`python -m pipelines.corpus --config X.yaml` and its like, which `ray job submit` runs; returns the exit code."""
    return main([command, *(a.removeprefix("--config=") for a in sys.argv[1:] if a != "--config")])


def _flushed(code: int) -> int:
    """The exit code, after what a command printed has left."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        drop_output()
        return 1
    return code


def _run(given: list[str]) -> int:
    """Raises UserError for an empty argument: as a path it would be the current folder, as an id every paper."""
    for before, argument in zip(["", *given], given, strict=False):
        option, equals, value = argument.partition("=")
        if not argument.strip() or (option.startswith("--") and equals and not value.strip()):
            raise UserError(f"an argument is empty (after {before or 'astrocorpus'!r}); give a value, or leave it out")
    if given[:1] in (["run"], ["pairs"]):
        from pipelines.cli.run_options import spread

        given = spread(given)
    app = build_app(given[:1] if given and given[0] in COMMANDS else COMMANDS)
    code = typer.main.get_command(app)(args=given, prog_name="astrocorpus", standalone_mode=False)
    return code if isinstance(code, int) else 0


def _usage(error: Any) -> str:
    """What typer found wrong with the arguments, in words."""
    message = error.format_message()
    if error.ctx is None or not message:  # help was asked for, and was printed
        return str(message)
    return f"{error.ctx.get_usage()}\n{message}\n`{error.ctx.command_path} --help` has examples"


def _show_crash(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """A fault of ours: the message of an error may hold text of a paper."""
    show("".join(traceback.format_exception(kind, error, trace)), error=True)
