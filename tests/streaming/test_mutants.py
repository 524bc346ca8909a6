"""The list of changes that tests must notice is one of the code as it stands."""

from __future__ import annotations

import pytest

from tests.benchmarks.streaming_mutants import MUTANTS, ROOM, ROOT, TESTS, Mutant


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.file)
def test_a_change_can_be_made_at_one_place_and_its_tests_are_there(mutant: Mutant) -> None:
    assert (ROOT / ROOM / mutant.file).read_text().count(mutant.old) == 1
    assert mutant.new != mutant.old
    for word in mutant.tests.split():
        assert (ROOT / TESTS / f"test_{word.partition(':')[0]}.py").is_file()
