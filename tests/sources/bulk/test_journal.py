"""Lines of a journal are whole, or not there."""

from __future__ import annotations

import os

import pytest

from curation.sources.bulk.journal import append_line


def test_what_a_kill_left_of_a_line_makes_no_other_line(tmp_path):
    journal = tmp_path / "done"
    for left in ("", "head\n12", "head\n"):
        journal.write_text(left)
        append_line(journal, "7")
        assert journal.read_text().split("\n") == [*(["head"] if left else []), "7", ""]
    for zeros in (4095, 4096, 9001):
        journal.write_bytes(b"head\n1\n" + bytes(zeros))
        append_line(journal, "7")
        assert journal.read_bytes() == b"head\n1\n7\n"


def test_a_line_that_is_cut_by_a_full_disk_is_taken_away(tmp_path, monkeypatch):
    journal, pwrite = tmp_path / "done", os.pwrite
    append_line(journal, "1")
    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", lambda handle, body, at: pwrite(handle, body[:2], at))
        with pytest.raises(OSError, match="No space left"):
            append_line(journal, "127")
    assert journal.read_text() == "1\n"
    append_line(journal, "7")
    assert journal.read_text() == "1\n7\n"
