"""Functions of PDFium without the checks of `pypdfium2.raw`: 0.2 us a call instead of 1, and a page needs 10^4.

https://pdfium.googlesource.com/pdfium/+/refs/heads/main/public/
"""

from __future__ import annotations

import ctypes
from typing import Any

import pypdfium2.raw as pdfium

from curation.extract.pdf.page import Box

POINTER, INT, FLOAT = ctypes.c_void_p, ctypes.c_int, ctypes.c_float


def function(name: str, result: Any, *arguments: Any) -> Any:
    """A function of PDFium by its name, for types of `ctypes`."""
    address = ctypes.cast(getattr(pdfium, name), POINTER).value or 0
    return ctypes.CFUNCTYPE(result, *arguments)(address)


class Crop:
    """From PDFium's coordinates (y upwards) to those of the unturned page below and right of the crop box's corner."""

    def __init__(self, left: float, upper: float) -> None:
        self.left, self.upper = left, upper

    def box(self, x0: float, y0: float, x1: float, y1: float) -> Box:
        return x0 - self.left, self.upper - y1, x1 - self.left, self.upper - y0
