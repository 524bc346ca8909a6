"""Which data-parallel rank this process is, where nobody says so."""

from __future__ import annotations

import logging
import os
import sys

from curation.errors import UserError

_log = logging.getLogger("astrocorpus.streaming")


def detected_rank(dp_rank: int | None, dp_size: int | None) -> tuple[int, int]:
    """Rank and number of ranks: as given, else of torch.distributed where it is initialised, else of RANK and WORLD_SIZE (torchrun
    sets them), else 0 of 1. What is found and not given is said on the log `astrocorpus.streaming`, as a warning where
    there are several ranks, or where a launcher says that there are several processes and not which this is.

    Raises:
        UserError: one of the two is given without the other, or the environment has one without the other or no numbers.
    """
    if (dp_rank is None) != (dp_size is None):
        raise UserError("dp_rank and dp_size belong together: give both or neither")
    if dp_rank is not None and dp_size is not None:
        return dp_rank, dp_size
    found = _of_torch() or _of_environment()
    if found is None and (launched := _launched()):
        _log.warning(
            "%s: there are several processes, and no torch.distributed or RANK says which this is. It reads every row, as rank 0 of 1; "
            "give dp_rank and dp_size",
            launched,
        )
        return 0, 1
    rank, size, source = found or (0, 1, "nothing: no torch.distributed, no RANK")
    text = "reading as data-parallel rank %d of %d, by %s; dp_rank and dp_size say otherwise"
    _log.log(logging.WARNING if size > 1 else logging.INFO, text, rank, size, source)
    return rank, size


def _launched() -> str:
    """What in the environment says that there are several processes; empty for nothing. SLURM and MPI count tasks that need not
    be data-parallel ranks, so they are not taken for them."""
    for name in ("SLURM_NTASKS", "OMPI_COMM_WORLD_SIZE"):
        if (number := os.environ.get(name, "")).isdecimal() and int(number) > 1:
            return f"{name}={number}"
    return f"LOCAL_RANK={local}" if (local := os.environ.get("LOCAL_RANK")) else ""


def _of_torch() -> tuple[int, int, str] | None:
    distributed = sys.modules.get("torch.distributed")
    if distributed is None or not distributed.is_available() or not distributed.is_initialized():
        return None
    return distributed.get_rank(), distributed.get_world_size(), "torch.distributed"


def _of_environment() -> tuple[int, int, str] | None:
    rank, size = os.environ.get("RANK"), os.environ.get("WORLD_SIZE")
    if rank is None and size is None:
        return None
    try:
        return int(rank or ""), int(size or ""), "RANK and WORLD_SIZE"
    except ValueError as error:
        raise UserError(
            f"RANK={rank!r}, WORLD_SIZE={size!r} in the environment: two numbers, or give dp_rank and dp_size"
        ) from error
