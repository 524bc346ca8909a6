"""Theorems and proofs: environments that print a name, and a number, before their text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from curation.extract.latex.blocks import BOLD, BOLD_END
from curation.extract.latex.counters import count_within
from curation.extract.latex.inline_text import tidy
from curation.extract.latex.lexer import tokenize, untokenize
from curation.extract.latex.registers import own_counter

if TYPE_CHECKING:
    from curation.extract.latex.paper_state import EnvHandler
    from curation.extract.latex.stomach import Stomach
    from curation.extract.latex.token_stack import Handler

# classes that bring theorems of their own: Springer's, SIAM's, World Scientific's
_WITH_THEOREMS = re.compile(r"llncs|svjour\d?|svmono|svmult|sn-jnl|siam\w*|ws-\w+")
_OF_CLASSES = ("theorem", "lemma", "corollary", "proposition", "definition", "remark", "example", "conjecture", "claim",
               "question", "note", "problem", "exercise", "case", "property")  # fmt: skip


def theorems_of_class(tex: Stomach, name: str) -> None:
    """Give a paper the theorems that its class defines; its own `\\newtheorem` comes later and wins."""
    if _WITH_THEOREMS.fullmatch(name):
        for env in _OF_CLASSES:
            tex.theorems[env] = (env.capitalize(), env)


def newtheorem(tex: Stomach, name: str) -> None:
    """`\\newtheorem{thm}[shared]{Theorem}[section]`; a starred one has no number. Its name is expanded where it is printed.

    By sections it is numbered 2.1, as TeX prints it.
    """
    star = tex.read_star() or name == "\\newproof"
    env = tex.read_name()
    shared = "".join(tex.read_optional() or []).strip()
    title = tex.read_arg()
    within = "".join(tex.read_optional() or []).strip()
    if name == "\\spnewtheorem":
        tex.read_arg()
        tex.read_arg()
    _add(tex, env, untokenize(title).strip(), shared, within, numbered=not star)


_OPTION = re.compile(r"\s*([A-Za-z]+)\s*=\s*(\{[^{}]*\}|[^,]*)")


def declaretheorem(tex: Stomach, name: str) -> None:
    """thmtools: `\\declaretheorem[name=Lemma, sibling=thm, numbered=no]{lem}`."""
    options = untokenize(tex.read_optional() or [])
    given = {m[1]: m[2].strip(" {}") for m in _OPTION.finditer(options)}
    envs = tex.read_name().split(",")
    after = untokenize(tex.read_optional() or [])
    given |= {m[1]: m[2].strip(" {}") for m in _OPTION.finditer(after)}
    shared = next((given[k] for k in ("sibling", "numberlike", "sharenumber", "sharecounter") if k in given), "")
    within = next((given[k] for k in ("numberwithin", "within", "parent") if k in given), "")
    for env in map(str.strip, envs):
        title = given.get("name") or given.get("title") or given.get("heading") or env.capitalize()
        _add(tex, env, title, shared, within, numbered=given.get("numbered", "yes") not in ("no", "unless unique"))


def box_theorem(tex: Stomach, name: str) -> None:
    """mdframed: `\\newmdtheoremenv[options]{law}[shared]{Law}[section]`; tcolorbox: `\\newtcbtheorem[options]{law}{Law}{style}{th}`."""
    options = untokenize(tex.read_optional() or [])
    if name == "\\newmdtheoremenv":
        newtheorem(tex, name)
        return
    env = tex.read_name()
    title = untokenize(tex.read_arg()).strip()
    tex.read_arg()
    prefix = tex.read_name()
    within, shared = _BOX_WITHIN.search(options), _BOX_SHARED.search(options)
    _add(
        tex, env, title, shared[1] if shared else "", within[1] if within else "", numbered="no counter" not in options
    )
    tex.box_theorems[env] = prefix


_BOX_WITHIN = re.compile(r"number within\s*=\s*\{?(\w+)")
_BOX_SHARED = re.compile(r"use counter(?: from)?\s*=\s*\{?(\w+)")


def _add(tex: Stomach, env: str, title: str, shared: str, within: str, *, numbered: bool) -> None:
    if not env or (env in tex.env_handlers and env != "proof"):
        return
    counter = (tex.theorems.get(shared, ("", shared))[1] or env) if numbered else ""
    if counter == env:
        count_within(tex, env, tex.theorems.get(within, ("", within))[1])
    tex.theorems[env] = (title or env.capitalize(), counter)


def theorem_env(tex: Stomach, name: str, title: str, counter: str) -> None:
    """A theorem: its name and number in bold before its text."""
    note = tex.read_optional()
    label = ""
    if name in tex.box_theorems:
        note = tex.read_arg()
        label = tex.read_name()
    head = tidy(tex.inline(tokenize(title)))
    if counter:
        n = str(tex.step(own_counter(counter)))
        if f"\\the{counter}" in tex.defs:
            n = tidy(tex.inline([f"\\the{counter}"]))
        tex.current_ref = (name, n)
        head = f"{head} {n}"
    if label:
        tex.labels.setdefault(f"{tex.box_theorems[name]}:{label}", tex.current_ref)
    if note:
        words = tidy(tex.inline(note))
        head += f": {words}" if name in tex.box_theorems else f" ({words})"
    tex.flush()
    tex.parts.append(f"{BOLD}{head}.{BOLD_END} ")
    tex.push_env(name, on_end=lambda t: t.flush())


def proof_env(tex: Stomach, name: str) -> None:
    """`proof`, whose name the paper may change by `\\proofname`."""
    note = tex.read_optional()
    tex.flush()
    head = tidy(tex.inline(note if note else ["\\proofname"]))
    tex.parts.append(f"{BOLD}{head}.{BOLD_END} ")
    tex.push_env(name, on_end=lambda t: t.flush())


THEOREMS: dict[str, Handler] = {
    **dict.fromkeys(
        ("\\newtheorem", "\\spnewtheorem", "\\newdefinition", "\\newproof", "\\newframedtheorem", "\\newshadedtheorem"),
        newtheorem,
    ),
    "\\declaretheorem": declaretheorem,
    **dict.fromkeys(("\\newmdtheoremenv", "\\newtcbtheorem"), box_theorem),
}
THEOREM_ENVS: dict[str, EnvHandler] = {"proof": proof_env}
