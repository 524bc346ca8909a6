from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from curation.text.blocks import blocks, heading_title

MARKDOWN = st.lists(
    st.sampled_from(
        ["# Title", "## 2 Data ##", "plain words, é $x$", "| a | b |", "|---|---|", "$$", "E = mc^2", "```", "~~~", "- item",
         "3. item", "> quoted", "", "  ", "\u2028odd", "$$ a $$ b", "\tcode?"]
    )
).map("\n".join)  # fmt: skip

PAPER = """# Title

Some words
over two lines.
## Data
| a | b |
|---|---|
| 1 | 2 |
$$
E = mc^2
$$
where $m$ is the mass.

- one
  goes on
- two

> a quote

```python
# no heading

| no table |
```
after
"""


def test_kinds_in_order() -> None:
    assert [b.kind for b in blocks(PAPER)] == [
        "heading", "paragraph", "heading", "table", "math", "paragraph", "list", "quote", "code", "paragraph",
    ]  # fmt: skip
    assert blocks(PAPER)[8].text(PAPER).count("\n") == 4
    assert [b.level for b in blocks(PAPER) if b.kind == "heading"] == [1, 2]


def test_heading_titles() -> None:
    assert heading_title("## 2 Data ##\n") == "2 Data"
    assert heading_title("# Parsing C#") == "Parsing C#"
    assert heading_title("#") == ""
    assert [b.kind for b in blocks("#hashtag")] == ["paragraph"]


def test_math_left_open_ends_at_a_blank_line() -> None:
    assert [b.kind for b in blocks("$$\nx = 1\n\nwords")] == ["math", "paragraph"]


def test_a_fence_closes_only_with_its_own_mark() -> None:
    assert [b.kind for b in blocks("````\n```\n~~~\n````\nwords")] == ["code", "paragraph"]


@given(MARKDOWN | st.text())
def test_blocks_are_disjoint_ordered_and_cover_what_is_not_space(text: str) -> None:
    left, at = [], 0
    for block in blocks(text):
        assert at <= block.start < block.end <= len(text)
        left.append(text[at : block.start])
        at = block.end
    left.append(text[at:])
    assert not "".join(left).strip()
