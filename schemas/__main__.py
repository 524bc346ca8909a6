"""`python -m schemas [TABLE ...]`: the tables as Markdown."""

from __future__ import annotations

import os
import sys

from schemas import TABLES


def main(names: list[str]) -> int:
    if {"-h", "--help"} & set(names):
        print(f"{__doc__}\n\nThe tables are {', '.join(TABLES)}; by default all are printed.")
        return 0
    unknown = [name for name in names if name not in TABLES]
    if unknown:
        print(f"no table {', '.join(map(ascii, unknown))}; the tables are {', '.join(TABLES)}", file=sys.stderr)
        return 2
    print("\n\n".join(TABLES[name].describe() for name in names or TABLES))
    return 0


if __name__ == "__main__":
    try:
        code = main(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:  # the reader is gone; Python itself would complain of it at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 1
    sys.exit(code)
