"""The card adds up, agrees with the release, and shows what papers say as text only."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from html.parser import HTMLParser
from pathlib import Path

import datasets
import pyarrow.parquet as pq
import pytest
import yaml

from data_cards import CardError, TokenizerError, read_card, report_of, write_card
from data_cards.render import escape_markdown
from schemas.manifest import ManifestError
from tests.data_cards.card_release import pair, released, report, word_tokenizer, write_release

HOSTILE = [
    "<script>alert(1)</script>",
    "</pre></div><img src=x onerror=alert(1)>",
    "[click](javascript:alert(1)) ![i](http://evil.example/x.png)",
    "a | b | c\n\n---\nconfigs: evil\n---\n# Heading",
    "{{ 7 * 7 }} {% raw %}",
    "`code` **bold** _it_ $x$ ~~s~~ <http://evil.example> www.evil.example",
    '" onmouseover="alert(1)',
    "]]></svg><script>alert(2)</script>",
]


class Page(HTMLParser):
    """Tags and attributes as a browser would see them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.text: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@pytest.fixture
def release(tmp_path: Path) -> Path:
    rows = [released(i) for i in range(20)]
    return write_release(tmp_path, {"research": rows, "public": rows[:12]}, [pair(i) for i in range(6)])


def test_card_names_the_release_and_its_figures(release: Path) -> None:
    written = write_card(release, None, report({"research": 20, "public": 12}))
    assert written == ["card.html", "README.md", "card.json"]
    card = json.loads((release / "card.json").read_text())
    digest = hashlib.sha256((release / "manifest.json").read_bytes()).hexdigest()
    assert card["manifest_sha256"] == digest
    assert all(digest in (release / name).read_text() for name in written)
    research = card["tiers"][0]
    assert research["figures"] == {
        "papers": 20,
        "cpt_tokens": None,
        "sft_pairs": 6,
        "sft_tokens": None,
        "withheld_sources": 1,
    }
    assert "not counted" in (release / "card.html").read_text()
    assert sum(y["documents"] for y in research["years"]) == 20
    assert {r["name"]: r["documents"] for r in research["routes"]} == {"latex": 13, "pdf": 7}


def test_only_papers_count_as_papers_and_the_mix_is_shown(tmp_path: Path) -> None:
    rows = [
        released(1),
        released(2, paper_id="arXiv:2301.00001", source="arxiv"),
        released(3, paper_id="doi:10.1/x", source="journals"),
        released(4, paper_id=f"sha256:{'0' * 64}", source="wikipedia", n_words=70),
        released(5, paper_id=f"sha256:{'1' * 64}", source="wikipedia", n_words=30),
    ]
    write_release(tmp_path, {"research": rows}, [pair(1)])
    write_card(tmp_path, None, report({"research": 5}))
    tier = json.loads((tmp_path / "card.json").read_text())["tiers"][0]
    assert tier["figures"]["papers"] == 2
    assert {s["name"]: (s["documents"], s["words"]) for s in tier["sources"]}["wikipedia"] == (2, 100)
    readme, page = (tmp_path / "README.md").read_text(), (tmp_path / "card.html").read_text()
    assert "| wikipedia | 2 | 100 |" in readme and "wikipedia" in page
    assert "1 extractive" in readme and "1 extractive" in page and "no model wrote them" in page


def test_files_and_bytes_are_of_the_same_files(release: Path) -> None:
    write_card(release, ["research"], report({"research": 20, "public": 12}))
    tier = json.loads((release / "card.json").read_text())["tiers"][0]
    assert tier["bytes"] == (release / "research/shard-00000.parquet").stat().st_size
    assert tier["pair_bytes"] == (release / "research/sft/pairs-00000.parquet").stat().st_size
    assert [len(tier["files"]), len(tier["pair_files"])] == [1, 1]


def test_tiers_stand_in_one_order_whoever_draws(release: Path) -> None:
    told = report({"public": 12, "research": 20})
    first = [(release / name).read_bytes() for name in write_card(release, None, told)]
    sorted_report = json.loads(json.dumps(report({"research": 20, "public": 12}), sort_keys=True))
    assert [(release / name).read_bytes() for name in write_card(release, None, sorted_report)] == first
    assert [t["tier"] for t in json.loads(first[2])["tiers"]] == ["research", "public"]


def test_a_config_without_rows_is_not_offered_to_the_hub(release: Path) -> None:
    table = pq.read_table(release / "research/sft/pairs-00000.parquet")
    manifest = json.loads((release / "manifest.json").read_text())
    for entry in manifest["files"]:
        if entry["kind"] == "pairs":
            pq.write_table(table.slice(0, 0), release / entry["file"])
            entry |= {"rows": 0, "row_groups": [], "bytes": (release / entry["file"]).stat().st_size}
    (release / "manifest.json").write_text(json.dumps(manifest))
    write_card(release, None, report({"research": 20, "public": 12}))
    header = yaml.safe_load((release / "README.md").read_text().split("---\n")[1])
    assert [c["config_name"] for c in header["configs"]] == ["research", "public"]


def test_funnel_adds_up_in_the_order_of_the_run(release: Path) -> None:
    write_card(release, ["research"], report({"research": 20, "public": 12}))
    card = json.loads((release / "card.json").read_text())
    assert [t["tier"] for t in card["tiers"]] == ["research"]
    tier = card["tiers"][0]
    assert [(r["stage"], r["left"]) for r in tier["funnel"]] == [
        ("extract", 26),
        ("signals", 25),
        ("duplicates", 22),
        ("withheld", 20),
    ]
    assert tier["funnel"][-1]["left"] == tier["released"] == 20
    assert tier["documents_in"] == sum(tier[k] for k in ("released", "dropped", "withheld", "failed"))


def test_card_is_the_same_for_the_same_release_however_long_it_took(release: Path) -> None:
    first, second = report({"research": 20, "public": 12}), report({"research": 20, "public": 12})
    second["stages"][0]["wall_s"] = 99
    assert [(release / name).read_bytes() for name in write_card(release, None, first)] == [
        (release / name).read_bytes() for name in write_card(release, None, second)
    ]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"dropped": 5}, "30|documents in"),
        ({"dropped": 5, "documents_in": 30}, "5 dropped, but its reasons add up to 4"),
        ({"released": 21, "documents_in": 30}, "21 released, the shards have 20 rows"),
        ({"words": -1}, "report.json"),
    ],
)
def test_a_report_that_does_not_add_up_writes_no_card(release: Path, change: dict[str, int], message: str) -> None:
    wrong = report({"research": 20, "public": 12})
    wrong["tiers"]["research"] |= change
    with pytest.raises(CardError, match=message):
        write_card(release, None, wrong)
    assert not list(release.glob("card*")) + list(release.glob(".*"))


def test_wrong_use_is_told(release: Path, tmp_path: Path) -> None:
    with pytest.raises(CardError, match=r"no tier \['secret'\]"):
        write_card(release, ["secret"], report({"research": 20, "public": 12}))
    with pytest.raises(CardError, match="knows no tier public"):
        write_card(release, None, report({"research": 20}))
    with pytest.raises(CardError, match=r"no such tokenizer\.json"):
        write_card(release, None, report({"research": 20, "public": 12}), tokenizer_json=tmp_path / "no.json")
    (release / "public/shard-00000.parquet").unlink()
    with pytest.raises(ManifestError, match="missing"):
        write_card(release, None, report({"research": 20, "public": 12}))


def test_what_papers_say_is_inert(tmp_path: Path) -> None:
    rows = [
        released(i, title=text, text=text, licence=text, route=text, date=text, id=f"{text}{i}")
        for i, text in enumerate(HOSTILE)
    ]
    write_release(tmp_path, {"research": rows})
    told = report({"research": len(rows)})
    told["run"], told["versions"]["<b>x"] = HOSTILE[0], HOSTILE[1]
    write_card(tmp_path, None, told, samples=len(rows))
    page = Page((tmp_path / "card.html").read_text())
    assert not page.tags & {"script", "img", "iframe", "object", "a", "b<", "foreignobject", "link"}
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    assert all(text.strip() in "".join(page.text) for text in HOSTILE)
    assert not re.search(
        r"""(?:href|src|url)\s*[=(]\s*["']?\s*(?:https?:|//|javascript:)""",
        "".join(
            f'{n}="{v}" '
            for n, v in page.attributes
            if n != "xmlns" and not n.startswith("xmlns:") and n != "aria-label"
        ),
    )

    readme = (tmp_path / "README.md").read_text()
    _, header, body = readme.split("---\n", 2)
    assert [c["config_name"] for c in yaml.safe_load(header)["configs"]] == ["research"]
    assert "<" not in body
    for raw in ("](", "![", "**bold", "\n# Heading", "http://evil", "www.evil", "\nconfigs: evil"):
        assert raw not in body
    rows_of_table = [line for line in body.splitlines() if "alert" in line and line.startswith("|")]
    assert rows_of_table
    assert len({len(re.findall(r"(?<!\\)\|", line)) for line in rows_of_table}) <= 2  # the tables' own 4 or 5 bars


CONTROLS = "\x00\x1b[31m\x9b\u202e\u2066\u200b\u00ad\ufeff"


def test_what_a_page_obeys_without_showing_it_is_removed_and_long_titles_are_cut(tmp_path: Path) -> None:
    rows = [
        released(1, title=f"A{CONTROLS}B", text=f"Some{CONTROLS}\n\ttext", licence=f"CC{CONTROLS} BY", source=CONTROLS),
        released(2, title="Long title " * 20_000),
    ]
    write_release(tmp_path, {"research": rows})
    told = report({"research": 2})
    told["run"] = f"run{CONTROLS}"
    for page in (tmp_path / name for name in write_card(tmp_path, None, told)):
        content = page.read_text()
        assert not [c for c in content if c not in "\n\t" and unicodedata.category(c) in ("Cc", "Cf")], page.name
        assert len(content) < 60_000
    assert "A[31mB" in (tmp_path / "card.html").read_text() and "\n\ttext" in (tmp_path / "card.html").read_text()


def test_what_steps_tell_is_shown_whatever_it_is(release: Path) -> None:
    told = {
        "repairs": {"pages_joined": 1234, "by": {"rule": {"hyphen": 7}}, "names": list("abcdefg"), "odd": "<b>|\nx"}
    }
    write_card(release, None, report({"public": 12, "research": 20}) | {"summaries": told})
    card = read_card(release)
    page, readme = ((release / name).read_text() for name in ("card.html", "README.md"))
    assert '<td>repairs</td><td>by / rule / hyphen</td><td class="n">7</td>' in page
    assert '<td></td><td>pages joined</td><td class="n">1,234</td>' in page and "a, b, c, d, e, ..." in page
    assert (
        "&lt;b&gt;| x" in page and r"| repairs | by \/ rule \/ hyphen | 7 |" in readme and r"&lt;b&gt;\| x |" in readme
    )
    assert card is not None and report_of(card)["summaries"] == told
    many = {"counts": {"of": {str(i): i for i in range(100)}}}
    write_card(release, None, report({"public": 12, "research": 20}) | {"summaries": many})
    assert "and 60 more" in (release / "card.html").read_text()


def test_markdown_is_escaped() -> None:
    assert escape_markdown("a|b\n# c <d> & [e](f)\x00") == r"a\|b \# c &lt;d&gt; &amp; \[e\]\(f\)"
    assert escape_markdown(12) == "12"


def test_hub_readme_lets_datasets_load_each_tier(release: Path, tmp_path: Path) -> None:
    write_card(release, None, report({"research": 20, "public": 12}))
    cache = str(tmp_path / "cache")
    for config, rows in (("research", 20), ("public", 12), ("research-sft", 6)):
        assert datasets.load_dataset(str(release), config, split="train", cache_dir=cache).num_rows == rows


def test_tokens_are_counted_with_a_named_tokenizer(release: Path, tmp_path: Path) -> None:
    tokenizer = word_tokenizer(tmp_path / "words" / "tokenizer.json")
    write_card(release, ["public"], report({"research": 20, "public": 12}), tokenizer_json=tokenizer)
    card = json.loads((release / "card.json").read_text())
    figures = card["tiers"][0]["figures"]
    assert (figures["cpt_tokens"], figures["sft_tokens"]) == (card["tiers"][0]["words"], 6 * 4)
    assert card["tokenizer"] == {"name": "words", "sha256": hashlib.sha256(tokenizer.read_bytes()).hexdigest()}


def test_settings_of_inputs_in_a_tokenizer_are_none_of_a_count(release: Path, tmp_path: Path) -> None:
    plain = word_tokenizer(tmp_path / "plain" / "tokenizer.json")
    cut = word_tokenizer(tmp_path / "cut" / "tokenizer.json", truncated_to=3)
    counts = []
    for tokenizer in (plain, cut):
        write_card(release, None, report({"research": 20, "public": 12}), tokenizer_json=tokenizer)
        figures = json.loads((release / "card.json").read_text())["tiers"][0]["figures"]
        counts.append((figures["cpt_tokens"], figures["sft_tokens"]))
    assert counts[0] == counts[1]


def test_a_broken_tokenizer_is_told(release: Path, tmp_path: Path) -> None:
    tokenizer = word_tokenizer(tmp_path / "words" / "tokenizer.json")
    tokenizer.write_bytes(tokenizer.read_bytes()[:-20])
    with pytest.raises(TokenizerError, match=r"is no tokenizer\.json"):
        write_card(release, None, report({"research": 20, "public": 12}), tokenizer_json=tokenizer)
