"""Imports PyMuPDF without its layout model and without pymupdf4llm.

PyMuPDF 2.0 loads and warms an ONNX network when it is imported: 1.0 s and 300 MB for nothing that is used here (0.2 s
without), and an allocation that fails under a memory limit; and all of pymupdf4llm where that is installed. An entry of None
in `sys.modules` makes `import` raise ImportError, which PyMuPDF takes for "not installed".

libgcc's unwinder is loaded before, too: glibc looks for it when the first exception passes through C++, and where that one says
that memory is short the process ends instead.
"""

from __future__ import annotations

import contextlib
import ctypes
import sys

with contextlib.suppress(OSError):  # not on every platform, and not needed there
    ctypes.CDLL("libgcc_s.so.1")
_UNUSED = ("pymupdf.layout", "pymupdf4llm")

_left_out = [name for name in _UNUSED if name not in sys.modules] if "pymupdf" not in sys.modules else []
for _name in _left_out:
    sys.modules[_name] = None  # type: ignore[assignment]
try:
    import pymupdf
finally:
    for _name in _left_out:
        if sys.modules.get(_name, "") is None:
            del sys.modules[_name]

__all__ = ["pymupdf"]
