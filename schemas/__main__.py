"""`python -m schemas [TABLE ...]`: the tables as Markdown."""

from __future__ import annotations

import sys

from schemas import TABLES


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in TABLES]
    if unknown:
        print(f"no table {', '.join(map(ascii, unknown))}; the tables are {', '.join(TABLES)}", file=sys.stderr)
        return 2
    print("\n\n".join(TABLES[name].describe() for name in names or TABLES))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
