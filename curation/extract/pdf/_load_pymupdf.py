"""Imports PyMuPDF without its layout model.

PyMuPDF 2.0 loads and warms an ONNX network when it is imported: 1.0 s and 300 MB for nothing that is used here (0.2 s
without), and an allocation that fails under a memory limit. An entry of None in `sys.modules` makes `import` raise
ImportError, which PyMuPDF takes for "not installed".

libgcc's unwinder is loaded before, too: glibc looks for it when the first exception passes through C++, and where that one says
that memory is short the process ends instead.
"""

from __future__ import annotations

import contextlib
import ctypes
import sys

with contextlib.suppress(OSError):  # not on every platform, and not needed there
    ctypes.CDLL("libgcc_s.so.1")
_LAYOUT = "pymupdf.layout"

if "pymupdf" not in sys.modules:
    sys.modules[_LAYOUT] = None  # type: ignore[assignment]
try:
    import pymupdf
finally:
    if sys.modules.get(_LAYOUT, "") is None:
        del sys.modules[_LAYOUT]

__all__ = ["pymupdf"]
