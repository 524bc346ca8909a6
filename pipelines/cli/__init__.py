"""The `astrocorpus` command: one module a subcommand.

Exit codes: 0 ok, 1 the run failed, 2 wrong use.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

import typer

from curation.errors import AstrocorpusError, UserError
from pipelines.engine.progress import plain_console

COMMANDS = ("run", "extract", "dedup", "release", "card", "publish", "stream", "trace", "gc", "doctor")
"""Subcommands; each is the function of its own name in the module of its own name."""

EXTRAS = {
    **dict.fromkeys(("numba", "scipy", "datasketch"), "dedup"),
    **dict.fromkeys(("jinja2", "markupsafe", "vl_convert", "tokenizers"), "cards"),
    **dict.fromkeys(("datasets", "huggingface_hub"), "hub"),
    **dict.fromkeys(("rapidocr", "onnxruntime"), "ocr"),
    **{"fasttext": "quality", "rapidfuzz": "withhold", "ray": "ray", "boto3": "s3", "pypdfium2": "pdfium"},
}
"""Optional packages and the extra that brings each."""


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
        app.command(name)(getattr(module, name))
    return app


def _group() -> None:
    """Keeps the name of the command in its place when there is only one."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    console = plain_console(stderr=True, soft_wrap=True)
    try:
        given = list(sys.argv[1:] if arguments is None else arguments)
        if given[:1] == ["run"]:
            from pipelines.cli.run import spread

            given = spread(given)
        build_app(given[:1] if given and given[0] in COMMANDS else COMMANDS)(args=given)
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else int(error.code is not None)
    except KeyboardInterrupt:  # while modules are imported: a run says itself what is kept
        console.print("stopped", style="red")
        return 1
    except ModuleNotFoundError as error:
        if (extra := EXTRAS.get((error.name or "").partition(".")[0])) is None:
            raise
        console.print(f"{error.name} is not installed: pip install 'astrocorpus[{extra}]'", style="red")
        return 2
    except AstrocorpusError as error:
        console.print(f"{type(error).__name__}: {error}", style="red")
        return 2 if isinstance(error, UserError) else 1
    return 0
