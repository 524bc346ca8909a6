"""litdata and mosaicml-streaming over the same rows, for tests.benchmarks.streaming. Run by a Python that has them (and pyarrow):

    python -P streaming_peers.py build RELEASE OUT        # both formats of a release's rows, zstd
    python -P streaming_peers.py read NAME cold|warm OUT  # shuffled; prints samples, seconds, ms to the first sample, CPU seconds

Its settings are theirs for this use: chunks of 64 MB; mosaic fetches 4,096 samples ahead and keeps uncompressed copies, which are what
it reads when warm.
"""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

CHUNK = "64MB"


def rows(folder: str) -> Iterator[dict[str, Any]]:
    for path in sorted(Path(folder).glob("research/*.parquet")):
        yield from pq.read_table(path).to_pylist()


def build(release: str, out: Path) -> None:
    import litdata
    from streaming import MDSWriter

    litdata.optimize(
        fn=rows, inputs=[release], output_dir=str(out / "litdata"), chunk_bytes=CHUNK, compression="zstd", num_workers=1
    )
    with MDSWriter(
        out=str(out / "mosaic"), columns={"id": "str", "text": "str"}, compression="zstd:3", size_limit=CHUNK
    ) as writer:
        for row in rows(release):
            writer.write(row)


def reader(name: str, out: Path, fresh: bool) -> Iterable[Any]:
    """A shuffled stream; a cold one has no copies of its own, a warm one those that a whole epoch left."""
    copies = out / f"{name}-copies"
    if fresh:
        shutil.rmtree(copies, ignore_errors=True)
    if name == "litdata":
        import litdata

        return litdata.StreamingDataset(str(out / name), cache_dir=str(copies), shuffle=True, seed=0)  # type: ignore[no-any-return]
    from streaming import StreamingDataset

    return StreamingDataset(
        remote=str(out / name), local=str(copies), shuffle=True, shuffle_seed=0, batch_size=1, predownload=4096
    )


def main() -> None:
    if sys.argv[1] == "build":
        build(sys.argv[2], Path(sys.argv[3]))
        return
    name, fresh, out = sys.argv[2], sys.argv[3] == "cold", Path(sys.argv[4])
    __import__({"litdata": "litdata", "mosaic": "streaming"}[name])
    start, began = time.perf_counter(), time.process_time()
    samples = iter(reader(name, out, fresh))
    next(samples)
    first = time.perf_counter() - start
    count = 1
    while next(samples, None) is not None:  # litdata's iterator begins anew when a loop asks for it
        count += 1
    print(count, time.perf_counter() - start, first * 1e3, time.process_time() - began)


if __name__ == "__main__":
    main()
