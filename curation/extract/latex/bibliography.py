"""What the citations point to: entries of .bib and .bbl, as author and year and as printed references."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import tee

from curation.extract.latex.lexer import with_depth
from curation.extract.latex.printed_references import leading_authors, split_label, year_of

# text of a BibTeX field or a \bibitem label -> plain text; given by the extractor (it needs the stomach)
ToText = Callable[[str], str]


@dataclass(slots=True)
class Entry:
    """One work: last names, year, title and the printed reference.

    `full_names` are those of natbib's long label, `people` the names as the .bib file has them, for sorting.
    """

    names: list[str] = field(default_factory=list)
    full_names: list[str] = field(default_factory=list)
    people: list[str] = field(default_factory=list)
    year: str = ""
    title: str = ""
    text: str = ""
    et_al: bool = False


_YEAR = re.compile(r"(?<![\w.:/-])(1[6-9]\d\d|20\d\d)([a-z]?)(?![\d.]\d|\w)")
_BARE_LABEL = re.compile(r"^([^\d\[\]()]*[^\W\d_][^\d\[\]()]*?)[\s,~]+((?:1[5-9]|20)\d\d\s?[a-z]?)$", re.S)
_LABEL = re.compile(
    r"^(.*?)\(?\s*((?:1[5-9]|20)\d\d\s*[a-z]?|in[ -]prep[a-z.]*|in press|submitted|n\.d\.|\?{4})\s*[a-z]?\s*\)",
    re.S | re.I,
)


_ARTICLE = re.compile(r"^\W*(?:the|an|a)\s+")


class Bibliography:
    """Looks up keys; unknown keys stand for themselves."""

    def __init__(self, style: str = "") -> None:
        self.style = style
        self.entries: dict[str, Entry] = {}

    def known(self, key: str) -> bool:
        """Whether author and year can be printed."""
        e = self.entries.get(key)
        return e is not None and bool(e.names)

    def authors(self, key: str, *, full: bool = False) -> str:
        """`Smith`, `Smith & Jones`, `Smith et al.`"""
        e = self.entries.get(key)
        if e is None or not e.names:
            return key
        names = e.full_names if full and e.full_names else e.names
        if full and e.full_names:
            return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " & " + names[-1]
        if e.et_al or (len(names) > 2 and not full):
            return f"{names[0]} et al."
        if len(names) == 1:
            return names[0]
        return ", ".join(names[:-1]) + " & " + names[-1]

    def year(self, key: str) -> str:
        """The year, or an empty string."""
        e = self.entries.get(key)
        return e.year if e else ""

    def title(self, key: str) -> str:
        """The title, or the key."""
        e = self.entries.get(key)
        return e.title if e and e.title else key

    def author_year(self, key: str) -> str:
        """`Smith et al. 2012`."""
        return f"{self.authors(key)} {self.year(key)}".strip()

    def add(self, key: str, entry: Entry) -> None:
        """Keep what is known best: names and year from either source, the printed text from the .bbl."""
        old = self.entries.get(key)
        if old is None:
            self.entries[key] = entry
            return
        old.names = old.names or entry.names
        old.year = old.year or entry.year
        old.title = old.title or entry.title
        old.text = old.text or entry.text
        old.people = old.people or entry.people
        old.et_al = old.et_al or (entry.et_al and not old.names)

    # ------------------------------------------------------------ .bbl
    def add_bibitem(self, key: str, label: str, text: str) -> None:
        """A `\\bibitem[label]{key} text`, both already plain."""
        entry = Entry(text=text)
        m = (_LABEL.search(label) or _BARE_LABEL.match(label.strip())) if label else None
        if m:
            entry.names, entry.et_al = split_label(m.group(1))
            entry.year = re.sub(r"\s", "", m.group(2)) if m.group(2)[:1].isdigit() else m.group(2)
            if label[m.end() :].strip(" {}"):
                entry.full_names = split_label(label[m.end() :])[0]
        if not entry.names:
            entry.names, entry.et_al = leading_authors(text)
        if not entry.year:
            entry.year = year_of(text)
        if key:
            self.add(key, entry)

    def add_biblatex(self, bbl: str, to_text: ToText) -> None:
        """Entries of a biblatex .bbl (`\\entry{key}{article}{} .. \\endentry`)."""
        for m in re.finditer(r"\\entry\{([^}]*)\}\{[^}]*\}\{[^}]*\}(.*?)\\endentry", bbl, re.S):
            body = m.group(2)
            entry = Entry()
            block = re.search(r"\\name\{(?:author|labelname|editor)\}\{\d+\}\{[^}]*\}\{%?(.*?)\n\s*\}\s*\n", body, re.S)
            if block:
                entry.names = [
                    to_text(n).strip() for n in re.findall(r"family=\{((?:[^{}]|\{[^{}]*\})*)\}", block.group(1))
                ]
            for name, value in re.findall(r"\\field\{(year|title|labelyear|journaltitle|volume|pages)\}\{(.*)\}", body):
                if name in ("year", "labelyear"):
                    entry.year = entry.year or value
                elif name == "title":
                    entry.title = to_text(value)
            entry.text = f"{self._names(entry)} ({entry.year}). {entry.title}."
            self.add(m.group(1), entry)

    @staticmethod
    def _names(entry: Entry) -> str:
        return ", ".join(entry.names[:8]) + (" et al." if len(entry.names) > 8 or entry.et_al else "")

    def tell_years_apart(self) -> None:
        """`2001a` and `2001b` for works of equal names and year, by all authors, then title, as BibTeX styles sort.

        The AAS styles (apj.bst, aasjournal.bst) sort more than eight authors behind fewer: by the first and "zzzzz".
        """
        groups: dict[tuple[str, str], list[str]] = {}
        for key, e in self.entries.items():
            if e.names and e.year.isdigit():
                groups.setdefault((self.authors(key), e.year), []).append(key)
        for keys in groups.values():
            if len(keys) > 1 and len({self.entries[k].text for k in keys}) > 1:
                for letter, key in zip("abcdefghijklmnopqrstuvwxyz", sorted(keys, key=self._order), strict=False):
                    self.entries[key].year += letter

    def _order(self, key: str) -> tuple[list[str], str, str]:
        e = self.entries[key]
        people = [_sortable(p) for p in e.people] or [n.lower() for n in e.names]
        if self.style.startswith(("apj", "aas")) and len(people) > 8:
            people = [people[0], "zzzzz"]
        return people, _ARTICLE.sub("", e.title.lower()), key

    # ------------------------------------------------------------ .bib
    def add_bib(self, src: str, wanted: Iterable[str], to_text: ToText) -> None:
        """The wanted entries of a .bib file; nothing else is parsed (such files reach megabytes)."""
        wanted = {k for k in wanted if k not in self.entries or not self.entries[k].names}
        lowered = {k.lower(): k for k in wanted}
        if not wanted:
            return
        strings: dict[str, str] | None = None
        for m in _ENTRY.finditer(src):
            key = m.group(2)
            if key not in wanted:
                key = lowered.get(key.lower(), "")
                if not key:
                    continue
            if strings is None:
                strings = dict(_STRING.findall(src))
            fields = parse_fields(src, m.end(), strings)
            entry = entry_of(fields, to_text)
            if fields.get("crossref") and not entry.names:
                continue
            self.add(key, entry)


_ENTRY = re.compile(r"@\s*(\w+)\s*[{(]\s*([^,\s{}]+)\s*,")
_STRING = re.compile(r"@string\s*\{\s*(\w+)\s*=\s*[\"{]([^\"}]*)[\"}]", re.I)
_FIELD = re.compile(r"\s*,?\s*([A-Za-z][\w:.-]*)\s*=\s*")


def parse_fields(src: str, pos: int, strings: dict[str, str]) -> dict[str, str]:
    """Fields of one entry from just behind its key; braces and quotes nest as BibTeX has them."""
    out: dict[str, str] = {}
    n = len(src)
    while True:
        m = _FIELD.match(src, pos)
        if not m:
            return out
        pos = m.end()
        value: list[str] = []
        while pos < n:
            c = src[pos]
            if c == "{":
                end = _balanced(src, pos)
                value.append(src[pos + 1 : end - 1])
                pos = end
            elif c == '"':
                end = _quoted(src, pos)
                value.append(src[pos + 1 : end - 1])
                pos = end
            else:
                word = re.compile(r"[^\s,#{}\"]+").match(src, pos)
                if not word:
                    break
                value.append(strings.get(word.group(0), word.group(0)))
                pos = word.end()
            rest = re.compile(r"\s*#\s*").match(src, pos)
            if not rest:
                break
            pos = rest.end()
        out.setdefault(m.group(1).lower(), " ".join("".join(value).split()))
        if pos >= n or len(out) > 200:
            return out


_MAX_VALUE_CHARS = 50_000
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)


def _balanced(src: str, pos: int) -> int:
    end = min(len(src), pos + _MAX_VALUE_CHARS)
    pieces, same = tee(_BRACE.finditer(src, pos, end))
    braces = zip(pieces, with_depth(piece.group() for piece in same), strict=True)
    return next((piece.end() for piece, (c, depth) in braces if c == "}" and depth == 1), end)


def _quoted(src: str, pos: int) -> int:
    end = min(len(src), pos + _MAX_VALUE_CHARS)
    found = enumerate(with_depth(src[pos + 1 : end]), pos + 1)
    return next((i + 1 for i, (c, depth) in found if c == '"' and depth <= 0 and src[i - 1] != "\\"), end)


def entry_of(fields: dict[str, str], to_text: ToText) -> Entry:
    """Names, year and a plain printed reference from BibTeX fields."""
    entry = Entry()
    people = fields.get("author") or fields.get("editor") or ""
    names = split_names(people)
    if names and names[-1].lower() == "others":
        entry.et_al = True
        names.pop()
    entry.names = [n for n in (to_text(last_name(x)).strip() for x in names[:12]) if n]
    entry.people = names[:12]
    if len(names) > 12:
        entry.et_al = True
    if not entry.names:
        fallback = (
            fields.get("collaboration") or fields.get("key") or fields.get("organization") or fields.get("institution")
        )
        if fallback:
            entry.names = [to_text(fallback)]
    date = fields.get("year") or fields.get("date") or ""
    m = _YEAR.search(date)
    entry.year = m.group(1) + m.group(2) if m else to_text(date)[:20]
    entry.title = to_text(fields.get("title", ""))
    where = (
        fields.get("journal")
        or fields.get("journaltitle")
        or fields.get("booktitle")
        or fields.get("publisher")
        or fields.get("howpublished")
        or ""
    )
    tail = ", ".join(
        x for x in (to_text(where), fields.get("volume", ""), fields.get("pages", "").replace("--", "–")) if x
    )
    given = ", ".join(entry.names[:8]) + (" et al." if entry.et_al or len(entry.names) > 8 else "")
    entry.text = ". ".join(x for x in (f"{given} ({entry.year})", entry.title, tail) if x) + "."
    return entry


def _sortable(person: str) -> str:
    """`Smith, A. B.` and `A. B. Smith` alike, as BibTeX sorts: family name, then initials."""
    last = last_name(person)
    given = person.replace(last, " ", 1)
    initials = " ".join(w[:1] for w in re.findall(r"[A-Za-z]+", given))
    return re.sub(r"\\[A-Za-z]+|[^a-z ]", "", f"{last} {initials}".lower())


def split_names(people: str) -> list[str]:
    """BibTeX's list of people: ` and ` at brace level 0."""
    out: list[str] = []
    start = 0
    pieces = list(re.finditer(r"[{}]|\s+and\s+", people))
    for m, (token, depth) in zip(pieces, with_depth(m.group() for m in pieces), strict=True):
        if depth <= 0 and token not in "{}":
            out.append(people[start : m.start()].strip())
            start = m.end()
    out.append(people[start:].strip())
    return [p for p in out if p]


def last_name(person: str) -> str:
    """`{van der Berg}, A.` or `Anna van der Berg`: the part by which one is cited."""
    person = person.strip()
    if person.startswith("{") and _balanced(person, 0) == len(person):
        return person[1:-1]
    for i, (c, depth) in enumerate(with_depth(person)):
        if c == "," and depth <= 0:
            return person[:i]
    words = re.sub(r"(?<!\\)~", " ", person).split()  # BibTeX parts names at ties too
    if not words:
        return ""
    for i, w in enumerate(words[:-1]):
        if i and w[:1].islower() and w[:1].isalpha():
            return " ".join(words[i:])
    last = words[-1]
    if last.count("}") > last.count("{"):
        # a braced group with blanks is one name
        for i in range(len(words) - 1, -1, -1):
            joined = " ".join(words[i:])
            if joined.count("{") >= joined.count("}"):
                return joined
    return last
