"""Our LaTeX extractor beside its peers, on the same papers in one run.

    python tests/benchmarks/latex.py --papers DIR --scorer score_latex.py [--peers-python PATH] [--only WORD]

DIR holds `manifest.jsonl` and one folder a paper with `source/`. The scorer is any module with
`score(source_dir, text, main) -> {"score": 0..100, ...}`. A paper without output counts 0. Peers run under
`--peers-python` (an environment with docling-slim, pylatexenc, pypandoc-binary); an absent one is named and skipped.
CPU seconds are those of the conversion, not of imports.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

from curation.errors import PaperError
from curation.extract.latex import extract_latex

PEERS = {
    "docling-slim": """
from docling.backend.latex.backend import LatexDocumentBackend
from docling.datamodel.backend_options import LatexBackendOptions
from docling.datamodel.base_models import InputFormat
from docling.datamodel.document import InputDocument
def convert(p):
    d = InputDocument(path_or_stream=p, format=InputFormat.LATEX, backend=LatexDocumentBackend,
                      backend_options=LatexBackendOptions(), filename=p.name)
    return d._backend.convert().export_to_markdown()
""",
    "pandoc": """
import os, resource, subprocess, pypandoc
pandoc = pypandoc.get_pandoc_path()
def convert(p):
    return subprocess.run([pandoc, "-s", "-f", "latex", "-t", "markdown", "--wrap=none", p.name], cwd=p.parent,
                          capture_output=True, timeout=60, check=True).stdout.decode("utf-8", "replace")
""",
    "pylatexenc": """
from pylatexenc.latex2text import LatexNodes2Text
def convert(p):
    return LatexNodes2Text().latex_to_text(p.read_text("utf-8", "replace"))
""",
}
RUNNER = """
import json, resource, sys, time, pathlib
def cpu():
    return sum(sum(resource.getrusage(w)[:2]) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
for line in sys.stdin:
    t = cpu()
    try:
        text, error = convert(pathlib.Path(line.strip())), None
    except Exception as e:
        text, error = "", repr(e)[:200]
    print(json.dumps({"text": text, "error": error, "cpu_s": cpu() - t}), file=OUT, flush=True)
"""
Row = tuple[str, float, str | None]


def main() -> None:
    """Print one row a system."""
    args = _arguments()
    scorer = _load(args.scorer)
    papers = [json.loads(line) for line in (args.papers / "manifest.jsonl").read_text().splitlines()]
    papers = [p for p in papers if not args.only or args.only in p["slug"]]
    mains = [args.papers / p["slug"] / p["main"] for p in papers]
    print(
        f"{len(papers)} papers\n{'system':14} {'usable':>6} {'mean':>6} {'worst':>6} {'CPU s/paper':>11} {'papers/CPU s':>12}"
    )
    results = {"astrocorpus": [_ours(m) for m in mains]}
    for name, code in PEERS.items():
        rows = _peer(args.peers_python, code, mains)
        if rows is None:
            print(f"{name:14} absent from {args.peers_python}")
        else:
            results[name] = rows
    for name, rows in results.items():
        scores = [
            scorer.score(str(args.papers / p["slug"] / "source"), text, str(m))["score"] if text.strip() else 0.0
            for p, m, (text, _, _) in zip(papers, mains, rows, strict=True)
        ]
        usable = sum(bool(text.strip()) for text, _, _ in rows)
        cpu = sum(c for _, c, _ in rows) / len(rows)
        print(
            f"{name:14} {usable:6} {sum(scores) / len(scores):6.2f} {min(scores):6.2f} {cpu:11.3f} {1 / max(cpu, 1e-9):12.1f}"
        )
        for p, (_, _, error) in zip(papers, rows, strict=True):
            if error:
                print(f"{'':14}   {p['slug']}: {error[:110]}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--papers", type=Path, required=True)
    parser.add_argument("--scorer", type=Path, required=True)
    parser.add_argument("--peers-python", default=sys.executable)
    parser.add_argument("--only", default="")
    return parser.parse_args()


def _load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("scorer", path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{path} is no Python module")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _ours(path: Path) -> Row:
    folder = path.parent
    files = {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    started = time.process_time()
    try:
        text, error = extract_latex(files, main=path.name).text, None
    except PaperError as e:
        text, error = "", str(e)
    return text, time.process_time() - started, error


def _peer(python: str, code: str, mains: list[Path]) -> list[Row] | None:
    """One process for all papers; None when the peer cannot be imported."""
    head = "import os, sys\nOUT = os.fdopen(os.dup(1), 'w')\nos.dup2(2, 1)\n"
    done = subprocess.run(
        [python, "-c", head + code + RUNNER],
        input="\n".join(map(str, mains)),
        capture_output=True,
        text=True,
        check=False,
    )
    rows = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    if not rows:
        return None
    rows += [{"text": "", "error": "the process died", "cpu_s": 0.0}] * (len(mains) - len(rows))
    return [(r["text"], r["cpu_s"], r["error"]) for r in rows]


if __name__ == "__main__":
    main()
