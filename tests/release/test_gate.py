"""What may not be passed on leaves by no door, and no release goes over what it is not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curation.errors import UserError
from curation.place import open_place
from curation.release.licences import OPEN, closed_rows
from curation.release.targets import checked, publish
from data_cards import read_card, write_card
from schemas.files import sha256_of
from schemas.manifest import ManifestError, read_manifest
from schemas.released import check_schema
from tests.data_cards.card_release import pair, report, write_release
from tests.data_cards.card_release import released as any_row
from tests.release.audits import audit as audit_of


def row(number: int, licence: str | None = "CC-BY-4.0", **columns: Any) -> dict[str, object]:
    return any_row(number, licence=licence, **columns)


def made(folder: Path, rows: list[dict[str, object]], tier: str = "public", **options: Any) -> Path:
    write_release(folder, {tier: rows}, **options)
    write_card(folder, None, report({tier: len(rows)}))
    return folder


def remade(folder: Path, change: Any) -> None:
    """Change the manifest and draw the card of what it says then."""
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text())
    change(manifest)
    path.write_text(json.dumps(manifest))


def with_table(folder: Path, change: Any, number: int = 0) -> None:
    """Change a shard, and the manifest with it."""
    shard = folder / read_manifest(folder).files[number].file
    pq.write_table(change(pq.read_table(shard)), shard)
    groups = [pq.read_metadata(shard).row_group(i).num_rows for i in range(pq.read_metadata(shard).num_row_groups)]
    digest = {"row_groups": groups, "bytes": shard.stat().st_size, "sha256": sha256_of(shard)}
    remade(folder, lambda manifest: manifest["files"][number].update(digest))


CLOSED = (
    None,
    "arXiv-nonexclusive-1.0",
    "CC-BY-NC-4.0",
    "CC-BY-ND-4.0",
    "CC-BY-NC-SA-4.0",
    "",
    "cc-by-4.0",
    "Elsevier",
)


@pytest.mark.parametrize("licence", CLOSED)
def test_a_closed_row_in_tier_public_goes_to_no_target(tmp_path: Path, licence: str | None) -> None:
    folder = made(tmp_path / "release", [row(1), row(2, licence)])
    for target in (str(tmp_path / "out"), "hf://datasets/owner/private"):
        with pytest.raises(UserError, match=f"tier public may not hold licence {licence or 'unknown'}.*licences"):
            publish(folder, target)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("licence", [*OPEN])
def test_open_rows_of_tier_public_need_no_word_in_the_manifest(tmp_path: Path, licence: str) -> None:
    publish(made(tmp_path / "release", [row(1, licence)]), str(tmp_path / "out"))


@pytest.mark.parametrize("licence", ["CC-BY-NC-4.0", "CC-BY-ND-4.0", "CC-BY-NC-ND-4.0", "MIT"])
def test_a_licence_that_the_tier_names_goes_out_with_it(tmp_path: Path, licence: str) -> None:
    publish(made(tmp_path / "release", [row(1, licence)], licences={"public": [licence]}), str(tmp_path / "out"))
    other = made(tmp_path / "other", [row(1, licence)], licences={"research": [licence]})
    with pytest.raises(UserError, match=f"may not hold licence {licence}"):
        publish(other, str(tmp_path / "out"))


@pytest.mark.parametrize("licence", [None, "arXiv-nonexclusive-1.0", "Elsevier"])
def test_naming_a_closed_licence_opens_nothing(tmp_path: Path, licence: str | None) -> None:
    folder = made(tmp_path / "release", [row(1, licence)], licences={"public": [str(licence), "unknown", "", "None"]})
    with pytest.raises(UserError, match="tier public may not hold"):
        publish(folder, str(tmp_path / "out"))


def test_a_tier_that_stays_inside_may_hold_closed_rows(tmp_path: Path) -> None:
    publish(made(tmp_path / "release", [row(1, None)], "research"), str(tmp_path / "out"))


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t.drop_columns(["licence"]),
        lambda t: t.set_column(t.schema.get_field_index("licence"), "licence", pa.array([["CC-BY-4.0"]])),
        lambda t: t.set_column(t.schema.get_field_index("licence"), "licence", pa.array([1])),
        lambda t: t.set_column(t.schema.get_field_index("licence"), "licence", pa.array([b"CC-BY-4.0"])),
        lambda t: t.append_column("licence", pa.array(["CC-BY-4.0"])),
        lambda t: t.rename_columns(["license" if n == "licence" else n for n in t.column_names]),
    ],
    ids=["no column", "lists", "numbers", "bytes", "two columns", "another name"],
)
def test_a_shard_that_does_not_say_its_licences_is_closed(tmp_path: Path, change: Any) -> None:
    folder = made(tmp_path / "release", [row(1)])
    with_table(folder, change)
    assert closed_rows(read_manifest(folder)) == {"public": "licence unknown"}


def test_a_dictionary_of_licences_is_read(tmp_path: Path) -> None:
    folder = made(tmp_path / "release", [row(1)])
    at = pq.read_schema(next(folder.glob("*/*.parquet"))).get_field_index("licence")
    with_table(folder, lambda t: t.set_column(at, "licence", t["licence"].dictionary_encode()))
    assert closed_rows(read_manifest(folder)) == {}


@pytest.mark.parametrize("kind", ["chats", "", "document", "Documents"])
def test_a_kind_of_data_that_is_not_known_is_closed(tmp_path: Path, kind: str) -> None:
    folder = made(tmp_path / "release", [row(1)], pairs=[pair(0) | {"doc_id": row(1)["id"]}])
    assert closed_rows(read_manifest(folder)) == {}
    remade(folder, lambda manifest: manifest["files"][1].update(kind=kind))
    assert "whose licence is not known" in closed_rows(read_manifest(folder))["public"]


def test_pairs_without_documents_are_closed(tmp_path: Path) -> None:
    folder = made(tmp_path / "release", [row(1)])
    remade(folder, lambda manifest: manifest["files"][0].update(kind="pairs"))
    assert "pairs of" in closed_rows(read_manifest(folder))["public"]


@pytest.mark.parametrize(
    ("engine", "terms", "why"),
    [
        ("lab/m", "open", None),
        ("lab/m", "allowed", None),
        ("lab/m", "binding", "binding"),
        ("lab/m", "unknown", "unknown"),
        ("lab/m", None, "unknown"),
        ("extractive", None, None),
        ("extractive", "open", None),
    ],
)
def test_pairs_go_where_the_terms_of_their_models_let_them(
    tmp_path: Path, engine: str, terms: str | None, why: str | None
) -> None:
    pairs = [pair(0) | {"doc_id": row(1)["id"], "engine": engine, "model_terms": terms}]
    folder = made(tmp_path / "release", [row(1)], pairs=pairs)
    said = f"pairs written by models whose terms are {why}"
    assert closed_rows(read_manifest(folder)) == ({} if why is None else {"public": said})
    if why is None:
        publish(folder, str(tmp_path / "out"))
    else:
        with pytest.raises(UserError, match=f"tier public may not hold {said}.*pairs.allowed_models"):
            publish(folder, str(tmp_path / "out"))


def test_pairs_of_a_model_that_do_not_tell_its_terms_are_closed(tmp_path: Path) -> None:
    for engine, closed in (("lab/m", True), ("extractive", False)):
        pairs = [pair(0) | {"doc_id": row(1)["id"], "engine": engine, "model_terms": "open"}]
        folder = made(tmp_path / engine.replace("/", "-"), [row(1)], pairs=pairs)
        with_table(folder, lambda t: t.drop_columns(["model_terms"]), 1)
        assert bool(closed_rows(read_manifest(folder))) == closed


def entry(**changes: Any) -> Any:
    return lambda manifest: manifest["files"][0].update(changes)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (entry(rows=200, row_groups=[100, 100]), "2 rows in 2 row groups, manifest.json says 200 in 2"),
        (entry(row_groups=[2]), "2 rows in 2 row groups, manifest.json says 2 in 1"),
        (entry(row_groups=[2, 0]), "2 rows in 2 row groups"),
        (entry(row_groups=[3, -1]), "none is below 0"),
        (entry(rows=True, row_groups=[1]), "are numbers"),
        (entry(rows=2.0), "are numbers"),
        (lambda manifest: manifest["files"].append(manifest["files"][0]), "named twice"),
        (entry(file="notes/private.txt"), "no Parquet file in a folder of tier public"),
        (entry(file=".git/config"), "no Parquet file"),
        (entry(file="public/.hidden.parquet"), "no Parquet file"),
        (entry(file="public/../private.parquet"), "no Parquet file"),
        (entry(file="public/notes.txt"), "no Parquet file"),
        (entry(file="research/shard-00000.parquet"), "no Parquet file"),
        (entry(file="shard-00000.parquet"), "no Parquet file"),
        (entry(file="/etc/shard.parquet"), "no Parquet file"),
        (entry(file="public//shard-00000.parquet"), "no Parquet file"),
        (entry(file="public/shard\n.parquet"), "no Parquet file"),
        (entry(tier="../../x"), "'../../x' is no name of a tier"),
        (entry(tier=""), "is no name of a tier"),
        (entry(tier=None), "is no name of a tier"),
        (entry(tier="x" * 10_000, file="x"), "is no name of a tier|no Parquet file"),
        (entry(sha256="0"), "64 hex digits"),
        (lambda manifest: manifest.update(files={"a": 1}), "malformed"),
        (lambda manifest: manifest.update(files=[1]), "malformed"),
        (lambda manifest: manifest.update(licences=["CC-BY-4.0"]), "malformed"),
    ],
)
def test_a_manifest_that_is_not_what_was_written_is_refused(tmp_path: Path, change: Any, said: str) -> None:
    folder = made(tmp_path / "release", [row(1), row(2)])
    remade(folder, change)
    try:
        write_card(folder, None, report({"public": 2}))
    except ManifestError as error:
        assert len(str(error)) < 600
    except ValueError:
        pass
    with pytest.raises(UserError, match=said):
        publish(folder, str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "body", [b"[" * 200_000, b'{"format": 1, "files": ' + b"[" * 200_000, b"\xff", b"1" * 5000, b""]
)
def test_bytes_that_are_no_manifest_are_one_clear_error(tmp_path: Path, body: bytes) -> None:
    (tmp_path / "manifest.json").write_bytes(body)
    with pytest.raises(ManifestError, match=r"manifest\.json: not"):
        read_manifest(tmp_path)


def test_figures_that_were_changed_by_hand_are_not_published(tmp_path: Path) -> None:
    folder = made(tmp_path / "release", [row(1), row(2)])
    path = folder / "card.json"
    card = json.loads(path.read_text())
    card["tiers"][0]["withheld"] += 1
    path.write_text(json.dumps(card))
    with pytest.raises(UserError, match="figures are not those of"):
        publish(folder, str(tmp_path / "out"))
    assert read_card(folder) is None


@pytest.mark.parametrize("audit", ["{}", '{"manifest_sha256": "0"}', "[]", "[" * 100_000, "no"])
def test_an_audit_of_another_release_is_not_published(tmp_path: Path, audit: str) -> None:
    folder = made(tmp_path / "release", [row(1)])
    (folder / "audit.json").write_text(audit)
    with pytest.raises(UserError, match=r"audit\.json: .*audit this release"):
        publish(folder, str(tmp_path / "out"))
    audit_of(folder)
    assert (tmp_path / "out").exists() is False
    publish(folder, str(tmp_path / "out"))
    assert (tmp_path / "out/audit.json").is_file()


def test_a_release_of_another_name_is_not_replaced(tmp_path: Path) -> None:
    folder = made(tmp_path / "release", [row(1)])
    made(tmp_path / "out", [row(2)], name="other corpus")
    before = {p: p.read_bytes() for p in (tmp_path / "out").rglob("*") if p.is_file()}
    with pytest.raises(UserError, match="holds the release 'other corpus', and this is 'demo corpus'"):
        publish(folder, str(tmp_path / "out"))
    assert {p: p.read_bytes() for p in (tmp_path / "out").rglob("*") if p.is_file()} == before


@pytest.mark.parametrize("held", ["public/shard-00000.parquet", "data/train.parquet", "public/notes.tmp", ".x.tmp/a"])
def test_a_folder_with_files_that_no_copy_of_ours_left_is_left_alone(tmp_path: Path, held: str) -> None:
    folder = made(tmp_path / "release", [row(1)])
    (tmp_path / "out" / held).parent.mkdir(parents=True)
    (tmp_path / "out" / held).write_bytes(b"mine")
    with pytest.raises(UserError, match=f"neither empty nor a release .it holds {held}"):
        publish(folder, str(tmp_path / "out"))
    assert (tmp_path / "out" / held).read_bytes() == b"mine"


def test_no_link_leads_out_of_a_folder_that_is_replaced(tmp_path: Path) -> None:
    folder = made(tmp_path / "release", [row(1)])
    made(tmp_path / "out", [row(2)])
    (tmp_path / "out/public").rename(tmp_path / "elsewhere")
    (tmp_path / "out/public").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UserError, match="a link leads out"):
        publish(folder, str(tmp_path / "out"))
    assert list((tmp_path / "elsewhere").iterdir())
    with pytest.raises(UserError, match="is the release itself or lies in it"):
        publish(folder, str(folder / "copy"))


@pytest.mark.parametrize(
    ("tiers", "default"),
    [(["research", "public"], ["public"]), (["public"], ["public"]), (["research"], []), (["a", "research"], [])],
)
def test_who_names_no_config_gets_tier_public(tmp_path: Path, tiers: list[str], default: list[str]) -> None:
    import yaml

    write_release(tmp_path, {tier: [row(1)] for tier in tiers}, [pair(1)])
    write_card(tmp_path, None, report(dict.fromkeys(tiers, 1)))
    configs = yaml.safe_load((tmp_path / "README.md").read_text().split("---")[1])["configs"]
    assert [c["config_name"] for c in configs if c.get("default")] == default
    assert {c["config_name"] for c in configs} == {*tiers, *(f"{tier}-sft" for tier in tiers)}


def documented(table: pa.Table, **words: str) -> pa.Table:
    """A table in which the docs of a column are others."""
    field = table.schema.field("title")
    schema = table.schema.set(table.schema.get_field_index("title"), field.with_metadata(words))
    return table.cast(schema)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: t.append_column("note", t["title"]), "column 'note' is none of the table release"),
        (lambda t: t.append_column("title", t["title"]), "column 'title' stands there twice"),
        (lambda t: t.set_column(t.column_names.index("n_words"), "n_words", t["title"]), "n_words is of type string"),
        (
            lambda t: t.replace_schema_metadata({**t.schema.metadata, "pandas": "{}"}),
            "footer: a key that we do not write, 'pandas'",
        ),
        (
            lambda t: t.replace_schema_metadata({**t.schema.metadata, "astrocorpus.table": "What is it?"}),
            "footer: a key stands there twice",
        ),
        (
            lambda t: t.replace_schema_metadata({**t.schema.metadata, b"astrocorpus.table": b"What is it?"}),
            "footer: another value of the key 'astrocorpus.table'",
        ),
        (lambda t: documented(t, doc="What is it?"), "column title: another value of the key 'doc'"),
        (lambda t: documented(t, note="What is it?"), "column title: a key that we do not write, 'note'"),
    ],
    ids=["column", "twice", "type", "footer", "key twice", "value", "doc", "key of a column"],
)
def test_what_no_table_has_goes_nowhere(tmp_path: Path, change: Any, said: str) -> None:
    folder = made(tmp_path / "release", [row(1)])
    checked(open_place(folder))
    with_table(folder, change)
    with pytest.raises(UserError, match=f"shard-00000.parquet: .*{said}"):
        checked(open_place(folder))


def test_how_a_text_is_coded_is_no_other_type(tmp_path: Path) -> None:
    folder = made(tmp_path / "release", [row(1)])
    at = pq.read_schema(next(folder.glob("*/*.parquet"))).get_field_index("title")
    with_table(folder, lambda t: t.set_column(at, "title", t["title"].dictionary_encode()).drop_columns(["url"]))
    manifest = read_manifest(folder)
    check_schema(manifest, manifest.files[0])
