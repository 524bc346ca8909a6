"""Secrets that a run must not give away: in its environment, in files all around it, in a process and a server beside it.

Every secret holds MARK, so that one search finds any of them. Nothing that a paper holds may contain it.
"""

from __future__ import annotations

import http.server
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

MARK = "quorvexmalthyzinbrod"
"""Letters only, so that it survives line breaks, hyphens, spacing, escapes and changes of case (scan.py)."""
TOKENS = (
    *("HF_TOKEN", "AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "OPENAI_API_KEY", "RAY_AUTH_TOKEN", "PGPASSWORD"),
    *("OBSERVATORY_LIBRARY_CARD", "quietly"),
)
SUFFIXES = ("", ".txt", ".tex", ".sty", ".cls", ".bib", ".bbl", ".csv", ".lua", ".css", ".html", ".yaml")
"""A secret file lies there under each, since commands of TeX add one of their own."""
CONTENT = (
    rf"\def\planted{{{MARK}}} The word is {MARK}." "\n\n" rf"\bibitem{{planted}} Author, A. {MARK}, 2020." "\n\n"
    f"@article{{planted, title={{{MARK}}}, author={{{MARK}}}}}\n"
)  # fmt: skip


@dataclass(frozen=True)
class Planted:
    """Where the secrets are.

    Args:
        work: folder that holds everything of one test.
        papers: the source's root; nothing in it is secret.
        stems: secret files without their suffixes.
        pid: a process of the same user with the secrets in its environment, its working directory and its input.
        url: address of a server of this machine that answers with a secret and notes who asks (`asked`).
        canary: a file that only code of a paper would make.
    """

    work: Path
    papers: Path
    stems: tuple[Path, ...]
    pid: int
    url: str
    canary: Path
    asked: list[str] = field(default_factory=list)

    @property
    def home(self) -> Path:
        return self.work / "home"

    @property
    def runs(self) -> Path:
        return self.work / "runs"

    def environment(self, **more: str) -> dict[str, str]:
        """The environment of the command: what it needs, and secrets."""
        project = Path(__file__).parents[2]
        needed = {name: os.environ[name] for name in ("PATH", "LANG", "LD_LIBRARY_PATH") if name in os.environ}
        paths = {"HOME": self.home, "TMPDIR": self.work / "tmp", "PYTHONPATH": project, "TEXINPUTS": f"{self.home}:"}
        paths["NUMBA_CACHE_DIR"] = Path(tempfile.gettempdir()) / f"astrocorpus-numba-{os.getuid()}"  # as without TMPDIR
        return needed | {k: str(v) for k, v in paths.items()} | tokens() | more


def tokens() -> dict[str, str]:
    return {name: f"{MARK}-{name}-{MARK}" for name in TOKENS}


@contextmanager
def planted(work: Path) -> Iterator[Planted]:
    """Plant secrets all around `work/papers`; afterwards nothing of them is left outside of `work`."""
    home = work / "home"
    stems = [work / "vault", work / "runs" / "vault", home / "vault", home / ".aws" / "credentials", home / ".netrc"]
    stems += [home / ".ssh" / "id_ed25519", home / ".cache" / "huggingface" / "token"]
    template = home / ".local/share/pandoc/templates/default.markdown"
    with tempfile.TemporaryDirectory(prefix="vault-", dir="/tmp") as common, _server() as (url, asked):
        stems.append(Path(common) / "vault")
        for stem in stems:
            stem.parent.mkdir(parents=True, exist_ok=True)
            for suffix in SUFFIXES:
                stem.with_name(stem.name + suffix).write_text(CONTENT)
        template.parent.mkdir(parents=True)
        template.write_text(f"$if(titleblock)$\n$titleblock$\n\n$endif$\n{MARK}\n\n$body$\n")
        for name in ("papers", "cwd", "tmp"):
            (work / name).mkdir()
        command = [sys.executable, "-c", "import sys, time; print(flush=True); time.sleep(3600)"]
        with (
            (work / "vault").open("rb") as secret,
            subprocess.Popen(command, env=tokens(), cwd=work, stdin=secret, stdout=subprocess.PIPE) as process,
        ):
            assert process.stdout is not None
            process.stdout.readline()  # it runs with its own environment now
            try:
                yield Planted(work, work / "papers", tuple(stems), process.pid, url, work / "canary", asked)
            finally:
                process.kill()


@contextmanager
def _server() -> Iterator[tuple[str, list[str]]]:
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(CONTENT.encode())

        do_POST = do_PUT = do_HEAD = do_GET

        def log_message(self, format: str, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", asked
        finally:
            server.shutdown()
            thread.join()
