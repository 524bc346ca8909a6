"""YAML as configs are read: a key that stands twice in one mapping is an error, where YAML's own loader takes the last."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml


class YamlError(ValueError):
    """No YAML, or a doubled key; the text names the line."""


_HINTS = {
    "\\t": "indent with spaces",
    "mapping values are not allowed": "mend the indent, or put a value that holds a colon in quotes",
}
"""Words of PyYAML -> what to do."""


def read_yaml(text: str) -> Any:
    """The value of one YAML document.

    Raises:
        YamlError: it is no YAML, a value is none (the 45th of a month), a key stands twice, or it is nested too deep.
    """
    try:
        # before anything is merged: what `<<` brings may be said anew beside it
        _check_keys(yaml.compose(text, Loader=yaml.SafeLoader))
        return yaml.safe_load(text)
    except RecursionError as error:
        raise YamlError("it is nested too deep") from error
    except yaml.MarkedYAMLError as error:
        raise YamlError(_told(error)) from error
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        raise YamlError(" ".join(str(error).split())) from error


def _told(error: yaml.MarkedYAMLError) -> str:
    """What is wrong and where, in one line."""
    mark, begin = error.problem_mark or error.context_mark, error.context_mark
    where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
    said = (error.problem or error.context or "it is no YAML").replace("<block end>", "the end of this list or mapping")
    since = f" ({error.context}, which begins in line {begin.line + 1})" if begin and error.context else ""
    return f"{where}{said}{since}" + "".join(f"; {hint}" for words, hint in _HINTS.items() if words in said)


def _check_keys(root: yaml.Node | None) -> None:
    for node in _mappings(root):
        lines: dict[tuple[str, str], int] = {}
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue
            named, line = (key.tag, key.value), key.start_mark.line + 1
            if named in lines:
                raise YamlError(f"key {key.value!r} stands twice, in lines {lines[named]} and {line}; remove one")
            lines[named] = line


def _mappings(root: yaml.Node | None) -> Iterator[yaml.MappingNode]:
    """All mappings of a document, each once however many aliases it has."""
    seen: set[int] = set()
    waiting = [root] if root is not None else []
    while waiting:
        node = waiting.pop()
        if id(node) in seen or isinstance(node, yaml.ScalarNode):
            continue
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            yield node
            waiting += [part for pair in reversed(node.value) for part in reversed(pair)]
        else:
            waiting += reversed(node.value)
