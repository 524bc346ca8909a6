"""Groups: what they undo when they end, and what a name means within."""

from __future__ import annotations

from curation.extract.latex.lexer import FROZEN
from curation.extract.latex.macros import Macro
from curation.extract.latex.paper_state import Group, PaperState
from curation.extract.latex.token_stack import Entry


class Groups(PaperState):
    """A paper's groups and definitions; an unmatched brace is ignored."""

    def open_group(self) -> None:
        """`{`, `\\begingroup`."""
        self.groups.append(None)

    def close_group(self) -> None:
        """`}`: undo what the group defined, close its fonts."""
        if self.groups and len(self.groups) > (self.envs[-1].groups if self.envs else 0):
            self._undo(self.groups.pop())

    def pop_groups(self, n: int) -> None:
        """Close groups until n are open."""
        while len(self.groups) > n:
            self._undo(self.groups.pop())

    def _undo(self, group: Group | None) -> None:
        if group is None:
            return
        for name, old in group.saved.items():
            self.math_clean.discard(name)
            if old is None:
                self.defs.pop(name, None)
            else:
                self.defs[name] = old
        for key, value in group.values.items():
            if value is None:
                self.values.pop(key, None)
            else:
                self.values[key] = value
        if group.catcodes is not None:
            letters, plain, active = group.catcodes
            self.set_catcodes(letters=letters, plain=plain, active=active)
        self.parts.extend(reversed(group.closers))
        if group.after:
            self.push(group.after)

    def note_value(self, key: str, *, everywhere: bool) -> None:
        """Keep a register's value for the end of the group."""
        if everywhere:
            for g in self.groups:
                if g is not None:
                    g.values.pop(key, None)
            return
        group = self.group()
        if group is not None:
            group.values.setdefault(key, self.values.get(key))

    def set_category(self, char: str, code: int) -> None:
        """`\\catcode`: until the group ends; an argument's characters have the categories with which it was read."""
        if any(g is not None and g.is_argument for g in self.groups):
            return
        group = self.group()
        if group is not None and group.catcodes is None:
            group.catcodes = (self.letters, self.plain, self.active)
        self.set_catcodes(**changed_categories(self.letters, self.plain, self.active, char, code))

    def vertical_group(self) -> Group:
        """The innermost group, which is open."""
        group = self.group()
        if group is None:
            group = Group()
            self.groups.append(group)
        return group

    def ends_number(self, tok: str) -> bool:
        """`\\fi`, `\\else`, `\\or` close a condition that is being read."""
        return self.alias(tok) in _BRANCH_ENDS

    def is_defined(self, tok: str) -> bool:
        """Whether the format, a class or package that the paper loads, or the paper itself defined a name."""
        entry = self.defs.get(tok)
        if isinstance(entry, Macro) and entry.alias:
            base = entry.body[0]
            return base[-1] != FROZEN or base == "\\relax" + FROZEN or self.origins.defines(base[1:-1])
        if entry is None or entry is self.primitives.get(tok):
            known = entry is not None or self.origins.in_format(tok[1:])
            return known and self.origins.defines(tok[1:])
        return True

    def group(self) -> Group | None:
        """The innermost group, to note what it must undo; None at the top."""
        if not self.groups:
            return None
        g = self.groups[-1]
        if g is None:
            g = self.groups[-1] = Group()
        return g

    def switch_font(self, opener: str, closer: str) -> None:
        """`\\it` and kin: until the group ends."""
        g = self.group()
        if g is not None:
            self.parts.append(opener)
            g.closers.append(closer)

    def define(self, name: str, entry: Entry | None, *, everywhere: bool = False) -> None:
        """Give a name a meaning, or none; core commands keep theirs, or one stray \\def would take the paper apart."""
        if (name in self.core and self.is_defined(name)) or (
            (name[0] != "\\" or len(name) < 2) and name not in self.active
        ):
            return
        if (
            self.reading_package
            and name in self.defs
            and (entry is None or not _is_abbreviation(entry, self.defs[name]))
        ):
            return
        self.math_clean.discard(name)
        if everywhere:
            for g in self.groups:
                if g is not None:
                    g.saved.pop(name, None)
        else:
            group = self.group()
            if group is not None:
                group.saved.setdefault(name, self.defs.get(name))
        if entry is None:
            self.defs.pop(name, None)
        else:
            self.defs[name] = entry


def _is_abbreviation(new: Entry, old: Entry) -> bool:
    """Whether a style file gives a printed abbreviation of ours (`\\kms`, `\\teff`) its own text.

    Page make-up and commands with arguments keep our meaning: a class redefines them out of its internals.
    """
    if not (isinstance(new, Macro) and isinstance(old, Macro) and old.builtin and old.body):
        return False
    return not new.params and not old.params and not any("@" in t or t in _INTERNAL for t in new.body)


def changed_categories(letters: str, plain: str, active: str, char: str, code: int) -> dict[str, str]:
    """The categories after one `\\catcode`: 11 letter, 12 plain character, 13 active; a special character may get its own back."""
    special = char in "{}$&#^_~%\\"
    letters, plain, active = (kept.replace(char, "") for kept in (letters, plain, active))
    if code == 11 and not char.isalpha() and not special:
        letters += char
    elif code in (11, 12) and special and char not in "{}%\\":
        plain += char
    elif code == 13 and char != "~" and char.isprintable() and not char.isspace() and not special:
        active += char
    return {"letters": letters, "plain": plain, "active": active}


_BRANCH_ENDS = frozenset({"\\fi", "\\else", "\\or", "\\repeat"})
_INTERNAL = frozenset({"\\csname", "\\catcode", "\\expandafter", "\\write", "\\global", "\\let", "\\def"})
