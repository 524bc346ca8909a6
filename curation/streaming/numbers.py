"""Whole numbers as callers give them: Python's or numpy's, kept as Python's, as a checkpoint's JSON wants them."""

from __future__ import annotations

from operator import index
from typing import SupportsIndex

from curation.errors import UserError


def whole(name: str, number: SupportsIndex) -> int:
    """A number of any integer type as int.

    Raises:
        UserError: it is of another type, be it a float without a fraction.
    """
    try:
        return index(number)
    except TypeError as error:
        raise UserError(f"{name} {number!r}: a whole number") from error
