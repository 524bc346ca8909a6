from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from curation.extract import code
from curation.extract.router import Extract

PROJECT = Path(__file__).parents[2]


def test_a_changed_module_that_makes_text_changes_the_fingerprint_of_extraction(tmp_path: Path) -> None:
    shutil.copytree(PROJECT / "curation", tmp_path / "curation")
    shutil.copytree(PROJECT / "schemas", tmp_path / "schemas")
    ask = [sys.executable, "-c", "from curation.extract.code import code_sha256 as c; print(c())"]

    def found() -> str:
        return subprocess.run(ask, cwd=tmp_path, capture_output=True, text=True, check=True).stdout.strip()

    assert found() == code.code_sha256() == Extract(ocr="none").identity()["backends"]["code"]
    digests = [code.code_sha256()]
    for name in ("extract/latex/lexer.py", "confine/ended.py", *code.OTHER_ROOMS):
        with (tmp_path / "curation" / name).open("a") as module:
            module.write("\n# another rule\n")
        digests.append(found())
    assert {"sources/rows.py", "sources/kinds.py", "text/clean.py", "text/marks.py"} < set(code.OTHER_ROOMS)
    assert len(set(digests)) == len(digests)
