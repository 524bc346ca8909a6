"""Changes of the reader that its tests must notice: each is made in a copy of the tree, and a test named beside it must fail.

    python -m tests.benchmarks.streaming_mutants [FILE ...]    of all files, or of some, as order.py

Prints those that no test notices. Those that name torch_dataset want the Python that has torch (CONTRIBUTING, Set-up).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
ROOM, TESTS = Path("curation/streaming"), Path("tests/streaming")
LIMIT_S = 300
"""For the tests of one change; one that never ends is noticed, too."""


class Mutant(NamedTuple):
    """A change, and the tests that must notice it.

    Attributes:
        file: of the room. old: what stands there, once. new: what then stands there.
        tests: words each for a file `test_*.py`, some with words of the tests' names behind a colon.
    """

    file: str
    old: str
    new: str
    tests: str


MUTANTS = [
    Mutant(*entry)
    for entry in (
        ("draws.py", "[block % _BLOCKS :][:2]", "[block % (_BLOCKS + 1) :][:2]", "mixture"),
        (
            "draws.py",
            "before_blocks(tuple(self.units.tolist()))[blocks]",
            "before_blocks(tuple(self.units.tolist()))[blocks - 1]",
            "mixture",
        ),
        ("epochs.py", "]) - 1\n", "])\n", "epochs"),
        ("epochs.py", "or state.epoch in self._skip:", ":", "epochs"),
        ("epochs.py", "if before == state.epoch or", "if", "epochs"),
        (
            "epochs.py",
            "(before - state.epoch) * self.total) % world",
            "(before - state.epoch) * self.total) % self.total",
            "epochs",
        ),
        (
            "epochs.py",
            "self.after_steps(self.after(replace(state, epoch=before, consumed=0), over), 0, world)",
            "self.after(replace(state, epoch=before, consumed=0), over)",
            "epochs",
        ),
        ("epochs.py", 'if self.end == "wrap" else 0', "", "epochs"),
        (
            "epochs.py",
            'return left // world if self.end == "drop" else -(-left // world)',
            "return -(-left // world)",
            "epochs",
        ),
        ("epochs.py", "wanted = share.first + received * share.stride", "wanted = share.first + received", "epochs"),
        ("epochs.py", "            start = max(start, stop)\n", "            start = stop\n", "epochs"),
        (
            "epochs.py",
            "        if not self.steps(after, world):\n            return replace(after, epoch=after.epoch + 1, consumed=0)\n",
            "",
            "epochs",
        ),
        ("forks.py", "os.register_at_fork(after_in_child=_open_all)", "", "forks"),
        (
            "held.py",
            "self._end = finalize(self, self._pool.shutdown, cancel_futures=True) if self._pool else None",
            "self._end = (lambda: self._pool.shutdown(cancel_futures=True)) if self._pool else None",
            "torch_dataset:script",
        ),
        ("held.py", "min(self._ahead_bytes, self._max_bytes - self.bytes)", "self._ahead_bytes", "memory"),
        ("held.py", "entry.ahead == entry.users", "entry.ahead", "memory"),
        ("held.py", "self._count(entry, 0)", "pass", "memory"),
        ("held.py", "        self._entries[key].ahead -= 1\n", "", "memory"),
        ("held.py", "and not self._told:", "and True:", "memory"),
        ("held.py", "            self._told = True\n", "", "memory"),
        ("held.py", "entry.size = size\n", "pass\n", "memory"),
        ("iterations.py", "and abs(self.started - other.started) < self.workers", "", "iterations"),
        ("iterations.py", "< self.workers\n", "<= self.workers\n", "iterations"),
        (
            "iterations.py",
            "abs(self.started - other.started) < self.workers",
            "self.started == other.started",
            "iterations",
        ),
        (
            "iterations.py",
            "(self.seed, self.workers, self.turn) == (other.seed, other.workers, other.turn)",
            "(self.workers, self.turn) == (other.workers, other.turn)",
            "iterations",
        ),
        (
            "iterations.py",
            "(self.seed, self.workers, self.turn) == (other.seed, other.workers, other.turn)",
            "(self.seed, self.turn) == (other.seed, other.turn)",
            "iterations",
        ),
        (
            "iterations.py",
            "(self.seed, self.workers, self.turn) == (other.seed, other.workers, other.turn)",
            "(self.seed, self.workers) == (other.seed, other.workers)",
            "iterations",
        ),
        ("iterations.py", "[-_KEPT:]", "[-1:]", "iterations"),
        ("iterations.py", "[-_KEPT:]", "", "iterations"),
        ("iterations.py", "            fcntl.lockf(self._file, fcntl.LOCK_EX)\n", "            pass\n", "iterations"),
        ("iterations.py", "                told.began = loaded\n", "", "iterations"),
        ("iterations.py", "                told.begun.clear()\n", "", "iterations"),
        (
            "iterations.py",
            "            if not refused:\n                told.named = None",
            "            told.named = None",
            "iterations",
        ),
        (
            "iterations.py",
            "            if not refused:\n                told.named = None",
            "            pass",
            "iterations",
        ),
        (
            "iterations.py",
            "if named is not None and loaded is not None and named != loaded.epoch:",
            "if named is not None and loaded is not None and named < loaded.epoch:",
            "iterations",
        ),
        ("iterations.py", "named < self.began.epoch", "named <= self.began.epoch", "iterations torch_dataset"),
        (
            "iterations.py",
            "told.last, told.following = start, stream.next_epoch(start)",
            "told.following = stream.next_epoch(start)",
            "iterations",
        ),
        (
            "iterations.py",
            "told.last, told.following = start, stream.next_epoch(start)",
            "told.last = start",
            "iterations",
        ),
        ("iterations.py", "if context.get_spawning_popen() is not None:", "if False:", "iterations"),
        (
            "iterations.py",
            "return self.following if self.named is None else",
            "return self.following if True else",
            "iterations",
        ),
        ("iterations.py", "_BYTES = 4096", "_BYTES = 1200", "iterations"),
        ("memory.py", "* _ROOM > self.max_bytes", "> self.max_bytes", "memory"),
        ("memory.py", "* _ROOM > self.max_bytes", "* 1000 > self.max_bytes", "memory"),
        (
            "order.py",
            "permutation(len(counts), seed, epoch, _GROUPS)",
            "permutation(len(counts), seed, 0, _GROUPS)",
            "order reader",
        ),
        (
            "order.py",
            "permutation(len(counts), seed, epoch, _GROUPS)",
            "permutation(len(counts), 0, epoch, _GROUPS)",
            "order reader",
        ),
        (
            "order.py",
            "permutation(count, seed, epoch, _ROWS, group)",
            "permutation(count, seed, epoch, _ROWS)",
            "order",
        ),
        (
            "order.py",
            "permutation(count, seed, epoch, _ROWS, group)",
            "permutation(count, seed, 0, _ROWS, group)",
            "order",
        ),
        ("order.py", "lengths[at_places[: self.total % lanes]] += 1", "lengths[: self.total % lanes] += 1", "order"),
        ("order.py", "number % 2 == 1)", "False)", "order"),
        (
            "order.py",
            "return self.stop - 1 - position if self.backward else",
            "return self.stop - position if self.backward else",
            "order",
        ),
        ("order.py", 'np.searchsorted(self.ends, at, side="right")', "np.searchsorted(self.ends, at)", "order"),
        ("order.py", "lane += rest % digit * weight", "lane += rest % 2 * weight", "order"),
        ("order.py", "        rest //= digit\n", "        rest //= 2\n", "order"),
        ("order.py", "        if rows > 0\n", "        if rows >= 0\n", "order"),
        ("plan.py", "np.flatnonzero(np.any(self._units, axis=0)).tolist()", "list(range(len(self.names)))", "mixture"),
        ("reader.py", "1 << (self.dp_size - 1).bit_length()", "1 << self.dp_size.bit_length()", "memory"),
        ("reader.py", "max(self._budget.fitting(), ", "max(0, ", "memory"),
        (
            "row_groups.py",
            "        if digest or not self._digest:\n            self._footers",
            "        if True:\n            self._footers",
            "reader",
        ),
        ("row_groups.py", "self._open(file, digest=False)", "self._open(file, digest=self._digest)", "memory reader"),
        ("state.py", 'state[name] < (name == "lanes")', "state[name] < 0", "reader"),
        ("state.py", 'if state["seed"] > MAX_SEED:', 'if state["seed"] >= MAX_SEED:', "reader"),
        ("state.py", 'if state["order"] != ORDER_VERSION:', 'if state["order"] > ORDER_VERSION:', "reader"),
        ("state.py", "        if given != types:\n", "        if set(given) != set(types):\n", "reader"),
        (
            "stream.py",
            "lanes or MAX_LANES, self._share.stride if lanes else 1",
            "lanes or MAX_LANES, self._share.stride",
            "memory",
        ),
        (
            "stream.py",
            "            self._budget = _budget(options, sources)\n        state = options",
            "        state = options",
            "memory",
        ),
        (
            "stream.py",
            "                raise self._ended()\n            self._received += 1",
            "                pass\n            self._received += 1",
            "reader",
        ),
        (
            "stream.py",
            "                raise self._ended()\n            self._received += batch",
            "                pass\n            self._received += batch",
            "reader",
        ),
        (
            "stream.py",
            "self.after(self._start, received, self._share.world) if received",
            "self.after(self._start, received, 1) if received",
            "reader",
        ),
        (
            "stream.py",
            "        if state.order != ORDER_VERSION:\n            raise other_order(state.order)\n",
            "",
            "reader",
        ),
        (
            "stream.py",
            "if value not in (None, of_state := getattr(state, name)):",
            "if value not in (None, of_state := getattr(state, name), 6):",
            "reader",
        ),
        (
            "stream.py",
            "tracks.append(self._track(held, start, stretch, place, position, stride // common))",
            "tracks.append(self._track(held, start, stretch, place, position, stride))",
            "reader",
        ),
        (
            "stream.py",
            "for turn in range(min(start.lanes // common, count)):",
            "for turn in range(start.lanes // common):",
            "reader epochs resume",
        ),
        (
            "stream.py",
            "count = -(-(stretch.stop - stretch.first) // stride)",
            "count = (stretch.stop - stretch.first) // stride",
            "reader",
        ),
        (
            "stream.py",
            'if self._epochs.end == "drop" and self.total < self._share.world:',
            'if self._epochs.end == "drop" and self.total < 0:',
            "reader",
        ),
        ("tier_rows.py", "self._whole = tuple(self.groups[number] for number in some)\n", "", "memory filters"),
        ("tier_rows.py", "np.ceil(whole * shares)", "np.ceil(whole)", "memory filters"),
        ("tier_rows.py", "if _ADDRESS.match(text):", "if False:", "reader"),
        ("torch_dataset.py", "self._turns, self._turns + 1", "self._turns, self._turns", "torch_dataset:no_other"),
        (
            "torch_dataset.py",
            "info.seed - info.id, started - info.id",
            "info.seed, started - info.id",
            "torch_dataset:no_other",
        ),
        (
            "torch_dataset.py",
            "info.seed - info.id, started - info.id",
            "info.seed - info.id, 0",
            "torch_dataset:no_other",
        ),
        (
            "torch_dataset.py",
            "        if refused:\n            raise UserError(refused)\n",
            "",
            "torch_dataset:together",
        ),
        (
            "torch_dataset.py",
            "        self._resumed = None\n        loaded",
            "        loaded",
            "torch_dataset:resumes_exactly",
        ),
        (
            "torch_dataset.py",
            'self._received = resumed["received"] if resumed is not None else 0',
            "self._received = 0",
            "torch_dataset:resumes_exactly",
        ),
        (
            "torch_dataset.py",
            "start = self._iterations.last()",
            "start = self._iterations.following(self._reader)",
            "torch_dataset:plain_loader",
        ),
        (
            "torch_dataset.py",
            '        if loaded not in (None, self._now):\n            raise UserError("the loader\'s state has workers of several epochs: load it as it was saved")\n',
            "",
            "torch_dataset:several",
        ),
        ("walk.py", "sign = -1 if self._lane.backward else 1", "sign = 1", "reader"),
        (
            "walk.py",
            "yield [rounds + (turn < more) for turn in range(len(self._tracks))]",
            "yield [rounds for turn in range(len(self._tracks))]",
            "reader",
        ),
        ("walk.py", "        self._held.let_go(before[0])\n", "", "memory"),
        ("walk.py", "if begun is not None and position < begun[2]:", "if begun is not None:", "reader resume"),
        (
            "walk.py",
            "return self._next is None and self._here[2] < len(self._lane)",
            "return self._next is None",
            "reader",
        ),
    )
]


def commands(mutant: Mutant) -> list[list[str]]:
    """pytest for each file of tests."""
    found = []
    for word in mutant.tests.split():
        name, _, some = word.partition(":")
        options = ["-x", "-q", "-p", "no:cacheprovider", *(["-k", some] if some else [])]
        found.append([sys.executable, "-m", "pytest", *options, str(TESTS / f"test_{name}.py")])
    return found


def is_noticed(mutant: Mutant, folder: Path) -> bool:
    """Whether a test fails in a copy of the tree with the change, which is taken back."""
    path = folder / ROOM / mutant.file
    text = path.read_text()
    path.write_text(text.replace(mutant.old, mutant.new))
    try:
        return any(fails(command, folder) for command in commands(mutant))
    finally:
        path.write_text(text)


def fails(command: list[str], folder: Path) -> bool:
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    try:
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, timeout=LIMIT_S)
    except subprocess.TimeoutExpired:
        return True
    return done.returncode == 1


def main(files: list[str]) -> None:
    chosen = [mutant for mutant in MUTANTS if not files or mutant.file in files]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "tree"
        shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(".*", "runs", "build", "__pycache__"))
        for number, mutant in enumerate(chosen, 1):
            if not is_noticed(mutant, folder):
                print(f"{mutant.file}: {mutant.old!r} -> {mutant.new!r}: not noticed by {mutant.tests}", flush=True)
            print(f"{number} of {len(chosen)}", end="\r", file=sys.stderr)
    print(f"{len(chosen)} changes tried")


if __name__ == "__main__":
    main(sys.argv[1:])
