"""Archives give their text, or are refused with a reason."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import itertools
import lzma
import os
import stat
import tarfile
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.errors import PaperError
from curation.extract.archive import ArchiveLimits, open_file, open_folder
from curation.extract.one_paper import extract_main
from curation.sources.content import folder_files, look_at
from curation.sources.kinds import HEAD_BYTES, kind_of
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
    assert open_file(gzip.compress(TEX) + bytes(200_000) + gzip.compress(b"more"), "a.gz") == {"a.tex": TEX + b"more"}


def test_empty_things_have_their_own_reasons() -> None:
    assert refusal(b"", "a.gz") is Reason.EMPTY_FILE
    assert refusal(gzip.compress(b""), "a.gz") is Reason.EMPTY_FILE
    assert refusal(tar_of({"fig.png": b"x"}), "a.tar") is Reason.UNKNOWN_FORMAT


@settings(max_examples=200)
@given(st.binary(max_size=3000), st.booleans())
def test_any_bytes_give_files_or_a_reason(data: bytes, packed: bool) -> None:
    with contextlib.suppress(PaperError):
        open_file(gzip.compress(data) if packed else data, "x.gz")


@settings(max_examples=100)
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
    assert open_folder(look_at(tmp_path, "p").files or {}) == {"ms.tex": TEX, "sec/a.tex": b"a"}


def test_link_out_of_the_source_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.tex").write_bytes(TEX)
    (tmp_path / "root/p").mkdir(parents=True)
    (tmp_path / "root/p/ms.tex").symlink_to(tmp_path / "secret.tex")
    with pytest.raises(PaperError) as caught:
        folder_files(tmp_path / "root", "p")
    assert caught.value.reason is Reason.UNSAFE_ARCHIVE


PACKINGS: dict[str, Callable[[bytes], bytes]] = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}


def zip_of(
    members: dict[str, bytes], edit: Callable[[zipfile.ZipInfo], None] | None = None, method: int = zipfile.ZIP_DEFLATED
) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = method
            if edit:
                edit(info)
            archive.writestr(info, data)
    return buffer.getvalue()


@pytest.mark.parametrize("packing", PACKINGS)
def test_packed_papers_and_archives_are_opened(packing: str) -> None:
    pack = PACKINGS[packing]
    assert open_file(pack(TEX), f"2301.00001.{packing}") == {"2301.00001.tex": TEX}
    assert open_file(pack(gzip.compress(TEX)), f"ms.tex.gz.{packing}") == {"ms.tex": TEX}
    members = {"ms.tex": TEX, "fig.png": b"x", "a/b.bbl": b"b"}
    for data in (tar_of(members), zip_of(members)):
        assert open_file(pack(data), f"x.tar.{packing}") == {"ms.tex": TEX, "a/b.bbl": b"b"}
    assert open_file(pack(TEX[:20]) + pack(TEX[20:]) + bytes(512), f"a.{packing}") == {"a.tex": TEX}


@pytest.mark.parametrize("packing", PACKINGS)
def test_packed_files_that_are_cut_or_broken_or_grow_are_refused(packing: str) -> None:
    whole = PACKINGS[packing](os.urandom(300_000))
    for end in (len(whole) - 1, len(whole) // 2, 40):
        assert refusal(whole[:end], f"a.{packing}") == Reason.BAD_ARCHIVE
    broken = bytearray(whole)
    broken[len(whole) // 2] ^= 255
    assert refusal(bytes(broken), f"a.{packing}") == Reason.BAD_ARCHIVE
    small = ArchiveLimits(ratio_free_bytes=1 << 20)
    assert refusal(PACKINGS[packing](bytes(64 << 20)), f"a.{packing}", small) == Reason.TOO_LARGE


def test_kinds_are_told_through_every_packing(tmp_path: Path) -> None:
    members = {"ms.tex": TEX}
    noise = os.urandom(400_000).hex().encode()  # its first bzip2 block is longer than the head of other files
    for packing, pack in PACKINGS.items():
        assert kind_of(pack(TEX), f"a.{packing}") == "tex"
        assert kind_of(pack(tar_of(members)), "a") == "tar"
        (tmp_path / packing).write_bytes(pack(TEX + noise))
        assert look_at(tmp_path, packing).kind == "tex"
    assert kind_of(zip_of(members), "a.zip") == "zip" and kind_of(zip_of({}), "a.zip") == "zip"
    assert kind_of(b"BZh is the mark of bzip2, told in words.", "a") == "text"
    assert kind_of(lzma.compress(TEX)[:20], "a.xz") in ("unknown", "empty")


def test_an_xz_that_asks_for_much_memory_is_refused() -> None:
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 29}]
    data = lzma.compress(TEX, filters=filters)
    assert kind_of(data[:HEAD_BYTES], "a.xz") == "unknown" and refusal(data, "a.xz") == Reason.BAD_ARCHIVE


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_text_of_a_zip_is_read(method: int) -> None:
    members = {"paper/": b"", "paper/ms.tex": TEX, "sec\\a.tex": b"a", "é.bbl": b"b", "fig.png": b"\x89PNG"}
    assert open_file(zip_of(members, method=method), "a.zip") == {"paper/ms.tex": TEX, "sec/a.tex": b"a", "é.bbl": b"b"}
    assert open_file(zip_of({"only.pdf": b"%PDF-1.4 x"}, method=method), "a.zip") == {"only.pdf": b"%PDF-1.4 x"}
    assert refusal(zip_of({"a.docx": b"x"}, method=method), "a.zip") == Reason.UNKNOWN_FORMAT


@pytest.mark.parametrize(
    "name", ["../ms.tex", "a/../../ms.tex", "/etc/ms.tex", "..\\ms.tex", "C:\\ms.tex", "\\\\host\\ms.tex"]
)
def test_a_zip_whose_names_leave_it_is_refused(name: str) -> None:
    assert refusal(zip_of({"ms.tex": TEX, name: b"x"}), "a.zip") == Reason.UNSAFE_ARCHIVE


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_a_zip_with_links_or_devices_is_refused(kind: int) -> None:
    def edit(info: zipfile.ZipInfo) -> None:
        info.external_attr = (kind | 0o644) << 16

    assert refusal(zip_of({"ms.tex": b"/etc/passwd"}, edit), "a.zip") == Reason.UNSAFE_ARCHIVE


def test_a_zip_that_two_readers_may_see_differently_is_refused() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # zipfile's own word about the name
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("ms.tex", TEX)
            archive.writestr("ms.tex", b"another")
    whole = zip_of({"ms.tex": TEX})
    assert refusal(buffer.getvalue(), "a.zip") == Reason.UNSAFE_ARCHIVE
    assert refusal(whole + b"behind the directory", "a.zip") == Reason.UNSAFE_ARCHIVE
    assert refusal(whole + zip_of({"b.tex": TEX}), "a.zip") == Reason.UNSAFE_ARCHIVE
    assert open_file(whole + bytes(100), "a.zip") == {"ms.tex": TEX}


def test_a_zip_that_is_cut_encrypted_or_broken_is_refused() -> None:
    whole = zip_of({"ms.tex": TEX * 50, "b.tex": TEX})
    for end in (len(whole) - 1, len(whole) // 2, 30):
        assert refusal(whole[:end], "a.zip") == Reason.BAD_ARCHIVE
    encrypted = whole.replace(b"PK\x01\x02\x14\x03\x14\x00\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01\x00")
    assert encrypted != whole and refusal(encrypted, "a.zip") == Reason.BAD_ARCHIVE
    for at in range(4, len(whole), 7):
        broken = bytearray(whole)
        broken[at] ^= 0x55
        with contextlib.suppress(PaperError):
            assert set(open_file(bytes(broken), "a.zip").values()) <= {TEX * 50, TEX}


def test_bombs_in_a_zip_are_refused() -> None:
    bomb = zip_of({"ms.tex": TEX, "big.tex": bytes(40 << 20)})
    assert refusal(bomb, "a.zip", ArchiveLimits(ratio_free_bytes=1 << 20)) == Reason.TOO_LARGE
    assert refusal(bomb, "a.zip") == Reason.TOO_LARGE  # the member alone
    assert refusal(bomb, "a.zip", ArchiveLimits(max_unpacked_bytes=1 << 20)) in (Reason.TOO_LARGE, Reason.BAD_ARCHIVE)
    assert refusal(zip_of({str(i): b"" for i in range(30)}), "a.zip", ArchiveLimits(max_members=20)) == Reason.TOO_LARGE
    one = bytearray(zip_of({"a.tex": TEX, "b.tex": TEX}))
    second = one.rindex(b"PK\x01\x02")
    one[second + 42 : second + 46] = bytes(4)  # the second member is said to lie where the first one does
    assert refusal(bytes(one), "a.zip") == Reason.UNSAFE_ARCHIVE


@pytest.mark.parametrize("codec", ["utf-16", "utf-8-sig"])
def test_tex_with_a_byte_order_mark_is_read(codec: str) -> None:
    tex = "\\documentclass{article}\\usepackage[latin1]{inputenc}\\begin{document}\\input{b}\\end{document}".encode(
        codec
    )
    body = ("Naïve galaxies of σ = 5 are seen. " * 20).encode(codec)
    assert kind_of(tex, "ms") == "tex" and kind_of(body, "b.txt") == "text"
    for files in ({"ms.tex": tex, "b.tex": body}, {"ms": tex, "b.tex": body}):
        paper = {"name": "a.zip", "kind": "zip", "data": zip_of(files)}
        assert "Naïve galaxies of σ = 5 are seen." in str(extract_main(paper)["text"])


MEMBERS = {
    "ms.tex": (TEX + os.urandom(26_000).hex().encode())[:52_000],
    "fig.eps": b"%!PS " * 900,
    "b.tex": TEX * 9,
    "c.bbl": b"c" * 700,
}
"""Their tar ends a block before a record and a buffer of the reader do: nothing but care makes it read on."""
TEXTS = {name: data for name, data in MEMBERS.items() if name != "fig.eps"}


def of_singles_tars_and_zips(packing: str) -> list[tuple[bytes, dict[str, bytes]]]:
    """Packed papers of every shape, and what they hold."""
    pack = PACKINGS[packing]
    single = (pack(MEMBERS["ms.tex"]), {"x.tex": MEMBERS["ms.tex"]})
    return [single, (pack(tar_of(MEMBERS)), TEXTS), (pack(zip_of(MEMBERS)), TEXTS)]


@pytest.mark.parametrize("packing", PACKINGS)
def test_a_flipped_bit_of_a_packed_paper_never_changes_its_text(packing: str) -> None:
    for whole, texts in of_singles_tars_and_zips(packing):
        assert open_file(whole, f"x.{packing}") == texts
        for at in range(10, len(whole), max(1, len(whole) // 150)):  # its mark aside: then it is of no known kind
            broken = bytearray(whole)
            broken[at] ^= 1 << at % 8
            with contextlib.suppress(PaperError):
                assert open_file(bytes(broken), f"x.{packing}") == texts  # a bit of padding before a check sum


@pytest.mark.parametrize("packing", PACKINGS)
def test_check_sums_behind_the_last_member_are_read(packing: str) -> None:
    for whole, _ in of_singles_tars_and_zips(packing):
        for cut in (*range(1, 10), 20, 35):
            assert refusal(whole[:-cut], f"x.{packing}") is Reason.BAD_ARCHIVE
        wrong = bytearray(whole)
        wrong[-5 if packing == "gz" else -2] ^= 4
        assert refusal(bytes(wrong), f"x.{packing}") is Reason.BAD_ARCHIVE
        assert refusal(gzip.compress(bytes(wrong)), f"x.{packing}.gz") is Reason.BAD_ARCHIVE


def test_what_is_unpacked_behind_the_last_member_counts() -> None:
    small = ArchiveLimits(max_unpacked_bytes=1 << 20)
    data = gzip.compress(tar_of({"ms.tex": TEX}) + bytes(2 << 20))
    assert open_file(data, "a.tar.gz") == {"ms.tex": TEX}
    assert refusal(data, limits=small) is Reason.TOO_LARGE


def ends(tar: bytes) -> int:
    """Where the last member of a tar of `tar_of` ends, its padding included."""
    return -(-len(tar.rstrip(b"\0")) // tarfile.BLOCKSIZE) * tarfile.BLOCKSIZE


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_tar_ends_with_zeros_or_with_nothing(pack: Callable[[bytes], bytes]) -> None:
    tar = tar_of(MEMBERS)
    bare = tar[: ends(tar)]
    assert len(bare) == 6 * tarfile.RECORDSIZE - tarfile.BLOCKSIZE
    for zeros in (0, 100, 512, 1024, 1300, 10_240, 300_000):
        assert open_file(pack(bare + bytes(zeros)), "x.tar") == TEXTS
    for behind in (b"junk", bytes(512) + tar, bytes(1024) + b"<html>", bytes(300_000) + b"\n", bare[:300]):
        assert refusal(pack(bare + behind), "x.tar") is Reason.BAD_ARCHIVE


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_a_damaged_header_is_not_the_end_of_a_tar(form: int) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as tar:
        for name, data in MEMBERS.items():
            info = tarfile.TarInfo(("long/" * 25 if form != tarfile.USTAR_FORMAT else "") + name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    whole = buffer.getvalue()
    with tarfile.open(fileobj=io.BytesIO(whole)) as tar:
        starts = [member.offset for member in tar][1:]
    assert len(open_file(whole, "x.tar")) == len(TEXTS) and len(starts) == 3
    for start in starts:
        for at in (3, 108, 124, 148, 150, 345, 511):  # name, mode, size, check sum, prefix, the last byte
            broken = bytearray(whole)
            broken[start + at] ^= 4
            assert refusal(bytes(broken), "x.tar") is Reason.BAD_ARCHIVE
        assert refusal(whole[:start] + bytes(512) + whole[start + 512 :], "x.tar") is Reason.BAD_ARCHIVE
        assert refusal(whole[: start + 200], "x.tar") is Reason.BAD_ARCHIVE


def test_a_damaged_tar_is_told_with_the_last_member_before_it() -> None:
    tar = bytearray(tar_of({"ms.tex": TEX, "b.tex": TEX}))
    tar[1024] ^= 4
    with pytest.raises(PaperError, match=r"damaged header .* after member 'ms\.tex'"):
        open_file(bytes(tar), "x.tar")


@pytest.mark.parametrize("packing", PACKINGS)
def test_a_damaged_later_stream_is_not_padding(packing: str) -> None:
    for content in (TEX * 50, tar_of(MEMBERS)):
        first, second = PACKINGS[packing](content[:700]), PACKINGS[packing](content[700:])
        open_file(first + second, f"x.{packing}")
        for at in range(3 if packing == "gz" else 10):  # then come the time and the flags of gzip
            broken = bytearray(second)
            broken[at] ^= 4
            assert refusal(first + bytes(broken), f"x.{packing}") is Reason.BAD_ARCHIVE
        for size in (*range(1, 12), len(second) // 2):
            assert refusal(first + second[:size], f"x.{packing}") is Reason.BAD_ARCHIVE


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize("behind", [b"\n", b"<html>Error 503</html>", b"\x1f", b"BZh9", b"PK\x03\x04", b"x" * 200_000])
def test_bytes_after_a_packed_stream_are_refused(packing: str, behind: bytes) -> None:
    for whole, _ in of_singles_tars_and_zips(packing):
        assert refusal(whole + behind, f"x.{packing}") is Reason.BAD_ARCHIVE
        assert refusal(whole + bytes(512) + behind, f"x.{packing}") is Reason.BAD_ARCHIVE


def test_streams_of_different_packings_are_not_one_file() -> None:
    for first, second in itertools.permutations(PACKINGS.values(), 2):
        assert refusal(first(TEX) + second(TEX), "x") is Reason.BAD_ARCHIVE


def test_a_packed_tar_of_papers_is_told_as_one() -> None:
    papers = {f"2301/2301.0000{n}.gz": gzip.compress(b"\\documentclass{article}") for n in (1, 2)}
    data = gzip.compress(tar_of(papers))
    with pytest.raises(PaperError, match=r"holds 2 files that are named by arXiv ids.*unpack it to a \.tar"):
        open_file(data, "arXiv_src_2301_001.tar.gz")
