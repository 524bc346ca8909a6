"""A key of an endpoint: it comes from the environment of one process, goes into one header, and is shown nowhere."""

from __future__ import annotations

import os
from dataclasses import fields, replace
from typing import Self

from curation.errors import UserError
from curation.sft.engines.engine import Reply

HIDDEN = "[key]"
MIN_HIDDEN = 8
"""A key of fewer characters (`EMPTY`, as local servers want one) is no secret, and a word that an answer may hold."""


class Secret:
    """A key, or none. Its text shows nothing of it.

    Args:
        value: the key, "" for an endpoint without keys.
        variable: the environment variable that held it.
    """

    def __init__(self, value: str = "", variable: str | None = None) -> None:
        self._value, self.variable = value, variable

    @classmethod
    def named(cls, variable: str | None) -> Self:
        """The key that an environment variable holds; none where none is named.

        Raises:
            UserError: the variable is not set, or what it holds cannot stand in a header.
        """
        if variable is None:
            return cls()
        value = os.environ.get(variable, "").strip()
        if not value:
            raise UserError(
                f"the environment variable {variable}, which holds the key of the endpoint, is not set; set it where the run starts (on a "
                "cluster: where its head starts), never in the config"
            )
        if not value.isascii() or not value.isprintable():
            raise UserError(
                f"the environment variable {variable} holds no key: there are characters that no header may have"
            )
        return cls(value, variable)

    def __repr__(self) -> str:
        return HIDDEN

    def __getstate__(self) -> object:
        raise TypeError("a key leaves its process in no file and no message")

    def header(self, name: str) -> dict[str, str]:
        """The header that shows the key to the endpoint; none without a key."""
        if not self._value:
            return {}
        return {name: f"Bearer {self._value}" if name.lower() == "authorization" else self._value}

    def hide(self, text: str) -> str:
        """A text of the server without the key, which some say in their errors."""
        return text.replace(self._value, HIDDEN) if len(self._value) >= MIN_HIDDEN else text

    def hide_in(self, reply: Reply) -> Reply:
        """A reply without the key."""
        shown = [text for f in fields(reply) if isinstance(text := getattr(reply, f.name), str)]
        if all(self.hide(text) == text for text in shown):
            return reply
        return replace(
            reply,
            text=self.hide(reply.text),
            reasoning=None if reply.reasoning is None else self.hide(reply.reasoning),
            finish_reason=self.hide(reply.finish_reason),
            served_model=self.hide(reply.served_model),
        )
