"""Prompts: versioned Markdown files with a part for the system and one for the user, and places to fill. Before the last part of the user
there may be examples: what another user said, and what the assistant answered.

`prompts/<stage>/<name>.v1.md` come with us and never change: a better wording is `.v2.md`. A file of the user's own is read as well.
What a pair was asked by is its name and the sha256 of its bytes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

from curation.errors import ConfigError, did_you_mean
from curation.sft.engines.engine import Message

_PART = re.compile(r"^# (system|user|assistant)[ \t]*\n", re.MULTILINE)
_PLACE = re.compile(r"\{\{([a-z_]+)\}\}")
_ROOT = "curation.sft"


@dataclass(frozen=True, slots=True)
class Prompt:
    """One prompt.

    Args:
        name: `<stage>/<name>.v1`, or the file's own name.
        sha256: of its bytes, hex.
        system: what the system message says; empty: there is none.
        user: what the user says.
        examples: what users said and were answered before, as it stands in the file.
    """

    name: str
    sha256: str
    system: str
    user: str
    examples: tuple[Message, ...] = ()

    @property
    def places(self) -> frozenset[str]:
        """Names of what is filled in."""
        return frozenset(_PLACE.findall(self.system + self.user))

    def filled(self, values: Mapping[str, str]) -> tuple[Message, ...]:
        """The messages. What is filled in stays as it is, whatever marks it holds.

        Raises:
            ConfigError: the prompt has a place that nothing fills.
        """
        if missing := sorted(self.places - set(values)):
            raise ConfigError(
                f"prompt {self.name}: {{{{{missing[0]}}}}} is filled by nothing (there are: {', '.join(sorted(values))})"
            )
        system, user = (_PLACE.sub(lambda m: values[m[1]], part).strip() for part in (self.system, self.user))
        asked = (*self.examples, Message("user", user))
        return (Message("system", system), *asked) if system else asked


def prompt_names() -> list[str]:
    """The prompts that come with us: `<stage>/<name>.v1`."""
    root = files(_ROOT) / "prompts"
    found = (
        f"{stage.name}/{file.name.removesuffix('.md')}"
        for stage in root.iterdir()
        if stage.is_dir()
        for file in stage.iterdir()
        if file.name.endswith(".md")
    )
    return sorted(found)


def places_of(stage: str) -> frozenset[str]:
    """What the prompts of a stage that come with us have places for: one of the user's own may have them, too."""
    return frozenset(place for name in prompt_names() if name.startswith(f"{stage}/") for place in prompt(name).places)


@lru_cache(maxsize=256)
def prompt(name: str) -> Prompt:
    """A prompt that comes with us.

    Raises:
        ConfigError: there is none of that name.
    """
    names = prompt_names()
    if name not in names:
        raise ConfigError(f"no prompt {name}{did_you_mean(name, names)} (there are: {', '.join(names)})")
    stage, _, file = name.partition("/")
    return _parsed(name, (files(_ROOT) / "prompts" / stage / f"{file}.md").read_bytes())


def prompt_of_file(path: Path) -> Prompt:
    """A prompt of the user's own.

    Raises:
        ConfigError: it cannot be read, is no UTF-8, or has no part `# user`.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"prompt {path} cannot be read: {error.strerror}") from error
    return _parsed(path.name, data)


def _parsed(name: str, data: bytes) -> Prompt:
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise ConfigError(f"prompt {name} is no UTF-8 text: byte {error.start}") from error
    parts = _PART.split(text.replace("\r\n", "\n"))
    told = [(role, said.strip()) for role, said in zip(parts[1::2], parts[2::2], strict=True)]
    system = told.pop(0)[1] if told and told[0][0] == "system" else ""
    turns = [role for role, _ in told]
    if parts[0].strip() or turns != ["user", "assistant"] * (len(turns) // 2) + ["user"] or not all(t for _, t in told):
        raise ConfigError(
            f"prompt {name}: a prompt has a part `# user`, before it examples (`# user`, `# assistant`) or none, before these one `# system` or none, and nothing else"
        )
    examples = tuple(Message("assistant" if role == "assistant" else "user", said) for role, said in told[:-1])
    return Prompt(name, sha256(data).hexdigest(), system, told[-1][1], examples)
