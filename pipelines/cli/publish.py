"""`astrocorpus publish`: a release to a folder, a bucket or the Hub."""

from __future__ import annotations

from typing import Annotated

import typer

from curation.place import is_address, local_path, open_place
from pipelines.cli.inputs import check_release
from pipelines.cli.outputs import check_folder
from pipelines.engine.terminal import show
from schemas import Tier
from schemas.audit import left_out_of, read_audit
from schemas.manifest import read_manifest


def publish(
    release: Annotated[
        str,
        typer.Argument(
            help="Release (made by `astrocorpus release`): a folder or s3://bucket/prefix.", metavar="RELEASE"
        ),
    ],
    target: Annotated[
        str, typer.Argument(help="Folder, s3://bucket/prefix, or hf://datasets/owner/name.", metavar="TARGET")
    ],
    public: Annotated[bool, typer.Option("--public", help="Make a new Hub repository public.")] = False,
) -> None:
    """Publish a release with its card, every digest checked before and after. The Hub token is read from HF_TOKEN.

    Examples:

      astrocorpus publish releases/2026-11 /mnt/shared/astro-2026-11

      astrocorpus publish releases/2026-11 s3://my-lab/astro-2026-11

      astrocorpus publish s3://my-lab/astro-2026-11 /mnt/shared/astro-2026-11

      HF_TOKEN=... astrocorpus publish releases/2026-11 hf://datasets/my-lab/astro-2026-11
    """
    from curation.release.targets import publish as publish_release

    place = open_place(release)
    check_release(place)
    if not is_address(target):
        here = place.local("")
        check_folder("TARGET", local_path(target), [] if here is None else [here])
    done = publish_release(release, target, private=not public)
    audit = read_audit(place, read_manifest(place))
    for name, (checked, left_out) in sorted(left_out_of(audit).items()) if audit else ():
        show(
            f"its audit could look for {checked:,} items of {name}; {left_out:,} others are too short, or their answers are, "
            "or say only what many texts share"
        )
    if inside := [tier for tier in read_manifest(place).tiers if tier != Tier.PUBLIC]:
        show(
            f"tier {', '.join(inside)} went along, whose licences nobody checked; a release without it: "
            "astrocorpus release RUN --tier public --out DIR"
        )
    show(f"{done.target}: {done.files} files, {done.bytes:,} bytes, manifest sha256 {done.manifest_sha256}")
