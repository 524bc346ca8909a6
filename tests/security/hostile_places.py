"""Links, archive members and file names that lead elsewhere."""

from __future__ import annotations

import os
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from tests.security.hostile import Hostile, file, folder, special, tar, touch
from tests.security.planted import Planted
from tests.security.prose import paper


def links(planted: Planted) -> list[Hostile]:
    """Symbolic links in folders of papers, as papers, and beside them."""
    vault, closed = str(planted.stems[0]), f"{planted.papers}/closed-paper/part.tex"

    def main(name: str, inside: str) -> dict[str, bytes | str]:
        return {
            "ms.tex": paper(
                f"links {name}", rf"\input{{{inside}}}\lstinputlisting{{{inside}}}\bibliography{{{inside}}}"
            )
        }

    inside = {
        "file": ("part.tex", f"{vault}.tex"),
        "bibliography": ("ms.bbl", f"{vault}.bbl"),
        "relative": ("part.tex", "../../vault.tex"),
        "folder": ("part", str(planted.work)),
        "home": ("part", str(planted.home)),
        "environment": ("part.tex", "/proc/self/environ"),
        "process": ("part", f"/proc/{planted.pid}/cwd"),
        "descriptor": ("part.tex", "/dev/stdin"),
        "loop": ("part", "."),
        "gone": ("part.tex", "/nowhere"),
        "other-paper": ("part.tex", closed),
        "other-paper-relative": ("part.tex", "../closed-paper/part.tex"),
    }
    made = []
    for name, (member, target) in inside.items():
        read = f"{member}/vault" if name in ("folder", "process") else member.removesuffix(".tex")
        files = main(name, read)
        files.pop(member, None)
        made.append(folder("links", f"links-{name}", files, {member: target}))
    chain = {"a.tex": "b.tex", "b.tex": "c/vault.tex", "c": "d", "d": "../..", "part.tex": "a.tex"}
    made.append(folder("links", "links-chain", main("chain", "part"), chain))
    made.append(
        folder(
            "links",
            "other-paper-as-a-paper",
            {},
            {"ms.tex": f"{planted.papers}/closed-paper/ms.tex", "part.tex": closed, "ms.bbl": closed},
        )
    )
    made.append(folder("links", "links-main", {"readme.txt": "x"}, {"ms.tex": f"{vault}.tex"}))
    beside = {
        "link-tex.tex": f"{vault}.tex",
        "link-passwd.pdf": "/etc/passwd",
        "link-rows.jsonl": vault,
        "link-tar.tar.gz": "/proc/self/environ",
        "link-input.tex": f"/proc/{planted.pid}/fd/0",
        "link-device.txt": "/dev/zero",
        "link-terminal.txt": "/dev/tty",
        "link-folder": str(planted.work),
    }
    return made + [Hostile("links", name, _linked(target)) for name, target in beside.items()]


def _linked(target: str) -> Callable[[Path], None]:
    return lambda path: path.symlink_to(target)


def archives(planted: Planted) -> list[Hostile]:
    """Members that leave the archive, by name or by link; devices; headers that lie."""
    vault, text = str(planted.stems[0]), paper
    escape = f"{'../' * 12}{str(planted.canary).lstrip('/')}"
    headers = {
        "up": [(escape, "x")],
        "absolute": [(str(planted.canary), "x")],
        "backslashes": [(escape.replace("/", "\\"), "x"), ("C:\\x.tex", "x")],
        "symlink": [special("part.tex", tarfile.SYMTYPE, f"{vault}.tex")],
        "symlink-relative": [special("a/part.tex", tarfile.SYMTYPE, "../../vault.tex")],
        "symlink-then-file": [special("d", tarfile.SYMTYPE, str(planted.work)), ("d/canary", "x")],
        "symlink-inside": [special("part.tex", tarfile.SYMTYPE, "ms.tex")],
        "hardlink": [special("part.tex", tarfile.LNKTYPE, f"{vault}.tex")],
        "hardlink-environment": [special("part.tex", tarfile.LNKTYPE, "/proc/self/environ")],
        "device": [special("part.tex", tarfile.CHRTYPE)],
        "block": [special("part.tex", tarfile.BLKTYPE)],
        "pipe": [special("part.tex", tarfile.FIFOTYPE)],
        "unknown": [special("part.tex", b"Z")],
        "twice": [("part.tex", "x"), special("part.tex", tarfile.SYMTYPE, f"{vault}.tex")],
    }
    made = [
        tar(
            "archives",
            f"tar-{name}.tar.gz",
            [("ms.tex", text(f"tar {name}", r"\input{part}\input{d/canary}")), *members],
        )
        for name, members in headers.items()
    ]
    renamed = tarfile.TarInfo("fine.tex")
    renamed.pax_headers = {"path": escape, "linkpath": vault}
    made.append(tar("archives", "tar-pax.tar.gz", [("ms.tex", text("tar pax")), renamed]))
    sparse = tarfile.TarInfo("sparse.tex")
    sparse.pax_headers = {
        "GNU.sparse.map": "0,1,99999999999,1",
        "GNU.sparse.size": "999999999999",
        "GNU.sparse.name": escape,
    }
    made.append(tar("archives", "tar-sparse.tar.gz", [("ms.tex", text("tar sparse")), sparse]))
    made.append(Hostile("archives", "deep-folder", lambda path: Path(path, *["d"] * 400).mkdir(parents=True)))
    made += [Hostile("archives", f"zip-{name}.zip", maker) for name, maker in _zips(planted, escape).items()]
    return made


def _zips(planted: Planted, escape: str) -> dict[str, Callable[[Path], None]]:
    def zipped(member: str, content: str, mode: int = 0o644) -> Callable[[Path], None]:
        def make(path: Path) -> None:
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr("ms.tex", paper(f"zip {path.name}", r"\input{part}"))
                info = zipfile.ZipInfo(member)
                info.external_attr = mode << 16
                archive.writestr(info, content)

        return make

    return {
        "up": zipped(escape, "x"),
        "absolute": zipped(str(planted.canary), "x"),
        "symlink": zipped("part.tex", f"{planted.stems[0]}.tex", 0o120777),
        "device": zipped("part.tex", "", 0o020666),
        "bomb": zipped("part.tex", "x" * 60_000_000),
    }


def names(planted: Planted) -> list[Hostile]:
    """File names that a shell, a terminal, a format string, a page or a program's options would mind."""
    canary = os.fspath(planted.canary).replace("/", "${HOME:0:1}")
    texts = [
        "$(touch canary).tex", "`touch canary`.tex", ";touch canary;.tex", "|touch canary.tex", "& touch canary &.tex",
        "a\nb.tex", "a\rb.tex", "tab\tbed.tex", "--lua-filter=y.tex", "-o.tex", "-.tex", "@args.tex", "+RTS.tex", "~.tex",
        "\x1b]0;owned\x07\x1b[2J.tex", "\x9b31mred.tex", "\u202egnp.tex", "bad\udcff\udcfe.tex", "%s%n%x.tex", "{{7*7}}.tex",
        "<script>alert(1)<\u2215script>.tex", "'\"><img src=x onerror=alert(1)>.tex", "\U0001f52d.tex", "n" * 250 + ".tex",
        "#hash#row.tex", "a~b.tex", "nul\u2400.tex", "CON.tex", "..tex", "...tex", " .tex", "\u2215etc\u2215passwd.tex",
        f"$({canary}).tex", "--lua-filter=y.txt", "-l eng.pdf", "[bold red]markup[\u2215].tex", "[link=file:x]x[\u2215link].tex",
    ]  # fmt: skip
    made = []
    for name in texts:
        hidden = name.startswith(".")
        made.append(file("names", name, paper(f"named {name!r}", title="named oddly"), 0 if hidden else 1))
    made.append(file("names", "y.tex", touch(planted.canary)))
    left_out = ["\x1b]0;owned\x07\x1b[31m.png", "\x07\x1b[2J\x9b.log", "\x1b]8;;file:x\x1b\\x.md5"]
    return [*made, *(file("left out", name, b"x", 0) for name in left_out)]
