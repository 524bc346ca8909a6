"""Whatever a command is given that it cannot use is one clear error, exit code 2, and nothing is overwritten."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from pipelines.cli import COMMANDS, main
from tests.cli.test_commands import TEXTS

PROJECT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a config, its source `src`, its run `run` and the run's release `rel`."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "src").mkdir()
    rows = "".join(f'{{"id": "{name}", "text": "{text}"}}\n' for name, text in TEXTS.items())
    (folder / "src" / "d.jsonl").write_text(rows)
    value = {"name": "small", "sources": [{"name": "s", "path": "src"}], "decide": {"tiers": {"research": {}}}}
    (folder / "c.yaml").write_text(yaml.safe_dump(value))
    (folder / "void").mkdir()
    (folder / "notes").write_text("mine")
    assert main(["run", str(folder / "c.yaml"), "--run", str(folder / "run"), "--executor", "inline"]) == 0
    assert main(["release", str(folder / "run"), "--out", str(folder / "rel")]) == 0
    return folder


def contents(folder: Path) -> dict[Path, bytes]:
    return {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """What a command says that is used wrongly and changes no file."""
    before = contents(Path.cwd())
    capsys.readouterr()
    assert main(arguments) == 2, arguments
    said = capsys.readouterr()
    assert contents(Path.cwd()) == before
    assert not said.out and "Traceback" not in said.err
    return " ".join(said.err.split())


WRONG = [
    ("trace run nobody", "no paper 'nobody'"),
    ("trace nowhere x", "holds no run"),
    ("trace rel x", "holds no run"),
    ("trace notes x", "holds no run"),
    ("card void", "holds no run"),
    ("card notes", "holds no run"),
    ("card run --tokenizer void", "void"),
    ("dedup src --out r --threads 99999", "--threads"),
    ("card run --tokenizer notes", "notes is no tokenizer.json"),
    ("gc rel", "holds no run"),
    ("gc nowhere", "holds no run"),
    ("release rel --out o", "holds no run"),
    ("release run --out src", "not empty"),
    ("release run --out notes", "is a file"),
    ("release run --out notes/o", "notes is no folder"),
    ("publish run o", "run is a run folder: first `astrocorpus release "),
    ("publish void o", "a release folder has a manifest.json"),
    ("publish rel notes", "notes is no folder"),
    ("publish void gs://bucket/name", "a target is a folder, s3://bucket/prefix or hf://datasets/owner/name"),
    ("audit void --benchmark c.yaml", "`astrocorpus release RUN --out DIR` makes one"),
    ("audit rel --benchmark void", "void is a folder; name the config in it"),
    ("audit rel --benchmark src/d.jsonl", "src/d.jsonl holds data; name it in a config"),
    ("audit rel --benchmark c.yaml --out notes", "notes is no folder"),
    ("publish rel rel/o", "lies in the input"),
    ("publish rel rel", "rel"),
    ("stream run", "run is a run folder: first `astrocorpus release "),
    ("stream notes", "a release folder has a manifest.json"),
    ("stream rel --limit 0", "--limit"),
    ("stream rel --limit -3", "--limit"),
    ("stream rel --columns id,id", "column id is asked for twice"),
    ("stream rel --columns id,nosuch", "has no column nosuch"),
    ("stream rel --resume void", "it is no file"),
    ("stream rel --resume notes", "cannot be read"),
    ("stream rel --resume /dev/zero", "it is no file"),
    ("stream rel --resume rel/card.html", "cannot be read"),
    ("stream rel --state-out notes", "the state cannot be written to notes"),
    ("stream rel --state-out src/d.jsonl", "the state cannot be written to src/d.jsonl"),
    ("stream rel --state-out rel/state.json", "lies in the input rel"),
    ("run src", "src"),
    ("run notes", "holds no keys"),
    ("run c.yaml --run notes", "cannot be written"),
    ("run c.yaml --limit 0", "--limit"),
    ("run c.yaml --sample nan", "--sample"),
    ("run c.yaml --workers 0", "--workers"),
]


@pytest.mark.parametrize(("line", "said"), WRONG)
def test_wrong_inputs_and_outputs_are_one_clear_error(made, monkeypatch, capsys, line, said):
    monkeypatch.chdir(made)
    assert said in refused(line.split(), capsys)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("empty", ["", " ", "\t"])
def test_an_empty_argument_is_an_error_everywhere(made, monkeypatch, capsys, command, empty):
    monkeypatch.chdir(made)
    for arguments in ([command, empty], [command, "run", empty], [command, "run", f"--out={empty}"]):
        assert "is empty" in refused(arguments, capsys)


LOCKED = [
    "extract locked/p.tex",
    "extract locked",
    "extract src/d.jsonl",
    "extract open.tex --out locked/o.md",
    "extract open.tex --out-dir locked/o",
    "dedup locked/d.jsonl --out r",
    "dedup locked --out r",
    "dedup src --out locked/r",
    "dedup src --index-out locked/i",
    "dedup src --out r --strip-boilerplate locked/x",
    "run locked/c.yaml",
    "run c.yaml --run locked/run",
    "trace locked x",
    "card locked",
    "gc locked",
    "release run --out locked/o",
    "publish rel locked/o",
    "stream locked",
    "stream rel --state-out locked/s",
    "extract open.tex --out shown/o.md",
    "extract open.tex --out-dir shown/o",
    "dedup src --out shown/r",
    "dedup src --index-out shown/i",
    "release run --out shown/o",
    "publish rel shown/o",
    "stream rel --state-out shown/s",
]


def test_a_folder_without_permission_is_one_clear_error(made, tmp_path):
    """Run without the powers that let root into every folder."""

    place = tmp_path / "place"
    shutil.copytree(made, place)
    locked = place / "locked"
    locked.mkdir()
    shown = place / "shown"
    shown.mkdir()
    (locked / "p.tex").write_text("x")
    (locked / "d.jsonl").write_text("{}")
    (place / "open.tex").write_text(r"\documentclass{a}\begin{document}Words.\end{document}")
    if os.geteuid() == 0:
        for path in (shown, locked, *locked.iterdir()):
            os.chown(path, 65534, 65534)
    locked.chmod(0o700 if os.geteuid() == 0 else 0)
    shown.chmod(0o555)
    code = (
        "import sys; from pipelines.cli import main\n"
        "for line in sys.argv[1:]: print('\\n#', line, '=', main(line.split()), file=sys.stderr)"
    )
    command = [sys.executable, "-c", code, *LOCKED]
    if os.geteuid() == 0:
        command = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search,-fowner", *command]
    done = subprocess.run(
        command, cwd=place, env=os.environ | {"PYTHONPATH": str(PROJECT)}, capture_output=True, text=True
    )
    locked.chmod(0o700)
    assert done.returncode == 0, done.stderr
    codes = dict(line[2:].rsplit(" = ", 1) for line in done.stderr.splitlines() if line.startswith("# "))
    assert codes == dict.fromkeys(LOCKED, "2"), done.stderr
    assert "Traceback" not in done.stderr


def test_a_working_folder_that_is_gone_is_no_traceback(tmp_path, monkeypatch, capsys):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    for line in ("trace run x", "doctor", "extract a.tex", "stream rel", "dedup d.jsonl --out r"):
        assert main(line.split()) == 2
        assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize("body", ["[" * 99999, "{", "[]", "null", '{"order": 1}', "\xff"])
@pytest.mark.parametrize("command", ["trace broken x", "card broken", "gc broken", "release broken --out o"])
def test_a_run_whose_notes_are_broken_is_told(tmp_path, monkeypatch, capsys, command, body):
    monkeypatch.chdir(tmp_path)
    Path("broken").mkdir()
    Path("broken/run.json").write_text(body, encoding="latin-1")
    assert main(command.split()) == 1
    said = " ".join(capsys.readouterr().err.split())
    assert said.startswith("RunError: ") and "broken/run.json" in said


@pytest.mark.parametrize("columns", ["id", "id,text"])
def test_a_reader_that_went_away_is_no_traceback(made, columns):
    code = "import sys; from pipelines.cli import main; sys.exit(main(['stream', 'rel', '--columns', sys.argv[1]]))"
    command = f'{sys.executable} -c "{code}" {columns} | {{ exec <&-; sleep 2; }}'
    environ = {k: v for k, v in os.environ.items() if k != "PYTHONUNBUFFERED"} | {"PYTHONPATH": str(PROJECT)}
    done = subprocess.run(["bash", "-c", command], cwd=made, env=environ, capture_output=True, text=True)
    assert "Traceback" not in done.stderr and "Exception" not in done.stderr
