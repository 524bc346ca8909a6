"""Boilerplate: learned by one run, pinned as a file, cut out by another; nothing else is."""

from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from curation.errors import ConfigError
from pipelines.cli import main
from pipelines.config import load_config, parse_config
from pipelines.corpus import pipeline
from pipelines.launch import Options, launch
from schemas.files import sha256_of

NOTICE = "This work made use of data from the survey and its funding was provided by the agencies of many countries."
WORDS = [
    "the",
    "star",
    "of",
    "a",
    "galaxy",
    "and",
    "its",
    "dust",
    "have",
    "to",
    "be",
    "seen",
    "in",
    "that",
    "disc",
    "with",
    "gas",
    "while",
    "we",
    "measure",
    "light",
    "from",
    "halo",
]


def learn(docs: Path, out: Path) -> Path:
    assert main(["artefact", "boilerplate", str(docs), "--out", str(out), "--set", "min_docs=20"]) == 0
    return out


def test_a_notice_of_many_papers_is_learned_pinned_and_cut(write_docs, tmp_path, capsys):
    rng = random.Random(3)
    own = {
        f"arXiv:2301.{i:05d}": [" ".join(rng.choices(WORDS, k=60)).capitalize() + "." for _ in range(3)]
        for i in range(1, 31)
    }
    folder = write_docs({d: "\n\n".join([p[0], NOTICE, *p[1:]]) for d, p in own.items()})
    notices = learn(folder, tmp_path / "notices.parquet")
    assert pl.read_parquet(notices)["n_docs"].to_list() == [30]
    digest = sha256_of(notices)
    value = {"name": "notices", "sources": [{"name": "docs", "path": str(folder)}]}
    clean = {**value, "boilerplate": {"artefact": "notices.parquet", "use": "remove"}}
    (tmp_path / "c.yaml").write_text(json.dumps(clean))
    assert main(["doctor", str(tmp_path / "c.yaml")]) == 0 and digest[:16] in capsys.readouterr().out
    report = launch(pipeline(parse_config(clean, tmp_path)), tmp_path / "clean", Options(executor="inline")).report
    release = tmp_path / "clean" / report["release"]
    rows = pl.read_parquet(release / "research" / "*.parquet")
    assert dict(zip(rows["paper_id"], rows["text"], strict=True)) == {d: "\n\n".join(p) for d, p in own.items()}
    assert report["artefacts"] == {"documents.config.remove_boilerplate": digest}
    assert all(digest in (release / page).read_text() for page in ("README.md", "card.html", "card.json"))
    step = ["step", str(tmp_path / "clean"), "documents", "2301.00007", "--json"]
    capsys.readouterr()
    assert main(step) == 0
    shown = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {r["text"] for r in shown if r["table"] == "documents"} == {"\n\n".join(own["arXiv:2301.00007"])}
    pl.read_parquet(notices).head(0).write_parquet(notices)
    assert main(step) == 2
    assert "its artefact remove_boilerplate is no longer the one of the run" in capsys.readouterr().err


def test_documents_are_compared_without_the_notice(write_docs, tmp_path):
    rng = random.Random(4)
    notice = " ".join(rng.choices(WORDS, k=200))
    texts = {f"n{i:02d}": f"{notice}\n\n{' '.join(rng.choices(WORDS, k=20))}" for i in range(25)}
    folder = write_docs(texts)
    value = {"name": "short", "sources": [{"name": "docs", "path": str(folder)}], "dedup": {"max_removed_share": 1.0}}

    def duplicates(run: str, **sections: object) -> int:
        config = parse_config({**value, **sections}, tmp_path)
        launch(pipeline(config), tmp_path / run, Options(executor="inline"))
        return pl.read_parquet(*(tmp_path / run).glob("copies-*/components/part-00000.parquet")).height

    assert duplicates("all") == 25
    docs, result = next(folder.glob("*.jsonl")), tmp_path / "r.parquet"
    learn(docs, tmp_path / "notice.parquet")
    assert duplicates("without", boilerplate={"artefact": "notice.parquet", "use": "compare_without"}) == 0
    (marks,) = (tmp_path / "without").glob("boilerplate-*")
    assert pl.read_parquet(marks / "*.parquet")["n_words"].to_list() == [200] * 25
    options = ["dedup", str(docs), "--out", str(result), "--max-removed-share", "1"]
    assert main(options) == 0 and pl.read_parquet(result)["keep"].sum() == 1
    assert main([*options, "--strip-boilerplate", str(tmp_path / "notice.parquet")]) == 0
    assert pl.read_parquet(result)["keep"].all()


def test_an_artefact_that_is_missing_or_another_table_is_told_before_the_run(tmp_path):
    pl.DataFrame({"id": ["a"]}).write_parquet(tmp_path / "rows.parquet")
    for name, why in (("missing", "cannot be read"), ("rows.parquet", "is no table of paragraph counts")):
        value = {"name": "c", "sources": [{"name": "s", "path": "."}], "boilerplate": {"artefact": name}}
        with pytest.raises(ConfigError, match=rf"boilerplate\.artefact: .*{name} {why}"):
            parse_config(value, tmp_path)


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ("extract: {remove_boilerplate: f}", "write `boilerplate: {artefact: FILE, use: remove}`"),
        ("extract: {remove_boilerplate: missing}", "write `boilerplate: {artefact: FILE, use: remove}`"),
        ("extract: {remove_boilerplate: null}", "extract.remove_boilerplate is no key of a config"),
        ("dedup: {shingling: {strip_boilerplate: f}}", "write `boilerplate: {artefact: FILE, use: compare_without}`"),
        ("extract: {remove_boilerplates: f}", "did you mean `boilerplate: {artefact: FILE, use: remove}`?"),
        (
            "dedup: {shingling: {strip_boilerplat: f}}",
            "did you mean `boilerplate: {artefact: FILE, use: compare_without}`?",
        ),
    ],
)
def test_boilerplate_has_one_key_which_its_steps_fields_lead_to(tmp_path, section, said):
    (tmp_path / "f").touch()
    (tmp_path / "c.yaml").write_text(f"name: c\nsources:\n- {{name: s, path: .}}\n{section}\n")
    with pytest.raises(ConfigError) as error:
        load_config(tmp_path / "c.yaml")
    assert said in str(error.value)


def test_keys_that_are_allowed_are_those_of_a_config(tmp_path):
    (tmp_path / "c.yaml").write_text("name: c\nsources:\n- {name: s, path: .}\nextract: {colour: red}\n")
    with pytest.raises(ConfigError, match=r"allowed here: .*max_wall_s") as error:
        load_config(tmp_path / "c.yaml")
    assert "boilerplate" not in str(error.value)


def test_an_artefact_has_one_content_however_documents_are_cut_into_files(write_docs, tmp_path):
    rng = random.Random(5)
    lines = [" ".join(rng.choices(WORDS, k=15)) for _ in range(40)]
    texts = {f"d{i:03d}": "\n\n".join(rng.sample(lines, 30)) for i in range(60)}
    whole, cut = tmp_path / "whole.parquet", tmp_path / "cut"
    frame = pl.DataFrame({"id": list(texts), "text": list(texts.values())})
    frame.write_parquet(whole)
    cut.mkdir()
    for k in range(3):
        frame[20 * (2 - k) : 20 * (3 - k)].write_parquet(cut / f"{k}.parquet")
    one, other = learn(whole, tmp_path / "one.parquet"), learn(cut, tmp_path / "other.parquet")
    counts = Counter(line for text in texts.values() for line in text.split("\n\n"))
    assert sorted(pl.read_parquet(one)["n_docs"]) == sorted(n for n in counts.values() if n >= 20)
    assert one.read_bytes() == other.read_bytes()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["titles", "d.parquet", "--out", "o.parquet"], "no kind of artefact 'titles'; kinds: boilerplate"),
        (["boilerplate", "d.parquet", "--out", "d.parquet"], "is an input itself"),
        (["boilerplate", "d.parquet", "--out", "other.parquet"], "is no artefact of kind boilerplate"),
        (
            ["boilerplate", "d.parquet", "--out", "o.parquet"],
            "no boilerplate in d.parquet with min_docs=20, min_words=12; ask for less, such as `--set",
        ),
        (["boilerplate", "d.parquet", "--out", "o.parquet", "--set", "min_doc=3"], "did you mean 'min_docs'?"),
    ],
)
def test_what_cannot_be_made_is_told_and_overwrites_nothing(tmp_path, monkeypatch, capsys, given, said):
    monkeypatch.chdir(tmp_path)
    for name in ("d.parquet", "other.parquet"):
        pl.DataFrame({"id": ["a"], "text": ["a star"]}).write_parquet(name)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    assert main(["artefact", *given]) == 2
    assert said in " ".join(capsys.readouterr().err.split())
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before
