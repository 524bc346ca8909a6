"""TeX that reads files, runs programs and writes: every reading command with every spelling of a place."""

from __future__ import annotations

import os

from tests.security.hostile import Hostile, file, folder, tar, touch
from tests.security.planted import Planted
from tests.security.prose import doubted, paper, paragraphs

READ_BY_PANDOC = {
    "lstinputlisting": r"\lstinputlisting{%s}",
    "lstinputlisting-options": r"\lstinputlisting[language=C, firstline=1, lastline=99]{%s}",
    "lstinputlisting-macro": r"\newcommand{\listing}[1]{\lstinputlisting{#1}}\listing{%s}",
    "lstinputlisting-def": r"\def\place{%s}\lstinputlisting{\place}",
    "inputminted": r"\inputminted{text}{%s}",
    "input": r"\input{%s}",
    "input-macro": r"\newcommand{\load}[1]{\input{#1}}\load{%s}",
    "include": r"\include{%s}",
    "subfile": r"\subfile{%s}",
}
IN_THE_PREAMBLE = {"usepackage": r"\usepackage{%s}\planted ", "documentclass": r"\documentclass{%s}\planted "}
READ_BY_TEX = {
    "input-primitive": r"\input %s ",
    "input-quoted": r'\input{"%s"}',
    "at-at-input": r"\makeatletter\@@input %s \makeatother",
    "InputIfFileExists": r"\InputIfFileExists{%s}{}{}",
    "import": r"\import{/}{%s}\subimport{../../../../../../}{%s}",
    "bibliography": r"\bibliography{%s}\addbibresource{%s}\cite{planted}",
    "verbatiminput": r"\verbatiminput{%s}\VerbatimInput{%s}\verbatimtabinput{%s}",
    "graphics": r"\includegraphics{%s}\includepdf[pages=-]{%s}\includesvg{%s}\graphicspath{{%s}}",
    "tables": r"\csvautotabular{%s}\csvreader{%s}{}{\csvcoli}\DTLloaddb{d}{%s}\DTLdisplaydb{d}\pgfplotstabletypeset{%s}",
    "openin": r"\newread\r\openin\r=%s \read\r to \l \l \readline\r to \m \m \closein\r",
    "catchfile": r"\CatchFileDef{\x}{%s}{}\x\pdffiledump{%s}\pdfmdfivesum file{%s}",
    "directlua": r"\directlua{for l in io.lines('%s') do tex.print(l) end}\luaexec{dofile('%s')}",
    "write18": r"\immediate\write18{cat %s}\ShellEscape{cat %s}\input{|cat %s}",
    "input-pipe": r"\input|'cat %s' ",
    "glossaries": r"\loadglsentries{%s}\externaldocument{%s}\lstset{inputpath=%s}\makeglossaries",
    "bibitem-bbl": r"\bibliographystyle{%s}\input{%s.bbl}",
}


def absolute(planted: Planted) -> list[str]:
    places = ["/etc/passwd", *(f"{stem}{suffix}" for stem in planted.stems for suffix in ("", ".tex", ".txt"))]
    return [*places, f"/{planted.stems[0]}", f"/.{planted.stems[0]}", f"/etc/..{planted.stems[0]}"]


def relative(planted: Planted) -> list[str]:
    """Up from wherever it is read: beside the paper, beside the source, the root of the machine; by TEXINPUTS."""
    up = [f"{'../' * n}vault" for n in range(1, 5)] + [f"{'../' * n}runs/vault" for n in range(1, 5)]
    root = "../" * 12
    return ["vault", "vault.txt", *up, "./../vault", f"{root}{str(planted.stems[-1]).lstrip('/')}", f"{root}etc/passwd"]


def of_home(planted: Planted) -> list[str]:
    names = [stem.relative_to(planted.home) for stem in planted.stems if stem.is_relative_to(planted.home)]
    return [f"{home}/{name}" for name in names for home in ("~", r"\string~", r"\jobname/../~", r"\$HOME")]


def of_processes(planted: Planted) -> list[str]:
    """The environment, the root and the working directory of this and of other processes."""
    pids = ("self", "thread-self", "1", str(planted.pid), str(os.getpid()))
    ways = [
        f"/proc/{pid}/{way}"
        for pid in pids
        for way in ("environ", f"root{planted.stems[0]}", "cwd/vault", "cwd/../vault")
    ]
    task = f"/proc/{planted.pid}/task/{planted.pid}"
    return [
        *ways,
        "/proc/self/mountinfo",
        f"{task}/environ",
        f"//proc/self/../{planted.pid}/environ",
        f"/proc/{planted.pid}/fd/0",
    ]


def of_urls(planted: Planted) -> list[str]:
    files = [f"file://{planted.stems[0]}", f"file:{planted.stems[0]}.tex", "file:///etc/passwd"]
    return [*files, f"file://localhost{planted.stems[0]}", f"{planted.url}/asked.tex", f"{planted.url}/asked"]


def of_the_corpus(planted: Planted) -> list[str]:
    """A part of another paper, whose licence is closed; what the run itself reads and writes."""
    closed = [
        f"{up}/closed-paper/part{suffix}" for up in (planted.papers, "..", "../..", ".") for suffix in ("", ".tex")
    ]
    return [*closed, f"{planted.runs}/mixed/run.json", f"{planted.work}/mixed.yaml", f"{planted.work}/mixed.jsonl"]


PLACES = (absolute, relative, of_home, of_processes, of_urls, of_the_corpus)
BLOCKING = ("/dev/fd/%d", "/proc/self/fd/%d", "/dev/stdin", "/dev/tty", "/dev/zero")
"""Places that whoever reads them may wait for, so that each has a paper of its own."""


def reading(planted: Planted) -> list[Hostile]:
    """Every command with every place, once sorted by command and once by kind of place."""
    everywhere = [place for places in PLACES for place in places(planted)]
    made = []
    for name, command in (READ_BY_PANDOC | READ_BY_TEX).items():
        body = "\n\n".join(command.replace("%s", place) for place in everywhere)
        made.append(file("reading command", f"command-{name}.tex", doubted(name, body)))
    for name, command in IN_THE_PREAMBLE.items():
        preamble = "\n".join(command.replace("%s", place) for place in everywhere)
        made.append(file("reading command", f"command-{name}.tex", doubted(name, preamble=preamble)))
    for places in PLACES:
        body = "\n\n".join(
            command.replace("%s", place) for command in READ_BY_PANDOC.values() for place in places(planted)
        )
        made.append(tar("place", f"place-{places.__name__}.tar.gz", [("ms.tex", doubted(places.__name__, body))]))
    for place in BLOCKING:
        for n in (0, 5) if "%" in place else (0,):
            body = rf"\lstinputlisting{{{place.replace('%d', str(n))}}}"
            made.append(file("waiting", f"waits-{len(made)}.tex", doubted(f"waits {place} {n}", body)))
    body = r"\lstinputlisting{/proc/self/environ}"
    return [*made, file("reading command", "only-the-environment.tex", doubted("environment", body))]


def as_options(planted: Planted) -> list[Hostile]:
    """File names that a program would take for its options, and what these would load."""
    vault, canary = planted.stems[0], planted.canary
    lua = (
        "local function words(n) local f = io.open(n) if f then local s = f:read('a') f:close() return s end return '' end\n"
        f"os.execute('touch {canary}; (setsid sleep 300 >/dev/null 2>&1 &)')\n"
        f"for i = 1, 50 do local f = io.open('{planted.work}/litter' .. i, 'w') if f then f:write('x') f:close() end end\n"
        f"function Pandoc(doc) local hidden = {{[[{(chr(93) + chr(93) + ', [[').join(paragraphs('lua'))}]]}}\n"
        f"local said = words('{vault}') .. words('/proc/self/environ'):gsub('%z', ' ') .. table.concat(hidden, ' ')\n"
        "return pandoc.Pandoc{pandoc.Para{pandoc.Str(said)}} end\n"
    )
    loaded = {
        "lua-filter": lua,
        "filter": f"#!/bin/sh\ntouch {canary}\n",
        "defaults": f"input-files: ['./--defaults=x.tex', '{vault}.tex']\nfrom: latex\n",
        "metadata-file": f"title: x\ntemplate: {vault}\n",
        "template": f"$body$ ${{{vault}()}}",
        "syntax-definition": f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{vault}">]><x>&e;</x>',
    }
    made = []
    for option, content in loaded.items():
        main = f"--{option}=x.tex"
        files = {
            main: doubted(option),
            "x.tex": content,
            "x.lua": lua,
            "00README.XXX": f"{main} toplevelfile\nx.tex ignore\n",
        }
        made.append(tar("options", f"option-{option}.tar.gz", list(files.items())))
    main = "--lua-filter=x.tex"
    readme = f"{main} toplevelfile\nx.tex ignore\n"
    made.append(folder("options", "option-folder", {main: doubted("option folder"), "x.tex": lua, "00README": readme}))
    inside = {
        f"a/{main}": doubted("option inside"),
        "a/x.tex": lua,
        "00README": f"a/{main} toplevelfile\na/x.tex ignore\n",
    }
    made.append(tar("options", "option-inside.tar.gz", list(inside.items())))
    for option in (
        "--extract-media=.tex",
        "-odelete.tex",
        "--trace.tex",
        "+RTS -xc.tex",
        "-.tex",
        "@x.tex",
        "--from=rst.tex",
    ):
        files = {option: doubted(option), "00README.XXX": f"{option} toplevelfile\n"}
        made.append(tar("options", f"option-{len(made)}.tar.gz", list(files.items())))
    return made


def running(planted: Planted) -> list[Hostile]:
    """TeX that writes files and runs programs, front matter that would run something, modules beside the paper."""
    canary = planted.canary
    bodies = {
        "write": rf"\newwrite\notes\immediate\openout\notes={canary} {{\immediate\write\notes{{x}}}}\closeout\notes",
        "shell": rf"\immediate\write18{{touch {canary}}}\input{{|touch {canary}}}\epstopdfsetup{{}}\ShellEscape{{touch {canary}}}",
        "lua": rf"\directlua{{os.execute('touch {canary}')}}\latelua{{io.open('{canary}','w')}}",
        "filecontents": rf"\begin{{filecontents*}}[overwrite]{{{canary}}}x\end{{filecontents*}}\begin{{VerbatimOut}}{{{canary}}}x\end{{VerbatimOut}}",
        "python": rf"\begin{{pycode}}{touch(canary)}\end{{pycode}}\py{{{touch(canary)}}}\begin{{sagesilent}}{touch(canary)}\end{{sagesilent}}",
        "raw": rf"\begin{{comment}}{{=html}}<script src={planted.url}></script>\end{{comment}}\special{{ps: ({canary}) (w) file closefile}}\pdfobj file {{{canary}}}",
    }  # fmt: skip
    made = [file("running", f"running-{name}.tex", doubted(f"running {name}", body)) for name, body in bodies.items()]
    titles = {
        "python-object": f"!!python/object/apply:os.system ['touch {canary}']",
        "front-matter": "x\n---\nabstract: !!python/name:os.system\n---\n",
        "laughs": "&a [*a, *a] \n\n b: &b [x, x]\nc: [*b, *b, *b]",
        "template": "${" + f"{planted.stems[0]}()" + "} $meta-json$ $if(x)$",
    }
    made += [file("front matter", f"title-{n}.tex", doubted(f"title {n}", title=title)) for n, title in titles.items()]
    modules = (
        "yaml",
        "json",
        "pymupdf",
        "encodings",
        "sitecustomize",
        "usercustomize",
        "curation",
        "numpy",
        "rapidocr",
        "re",
    )
    code = {f"{module}.py": touch(canary) for module in modules} | {
        "conftest.py": touch(canary),
        "x.pth": touch(canary),
    }
    code |= {
        "__init__.py": touch(canary),
        ".pandoc/defaults/x.yaml": "x",
        "templates/default.markdown": "canary",
        "init.lua": "x",
    }
    made.append(folder("modules", "modules-folder", {"ms.tex": doubted("modules folder"), **code}))
    made.append(tar("modules", "modules.tar.gz", [("ms.tex", doubted("modules tar")), *code.items()]))
    return made


def spending(_: Planted) -> list[Hostile]:
    """TeX that takes time, memory or room."""
    doubling = r"\newcommand{\a}{x y }" + "".join(
        rf"\newcommand{{\{b * 2}}}{{\{a}\{a}}}" for a, b in zip(["a", *(c * 2 for c in "bcdefghijklmnopqrstuvwxy")], "bcdefghijklmnopqrstuvwxyz", strict=True)
    )  # fmt: skip
    return [
        file("spending", "spends-doubling.tex", doubted("doubling", r"\zz", preamble=doubling)),
        file("spending", "spends-loop.tex", paper("loop", r"\def\x{\x\x}\x \loop\iftrue a\repeat")),
        file("spending", "spends-nesting.tex", paper("nesting", "{" * 200_000 + r"\begin{a}" * 20_000)),
        file("spending", "spends-self.tex", doubted("self", r"\input{spends-self}\input{ms}\include{spends-self.tex}")),
        tar(
            "spending",
            "spends-files.tar.gz",
            [("ms.tex", paper("files")), *((f"d/{i}.tex", "x") for i in range(5_000))],
        ),
        tar("spending", "spends-zeros.tar.gz", [("ms.tex", paper("zeros")), ("zeros.txt", bytes(40_000_000))]),
    ]
