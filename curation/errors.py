"""Every exception that astrocorpus raises on purpose.

AstrocorpusError
├── UserError              the user can mend it: wrong config, missing file (exit code 2)
│   ├── ConfigError        a config key or value
│   ├── NoPapersError      a source is not there, or holds no paper
│   └── BrokenFileError    a file of text is cut, damaged, or no text
├── PaperError             one paper cannot be processed: becomes one failed row, never a stopped run
│   └── BadArchiveError    the paper's archive is broken or hostile
└── RunError               the run must stop (exit code 1)
    ├── ContractError      a step broke its contract: columns, ids, row counts
    ├── ConservationError  papers in are not papers accounted for
    ├── LimitError         a stated limit was passed (clustering, whole steps)
    │   └── BudgetError    of money or tokens, for a language model
    ├── EngineError        a language model does not answer; what it answered is kept
    │   └── StoppedError   nothing more is asked of it, since someone said stop
    ├── PlaceError         a place cannot be reached, read or written
    │   └── NoSpaceError   it is full
    └── HarvestError       an OAI-PMH server gave up, or does not keep to its protocol; what came is kept
        ├── UnansweredError    to one question no answer came
        └── BrokenAnswerError  one answer cannot be read

Beside it stand errors that one room raises and catches: HeldError (`curation.place.holder`, a UserError: another one holds a lease) and
TarRefusedError (`curation.sources.bulk.transfer`: one tar cannot be fetched, the others can).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from schemas import Reason


class AstrocorpusError(Exception):
    """Base of all errors raised on purpose; its text is for people."""


class UserError(AstrocorpusError):
    """Says what is wrong, where, and what to do."""


class ConfigError(UserError):
    """A key or value of the config."""


class NoPapersError(UserError):
    """A source is not there, cannot be read, or holds no paper. In a run that had papers of it, that is an outage."""


class BrokenFileError(UserError):
    """A file of text cannot be read to its end.

    Args:
        path: the file, or its address.
        words: what is wrong, after the file's name (`is cut: it ends inside a gzip member`); for tables, which hold no
            paths of a machine.
    """

    def __init__(self, path: Path | str, words: str) -> None:
        super().__init__(path, words)
        self.path = path
        self.words = words

    def __str__(self) -> str:
        return f"{self.path} {self.words}"


class PaperError(AstrocorpusError):
    """One paper cannot be processed.

    Args:
        reason: the word that stands in the ledger.
        detail: the failure in words.
    """

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.reason}: {self.detail}"


class BadArchiveError(PaperError):
    """The archive is broken, hostile or too large."""

    def __init__(self, detail: str, reason: Reason = Reason.BAD_ARCHIVE) -> None:
        super().__init__(reason, detail)

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), (self.detail, self.reason))


class RunError(AstrocorpusError):
    """The run stops at once."""


class ContractError(RunError):
    """A step broke its contract."""


class ConservationError(RunError):
    """Papers were lost or doubled; the text names them."""


class LimitError(RunError):
    """A stated limit was passed."""


class BudgetError(LimitError):
    """What a language model may cost, in money or tokens, is spent. What was answered is kept."""


class EngineError(RunError):
    """A language model cannot be asked, or gave up. What it answered is kept; the next run asks only for the rest."""


class StoppedError(EngineError):
    """A request was not sent, since the engine was told to stop."""


class PlaceError(RunError):
    """A folder or bucket cannot be reached, read or written."""


class NoSpaceError(PlaceError):
    """A disk or quota is full."""


class HarvestError(RunError):
    """A server of OAI-PMH does not answer as it should."""


class UnansweredError(HarvestError):
    """To one question no answer came, however often it was asked."""


class BrokenAnswerError(HarvestError):
    """An answer is no answer: cut, no XML, a page for people."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The known word that one which is not known may be, for the end of a message; empty when none is like it."""
    close = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


NAMED = 5
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")


def one_line(text: str) -> str:
    """A name, an id or a value as it stands in a line for people: control characters, line ends too, as `%0A`."""
    return _CONTROLS.sub(lambda found: f"%{ord(found[0]):02X}", text)


def counted(count: int, what: str) -> str:
    """A count and what is counted, which is given in the plural: `1 paper`, `2,000 papers`."""
    if count == 1:
        what = f"{what.removesuffix('ies')}y" if what.endswith("ies") else what.removesuffix("s")
    return f"{count:,} {what}"


def first_names(names: Sequence[str], count: int | None = None) -> str:
    """The first names, for a message, and how many more there are of `count`, which may be more than are given."""
    more = (len(names) if count is None else count) - len(names[:NAMED])
    return ", ".join(map(one_line, names[:NAMED])) + (f" and {more:,} more" if more > 0 else "")
