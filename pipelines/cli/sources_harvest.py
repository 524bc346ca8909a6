"""`astrocorpus sources harvest`: arXiv's metadata by OAI-PMH."""

from __future__ import annotations

import time
from collections import Counter
from datetime import date
from typing import Annotated

import typer

from curation.errors import UserError
from pipelines.cli.sources_fold import tell_fold
from pipelines.engine.terminal import show

DEFAULT_URL = "https://oaipmh.arxiv.org/oai"
ARXIV = "arxiv.org"
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
    import httpx
    import stamina

    from curation.place import open_place
    from curation.sources.fold_files import fold_into, is_there, lines_of
    from curation.sources.oai.client import Client
    from curation.sources.oai.harvest import Harvest
    from curation.sources.oai.keep import RECORDS, REJECTED, keep_pages
    from curation.sources.oai.pace import INTERVAL_S, only_harvester
    from curation.sources.oai.state import State, Window, read_state

    stamina.instrumentation.set_on_retry_hooks([])  # the harvest tells itself what is tried again
    host = _host(httpx.URL(url))
    if (host == ARXIV or host.endswith(f".{ARXIV}")) and interval_s < INTERVAL_S:
        raise UserError(f"--interval-s {interval_s:g}: arXiv allows one request in {INTERVAL_S:g} s")
    begin, end = _day("--from", first), _day("--until", last)
    if into is not None and not is_there(into):
        raise UserError(f"--into {into} is not there; give a metadata snapshot (.jsonl, .gz, .zst), which is replaced")
    place = open_place(folder)
    told = [time.monotonic()]

    def came(spec: str, window: Window) -> None:
        if window.token is None or time.monotonic() - told[0] >= TOLD_EVERY_S:
            told[0] = time.monotonic()
            show(
                f"{spec or 'all sets'} {window.first} to {window.last or 'now'}: {window.records:,} records, {window.pages:,} pages",
                error=True,
            )

    what = f"the harvest into {place.uri}"
    with place.lease("harvest.lock", what) as held, only_harvester(host, what, interval_s) as pace:
        place.sweep()
        state = read_state(place) or State(url=url, prefix=prefix)
        if (state.url, state.prefix) != (url, prefix):
            raise UserError(
                f"{place.uri} holds a harvest of {state.url} in the format {state.prefix}; begin another one in a folder of its own"
            )
        with Client(url, pace, lambda line: show(line, error=True)) as client:
            run = Harvest(client, place, state, tell=lambda line: show(line, error=True), came=came, check=held.check)
            run.run(sets or [""], begin, end)
        held.check()
        kept = keep_pages(place, state)
        tell_fold(place.where(RECORDS), kept)
        _warn(run.counts, place.where(REJECTED))
        if into is not None:
            tell_fold(into, fold_into(into, lines_of(place, RECORDS)))


def _host(url: object) -> str:
    scheme, host = getattr(url, "scheme", ""), getattr(url, "host", "")
    if scheme not in ("http", "https") or not host:
        raise UserError(f"--url {url} is no address of a server (https://...)")
    if getattr(url, "userinfo", b""):
        raise UserError("--url names a user or a password, which would stand in the harvest's folder; give it without")
    return str(host)


def _day(option: str, text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text is not None else None
    except ValueError as error:
        raise UserError(f"{option} {text} is no day; write YYYY-MM-DD") from error


def _warn(counts: Counter[str], rejected: str) -> None:
    if counts["rejected"]:
        show(f"{counts['rejected']:,} records name no paper of arXiv or are not to be read: see {rejected}", error=True)
    if counts["mended"]:
        show(f"{counts['mended']:,} pages held bytes that are no text; they are U+FFFD now", error=True)
    if counts["uneven"]:
        show(
            f"{counts['uneven']:,} lists changed each time they were read: the next harvest asks for them again",
            error=True,
        )
