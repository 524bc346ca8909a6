"""Archives give their text, or are refused with a reason."""

from __future__ import annotations

import contextlib
import gzip
import io
import os
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.errors import PaperError
from curation.extract.archive import ArchiveLimits, open_file, open_folder
from curation.sources.content import folder_files
from schemas import Reason

TEX = b"\\documentclass{article}\\begin{document}Hello\\end{document}"


def tar_of(members: dict[str, bytes], edit: Callable[[tarfile.TarInfo], None] | None = None) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            if edit:
                edit(info)
            tar.addfile(info, io.BytesIO(data) if info.isreg() else None)
    return buffer.getvalue()


def refusal(data: bytes, name: str = "x.tar.gz", limits: ArchiveLimits | None = None) -> Reason:
    with pytest.raises(PaperError) as caught:
        open_file(data, name, *([limits] if limits else []))
    return caught.value.reason


def test_text_of_a_tar_is_read_and_figures_are_not() -> None:
    data = gzip.compress(
        tar_of(
            {
                "./ms.tex": TEX,
                "sec/a.tex": b"a",
                "ms.bbl": b"b",
                "fig.png": b"\x89PNG",
                "fig.pdf": b"%PDF-1.4",
                "00README.XXX": b"r",
            }
        )
    )
    assert set(open_file(data, "2301.00001.tar.gz")) == {"ms.tex", "sec/a.tex", "ms.bbl", "00README.XXX"}


def test_tex_without_suffix_is_found() -> None:
    assert set(open_file(tar_of({"paper": TEX, "data": b"1 2 3"}), "x.tar")) == {"paper"}


def test_pdf_is_kept_when_there_is_no_tex() -> None:
    assert set(open_file(tar_of({"paper.pdf": b"%PDF-1.4 x", "fig.png": b"p"}), "x.tar")) == {"paper.pdf"}


@pytest.mark.parametrize("layers", [0, 1, 2])
def test_single_files_are_named_by_their_kind(layers: int) -> None:
    data = TEX
    for _ in range(layers):
        data = gzip.compress(data)
    assert open_file(data, "2301.00001" + ".gz" * layers) == {"2301.00001.tex": TEX}
    assert set(open_file(gzip.compress(b"%PDF-1.5"), "a.gz")) == {"a.pdf"}


@pytest.mark.parametrize("name", ["../evil.tex", "a/../../evil.tex", "/etc/evil.tex", "C:\\evil.tex", "..\\evil.tex"])
def test_names_that_leave_the_archive_are_refused(name: str) -> None:
    assert refusal(tar_of({"ms.tex": TEX, name: b"x"})) is Reason.UNSAFE_ARCHIVE


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_are_refused(kind: bytes) -> None:
    def edit(info: tarfile.TarInfo) -> None:
        info.type, info.linkname = kind, "/etc/passwd"
        info.size = 0

    assert refusal(gzip.compress(tar_of({"ms.tex": b""}, edit))) is Reason.UNSAFE_ARCHIVE


def test_gzip_bomb_is_refused_before_it_unpacks() -> None:
    bomb = gzip.compress(bytes(300 << 20), compresslevel=1)
    assert len(bomb) < 4 << 20
    assert refusal(bomb, "bomb.gz") is Reason.TOO_LARGE
    assert refusal(gzip.compress(tar_of({"ms.tex": TEX, "fig.eps": bytes(100 << 20)}), 1)) is Reason.TOO_LARGE


def test_bounds_on_members_and_files() -> None:
    small = ArchiveLimits(max_members=2, max_file_bytes=1000, max_text_bytes=1500)
    assert refusal(tar_of({f"{i}.tex": b"x" for i in range(3)}), limits=small) is Reason.TOO_LARGE
    assert refusal(tar_of({"a.tex": b"x" * 1001}), limits=small) is Reason.TOO_LARGE
    assert refusal(tar_of({"a.tex": b"x" * 900, "b.tex": b"x" * 900}), limits=small) is Reason.TOO_LARGE


@pytest.mark.parametrize("keep", [15, 60, -12])
def test_truncated_gzip_is_told_from_a_whole_one(keep: int) -> None:
    data = gzip.compress(tar_of({"ms.tex": TEX + os.urandom(20_000).hex().encode()}))
    assert refusal(data[:keep]) is Reason.BAD_ARCHIVE


def test_truncated_tar_is_told_from_a_whole_one() -> None:
    assert refusal(tar_of({"ms.tex": TEX * 1000})[:5000], "x.tar") is Reason.BAD_ARCHIVE


def test_corrupt_gzip_is_told() -> None:
    data = bytearray(gzip.compress(TEX * 100))
    data[-6] ^= 0xFF
    assert refusal(bytes(data)) is Reason.BAD_ARCHIVE


def test_padding_after_gzip_does_no_harm() -> None:
    assert open_file(gzip.compress(TEX) + bytes(512), "a.gz") == {"a.tex": TEX}
    assert open_file(gzip.compress(TEX) + gzip.compress(b"more"), "a.gz") == {"a.tex": TEX + b"more"}


def test_empty_things_have_their_own_reasons() -> None:
    assert refusal(b"", "a.gz") is Reason.EMPTY_FILE
    assert refusal(gzip.compress(b""), "a.gz") is Reason.EMPTY_FILE
    assert refusal(tar_of({"fig.png": b"x"}), "a.tar") is Reason.UNKNOWN_FORMAT


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=3000), st.booleans())
def test_any_bytes_give_files_or_a_reason(data: bytes, packed: bool) -> None:
    with contextlib.suppress(PaperError):
        open_file(gzip.compress(data) if packed else data, "x.gz")


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2000), st.integers(0, 255))
def test_a_flipped_byte_in_a_tar_never_escapes(place: int, value: int) -> None:
    data = bytearray(tar_of({"ms.tex": TEX, "b/c.tex": b"x" * 600}))
    data[place % len(data)] = value
    try:
        files = open_file(bytes(data), "x.tar")
    except PaperError:
        return
    assert all(".." not in Path(n).parts and not n.startswith("/") for n in files)


def test_folder_gives_the_same_files_as_its_tar(tmp_path: Path) -> None:
    for name, data in {"p/ms.tex": TEX, "p/sec/a.tex": b"a", "p/fig.png": b"x", "p/.hidden.tex": b"h"}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    assert open_folder(tmp_path / "p", folder_files(tmp_path, "p")) == {"ms.tex": TEX, "sec/a.tex": b"a"}


def test_link_out_of_the_source_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.tex").write_bytes(TEX)
    (tmp_path / "root/p").mkdir(parents=True)
    (tmp_path / "root/p/ms.tex").symlink_to(tmp_path / "secret.tex")
    with pytest.raises(PaperError) as caught:
        folder_files(tmp_path / "root", "p")
    assert caught.value.reason is Reason.UNSAFE_ARCHIVE
