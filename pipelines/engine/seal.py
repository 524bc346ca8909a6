"""Who may write what in a run folder, so that a driver that was taken over harms nobody.

A lease that was not renewed is taken over, while its driver may still be alive, cut off or stopped, and so may its workers, who
hold no lease and know of none. Two rules hold for folders and S3 alike, whenever one of them goes on:

- Of what counts a worker only makes files that were not there (`Store.add`: a link, a put or a completed multipart on the condition that
  there is none, which seaweedfs, not Amazon's, looks at a moment before it completes). What lies under the name already stays: where it has
  the same bytes it is the worker's file, else the worker takes the name of the next revision. Only traces of errors, which nobody reads
  but people, are written over.
- A receipt is written by the driver, when it has made sure of its lease, and never over another. It names its files, and without
  one a file is nothing: `gc` takes it, among the shards of a tier, too.

So of two drivers, the old A and the new B:

- A's worker writes after B's receipt: what B's names is there, so the worker's file gets another name, which no receipt has.
- A's worker writes first, without a receipt: B's worker finds another file and takes the next name, or finds the very bytes that it
  made itself.
- A's receipt after B's files: A finds that its lease is lost and stops. Where it was stopped between that look and its put, the put
  lies beside B's receipt under a name of A's own files, which are as true as any that A made before it was taken over: the next run may
  take them, with a verdict on a paper that met a limit on A's machine and not on B's. Where it would be B's very name, whoever comes second
  stops.
- What is replaced (manifests, run.json, report.json, folded receipts, the count of failures in a receipt) is so on the condition that it
  holds what the driver last saw there, or wrote.
- What is removed (`gc`, a part that was found cut, leftovers) is removed by who holds the lease, which is asked for each file, and once
  for a folder that no stage names. One that was stopped right then can take away what B made again under that name: B's readers tell that
  it is gone, and the next run makes it anew.
- The pages of a release's card are written over, each when the lease was asked for. One that was stopped right then leaves a page with
  figures of A's report, which `publish` refuses beside B's; `astrocorpus card` draws it anew.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Container, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from pipelines.engine.receipt import Receipt
from pipelines.engine.store import Store, json_body, put

SEALERS = 16
"""Receipts that are written side by side: a put takes tens of milliseconds, and a stage may end hundreds of parts a second."""


def sealed(store: Store, made: Iterable[Receipt], opened: Container[str | None] = ()) -> Iterator[Receipt]:
    """Receipts of parts that were made, each when it lies beside its files.

    Args:
        opened: files of parts that were there and opened again: of one that came out as before the receipt counts on.

    Raises:
        RunError: the run folder is no longer held, or another process wrote the same part.
    """
    waiting = deque[Future[Receipt]]()
    with ThreadPoolExecutor(SEALERS, thread_name_prefix="seal") as pool:
        for receipt in made:
            waiting.append(pool.submit(_seal, store, receipt, again=receipt.file in opened))
            while waiting and (len(waiting) == SEALERS or waiting[0].done()):
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _seal(store: Store, receipt: Receipt, *, again: bool) -> Receipt:
    name, value = f"{receipt.target}.json", receipt.to_json()
    if again:
        store.update_json(name, value)
    elif store.add(name, lambda sink: put(sink, json_body(value))) is None:
        raise store.foreign(name)
    return receipt
