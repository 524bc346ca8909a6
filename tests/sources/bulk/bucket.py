"""A bucket as arXiv's: tars of a month's papers in its layout, and the manifest that lists them."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import random
import tarfile
from collections.abc import Mapping
from pathlib import Path

from curation.place import Place
from tests.sources.bulk.manifests import manifest_xml, row

MONTHS = {
    "9912": ["astro-ph9912001", "astro-ph9912002", "hep-th9912001"],
    "0001": ["astro-ph0001001", "gr-qc0001001"],
    "2301": ["2301.00001", "2301.00002", "2301.00003", "2301.00004"],
    "2302": ["2302.00001"],
}
"""Month -> ids without slash, of its one tar; those of 2302 and hep-th are wanted by nobody."""
WANTED = [id_ for ids in MONTHS.values() for id_ in ids if not id_.startswith(("hep-th", "2302"))]


def packed_papers(shared: Path | None) -> list[bytes]:
    """Ten papers as arXiv packs them: real ones where they are, else words that do not pack well."""
    if shared is not None:
        files = sorted([*shared.glob("papers/*/arxiv.tar.gz"), *shared.glob("papers/*/single.gz")])[:10]
        return [file.read_bytes() for file in files]
    drawn = random.Random(5)
    texts = [
        r"\documentclass{article}\begin{document}" + drawn.randbytes(40_000).hex() + r"\end{document}"
        for _ in range(10)
    ]
    return [gzip.compress(text.encode(), mtime=1) for text in texts]


def tar_of_month(yymm: str, papers: Mapping[str, bytes]) -> bytes:
    """A tar as arXiv makes it: the folder of the month, and a member a paper in it."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.GNU_FORMAT) as tar:
        folder = tarfile.TarInfo(f"{yymm}/")
        folder.type, folder.mode = tarfile.DIRTYPE, 0o755
        tar.addfile(folder)
        for id_, data in papers.items():
            info = tarfile.TarInfo(f"{yymm}/{id_}.gz")
            info.size, info.mtime = len(data), 1_300_000_000
            tar.addfile(info, io.BytesIO(data))
    return raw.getvalue()


class Bucket:
    """What lies in a bucket, and its manifest and snapshot on this machine.

    Args:
        place: the bucket.
        folder: for the manifest and the snapshot.
    """

    def __init__(self, place: Place, folder: Path, shared: Path | None) -> None:
        self.place, self._folder = place, folder
        papers = iter(packed_papers(shared))
        self.papers = {id_: next(papers) for ids in MONTHS.values() for id_ in ids}
        self.tars = {
            f"src/arXiv_src_{yymm}_001.tar": tar_of_month(yymm, {id_: self.papers[id_] for id_ in ids})
            for yymm, ids in MONTHS.items()
        }
        self.manifest, self.snapshot = folder / "arXiv_src_manifest.xml", folder / "snapshot.jsonl"
        self.write_manifest()
        for name, data in self.tars.items():
            self.put(name, data)
        lines = [
            {"id": slashed(id_), "categories": "astro-ph.CO" if id_ in WANTED else "hep-th"} for id_ in self.papers
        ]
        self.snapshot.write_text("".join(json.dumps(line) + "\n" for line in lines))

    def put(self, name: str, data: bytes) -> None:
        with self.place.writing(name) as sink:
            sink.write(data)

    def write_manifest(self) -> None:
        """Write the manifest of `tars` as they are now."""
        rows = []
        for yymm, ids in MONTHS.items():
            md5 = hashlib.md5(self.tars[f"src/arXiv_src_{yymm}_001.tar"]).hexdigest()
            size = sum(len(self.papers[id_]) for id_ in ids)  # of the papers alone, as in the real ones
            rows.append(row(yymm, 1, ids[0], ids[-1], num_items=len(ids), md5sum=md5, size=size))
        self.manifest.write_text(manifest_xml(rows))

    def fetch(self, to: Path, *more: str) -> list[str]:
        """Arguments of a fetch of what is wanted."""
        given = [
            "sources",
            "fetch",
            str(self.snapshot),
            "--manifest",
            str(self.manifest),
            "--to",
            str(to),
            "--from",
            self.place.uri,
        ]
        return [*given, "--select", "categories=[astro-ph]", *more]


def slashed(id_: str) -> str:
    return id_ if "." in id_ else f"{id_[:-7]}/{id_[-7:]}"
