"""`--set section.key=value`."""

from __future__ import annotations

from typing import Any

from curation.errors import ConfigError
from pipelines.strict_yaml import YamlError, read_yaml


def override_value(value: dict[str, Any], override: str) -> None:
    """Put one value into a config as it was read; a list item is named by its number.

    Raises:
        ConfigError: it is no `section.key=value`, or leads nowhere.
    """
    path, equals, text = override.partition("=")
    if not equals or not path:
        raise ConfigError(f"--set {override!r}: write it as --set section.key=value")
    *folders, last = path.split(".")
    node: Any = value
    for key in folders:
        if isinstance(node, list):
            node = node[_index(node, key, override)]
        else:
            node = node.setdefault(key, {})
        if not isinstance(node, dict | list):
            raise ConfigError(f"--set {override!r}: {key} is a value, not a section")
    try:
        new = read_yaml(text)
    except YamlError as error:
        raise ConfigError(f"--set {override!r}: {text!r} is no YAML value ({error})") from error
    if isinstance(node, list):
        node[_index(node, last, override)] = new
    else:
        node[last] = new


def _index(node: list[Any], key: str, override: str) -> int:
    if not key.isdigit() or int(key) >= len(node):
        raise ConfigError(f"--set {override!r}: {key!r} is no item of a list of {len(node)}")
    return int(key)
