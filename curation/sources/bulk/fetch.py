"""Fetching the tars that a plan names into a folder: what is there is not fetched again, what is wrong is told."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from curation.errors import NoSpaceError
from curation.place import Place
from curation.place.base import Held
from curation.sources.bulk.arrival import md5_of, received, whole
from curation.sources.bulk.holdings import (
    SETTLED,
    TRIES,
    Holdings,
    Kept,
    Quarantined,
    Receipt,
    State,
    bytes_on_disk,
    wanted_digest,
)
from curation.sources.bulk.manifest import Chunk
from curation.sources.bulk.plan import Plan
from curation.sources.bulk.prices import PART_BYTES, Prices, requests_of
from curation.sources.bulk.spending import Spending
from curation.sources.bulk.standing import standing
from curation.sources.bulk.transfer import TarRefusedError, Transfer, told_of_disk
from schemas.files import put_in_place


@dataclass(frozen=True)
class Asked:
    """How tars are fetched.

    Args:
        kept: whole tars, or their wanted members only.
        streams: ranged requests at a time, each of which holds a part in memory.
        part_bytes: of a request.
        max_disk: bytes that the folder may take; null for all that the disk has.
        max_usd: what it may cost in all, with what it has cost so far.
        prices: of the bucket.
        retry_quarantined: fetch again what was wrong twice.
    """

    kept: Kept = Kept.ALL
    streams: int = 4
    part_bytes: int = PART_BYTES
    max_disk: int | None = None
    max_usd: float | None = None
    prices: Prices = field(default_factory=Prices)
    retry_quarantined: bool = False


@dataclass
class Outcome:
    """What a fetch did.

    Args:
        there: tars that were there before.
        fetched: those that came.
        failed: filename -> why it could not be had; the others came.
        absent: wanted papers that their tars do not hold.
        notes: filename -> what was odd in it.
    """

    there: int = 0
    fetched: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    absent: list[str] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)

    def tell(self, receipt: Receipt) -> None:
        """Note what a tar that came lacks, and what is odd in it."""
        self.absent += receipt.absent
        if receipt.note:
            self.notes[receipt.filename] = receipt.note


class Fetch:
    """Fetches one tar after another, each by ranges in parallel: so one is under way, and at most one beside it is written.

    Args:
        plan: the tars, and the papers that are wanted.
        bucket: where they lie.
        holdings: the folder.
        held: the lease on it.
    """

    def __init__(self, plan: Plan, bucket: Place, holdings: Holdings, asked: Asked, held: Held) -> None:
        self._plan, self._bucket, self._here, self._asked = plan, bucket, holdings, asked
        self._held = held
        self._came: Callable[[int], None] = lambda _: None
        self._say: Callable[[str], None] = lambda _: None
        self.spent = Spending(holdings.spent_log, asked.prices, asked.max_usd)
        self.states = standing(plan, holdings, asked.kept)
        self._tar_bytes = holdings.tar_bytes() if asked.max_disk is not None else 0

    @property
    def left(self) -> list[Chunk]:
        """The tars that are to be fetched."""
        settled = SETTLED if self._asked.retry_quarantined else SETTLED | {State.QUARANTINED}
        return [chunk for chunk, state in self.states.items() if state not in settled]

    def check_cost(self) -> None:
        """Raises LimitError when what is left costs more than is allowed, with what it has cost so far."""
        sizes = [self._transfer(chunk).bytes_left for chunk in self.left]
        requests = sum(map(self._requests, sizes))
        self.spent.check("nothing is fetched: what is left", requests, sum(sizes))

    @property
    def bytes_there(self) -> int:
        """Of the tars that are there, as the manifest has them."""
        return sum(chunk.size for chunk, state in self.states.items() if state in SETTLED)

    def run(self, came: Callable[[int], None] = lambda _: None, say: Callable[[str], None] = lambda _: None) -> Outcome:
        """Fetch what is left.

        Args:
            came: is told of bytes that came; say: of what people should know.

        Raises:
            LimitError: it would cost too much. NoSpaceError: the disk, or what the folder may take, is full. PlaceError: the
            bucket cannot be read. Whatever came stays, and the next fetch goes on there.
        """
        self._came, self._say = came, say
        outcome = Outcome()
        self._adopt(outcome)
        self.check_cost()
        self._note_selection()
        left = self.left
        outcome.there = sum(state in SETTLED for state in self.states.values())
        for chunk, state in self.states.items():
            if state is State.QUARANTINED and chunk not in left and (told := self._here.quarantined(chunk.filename)):
                outcome.failed[chunk.filename] = told.words
        for chunk in left:
            self._held.check()
            before = self._here.place.size(chunk.filename) or 0
            try:
                receipt = self._one(chunk)
            except TarRefusedError as error:
                outcome.failed[chunk.filename] = str(error)
                self._say(str(error))
                continue
            self._tar_bytes += receipt.kept_bytes - before
            outcome.fetched += 1
            outcome.tell(receipt)
        return outcome

    def _adopt(self, outcome: Outcome) -> None:
        """Tars that lie here whole and right without a receipt that says so: somebody else's download, which stays as it is."""
        strange = [chunk for chunk in self.left if self._may_be_whole(chunk)]
        if strange:
            self._say(f"{len(strange):,} tars lie here already that no fetch brought; their md5 is looked at")
        for chunk in strange:
            there = self._here.tar(chunk.filename)
            if md5_of(there) == chunk.md5sum:
                receipt = whole(chunk, there)
                self._here.write_receipt(receipt)
                outcome.tell(receipt)
                self._transfer(chunk).discard()
                self.states[chunk] = State.THERE

    def _may_be_whole(self, chunk: Chunk) -> bool:
        """Whether a file in a tar's place is not as a fetch left it, and no smaller than the papers of the tar."""
        receipt, size = self._here.receipt(chunk.filename), self._here.place.size(chunk.filename)
        return size is not None and size >= chunk.size and (receipt is None or receipt.kept_bytes != size)

    def _wanted(self, chunk: Chunk) -> list[str]:
        return list(self._plan.wanted.between(chunk.first_item, chunk.last_item))

    def _note_selection(self) -> None:
        """Say in the receipts of smaller tars which papers are wanted of them now: they hold these."""
        for chunk, state in self.states.items():
            receipt = self._here.receipt(chunk.filename) if state is State.THERE else None
            if receipt is not None and receipt.kept is Kept.WANTED:
                wanted = self._wanted(chunk)
                absent = tuple(item for item in receipt.absent if item in set(wanted))
                noted = replace(receipt, wanted=wanted_digest(wanted), absent=absent)
                if noted != receipt:
                    self._here.write_receipt(noted)

    def _one(self, chunk: Chunk) -> Receipt:
        """Raises TarRefusedError when its bytes are wrong in spite of a second try."""
        told = self._here.quarantined(chunk.filename)
        found = list(told.found) if told and told.md5sum == chunk.md5sum and len(told.found) < TRIES else []
        while len(found) < TRIES:
            transfer = self._transfer(chunk)
            size = transfer.look(self.spent.charge)
            left = transfer.bytes_left
            here = min(
                size, bytes_on_disk([transfer.file])
            )  # also what a kill left of parts that come again, in their place
            self._check_room(chunk.filename, size - here + (size if self._asked.kept is Kept.WANTED else 0))
            self.spent.check(chunk.filename, requests_of(left, self._asked.part_bytes) if left else 0, left)
            transfer.run(self._asked.streams, self.spent.charge, self._came)
            if (md5 := md5_of(transfer.file)) == chunk.md5sum:
                self._here.forget_quarantined(chunk.filename)
                receipt = self._received(chunk, transfer.file)
                transfer.discard()
                return receipt
            found.append(md5)
            self._set_aside(chunk, transfer, found)
        raise TarRefusedError(self._words(chunk, found))

    def _received(self, chunk: Chunk, file: Path) -> Receipt:
        kept, wanted = self._asked.kept, self._wanted(chunk)
        return received(self._here, kept, chunk, file, wanted, lambda size: self._check_room(chunk.filename, size))

    def _set_aside(self, chunk: Chunk, transfer: Transfer, found: list[str]) -> None:
        """Into quarantine, where the newest bytes of a tar lie."""
        aside = self._here.quarantine(chunk.filename)
        try:
            aside.parent.mkdir(parents=True, exist_ok=True)
            put_in_place(transfer.file, aside)
        except OSError as error:
            raise told_of_disk(error, aside) from error
        transfer.discard()
        self._here.write_quarantined(Quarantined(chunk.filename, chunk.md5sum, tuple(found), self._words(chunk, found)))
        self._say(self._words(chunk, found))

    def _words(self, chunk: Chunk, found: list[str]) -> str:
        times = "twice the same wrong bytes came: the bucket holds another tar, get the manifest anew" if len(set(found)) < len(found) else (
            f"wrong bytes came {len(found)} times" if len(found) > 1 else "wrong bytes came, it is fetched once more"
        )  # fmt: skip
        aside = self._here.quarantine(chunk.filename)
        return (
            f"{chunk.filename}: md5 is {found[-1]} and the manifest says {chunk.md5sum}; {times}. They lie in {aside}"
        )

    def _transfer(self, chunk: Chunk) -> Transfer:
        return Transfer(self._bucket, chunk, self._here.parts(), self._asked.part_bytes)

    def _requests(self, size: int) -> int:
        return requests_of(size, self._asked.part_bytes) + 1 if size else 0

    def _check_room(self, name: str, need: int) -> None:
        """Before a tar is paid for, there must be room for it, and for what is kept of it; and again before that is written."""
        if (
            self._asked.max_disk is not None
            and (used := self._tar_bytes + self._here.aside_bytes()) + need > self._asked.max_disk
        ):
            raise NoSpaceError(
                f"{self._here.folder} holds {used:,} bytes and {name} needs {need:,} more: over --max-disk {self._asked.max_disk:,}; "
                "allow more, or keep the wanted members only, and fetch again: it goes on here"
            )
        self._here.folder.mkdir(parents=True, exist_ok=True)
        if (free := shutil.disk_usage(self._here.folder).free) < need:
            raise NoSpaceError(
                f"the disk of {self._here.folder} has {free:,} bytes free and {name} needs {need:,}; free some and fetch again: it "
                "goes on here"
            )
