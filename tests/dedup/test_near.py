"""Near duplicates through all steps: planted pairs are found, unlike ones stay, parts and order do not matter."""

from __future__ import annotations

import json
import random
from itertools import combinations
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.dedup.bands import bucket_pairs, candidate_pairs, likeness
from curation.dedup.config import Dedup
from curation.dedup.identity import IdentityEdges
from curation.dedup.scope import Scopes
from curation.dedup.verify import places_inside, similarity, verify
from curation.errors import LimitError
from curation.step import Inputs
from curation.text.buffers import normalise
from curation.text.shingles import Shingling, sketch
from pipelines.cli import main
from tests.dedup.flow import duplicates, part, run_steps

Rows = list[dict[str, object]]


def text_of(rng: random.Random, n: int = 300) -> list[str]:
    return ["".join(rng.choices("abcdefghijklmnop", k=rng.randint(2, 8))) for _ in range(n)]


def grams(text: str) -> set[tuple[str, ...]]:
    w = normalise(text).split()
    return {tuple(w[i : i + 5]) for i in range(max(1, len(w) - 4))} if w else set()


def jaccard(a: str, b: str) -> float:
    x, y = grams(a), grams(b)
    return len(x & y) / len(x | y)


def corpus(seed: int = 5, works: int = 30) -> Rows:
    """Works of 1-4 versions; each replaces a block of the one before."""
    rng = random.Random(seed)
    rows: Rows = []
    for w in range(works):
        words = text_of(rng)
        for v in range(rng.randint(1, 4)):
            rows.append(
                {"doc_id": f"w{w:03d}v{v}", "text": " ".join(words), "version": v + 1, "paper_id": f"sha256:{w}-{v}"}
            )
            at, size = rng.randrange(250), rng.choice([0, 5, 20, 40])
            words = words[:at] + text_of(rng, size) + words[at + size :]
    return rows


def test_every_removed_document_is_close_to_the_copy_that_stays() -> None:
    rows = corpus()
    texts = {str(r["doc_id"]): str(r["text"]) for r in rows}
    found = duplicates([rows])
    by_id = {r["doc_id"]: r for r in found}
    assert len(found) > 40
    for r in found:
        mate = r["mate"]
        if mate is None:
            assert r["rank"] or r["cluster"] == r["doc_id"]
            continue
        assert by_id[mate]["mate"] is None and by_id[mate]["cluster"] == r["cluster"]
        measured = jaccard(texts[str(r["doc_id"])], texts[str(mate)])
        assert measured >= 0.7 and r["jaccard"] == pytest.approx(measured, abs=1e-6)
        assert str(mate) > str(r["doc_id"])  # the newer version is kept


def test_close_pairs_never_stay_both() -> None:
    rows = corpus()
    removed = {r["doc_id"] for r in duplicates([rows]) if r["mate"] is not None}
    kept = [r for r in rows if r["doc_id"] not in removed]
    assert not [
        (a["doc_id"], b["doc_id"]) for a, b in combinations(kept, 2) if jaccard(str(a["text"]), str(b["text"])) >= 0.9
    ]


def test_parts_order_and_partitions_do_not_matter() -> None:
    rows = corpus()
    whole = duplicates([rows])
    shuffled = random.Random(1).sample(rows, len(rows))
    assert duplicates([shuffled[:10], shuffled[10:11], shuffled[11:]]) == whole
    assert duplicates([shuffled[k::7] for k in range(7)], Dedup(partitions=1)) == whole


def test_unlike_documents_with_a_shared_block_stay() -> None:
    rng = random.Random(2)
    block = text_of(rng, 80)
    rows: Rows = [{"doc_id": f"d{i}", "text": " ".join(text_of(rng, 200) + block)} for i in range(6)]
    assert duplicates([rows]) == []


def test_versions_by_identity_are_superseded_whatever_their_text() -> None:
    rng = random.Random(3)
    rows: Rows = [
        {"doc_id": f"v{v}", "paper_id": "arXiv:2301.00001", "version": v, "text": " ".join(text_of(rng))}
        for v in (1, 2)
    ]
    rows.append({"doc_id": "j", "paper_id": "doi:10.1086/x", "doi": "10.1086/X", "text": " ".join(text_of(rng))})
    rows[0]["doi"] = "10.1086/x"
    found = {r["doc_id"]: r for r in duplicates([rows])}
    assert {d: (r["cluster"], r["kind"]) for d, r in found.items()} == {
        "j": ("j", None),
        "v1": ("j", "identity"),
        "v2": ("j", "identity"),
    }


def test_any_id_in_common_ties_two_versions_of_a_work() -> None:
    rng = random.Random(8)
    rows: Rows = [
        {"doc_id": "j", "paper_id": "doi:10.1086/x", "links": ["arXiv:1204.4485"], "text": " ".join(text_of(rng))},
        {"doc_id": "p", "paper_id": "arXiv:1204.4485", "text": " ".join(text_of(rng))},
        {"doc_id": "q", "paper_id": "arXiv:1204.4486", "text": " ".join(text_of(rng))},
        *({"doc_id": i, "paper_id": "sha256:0", "text": " ".join(text_of(rng))} for i in "st"),
    ]
    edges = run_steps([part(rows)], Dedup().steps())["identity_edges"]
    assert [(e["doc_id"], e["mate"]) for e in edges.to_pylist()] == [("j", "p")]


def test_a_doi_of_a_whole_volume_is_no_identity() -> None:
    rng = random.Random(4)
    rows: Rows = [
        {"doc_id": f"c{i}", "paper_id": f"arXiv:2301.0000{i}", "doi": "10.1086/volume", "text": " ".join(text_of(rng))}
        for i in range(5)
    ]
    assert duplicates([rows]) == []
    edges = run_steps([part(rows)], Dedup().steps())["identity_edges"].to_pylist()
    assert {(e["kind"], e["key"]) for e in edges} == {("crowd", "doi:10.1086/volume")}, "but marks go over it"


Bearers = list[tuple[str, str, bool]]
"""doc_id, paper_id, and whether it only claims the id."""
A, B, C = ("a", "arXiv:1", False), ("b", "arXiv:1", False), ("c", "doi:10.1/c", False)
SAYS, SPAM = ("0", "doi:10.1/0", True), [(f"s{i}", f"sha256:{i}", True) for i in range(3)]


@pytest.mark.parametrize(
    ("bearers", "edges"),
    [
        ([A, B, C], {("a", "b", "identity"), ("a", "c", "identity")}),
        ([A, C, SAYS], {("a", "c", "identity"), ("0", "a", "claim")}),
        ([SAYS, *SPAM[:1]], {("0", "s0", "identity")}),
        ([A, SAYS, *SPAM[:1]], {("0", "a", "claim"), ("s0", "a", "claim"), ("0", "s0", "identity")}),
        ([A, B, *SPAM], {("a", "b", "identity"), ("s0", "s1", "crowd"), ("s0", "s2", "crowd")}
         | {(s[0], "a", "crowd_claim") for s in SPAM}),
        ([SAYS, *SPAM], {("0", s[0], "crowd") for s in SPAM}),
        ([A, *((d, p, False) for d, p, _ in SPAM)], {("a", s[0], "crowd") for s in SPAM}),
    ],
)  # fmt: skip
def test_who_is_called_by_an_id_counts_before_who_claims_it(bearers: Bearers, edges: set[tuple[str, str, str]]) -> None:
    key = "doi:10.1086/x"
    rows: Rows = [
        {"doc_id": d, "paper_id": p, "links": [key], "claims": [key] if c else None, "text": d} for d, p, c in bearers
    ]
    step = IdentityEdges(partitions=1, max_papers=3)
    split = step.split(Inputs(part(rows)))
    split = split.filter(pc.equal(split["key"], key))
    made = step.merge(split.sort_by([(c, "ascending") for c in step.order_by]))
    assert {(e["doc_id"], e["mate"], e["kind"]) for e in made.to_pylist()} == edges
    crowded = any(kind.startswith("crowd") for _, _, kind in edges)
    assert step.summary(Inputs({}), {"identity_edges": made}) == {"crowded_ids": int(crowded)}


def test_works_and_journals_of_data_files_count() -> None:
    rng = random.Random(11)
    text = " ".join(text_of(rng))
    rows: Rows = [{"doc_id": f"w{i}", "work_id": "w", "version": i, "text": " ".join(text_of(rng))} for i in range(5)]
    rows += [{"doc_id": "a", "text": text, "version": 9}, {"doc_id": "b", "text": text, "is_journal": True}]
    found = {r["doc_id"]: r["mate"] for r in duplicates([rows[:3], rows[3:]])}
    assert found == {"w4": None, "w0": "w4", "w1": "w4", "w2": "w4", "w3": "w4", "a": "b", "b": None}


def test_replay_text_is_compared_with_papers_only() -> None:
    words = text_of(random.Random(6))
    near = " ".join(words[:-3])
    rows: Rows = [
        {"doc_id": "r1", "source": "replay", "text": " ".join(words)},
        {"doc_id": "r2", "source": "replay", "text": near},
    ]
    config = Dedup(partitions=2, scope=Scopes({"replay": "papers"}))
    assert duplicates([rows], config) == []
    paper: Rows = [{"doc_id": "p", "source": "arxiv", "version": 1, "text": " ".join(words[3:])}]
    assert {r["doc_id"]: r["cluster"] for r in duplicates([rows, paper], config)} == {"p": "p", "r1": "p", "r2": "p"}
    assert len(duplicates([rows], Dedup(scope=Scopes({"replay": "off"})))) == 0
    assert len(duplicates([rows], Dedup(scope=Scopes({"replay": "within"})))) == 2


def test_replay_text_with_a_work_id_is_a_version_of_that_work() -> None:
    rng = random.Random(5)
    works = {"p": "w", "r1": "w", "r2": "w", "r3": "own", "r4": "own", "s": "own", "r5": None, "o1": "w"}
    sources = {"r": "replay", "s": "web", "o": "off", "p": "arxiv"}
    rows: Rows = [
        {"doc_id": i, "source": sources[i[0]], "work_id": w, "version": k, "text": " ".join(text_of(rng))}
        for k, (i, w) in enumerate(works.items())
    ]
    rows += [
        {**r, "doi": "10.1086/x", "text": " ".join(text_of(rng))}
        for r in ({"doc_id": "q"}, {"doc_id": "r9", "source": "replay"})
    ]
    config = Dedup(partitions=2, scope=Scopes({"replay": "papers", "web": "papers", "off": "off"}))
    found = {r["doc_id"]: r["mate"] for r in duplicates([rows[:3], rows[3:]], config)}
    assert found == {"p": None, "r1": "p", "r2": "p", "r4": None, "r3": "r4"}


def test_copies_in_replay_text_do_not_hide_each_other_from_a_paper() -> None:
    words = text_of(random.Random(7))
    near = " ".join([*text_of(random.Random(8), 15), *words[15:]])
    rows: Rows = [{"doc_id": f"r{i}", "source": "replay", "text": near} for i in range(3)]
    rows.append({"doc_id": "p", "source": "arxiv", "text": " ".join(words)})
    config = Dedup(partitions=2, scope=Scopes({"replay": "papers"}))
    found = {r["doc_id"]: r["mate"] for r in duplicates([rows[:2], rows[2:]], config)}
    assert found == {"p": None, "r0": "p", "r1": "p", "r2": "p"}


def test_a_paper_outranks_replay_text_with_a_date() -> None:
    text = " ".join(text_of(random.Random(9)))
    rows: Rows = [
        {"doc_id": "r", "source": "replay", "text": text, "date": "2024-01-01"},
        {"doc_id": "s", "source": "replay", "text": text, "date": "2023-01-01"},
        {"doc_id": "z", "source": "arxiv", "text": text},
    ]
    config = Dedup(partitions=2, scope=Scopes({"replay": "papers"}))
    assert {r["doc_id"]: r["mate"] for r in duplicates([rows], config)} == {"r": "z", "s": "z", "z": None}


def test_guards_stop_a_run_and_show_the_clusters() -> None:
    rows: Rows = [{"doc_id": f"d{i:03d}", "text": "one and the same text"} for i in range(120)]
    with pytest.raises(LimitError, match=r"'s' would lose 119 of 120 .* d000 \(120 documents\)"):
        duplicates([rows])
    rows = [{**r, "source": "t"} for r in rows[:60]] + rows[60:]
    rows += [{"doc_id": f"e{i:03d}", "text": "another text", "source": "o"} for i in range(110)]
    with pytest.raises(LimitError, match=r"source 'o' would lose 109 of 110 [^0]*0.9[^0]* e000 \(110 documents\)$"):
        duplicates([rows])
    rows = rows[:120]
    with pytest.raises(LimitError, match=r"larger than 50 .*d000 \(120 documents\)"):
        duplicates([rows], Dedup(max_cluster=50))
    assert len(duplicates([rows], Dedup(max_removed_share=1.0))) == 120


sets = st.sets(st.integers(0, 40), max_size=30).map(lambda s: np.array(sorted(s), np.uint64))


@given(sets, sets)
def test_similarity_equals_the_set_formula(a: np.ndarray, b: np.ndarray) -> None:
    x, y = set(a.tolist()), set(b.tolist())
    expected = (len(x & y) / len(x | y), len(x & y) / min(len(x), len(y))) if x and y else (0.0, 0.0)
    assert similarity(a, b) == pytest.approx(expected)


@given(st.lists(st.lists(st.integers(0, 2), min_size=3, max_size=3), max_size=30), st.randoms())
def test_candidates_link_every_bucket(rows: list[list[int]], random_: random.Random) -> None:
    keys = np.array(rows, np.uint64).reshape(-1, 3)
    alone = np.array([random_.random() < 0.2 for _ in rows], bool)
    pairs = candidate_pairs(keys, np.arange(len(rows), dtype=np.uint64), np.arange(len(rows)), alone)
    found, largest = set(zip(pairs.a.tolist(), pairs.b.tolist(), strict=True)), pairs.largest
    assert all(i < j and not (alone[i] and alone[j]) for i, j in found)
    for band in range(3):
        for value in range(3):
            bucket = [i for i in range(len(rows)) if rows[i][band] == value]
            assert len(bucket) <= largest
            if len(bucket) <= 8:
                all_of_it = {(i, j) for i, j in combinations(bucket, 2) if not (alone[i] and alone[j])}
                assert all_of_it <= found
            else:
                assert set(bucket) <= set(pairs.in_capped.tolist()) and pairs.capped


def test_pairs_of_a_crowded_bucket_are_those_that_look_alike(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = random.Random(10)
    shared = text_of(rng, 600)
    texts = {}
    for k in range(40):
        own = text_of(rng, 300)
        texts[f"a{k:02d}"] = " ".join(shared + own)
        texts[f"b{k:02d}"] = " ".join(shared + own[:-60] + text_of(rng, 60))
    assert jaccard(texts["a00"], texts["a01"]) < 0.55 and jaccard(texts["a00"], texts["b00"]) > 0.8
    names = [n for k in range(40) for n in (f"a{k:02d}", f"b{39 - k:02d}")]
    sketches = sketch(pa.array([texts[n] for n in names]), Shingling())
    same = np.zeros(len(names), np.uint64)
    pairs = bucket_pairs(same, likeness(sketches.signatures), np.arange(len(names)), np.zeros(len(names), bool))
    found = {(names[i], names[j]) for i, j in zip(pairs.a.tolist(), pairs.b.tolist(), strict=True)}
    twins = sum((f"a{k:02d}", f"b{k:02d}") in found or (f"b{k:02d}", f"a{k:02d}") in found for k in range(40))
    assert twins >= 15 and len(found) < 4 * len(names)  # a star, or neighbours by chance, find about one in forty
    path = tmp_path / "d.jsonl"
    path.write_text("".join(json.dumps({"id": n, "text": t}) + "\n" for n, t in texts.items()))
    assert main(["dedup", str(path), "--out", str(tmp_path / "r"), "--bands", "1", "--rows", "1"]) == 0
    assert "Too large for all their pairs: 1 buckets of" in " ".join(capsys.readouterr().err.split())


@given(st.integers(0, 1000))
@settings(max_examples=20)
def test_a_document_that_no_kept_copy_is_close_to_is_kept(seed: int) -> None:
    rng = np.random.default_rng(seed)
    held = [np.sort(rng.choice(60, 40, replace=False)).astype(np.uint64) for _ in range(8)]
    a, b = (np.array(x) for x in zip(*combinations(range(8), 2), strict=True))
    found = verify(a, b, np.arange(8), np.zeros(8, bool), lambda i: held[i], 0.55)
    expected = {(i, j) for i, j in combinations(range(8), 2) if similarity(held[i], held[j])[0] >= 0.55}
    assert set(zip(found.a.tolist(), found.b.tolist(), strict=True)) == expected


def test_places_are_counted_inside_each_group_and_equal_ones_stay_equal() -> None:
    groups, places = np.array([0, 1, 0, 1, 0, 2]), np.array([7, 3, 2, 3, 7, 9])
    assert places_inside(groups, places).tolist() == [1, 0, 0, 0, 1, 0]
    assert places_inside(groups[:0], places[:0]).tolist() == []


def test_documents_of_other_groups_change_no_row_of_groups() -> None:
    rows = corpus(works=6)
    newer = [{**r, "doc_id": f"zz{r['doc_id']}", "version": 99} for r in corpus(works=5, seed=99)]
    alone, both = (run_steps([part(rs)], Dedup().steps())["groups"] for rs in (rows, [*newer, *rows]))
    mine = pc.invert(pc.starts_with(both["doc_id"], "zz"))
    assert alone.num_rows and both.num_rows > alone.num_rows and both.filter(mine).equals(alone)


def test_all_tables_have_their_schema() -> None:
    made = run_steps([part(corpus(works=4))], Dedup().steps())
    assert {"sketches", "exact_edges", "identity_edges", "candidates", "groups", "near_edges"} <= set(made)
