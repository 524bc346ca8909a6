"""Acronyms and glossary entries: what glossaries, acronym and acro print for a key, at first and later."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from curation.extract.latex.lexer import tokenize, untokenize, with_depth
from curation.extract.latex.lists import list_env

if TYPE_CHECKING:
    from curation.extract.latex.paper_state import EnvHandler
    from curation.extract.latex.stomach import Stomach
    from curation.extract.latex.token_stack import Handler


@dataclass(slots=True)
class Term:
    """One entry: the texts for later uses and for the first, each with its plural, and what only asks print.

    An acronym has a short and a long form, and at its first use prints `long (short)`.
    """

    text: str
    plural: str = ""
    first: str = ""
    first_plural: str = ""
    name: str = ""
    short: str = ""
    short_plural: str = ""
    long: str = ""
    long_plural: str = ""
    description: str = ""
    symbol: str = ""


def _abbreviation(short: str, long: str, short_plural: str = "", long_plural: str = "") -> Term:
    shorts, longs = short_plural or f"{short}s", long_plural or f"{long}s"
    full, fulls = (f"{long} ({short})", f"{longs} ({shorts})") if long and long != short else (short, shorts)
    return Term(short, shorts, full, fulls, short, short, shorts, long or short, longs if long else shorts)


def _fields(tex: Stomach, tokens: list[str]) -> dict[str, str]:
    """`key={value}, ..` as printed texts."""
    out: dict[str, str] = {}
    pieces: list[str] = [""]
    for c, depth in with_depth(untokenize(tokens)):
        if c == "," and depth == 0:
            pieces.append("")
        else:
            pieces[-1] += c
    for piece in pieces:
        key, equals, value = piece.partition("=")
        if equals:
            value = value.strip()
            value = value[1:-1] if value[:1] == "{" and value[-1:] == "}" else value
            out[key.strip()] = tex.inline(tokenize(value)).strip()
    return out


def new_entry(tex: Stomach, name: str) -> None:
    """`\\newglossaryentry{key}{name={..}, plural={..}, ..}`, `\\longnewglossaryentry{key}{name={..}}{description}`."""
    key = tex.read_name()
    given = _fields(tex, tex.read_arg())
    if name.startswith("\\long"):
        tex.read_arg()
    word = given.get("name") or key
    if given.get("short"):
        term = _abbreviation(
            given["short"], given.get("long", ""), given.get("shortplural", ""), given.get("longplural", "")
        )
        term.name = word
    else:
        text = given.get("text") or word
        plural = given.get("plural") or f"{text}s"
        first = given.get("first") or text
        firsts = given.get("firstplural") or (f"{first}s" if "first" in given else plural)
        term = Term(text, plural, first, firsts, word, long=text, short=text)
    term.description, term.symbol = given.get("description", ""), given.get("symbol", "")
    tex.terms[key] = term


def new_acronym(tex: Stomach, name: str) -> None:
    """`\\newacronym[longplural={..}]{key}{short}{long}`; `\\newacro{key}[short]{long}`, `\\acrodef` of the package acronym."""
    plurals: dict[str, str] = {}
    if name in ("\\newacronym", "\\newabbreviation"):
        plurals = _fields(tex, tex.read_optional() or [])
        key = tex.read_name()
        short, long = tex.inline(tex.read_arg()), tex.inline(tex.read_arg())
    else:
        key = tex.read_name()
        given = tex.read_optional()
        short = tex.inline(given) if given else key
        tokens = tex.read_arg()
        long = tex.inline(_without_extra(tokens))
        if name == "\\acro" and _is_listed(tex, key):
            tex.push(["\\item", "[", "{", *(given or [key]), "}", "]", *tokens])
    tex.terms[key] = _abbreviation(
        short.strip(), long.strip(), plurals.get("shortplural", ""), plurals.get("longplural", "")
    )


def acronym_env(tex: Stomach, name: str) -> None:
    """`\\begin{acronym}[longest]` (acronym): a list of what its `\\acro{key}[short]{long}` define."""
    tex.read_optional()
    tex.values["list kind acronym"] = "description"
    if "printonlyused" in tex.packages.get("acronym", ""):
        mouths = (tex.mouth, *(below for _, below in tex.frames))
        tex.values["acronyms used"] = {key for mouth in mouths for key in _USE.findall(mouth.src)}
    list_env(tex, name)


def _is_listed(tex: Stomach, key: str) -> bool:
    """Whether `\\acro` prints: in its list, which the package's `nolist` empties and `printonlyused` shortens."""
    if all(env.name != "acronym" for env in tex.envs):
        return False
    options = {option.strip() for option in tex.packages.get("acronym", "").split(",")}
    return "nolist" not in options and ("printonlyused" not in options or key in tex.values["acronyms used"])


_USE = re.compile(r"\\[aA]c(?!ro)[a-z]*\*?\{([^{}\n]{1,100})\}")


def _without_extra(tokens: list[str]) -> list[str]:
    """A long form without `\\acroextra{..}`, which only the list prints."""
    if "\\acroextra" not in tokens:
        return tokens
    start = tokens.index("\\acroextra")
    depth, end = 0, start + 1
    for end in range(start + 1, len(tokens)):
        depth += (tokens[end] == "{") - (tokens[end] == "}")
        if not depth:
            break
    return tokens[:start] + tokens[end + 1 :]


def acronym_extra(tex: Stomach, name: str) -> None:
    """`\\acroextra{text}`: the text, in the list."""
    tex.push(["{", *tex.read_arg(), "}"])


def acronym_plural(tex: Stomach, name: str) -> None:
    """`\\newacroplural{key}[shorts]{longs}`, `\\acrodefplural`."""
    key = tex.read_name()
    given = tex.read_optional()
    long_plural = tex.inline(tex.read_arg()).strip()
    old = tex.terms.get(key)
    if old is not None:
        short_plural = tex.inline(given).strip() if given else old.short_plural
        tex.terms[key] = _abbreviation(old.short, old.long, short_plural, long_plural)


def declare_acronym(tex: Stomach, name: str) -> None:
    """`\\DeclareAcronym{key}{short=.., long=..}` (acro)."""
    key = tex.read_name()
    given = _fields(tex, tex.read_arg())
    short, long = given.get("short") or key, given.get("long", "")
    short_plural = short + given["short-plural"] if "short-plural" in given else given.get("short-plural-form", "")
    long_plural = long + given["long-plural"] if "long-plural" in given else given.get("long-plural-form", "")
    tex.terms[key] = _abbreviation(short, long, short_plural, long_plural)


# what a command prints: its ending without the prefix -> the field of a term, and of its plural
_ASKED = (
    (("acl", "acrlong", "glsentrylong", "glsxtrlong"), ("long", "long_plural")),
    (("acs", "acrshort", "glsentryshort", "glsxtrshort"), ("short", "short_plural")),
    (("acfi", "acf", "acrfull", "glsentryfull", "glsxtrfull"), ("first", "first_plural")),
    (("glsname", "glsentryname"), ("name", "plural")),
    (("glstext", "glsentrytext", "glsentryplural", "glsplural"), ("text", "plural")),
    (("glsdesc", "glsentrydesc"), ("description", "description")),
    (("glssymbol", "glsentrysymbol"), ("symbol", "symbol")),
    (("glsfirst", "glsentryfirst"), ("first", "first_plural")),
)
_STEMS = {stem: fields for stems, fields in _ASKED for stem in stems}


def _unread(tex: Stomach, key: str) -> Term:
    """A term that is used before the list that defines it, which LaTeX knows from its last run; else the key is all there is."""
    term = Term(key, f"{key}s", key, f"{key}s", key, key, f"{key}s", key, f"{key}s")
    if "acronym" in tex.packages:
        wanted = f"\\acro{{{key}}}"
        for mouth in (tex.mouth, *(below for _, below in reversed(tex.frames))):
            at = mouth.src.find(wanted, mouth.pos)
            if at >= 0 and "%" not in mouth.src[mouth.src.rfind("\n", 0, at) + 1 : at]:
                start = at + len(wanted)
                if m := _FORMS_GIVEN.match(mouth.src, start):
                    short = tex.inline(tokenize(m[1])).strip() if m[1] else key
                    term = _abbreviation(short, tex.inline(_without_extra(tokenize(m[2]))).strip())
                    break
        tex.terms[key] = term
    return term


_FORMS_GIVEN = re.compile(r"\s*(?:\[([^\[\]]{1,200})\])?\s*\{((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\}){1,500})\}")


def gls(tex: Stomach, name: str) -> None:
    """`\\gls{key}[s]`, `\\ac{key}`: the first form at first, then the later one; `\\acrlong{key}` and kin ask for one form."""
    star = tex.read_star()
    tex.read_optional()
    key = tex.read_name()
    inserted = tex.read_optional_here() if "gls" in name.lower() else None
    term = tex.terms.get(key) or _unread(tex, key)
    command = name[1:]
    stem = command.lower()
    fields = _STEMS.get(stem)
    is_plural = fields is None or stem in ("glsplural", "glsentryplural")
    if (
        fields is None
        and stem.endswith(("pl", "p"))
        and (found := _STEMS.get(stem.removesuffix("l").removesuffix("p")))
    ):
        fields, is_plural = found, True
    elif fields is not None and stem not in ("glsplural", "glsentryplural"):
        is_plural = False
    elif fields is None:
        is_plural = stem in ("glspl", "acp")
        first = key not in tex.seen_terms
        fields = ("first", "first_plural") if first else ("text", "plural")
    # the full form is a first use (acronym); acro counts every form
    is_use = stem in _USES or stem.startswith("acf") or (stem.startswith("ac") and "acro" in tex.packages)
    if is_use and not star:
        tex.seen_terms.add(key)
    text = getattr(term, fields[is_plural])
    if inserted:
        text += tex.inline(inserted)
    if command.isupper() or command.startswith("GLS"):
        text = text.upper()
    elif command[0].isupper():
        text = text[:1].upper() + text[1:]
    tex.parts.append(text)


def shown_text(tex: Stomach, name: str) -> None:
    """`\\glslink[..]{key}{text}`, `\\glsdisp{key}{text}`: the text."""
    tex.read_optional()
    tex.read_arg()
    tex.push(["{", *tex.read_arg(), "}"])


def reset(tex: Stomach, name: str) -> None:
    """`\\glsreset{key}`, `\\acresetall`: the next use is a first one again; `\\glsunset{key}`, `\\acused{key}`: it is none."""
    if name.endswith("resetall"):
        tex.seen_terms.clear()
    elif name.endswith("unsetall"):
        tex.seen_terms.update(tex.terms)
    elif name in ("\\glsunset", "\\acused"):
        tex.seen_terms.add(tex.read_name())
    else:
        tex.seen_terms.discard(tex.read_name())


_USES = frozenset({"gls", "glspl", "ac", "acp", "aca"})
_FIRST_OR_LATER = ("gls", "Gls", "GLS", "glspl", "Glspl", "GLSpl", "ac", "Ac", "acp", "Acp", "aca")
_FORMS = [
    f"{stem}{plural}"
    for stem in _STEMS
    for plural in ("", "p" if stem.startswith("ac") and stem[:3] != "acr" else "pl")
]

GLOSSARY: dict[str, Handler] = {
    **dict.fromkeys(("\\newglossaryentry", "\\longnewglossaryentry"), new_entry),
    **dict.fromkeys(("\\newacronym", "\\newabbreviation", "\\newacro", "\\acro", "\\acrodef"), new_acronym),
    **dict.fromkeys(("\\newacroplural", "\\acrodefplural", "\\acroplural"), acronym_plural),
    "\\acroextra": acronym_extra,
    "\\DeclareAcronym": declare_acronym,
    **dict.fromkeys((f"\\{n}" for n in (*_FIRST_OR_LATER, *_FORMS)), gls),
    **dict.fromkeys((f"\\{n[0].upper()}{n[1:]}" for n in _FORMS), gls),
    **dict.fromkeys(("\\glslink", "\\glsdisp"), shown_text),
    **dict.fromkeys(
        ("\\glsreset", "\\glsunset", "\\glsresetall", "\\glsunsetall", "\\acresetall", "\\acreset", "\\acused"), reset
    ),
}  # fmt: skip
GLOSSARY_ENVS: dict[str, EnvHandler] = {"acronym": acronym_env}
