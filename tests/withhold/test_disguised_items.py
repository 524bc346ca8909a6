"""What looks the same to a reader is found, and by the hashes of an audit, too: other alphabets, references, joined words."""

from __future__ import annotations

import re
from collections.abc import Callable

import pyarrow as pa
import pytest

from curation.withhold.hash_index import Hashed, HashIndex
from curation.withhold.hashed import hashes_table, item_rows
from curation.withhold.index import TextIndex
from curation.withhold.text_hits import hit_rows
from curation.withhold.tokens import LOOK_ALIKES
from tests.withhold.plants import CLEAN, LONG, SHORT, SOLVED, as_exam, within

CYRILLIC = str.maketrans("aceopxyijsABCEHKMOPTX", "асеорхуіјѕАВСЕНКМОРТХ")
GREEK = str.maketrans("aovuinpABEZHIKMNOPTYX", "αονυιηρΑΒΕΖΗΙΚΜΝΟΡΤΥΧ")
SMALL = str.maketrans({letter.lower(): others[-1] for letter, others in LOOK_ALIKES.items() if letter.isupper()})


def camel(text: str) -> str:
    return "".join(word[:1].upper() + word[1:] for word in text.split())


DISGUISES: dict[str, Callable[[str], str]] = {
    "Cyrillic": lambda text: text.translate(CYRILLIC),
    "Greek": lambda text: text.translate(GREEK),
    "small capitals": lambda text: text.translate(SMALL),
    "references to blanks": lambda text: text.replace(" ", "&nbsp;"),
    "numbered blanks": lambda text: text.replace(" ", "&#32;").replace("e", "&#x65;"),
    "escaped references": lambda text: text.replace(" ", "&amp;nbsp;"),
    "addresses": lambda text: text.replace(" ", "%20"),
    "form data": lambda text: text.replace(" ", "+").replace("?", "%3F").replace(",", "%2c"),
    "underscores": lambda text: re.sub(r"\s", "_", text),
    "joined words": camel,
    "joined words, the first small": lambda text: text[:1].lower() + camel(text)[1:],
    "soft hyphens": lambda text: re.sub(r"(?<=[a-z])(?=[a-z])", "\u00ad", text),
    "no width": lambda text: re.sub(r"(?<=[a-z])(?=[a-z])", "\u200b", text),
    "referred soft hyphens": lambda text: re.sub(r"(?<=[a-z])(?=[a-z])", "&shy;", text),
}
SAID = {
    "b.csv:1": LONG.question,
    "b.csv:2": f"{SHORT.question} {SHORT.answer}.",
    "b.csv:5": str(SOLVED.answer),
}
ITEMS = (LONG, SHORT, SOLVED)


@pytest.mark.parametrize("disguise", DISGUISES)
def test_a_disguised_item_is_found(disguise: str) -> None:
    index = TextIndex({"B": ITEMS})
    for entry, said in SAID.items():
        text = within(DISGUISES[disguise](said))
        rows = list(hit_rows(index, pa.array(["clean", "d"]), pa.array([CLEAN, text], pa.large_string())))
        assert [(row["doc_id"], row["entry"]) for row in rows] == [("d", entry)], text


@pytest.mark.parametrize("disguise", [name for name in DISGUISES if "joined" not in name])
def test_hashes_find_a_disguised_item(disguise: str) -> None:
    hashes = HashIndex(hashes_table(row for item in ITEMS for row in item_rows("B", item)))
    for entry, said in SAID.items():
        made = [m.entry for m in hashes.by_fields(Hashed(DISGUISES[disguise](said)), of_pair=True) if m.found]
        assert made == [entry]


@pytest.mark.parametrize("disguise", [name for name in DISGUISES if "joined" not in name])
def test_an_item_written_in_disguise_is_found_in_plain_words(disguise: str) -> None:
    hidden = DISGUISES[disguise]
    index = TextIndex({"B": [type(SHORT)(SHORT.item_id, hidden(SHORT.question), tuple(map(hidden, SHORT.choices)))]})
    rows = hit_rows(index, pa.array(["d"]), pa.array([within(as_exam(SHORT, (0, 1, 2, 3)))], pa.large_string()))
    assert [row["entry"] for row in rows] == [SHORT.item_id]
