"""`astrocorpus publish`: a release to a folder, a bucket or the Hub."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from curation.errors import UserError
from curation.place import is_address
from pipelines.cli.inputs import check_release
from pipelines.cli.outputs import check_folder
from pipelines.engine.terminal import show
from schemas import Tier
from schemas.manifest import read_manifest


def publish(
    release: Annotated[str, typer.Argument(help="Release folder (made by `astrocorpus release`).", metavar="RELEASE")],
    target: Annotated[
        str, typer.Argument(help="Folder, s3://bucket/prefix, or hf://datasets/owner/name.", metavar="TARGET")
    ],
    public: Annotated[bool, typer.Option("--public", help="Make a new Hub repository public.")] = False,
) -> None:
    """Publish a release with its card, every digest checked before and after. The Hub token is read from HF_TOKEN.

    Examples:

      astrocorpus publish releases/2026-11 /mnt/shared/astro-2026-11

      astrocorpus publish releases/2026-11 s3://my-lab/astro-2026-11

      HF_TOKEN=... astrocorpus publish releases/2026-11 hf://datasets/my-lab/astro-2026-11
    """
    from curation.release.targets import publish as publish_release

    if is_address(release):
        raise UserError(
            f"{release}: publish sends a folder of this machine; make one of the run with `astrocorpus release RUN --out FOLDER`"
        )
    folder = Path(release)
    check_release(folder)
    if "://" not in target:
        check_folder("TARGET", Path(target), [folder])
    done = publish_release(folder, target, private=not public)
    if inside := [tier for tier in read_manifest(folder).tiers if tier != Tier.PUBLIC]:
        show(
            f"tier {', '.join(inside)} went along, whose licences nobody checked; a release without it: "
            "astrocorpus release RUN --tier public --out DIR"
        )
    show(f"{done.target}: {done.files} files, {done.bytes:,} bytes, manifest sha256 {done.manifest_sha256}")
