"""OCR a page at a time: each has limits of its own, and one that passes them costs the paper nothing but that page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from curation.confine.sandbox import Sandbox
from curation.errors import PaperError
from curation.extract.pages import MAX_WORD_CHARS, Recognised, is_recognised
from schemas import MACHINE_REASONS, Reason

if TYPE_CHECKING:
    from curation.extract.ocr.engines import Engine

MAX_COSTLY = 3
"""Pages of one paper that may pass a limit: the others are not asked for then, so that a paper of nothing else holds a worker for
minutes, not for an hour."""
_COSTLY = frozenset({Reason.TIMEOUT, Reason.OUT_OF_MEMORY, Reason.CRASHED})


def recognise(
    sandbox: Sandbox, function: str, content: Mapping[str, Any], pages: Sequence[int], engine: Engine, max_cpu_s: float
) -> list[Recognised]:
    """What OCR gives for some pages of a PDF, in their order.

    Args:
        sandbox: its limits are those of one page.
        function: of `curation.extract.one_paper`, by (content, page, engine).
        max_cpu_s: of all pages together; past it no other one is asked for.

    Raises:
        PaperError: the machine failed, not a page.
    """
    read: list[Recognised] = []
    costly = 0
    spent_s = 0.0
    for number in pages:
        if spent_s >= max_cpu_s:
            said = f"not asked for: OCR of the pages before it took {max_cpu_s:g} s of CPU time (extract.max_ocr_cpu_s)"
            read.append(Recognised(status="timeout", detail=said))
            continue
        if costly == MAX_COSTLY:
            read.append(
                Recognised(status="failed", detail=f"not asked for: {costly} pages before it passed their limits")
            )
            continue
        try:
            found = sandbox.call(function, content, number, engine)
            if not is_recognised(found):
                sandbox.close()
                raise PaperError(Reason.CRASHED, "OCR gave a page in a form that is none")
            read.append(Recognised(*found))
        except PaperError as error:
            if error.reason in MACHINE_REASONS:
                raise
            costly += error.reason in _COSTLY
            status = "timeout" if error.reason is Reason.TIMEOUT else "failed"
            read.append(Recognised(status=status, detail=f"OCR: {error.detail}"[:MAX_WORD_CHARS]))
        finally:
            spent_s += sandbox.cpu_s
    return read
