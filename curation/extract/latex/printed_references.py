"""Who wrote a printed reference, and when: `A. G. Riess et al., Astron. J. 116, 1009 (1998).`

Names are read from the head of the reference, one behind the other; where none is sure there is none. A year is never a page, a
volume or a part of an address.
"""

from __future__ import annotations

import re

_MARKS = re.compile(r"[\ue000-\ue00f*`]|\^\{[^}]*\}")
# what stands before the first author
_LEAD_IN = re.compile(
    r"(?:see,?|also|see also|cf\.?,?|e\.\s?g\.?,?|i\.\s?e\.?,?|for (?:\w+ )?(?:recent )?reviews?(?: of [^,]{0,60}| on [^,]{0,60})?(?:,? see)?(?: also)?,?|"
    r"for (?:an?|some|more|other|earlier|recent|example|instance|details?)\b[^,.;]{0,60}?\bsee\b(?: also)?(?:,? e\.\s?g\.)?,?|for example,?|reviewed (?:in|by)|in particular,?|"
    r"an?d references therein:?|(?:\(?[a-z]\)))[\s:]+",
    re.I,
)
_PARTICLE = (
    r"(?:(?:[Vv]an|[Vv]on|[Dd]e|[Dd]en|[Dd]er|[Dd]el|[Dd]ella|[Dd]i|[Dd]a|[Dd]al|[Dd]u|[Ll]a|[Ll]e|[Ll]o|[Dd]os|[Tt]en|[Tt]er|"
    r"[Zz]u|[Zz]ur|[Aa]f|[Ee]l|[Aa]l|[Ss]t\.|['’]t)\s+|[Dd]['’]|[Oo]['’])"
)
_LAST = rf"{_PARTICLE}*[A-ZÀ-ÞĀ-Ž][\w'’]*(?:[-‐–][\w'’]+)*"
_INITIALS = r"(?:[A-ZÀ-ÞŠŽČĆĐŁŚŞİ][a-z]?\.[\s~]*[-‐–]?[\s~]*)+"
_JUNIOR = r"(?:,?\s*(?:Jr|Sr|II|III|IV)\b\.?)?"
_END = r"(?=[\s~]*(?:[,;:&(\[]|\.(?![\s~]*(?:[A-Z][a-z]*\.|\d))|\band\b|\bet\b|\bin\b|\bwith\b|\d{4}|$))"
_BETWEEN = re.compile(r"[\s~]*(?:(?:,|;|&|\band\b|\bwith\b)[\s~]*)+")
# the ways in which a name is printed, each anchored where the last one ended
_LAST_FIRST = re.compile(rf"({_LAST}(?:\s+{_LAST})?){_JUNIOR},[\s~]*{_INITIALS}{_JUNIOR}")
_INITIALS_FIRST = re.compile(rf"{_INITIALS}({_LAST}(?:[\s~]+{_LAST})?){_JUNIOR}{_END}")
_NO_COMMA = re.compile(
    rf"({_LAST}(?:[\s~]+{_LAST})?)[\s~]+(?:{_INITIALS}|[A-Z]{{1,3}}(?=[,.;\s(]|$))(?=[\s~]*(?:[,;:&(.]|\band\b|\bet\b|\d|$))"
)
_FULL_NAME = re.compile(
    rf"[A-ZÀ-Þ][\w'’-]+[\s~]+(?:{_INITIALS}|[A-Z][\s~]+)*({_LAST})(?=[\s~]*(?:[,;&(]|\band\b|\bet\b))"
)
# names alone, where what follows says that they are: `Bennett et al.`, `Kurtz & Mink 1998`
_ALONE = re.compile(
    rf"({_LAST})(?=[\s~]*(?:,[\s~]*{_LAST}[\s~]*)*(?:(?:&|,?[\s~]*\band\b)[\s~]*{_LAST})?[\s~]*,?[\s~]*(?:\bet\.?\s?al|\(?(?:19|20)\d\d))"
)
_GROUP = re.compile(
    r"(?:[Tt]he\s+)?((?:[\w.'’&\-+]+[\s~]+){1,6}?(?:Collaborations?|Consortium|Team|Project|Group|Survey))\b[,:]?"
)
_ET_AL = re.compile(r"[\s~,]*(?:and\s+|&\s*)?(?:et\.?[\s~]*al|others|co-?workers|collaborators)\b")
_MORE_PEOPLE = re.compile(
    rf"[\s~,;:]*(?:(?:and\s+|&\s*)?(?:et\.?[\s~]*al|others)\b|{_INITIALS}{_LAST}|{_LAST},[\s~]*{_INITIALS}|{_LAST}[\s~]+{_INITIALS})"
)
# what begins the name of a journal, a publisher or a remark: `J. Phys.`, `Z. Astrophys.` are no authors
_NO_NAME = frozenset(
    [
        "Phys",
        "Physics",
        "Physical",
        "Physica",
        "Rev",
        "Review",
        "Reviews",
        "Lett",
        "Letters",
        "Nucl",
        "Nuclear",
        "Astron",
        "Astronomy",
        "Astronomical",
        "Astrophys",
        "Astrophysics",
        "Astrophysical",
        "Math",
        "Mathematics",
        "Mod",
        "Modern",
        "Theor",
        "Ann",
        "Annals",
        "Acta",
        "Proc",
        "Proceedings",
        "Sci",
        "Science",
        "Sciences",
        "Opt",
        "Chem",
        "Geophys",
        "Commun",
        "Comm",
        "Soc",
        "Society",
        "Mon",
        "Monthly",
        "Not",
        "Notices",
        "Roy",
        "Royal",
        "Int",
        "International",
        "Class",
        "Classical",
        "Quant",
        "Quantum",
        "Grav",
        "Gravity",
        "Zh",
        "Eksp",
        "Teor",
        "Fiz",
        "Sov",
        "JETP",
        "Nature",
        "Rep",
        "Reports",
        "Bull",
        "Obs",
        "Observatory",
        "Pub",
        "Publ",
        "Instr",
        "Instrum",
        "Meth",
        "Cosmol",
        "Part",
        "Gen",
        "Rel",
        "Adv",
        "Advances",
        "Prog",
        "Progress",
        "Nuovo",
        "Cim",
        "Cimento",
        "Europhys",
        "Fortschr",
        "Zeit",
        "Helv",
        "Trans",
        "Space",
        "Journal",
        "Phil",
        "Lond",
        "London",
        "Univ",
        "University",
        "Press",
        "Springer",
        "Wiley",
        "Cambridge",
        "Oxford",
        "Elsevier",
        "Pergamon",
        "Nat",
        "Appl",
        "Astrofiz",
        "Astronom",
        "Stat",
        "Fluid",
        "Mech",
        "Solar",
        "Sol",
        "Icarus",
        "High",
        "Energy",
        "Geom",
        "Computer",
        "Comput",
        "The",
        "This",
        "For",
        "In",
        "On",
        "An",
        "And",
        "See",
        "Ph",
        "PhD",
        "Thesis",
        "Private",
        "Submitted",
        "Preprint",
        "Book",
        "Ed",
        "Eds",
        "Vol",
        "Chapter",
        "Lectures",
        "Handbook",
        "Planet",
        "Meteorit",
        "Univers",
        "Particle",
        "Supernova",
        "Sloan",
        "New",
        "Old",
        "Also",
        "Note",
        "Data",
        "Rept",
        "Dokl",
        "Akad",
        "Nauk",
        "Pis",
        "Usp",
        "Zeits",
        "Atom",
        "Mol",
        "Exp",
        "Exper",
        "Spec",
        "Natl",
        "Acad",
        "Amer",
        "Am",
        "ApJ",
        "ApJL",
        "ApJS",
        "MNRAS",
        "PASP",
        "PASJ",
        "AJ",
        "ARAA",
    ]
)

_YEAR = r"(?:1[6-9]\d\d|20\d\d)"
_AFTER_NAMES = re.compile(rf"[\s~,.:;(\[]*({_YEAR}[a-z]?)\b(?![-–.]?\d|\s*[-–]\s*\d)(?=[\s,.;:)\]~]|$)")
_BRACKETED = re.compile(
    rf"\(\s*({_YEAR})[a-z]?\s*[,;]|[(\[](?:[^()\[\]]{{0,120}}?[^\d()\[\]./:-])?({_YEAR})[a-z]?\s*[)\]]"
)
_BARE = re.compile(rf"(?<![\w.:/#=–-])({_YEAR})([a-z]?)(?![\w–-]|[.,:]\d|\s*[-–]\s*\d)")
_PAGE_OR_VOLUME = re.compile(
    r"(?:\b(?:vol|volume|no|nr|number|pp?|pages?|pgs?|chap|chapter|ch|art|article|eq|sec|report)\b\.?|#|[A-Z][a-z]+\.)\s*$",
    re.I,
)
_ONE_WORD_JOURNAL = re.compile(
    r"\b(?:ApJ[LS]?|MNRAS|AJ|PASP|PASJ|A&A|Nature|Science|JETP|PRD|PRL|JCAP|JHEP|ARA&A|Icarus)[\s,]*$"
)
# arXiv's ids tell the year: two digits in front, in the archive's form before April 2007
_ARXIV = re.compile(
    r"(?:arXiv:|abs/|\b)(\d\d)(?:0[1-9]|1[0-2])\.\d{4,5}\b|"
    r"\b(?:astro-ph|gr-qc|hep-(?:th|ph|ex|lat)|cond-mat|math-ph|math|quant-ph|nucl-(?:th|ex)|physics|nlin|q-alg|alg-geom|dg-ga|"
    r"chao-dyn|solv-int|funct-an|cs|q-bio)(?:\.[A-Z]{2})?\s*/\s*(\d\d)(?:0[1-9]|1[0-2])\d{3}\b"
)


def leading_authors(text: str) -> tuple[list[str], bool]:
    """Last names at the head of a printed reference, at most 12, and whether more people are meant (`et al.`)."""
    names, et_al, _ = _authors(_head(text))
    return names, et_al


def _head(text: str) -> str:
    head = " ".join(_MARKS.sub("", text).replace("\u00a0", " ").split())[:900].lstrip(" ,.;:(")
    while m := _LEAD_IN.match(head):
        head = head[m.end() :]
    return head


def _authors(head: str) -> tuple[list[str], bool, int]:
    if m := _GROUP.match(head):
        return [" ".join(m.group(1).split())], bool(_MORE_PEOPLE.match(head, m.end())), m.end()
    best: list[str] = []
    end = 0
    for pattern in (_LAST_FIRST, _INITIALS_FIRST, _NO_COMMA, _FULL_NAME, _ALONE):
        names, stop = _names_in_row(head, pattern)
        if len(names) > len(best):
            best, end = names, stop
    return best[:12], bool(_ET_AL.match(head, end)) and bool(best), end


def _names_in_row(head: str, pattern: re.Pattern[str]) -> tuple[list[str], int]:
    names: list[str] = []
    at = end = 0
    while len(names) < 40 and (m := pattern.match(head, at)):
        name = " ".join(m.group(1).split())
        if not _NO_NAME.isdisjoint(re.split(r"[\s-]", name)):
            break
        names.append(name)
        end = m.end()
        between = _BETWEEN.match(head, end)
        if between is None:
            break
        at = between.end()
    return names, end


def year_of(text: str) -> str:
    """The year of a printed reference, with its letter where it stands behind the authors; empty when none is sure.

    In this order: right behind the authors, in brackets, in the last place where a year may stand, in an arXiv id. Of several
    works in one item the first counts.
    """
    head = _head(text)
    names, _, end = _authors(head)
    if names:
        if m := _ET_AL.match(head, end):
            end = m.end()
            if head[end : end + 1] == ".":
                end += 1
        if m := _AFTER_NAMES.match(head, end):
            return m.group(1)
    whole = " ".join(_MARKS.sub("", text).split())
    first = re.split(r";\s", whole)[0]
    for part in dict.fromkeys((first, whole)):
        if year := _year_in(part):
            return year
    return ""


def _year_in(text: str) -> str:
    if m := _BRACKETED.search(text):
        return m.group(1) or m.group(2)
    arxiv = _ARXIV.search(text)
    from_id = ""
    if arxiv:
        digits = arxiv.group(1) or arxiv.group(2)
        from_id = ("19" if arxiv.group(2) and digits > "90" else "20") + digits
    sure: list[str] = []
    for m in _BARE.finditer(text):
        before, after = text[: m.start()], text[m.end() :]
        if _PAGE_OR_VOLUME.search(before) or _ONE_WORD_JOURNAL.search(before):
            continue
        if re.match(r"\s*,?\s*\d", after) and not before.rstrip().endswith(","):
            continue  # `Phys. Rev. 1950, 203`: a volume
        if re.search(r"\d\s*[,:(]?\s*$", before) and not re.match(
            r"\s*[.;\])]*\s*(?:$|\[|(?:hep|astro|gr|arXiv)\b)", after
        ):
            continue  # `116, 1999, in ..`: a page
        sure.append(m.group(1))
        if not after.strip(" .;)]"):
            return m.group(1)
    if from_id and (not sure or from_id in sure):
        return from_id
    return sure[0] if sure else from_id


def split_label(label: str) -> tuple[list[str], bool]:
    """natbib's label `Smith et al.`, `Smith, Jones, & Doe`."""
    label = re.sub(r"[\ue000-\ue00f]", "", label).strip().strip("{}()[], ")
    et_al = bool(re.search(r"\bet\.?\s*al", label))
    label = re.split(r",?\s*\bet\.?\s*al", label)[0].strip()
    names = [n.strip(" ,{}") for n in re.split(r"\s*(?:,|\s\\?&|&|\band\b)\s*", label)]
    return [n for n in names if n], et_al
