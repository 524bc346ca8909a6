"""`astrocorpus keys`: every key of a config, with what may stand there and what it means."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.padding import Padding
from rich.text import Text

from curation.errors import UserError, did_you_mean
from pipelines.config import config_keys
from pipelines.config_errors import INSTEAD
from pipelines.engine.terminal import plain_console


def keys(
    place: Annotated[
        str, typer.Argument(help="Only this key and those below it: dedup, sources[].path.", metavar="[KEY]")
    ] = "",
) -> None:
    """Print the keys of a config: what may stand there, what counts without them, and what they mean.

    Examples:

      astrocorpus keys

      astrocorpus keys decide.rules
    """
    known = list(config_keys())
    paths = dict.fromkeys(key.path for key in known)
    below = (f"{place}.", f"{place}[")
    shown = [key for key in known if not place or key.path == place or key.path.startswith(below)]
    if place in INSTEAD:
        raise UserError(f"{place} is no key of a config; write `{INSTEAD[place]}`")
    if not shown:
        sections = ", ".join(path for path in paths if "." not in path)
        raise UserError(f"no key {place!r} in a config{did_you_mean(place, paths)} (sections: {sections})")
    console = plain_console()
    for key in shown:
        default = f" (default {key.default})" if key.default else " (must be given)" if key.is_required else ""
        console.print(Text(key.path, style="bold").append(f": {key.kind}{default}", style="not bold"), soft_wrap=True)
        console.print(Padding(Text(key.doc), (0, 0, 0, 4)))
