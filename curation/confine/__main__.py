"""The process behind `curation.confine.sandbox`: shuts itself in, then serves. Nothing else is imported before that."""

from __future__ import annotations

import json
import os
import sys

from curation.confine.isolation import confine


def main(argv: list[str]) -> int:
    channel, shared, parent, readable = argv
    statm = os.open("/proc/self/statm", os.O_RDONLY)
    held = confine(json.loads(readable))
    from curation.confine.serve import serve  # libraries may start threads, which would stay outside

    return serve(int(channel), int(shared), int(parent), statm, held)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
