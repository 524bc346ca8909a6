"""The command line: what each command does, and what it says when something is wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest
import yaml

from curation.extract.pandoc import find_pandoc
from pipelines.cli import COMMANDS, main

NUMBERS = ("one", "two", "three", "four", "five", "six", "seven")
TEXTS = {
    f"arXiv:2301.{i:05d}": f"We observed the star number {i} for {number} nights. "
    + f"The light curve of the {number} planets that orbit it shows no sign of a moon and is that of a quiet star. " * 3
    for i, number in enumerate(NUMBERS, 1)
}


@pytest.fixture
def config(tmp_path, write_docs):
    folder = write_docs(TEXTS)
    path = tmp_path / "corpus.yaml"
    tiers = {"research": {}, "public": {"licences": ["CC0-1.0"]}}
    path.write_text(
        yaml.safe_dump(
            {"name": "small", "sources": [{"name": "docs", "path": folder.name}], "decide": {"tiers": tiers}}
        )
    )
    return path


def run(config: Path, tmp_path: Path, *options: str) -> int:
    return main(["run", str(config), "--run", str(tmp_path / "run"), "--executor", "inline", *options])


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command, capsys):
    assert main([command, "--help"]) == 0
    assert f"astrocorpus {command}" in capsys.readouterr().out


def test_run_then_trace_then_release(config, tmp_path, capsys):
    assert run(config, tmp_path) == 0
    out = capsys.readouterr().out
    assert "papers in" in out and "drop: licence_unknown" in out
    assert main(["trace", str(tmp_path / "run"), "2301.00003"]) == 0
    out = capsys.readouterr().out
    assert "research: keep" in out and "public: drop: licence_unknown" in out
    assert main(["trace", str(tmp_path / "run"), "arXiv:2301.00003", "--json"]) == 0
    tables = [json.loads(line)["table"] for line in capsys.readouterr().out.splitlines()]
    assert tables[:2] == ["papers", "metadata"] and "decisions" in tables and "release" in tables
    assert main(["release", str(tmp_path / "run"), "--out", str(tmp_path / "out")]) == 0
    assert pl.read_parquet(tmp_path / "out" / "research" / "*.parquet").height == 7
    assert main(["release", str(tmp_path / "run"), "--out", str(tmp_path / "out")]) == 0


def test_what_is_no_paper_is_counted_and_named(config, tmp_path, capsys):
    (tmp_path / "docs" / "README.md").write_text("read me")
    for name in ("2301.00099", "empty"):
        (tmp_path / "docs" / name).mkdir()
    assert run(config, tmp_path) == 0
    assert "left out of source docs, as no papers: 2 (README.md, empty/)" in capsys.readouterr().out
    report = json.loads((tmp_path / "run" / "report.json").read_text())
    assert report["left_out"]["docs"]["count"] == 2
    assert main(["trace", str(tmp_path / "run"), "2301.00099"]) == 0
    assert "research: fail" in capsys.readouterr().out


def test_brackets_and_equals_signs_in_a_run_path_are_part_of_its_name(config, tmp_path, capsys):
    folder = tmp_path / "date=2024" / "a[bold]b[1]*"
    assert main(["run", str(config), "--run", str(folder), "--executor", "inline"]) == 0
    assert f"release: {folder}/release-" in capsys.readouterr().out
    assert main(["run", str(config), "--run", str(folder), "--executor", "inline"]) == 0
    assert main(["trace", str(folder), "2301.00003"]) == 0
    assert main(["release", str(folder), "--out", str(folder / "out")]) == 0
    assert main(["gc", str(folder)]) == 0


def test_an_object_store_is_no_run_folder_yet(config, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    there = sorted(tmp_path.iterdir())
    for command in (
        ["run", str(config), "--run", "gs://bucket/x"],
        ["trace", "gs://bucket/x", "id"],
        ["gc", "gs://bucket/x"],
        ["card", "gs://bucket/x"],
        ["release", "gs://bucket/x", "--out", "o"],
    ):
        assert main(command) == 2
        error = capsys.readouterr().err
        assert "gs://bucket/x" in error and "mount it" in error
    assert run(config, tmp_path) == 0
    assert main(["release", str(tmp_path / "run"), "--out", "gs://bucket/o"]) == 2
    assert sorted(p for p in tmp_path.iterdir() if p.name != "run") == there


def test_a_release_goes_to_an_empty_folder_only(config, tmp_path, capsys):
    run(config, tmp_path)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    assert main(["release", str(tmp_path / "run"), "--out", str(tmp_path / "out")]) == 2
    assert "not empty" in capsys.readouterr().err
    assert main(["release", str(tmp_path / "run"), "--out", str(tmp_path / "o2"), "--tier", "gold"]) == 2


def test_a_file_that_was_changed_is_not_released(config, tmp_path, capsys):
    run(config, tmp_path)
    shard = next((tmp_path / "run").glob("release-*/research/*.parquet"))
    body = bytearray(shard.read_bytes())
    group = pq.read_metadata(shard).row_group(0)
    text = next(c for c in map(group.column, range(group.num_columns)) if c.path_in_schema == "text")
    body[text.data_page_offset + text.total_compressed_size - 1] ^= 1  # of the text, so that licences can be read
    shard.write_bytes(bytes(body))
    assert main(["release", str(tmp_path / "run"), "--out", str(tmp_path / "out")]) == 1
    assert "not what the manifest names" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            ["--set", "decide.teirs={}"],
            "unknown key 'decide.teirs'; allowed here: quality, rules, tiers; did you mean 'tiers'?",
        ),
        (["--set", "extract.max_wall_s=soon"], "extract.max_wall_s"),
        (["--set", "decide.tiers={}"], "decide.tiers"),
        (["--set", "decide.tiers={../x: {}}"], "tier '../x': a name has lower-case letters"),
        (["--set", "decide.tiers={public: {}}"], "tier public must name its licences"),
        (
            ["--set", "decide.tiers.public.licences=[CC-BY 4.0]"],
            "'CC-BY 4.0' is no licence as papers name it; known: CC-BY-4.0",
        ),
        (["--set", "sources.0.path=nowhere"], "is not there"),
        (["--set", "sources.9.path=nowhere"], "is no item of a list"),
        (["--set", "sources=[]"], "sources"),
        (
            ["--set", "sources.0.step=nolab.Step"],
            "No module named 'nolab'; modules are looked for in the folder where you start",
        ),
        (["--set", "sources.0.step=json.loads"], "is no step class"),
        (["--set", "name"], "--set section.key=value"),
        (["--set", "name=["], "'[' is no YAML value"),
        (["--set", "sources.0.source=other"], "the name of a source is its key 'name'"),
        (["--set", "sources.0.step=curation.quality.signals.Signals"], "source"),
        (["--set", "steps=[{step: ..foo}]"], "'..foo' is no dotted path of a class"),
        (["--set", "steps=[{step: foo}]"], "'foo' is no dotted path of a class"),
        (["--set", "steps=[{step: curation.step.MapStep}]"], "is not complete: it has no name, version"),
        (["--set", "steps=[{step: curation.extract.router.Extract}]"], "writes table 'documents', which another step"),
        (["--set", "extract.max_cpu_s=-5"], "extract.max_cpu_s: -5 is not a whole number from 1 to 86,400"),
        (["--set", "extract.max_wall_s=1e300"], "extract.max_wall_s: '1e300' is not a number from 0.1 to 86,400"),
        (["--set", "sources.0.part_papers=-1"], "part_papers: -1 is not a whole number from 1 to 1,000,000"),
        (["--set", "dedup.shingling.rows=-1"], "dedup.shingling.rows: -1 is not a whole number from 1 to 64"),
        (["--set", "release.shard_rows=" + "9" * 30], "is not a whole number from 1 to 1,000,000,000"),
        (["--set", "dedup.max_edges=[1]"], "dedup.max_edges: [1] is not a whole number from 1 to"),
        (["--set", "pairs={min_words: 9, max_words: 8}"], "min_words 9 is above max_words 8"),
        (["--set", "extract={ocr: none, ocr: rapidocr}"], "key 'ocr' stands twice, in lines 1 and 1"),
        (
            ["--set", "decide.rules=[{name: r, table: papers, column: n, min: .nan}]"],
            "nan is neither a number nor an ISO",
        ),
        (["--set", "decide.rules=[{name: r, table: papers, column: n, min: 2, max: 1}]"], "min is above max"),
        (
            ["--set", "decide.rules=[{name: r, table: papers, column: n, min: 2, max: 2020-01-01}]"],
            "two numbers or two",
        ),
        (["--set", "extract.max_memory_mb=0"], "extract.max_memory_mb"),
        (["--set", "extract.max_wall_s=.nan"], "extract.max_wall_s"),
        (["--set", "extract.max_ocr_wall_s=.inf"], "extract.max_ocr_wall_s"),
        (["--set", "decide.quality.min_alpha_word_fraction=.nan"], "min_alpha_word_fraction"),
        (["--set", "decide.rules=[{name: r, table: nothing, column: n, min: 1}]"], "no table 'nothing'"),
        (["--set", "decide.rules=[{name: r, table: papers, column: n, min: 1, sources: [x]}]"], "no source ['x']"),
        (["--set", "decide.rules=[{name: r, table: papers, column: mass, min: 1}]"], "has no column 'mass'"),
        (["--set", "decide.rules=[{name: r, table: papers, column: title, min: 1}]"], "papers.title is of type string"),
        (["--executor", "slurm"], "no executor 'slurm'"),
        (["--limit", "0"], "--limit"),
        (["--sample", "3"], "--sample"),
        (["--retry-failed", "tired"], "no failure reason 'tired', nor a config file"),
        (["--retry-failed=sleepy"], "no failure reason ['sleepy']"),
        (["--retry-failed=duplicate"], "no failure reason ['duplicate']; there are: empty_file, unreadable"),
        (["--retry-failed", "withdrawn"], "no failure reason 'withdrawn', nor a config file; reasons: empty_file"),
    ],
)
def test_wrong_use_is_said_in_words_and_exits_2(config, tmp_path, capsys, options, said):
    assert run(config, tmp_path, *options) == 2
    error = " ".join(capsys.readouterr().err.split())
    assert said in error
    assert "Traceback" not in error


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("class Half(:", "SyntaxError"),
        ("raise RuntimeError('no licence server')", "RuntimeError: no licence server"),
        ("raise SystemExit(3)", "SystemExit"),
        ("from schemas import DOC_ID, Table\nTable('../evil', 1, 'Out.', (DOC_ID,))", "lower-case letters"),
    ],
)
def test_a_module_of_the_users_own_that_cannot_be_run_is_told(config, tmp_path, capsys, monkeypatch, body, said):
    name = f"mylab_{len(body)}"
    (tmp_path / f"{name}.py").write_text(body)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    assert run(config, tmp_path, "--set", f"steps=[{{step: {name}.Half}}]") == 2
    assert said in " ".join(capsys.readouterr().err.split())


def test_retry_failed_before_a_config_of_any_name(config, tmp_path, capsys):
    plain = config.rename(tmp_path / "corpus")
    assert main(["run", "--retry-failed", str(plain), "--run", str(tmp_path / "run"), "--executor", "inline"]) == 0
    assert main(["run", "--retry-failed", str(tmp_path / "absent")]) == 2
    assert "nor a config file" in capsys.readouterr().err


def test_ctrl_c_while_modules_are_imported_is_no_traceback():
    code = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # nohup lets it be ignored
class Interrupt:
    def find_spec(self, name, path=None, target=None):
        if name == "pipelines.cli.trace":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Interrupt())
from pipelines.cli import main
sys.exit(main(["trace", "run", "x"]))
"""
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "stopped\n")


def test_missing_and_broken_configs(tmp_path, capsys):
    assert main(["run", str(tmp_path / "no.yaml")]) == 2
    (tmp_path / "bad.yaml").write_text("name: [")
    assert main(["run", str(tmp_path / "bad.yaml")]) == 2
    (tmp_path / "empty.yaml").write_text("")
    assert main(["run", str(tmp_path / "empty.yaml")]) == 2
    assert main(["run"]) == 2
    assert main(["fly"]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_an_empty_source_is_an_error(tmp_path, config, capsys):
    (tmp_path / "void").mkdir()
    assert run(config, tmp_path, "--set", "sources.0.path=void") == 2
    assert "void" in capsys.readouterr().err


def test_no_paper_left_is_a_failed_run(tmp_path, config, capsys):
    assert run(config, tmp_path, "--set", "decide.tiers={public: {licences: [CC0-1.0]}}") == 1
    assert "no paper is left to release (licence_unknown 7)" in " ".join(capsys.readouterr().err.split())


def test_trace_of_what_is_not_there(tmp_path, config, capsys):
    assert main(["trace", str(tmp_path / "norun"), "x"]) == 2
    run(config, tmp_path)
    assert main(["trace", str(tmp_path / "run"), "nobody"]) == 2
    assert "no paper 'nobody'" in capsys.readouterr().err


def test_dry_run_names_the_key_that_changed(config, tmp_path, capsys):
    run(config, tmp_path)
    capsys.readouterr()
    assert run(config, tmp_path, "--dry-run", "--set", "release.shard_rows=2") == 0
    assert "shard_rows: 4096 -> 2" in " ".join(capsys.readouterr().out.split())


def test_text_of_users_is_shown_as_it_is(config, tmp_path, capsys):
    run(config, tmp_path)
    capsys.readouterr()
    rules = ["--set", "decide.rules=[{name: '[/b] :star:', table: documents, column: n_words, min: 1}]"]
    assert run(config, tmp_path, "--dry-run", *rules) == 0
    assert "[/b] :star:" in " ".join(capsys.readouterr().out.split())
    assert run(config, tmp_path, *rules) == 0
    assert "[/b] :star:" in capsys.readouterr().err


def test_gc_shows_first_and_deletes_when_told(config, tmp_path, capsys):
    run(config, tmp_path)
    run(config, tmp_path, "--set", "release.shard_rows=2")
    capsys.readouterr()
    assert main(["gc", str(tmp_path / "run")]) == 0
    told = capsys.readouterr().out.splitlines()
    assert any(line.startswith("would delete") and " files of release-" in line for line in told)
    assert len({line.split(" (")[0].rsplit(" ")[-1] for line in told[:-1]}) == len(told) - 1, "a line a folder"
    assert main(["gc", str(tmp_path / "run"), "--yes"]) == 0
    capsys.readouterr()
    assert main(["gc", str(tmp_path / "run")]) == 0
    assert capsys.readouterr().out.startswith("0 bytes")


def test_doctor_finds_this_machine_fit(capsys):
    assert main(["doctor"]) == 0
    assert "pyarrow" in capsys.readouterr().out


def test_doctor_names_the_pandoc_that_a_run_uses(monkeypatch, capsys, tmp_path, request):
    monkeypatch.setenv("PATH", str(tmp_path))
    find_pandoc.cache_clear()
    request.addfinalizer(find_pandoc.cache_clear)
    assert main(["doctor"]) == 0
    line = next(line for line in capsys.readouterr().out.splitlines() if "pandoc" in line)
    assert ("not installed" in line) == (find_pandoc() is None)


@pytest.mark.parametrize("given", [["--config", "{}"], ["--config={}"]])
def test_module_entry_is_the_same_run(config, tmp_path, given):
    command = [sys.executable, "-m", "pipelines.corpus", *(g.format(config) for g in given)]
    command += ["--run", str(tmp_path / "run"), "--executor", "inline"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "released" in done.stdout


def test_an_unwritable_run_folder(config, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert main(["run", str(config), "--run", str(tmp_path / "file" / "run")]) == 2
    assert "cannot be written" in " ".join(capsys.readouterr().err.split())


def test_a_step_of_the_users_own_measures_and_a_rule_drops(config, tmp_path):
    lab = tmp_path / "lab"
    lab.mkdir()
    (lab / "mylab_filters.py").write_text(
        '''
from typing import ClassVar
import pyarrow as pa
import pyarrow.compute as pc
from curation.step import Inputs, MapStep, Requires
from schemas import DOC_ID, Table, field

class Digits(MapStep):
    """Counts digits."""
    name: ClassVar[str] = "digits"
    version: ClassVar[int] = 1
    requires: ClassVar[Requires] = {"documents": ("doc_id", "text")}
    provides: ClassVar[Table] = Table("digits", 1, "Digits a text.", (DOC_ID, field("n", pa.int64(), "Digits.")))
    digit: str = "3"

    def run(self, inputs: Inputs) -> pa.Table:
        documents = inputs["documents"]
        return documents.select(["doc_id"]).append_column("n", pc.count_substring(documents["text"], self.digit).cast(pa.int64()))
'''
    )
    value = yaml.safe_load(config.read_text())
    value["steps"] = [{"step": "mylab_filters.Digits", "digit": "5"}]
    value["decide"]["rules"] = [{"name": "no fives", "table": "digits", "column": "n", "max": 0}]
    config.write_text(yaml.safe_dump(value))
    command = [
        sys.executable,
        "-m",
        "pipelines.cli",
        "run",
        str(config),
        "--run",
        str(tmp_path / "run"),
        "--workers",
        "2",
    ]
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(command, cwd=lab, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "run" / "report.json").read_text())
    assert report["tiers"]["research"]["released"] == 6
    assert {"reason": "rule", "verdict": "drop", "stage": "digits", "count": 1} in report["tiers"]["research"][
        "reasons"
    ]


def test_card_stream_and_publish_of_a_release(config, tmp_path, capsys):
    run(config, tmp_path)
    assert main(["card", str(tmp_path / "run")]) == 0
    assert "card.html" in capsys.readouterr().out
    assert main(["release", str(tmp_path / "run"), "--out", str(tmp_path / "out")]) == 0
    for name in ("card.html", "README.md", "card.json"):
        assert (tmp_path / "out" / name).exists()
    capsys.readouterr()
    out = str(tmp_path / "out")
    assert main(["stream", out, "--tier", "research"]) == 0
    whole = capsys.readouterr().out.splitlines()
    assert sorted(json.loads(line)["id"].partition("~")[0] for line in whole) == sorted(TEXTS)
    state = str(tmp_path / "state.json")
    assert main(["stream", out, "--tier", "research", "--limit", "3", "--state-out", state]) == 0
    assert main(["stream", out, "--tier", "research", "--resume", state]) == 0
    assert capsys.readouterr().out.splitlines() == whole
    shares = [
        ["stream", out, "--tier", "research", "--dp-size", "2", "--dp-rank", r, "--epoch-end", "drop"] for r in "01"
    ]
    counts = [(main(share), len(capsys.readouterr().out.splitlines())) for share in shares]
    assert counts == [(0, 3), (0, 3)]  # of 7
    assert main(["stream", out, "--tier", "research", "--skip", "0:2..3"]) == 0
    assert capsys.readouterr().out.splitlines() == whole[:2] + whole[4:]
    assert main(["stream", out, "--tier", "research", "--explain", "2..3"]) == 0
    origins = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [origin["id"] for origin in origins] == [json.loads(line)["id"] for line in whole[2:4]]
    for asked in (["--paper"], ["--explain", "--paper"]):
        bare = origins[0]["source_id"].removeprefix("arXiv:")
        for name in (origins[0]["id"], origins[0]["source_id"], bare, f"https://arxiv.org/abs/{bare}v1"):
            assert main(["stream", out, "--tier", "research", *asked, name]) == 0
            assert json.loads(capsys.readouterr().out) == origins[0]
    capsys.readouterr()
    assert main(["publish", out, str(tmp_path / "published")]) == 0
    assert "tier research went along, whose licences nobody checked" in " ".join(capsys.readouterr().out.split())
    assert (tmp_path / "published" / "manifest.json").read_bytes() == (tmp_path / "out" / "manifest.json").read_bytes()


def test_no_state_is_written_of_samples_that_nobody_took(config, tmp_path):
    run(config, tmp_path)
    out, state = str(tmp_path / "out"), tmp_path / "state.json"
    main(["release", str(tmp_path / "run"), "--out", out])
    stream = [sys.executable, "-m", "pipelines.cli", "stream", out, "--tier", "research"]
    for extra, said in (["--state-out", str(state)], "no state is written to"), ([], ""):
        reading, writing = os.pipe()
        os.close(reading)
        done = subprocess.run([*stream, *extra], stdout=writing, stderr=subprocess.PIPE, text=True)
        os.close(writing)
        assert (
            done.returncode == (2 if said else 1) and "Traceback" not in done.stderr and "Exception" not in done.stderr
        )
        assert said in " ".join(done.stderr.split()) and bool(done.stderr) == bool(said) and not state.exists()


def test_a_card_needs_a_finished_run_and_a_stream_a_release(config, tmp_path, capsys):
    assert main(["card", str(tmp_path / "nothing")]) == 2
    run(config, tmp_path)
    assert main(["card", str(tmp_path / "run"), "--tokenizer", str(tmp_path / "no.json")]) == 2
    assert main(["stream", str(tmp_path)]) == 2
    assert main(["publish", str(tmp_path), str(tmp_path / "p")]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_a_stream_goes_on_from_a_state_of_its_own_or_says_why_not(config, tmp_path, capsys):
    run(config, tmp_path)
    out, state = str(tmp_path / "out"), tmp_path / "state.json"
    main(["release", str(tmp_path / "run"), "--out", out])
    stream = ["stream", out, "--tier", "research"]
    assert main([*stream, "--limit", "3", "--seed", "1", "--state-out", str(state)]) == 0
    good = json.loads(state.read_text())

    def said(*options: str) -> str:
        capsys.readouterr()
        assert main([*stream, *options]) == 2
        ended = capsys.readouterr()
        assert not ended.out
        return " ".join(ended.err.split())

    assert "goes on with seed 1, not 2" in said("--resume", str(state), "--seed", "2")
    assert "goes on with lanes 64, not 8" in said("--resume", str(state), "--lanes", "8")
    assert "the state cannot be written" in said("--state-out", str(tmp_path / "no" / "state.json"))
    assert "the state cannot be written" in said("--state-out", str(tmp_path))
    assert "epoch_end 'long'" in said("--epoch-end", "long")
    assert "the epoch, and the first and last sample" in said("--skip", "x:1")
    assert "a number, or the first and the last" in said("--explain", "1-2")
    assert "samples 3 to 99: the epoch has 0 to 6" in said("--explain", "3..99")
    assert "Give the number of a sample" in said("--explain")
    assert "stand behind --explain" in said("3")
    assert "no row of nobody is in this tier" in said("--paper", "nobody")
    for wrong in ([1], good | {"epoch": -1}):
        state.write_text(json.dumps(wrong))
        assert "not a reader state" in said("--resume", str(state))


def test_a_missing_optional_package_is_named_with_its_extra(config, tmp_path, capsys, monkeypatch):
    for module in [m for m in sys.modules if m.startswith(("pipelines.", "curation.dedup", "curation.text"))]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "numba", None)
    assert run(config, tmp_path) == 2
    assert "pip install 'astrocorpus[dedup]'" in " ".join(capsys.readouterr().err.split())
