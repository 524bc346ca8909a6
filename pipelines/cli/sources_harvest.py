"""`astrocorpus sources harvest`: arXiv's metadata by OAI-PMH."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from curation.errors import UserError, counted
from curation.place import Held, Place
from curation.sources.oai.pace import ARXIV, INTERVAL_S, Pace, is_arxiv, only_harvester
from pipelines.cli.sources_fold import tell_fold
from pipelines.engine.terminal import show

if TYPE_CHECKING:
    from curation.sources.oai.state import State, Window

DEFAULT_URL = "https://oaipmh.arxiv.org/oai"
LOCK = "harvest.lock"
TOLD_EVERY_S = 10.0


def harvest(
    folder: Annotated[str, typer.Argument(help="Folder of the harvest, or s3://bucket/prefix.", metavar="FOLDER")],
    sets: Annotated[
        list[str] | None, typer.Option("--set", help="physics:astro-ph, physics:gr-qc ... Default: everything.")
    ] = None,
    first: Annotated[
        str | None,
        typer.Option("--from", help="First day. Default: where the last harvest ended.", metavar="YYYY-MM-DD"),
    ] = None,
    last: Annotated[str | None, typer.Option("--until", help="Last day. Default: now.", metavar="YYYY-MM-DD")] = None,
    into: Annotated[
        str | None, typer.Option(help="Fold the folder's records into this metadata snapshot, which is replaced.")
    ] = None,
    prefix: Annotated[
        str, typer.Option(help="arXivRaw lists versions and their sizes; arXiv and oai_dc do not.")
    ] = "arXivRaw",
    url: Annotated[str, typer.Option(help="Base URL of the server.")] = DEFAULT_URL,
    interval_s: Annotated[
        float, typer.Option(min=0, help="Seconds between requests; arXiv allows no less than 3.")
    ] = 3.0,
) -> None:
    """Fetch arXiv's metadata records that are new, changed or deleted since the last time. What is stopped goes on where it was.

    Examples:

      astrocorpus sources harvest /data/oai --set physics:astro-ph --set physics:gr-qc --from 2026-10-01

      astrocorpus sources harvest /data/oai --set physics:astro-ph --into arxiv-metadata-oai-snapshot.json.zst
    """
    import stamina

    from curation.place import open_place
    from curation.sources.fold_files import fold_into, is_there, lines_of
    from curation.sources.oai.keep import RECORDS

    stamina.instrumentation.set_on_retry_hooks([])  # the harvest tells itself what is tried again
    host = _host(url)
    if host == ARXIV and not interval_s >= INTERVAL_S:
        raise UserError(f"--interval-s {interval_s:g}: arXiv allows one request in {INTERVAL_S:g} s")
    days = (_day("--from", first), _day("--until", last))
    if into is not None and not is_there(into):
        raise UserError(f"--into {into} is not there; give a metadata snapshot (.jsonl, .gz, .zst), which is replaced")
    place = open_place(folder)
    what = f"harvest into {place.uri}"
    try:
        with place.lease(LOCK, what) as held, only_harvester(host, what, interval_s) as pace:
            _harvest(place, held, pace, (url, prefix), sets or [""], days)
            if into is not None:
                tell_fold(into, fold_into(into, lines_of(place, RECORDS)))
    except KeyboardInterrupt:
        show(f"stopped; what came is kept in {place.uri}: the same command goes on there", error=True)
        raise typer.Exit(1) from None


def _harvest(
    place: Place,
    held: Held,
    pace: Pace,
    server: tuple[str, str],
    sets: Sequence[str],
    days: tuple[date | None, date | None],
) -> None:
    """Fetch what there is and fold it into the folder's records."""
    from curation.sources.oai.client import Client
    from curation.sources.oai.harvest import Harvest
    from curation.sources.oai.keep import RECORDS, REJECTED, keep_pages
    from curation.sources.oai.state import State, read_state

    url, prefix = server
    state = read_state(place) or _begun(place, State(url=url, prefix=prefix))
    place.sweep()
    if (state.url, state.prefix) != server:
        raise UserError(
            f"{place.uri} holds a harvest of {state.url} in the format {state.prefix}; begin another one in a folder of its own"
        )
    with Client(url, pace, _say) as client:
        run = Harvest(client, place, state, tell=_say, came=_Came(), check=held.check)
        run.run(sets, *days)
    held.check()
    tell_fold(place.where(RECORDS), keep_pages(place, state))
    _warn(run.counts, place.where(REJECTED))


def _begun(place: Place, state: State) -> State:
    """The state of a harvest that begins in a folder. Raises UserError where something else lies in it."""
    found = place.children()
    others = [file.name for file in found.files if file.name != LOCK] + found.folders
    if others:
        raise UserError(
            f"{place.uri} is no folder of a harvest (it holds {sorted(others)[0]!r}); give an empty one, or one that is not there"
        )
    return state


class _Came:
    """Tells of a window when it is at its end, and of a long one now and then."""

    def __init__(self) -> None:
        self._told = time.monotonic()

    def __call__(self, spec: str, window: Window) -> None:
        if window.token is None or time.monotonic() - self._told >= TOLD_EVERY_S:
            self._told = time.monotonic()
            days = f"{window.first} to {window.last or 'now'}"
            _say(f"{spec or 'all sets'} {days}: {counted(window.records, 'records')}, {counted(window.pages, 'pages')}")


def _say(line: str) -> None:
    show(line, error=True)


def _host(url: str) -> str:
    """The host of a base URL, arXiv's as one. Raises UserError, which repeats no password."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        host = ""
    if "@" in url:
        raise UserError(
            "--url names a user or a password, which would stand in the harvest's folder and in messages; give it without: servers of "
            "OAI-PMH ask for none"
        )
    if not host or parts.scheme not in ("http", "https"):
        raise UserError(f"--url {url} is no address of a server (https://...)")
    return ARXIV if is_arxiv(host) else host


def _day(option: str, text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text is not None else None
    except ValueError as error:
        raise UserError(f"{option} {text} is no day; write YYYY-MM-DD") from error


def _warn(counts: Counter[str], rejected: str) -> None:
    if counts["rejected"]:
        _say(f"{counts['rejected']:,} records name no paper of arXiv or are not to be read: see {rejected}")
    if counts["mended"]:
        _say(f"{counts['mended']:,} pages held bytes that are no text; they are U+FFFD now")
    if counts["unread"]:
        _say(
            f"{counts['unread']:,} days lack records, for which the server has no answer: the next harvest asks for them again"
        )
    if counts["uneven"]:
        _say(f"{counts['uneven']:,} lists changed each time they were read: the next harvest asks for them again")
