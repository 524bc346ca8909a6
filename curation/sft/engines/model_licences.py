"""Where the answers of a model may go, by the licence of the model.

Some licences bind whoever trains on what the model wrote: by the name that the new model must have (Llama), by terms that pass on
to it (Gemma, RAIL, DeepSeek), or by forbidding it (terms of service, research and non-commercial licences). What is made with
such a model, and with one whose licence is not known, stays out of a public tier unless the config allows it by name.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from enum import StrEnum


class Terms(StrEnum):
    """What a model's licence asks of those who train on its answers."""

    OPEN = "open"
    BINDING = "binding"
    UNKNOWN = "unknown"


OPEN = ("apache-2.0", "bsd-2-clause", "bsd-3-clause", "cc-by-4.0", "cc0-1.0", "isc", "mit", "unlicense")
"""Licences that ask nothing of a model which is trained on the answers, by their SPDX names."""

BINDING = {
    "llama2": "its answers may improve no other model (Llama 2 licence, 1.b.v)",
    "llama3": "its answers may improve no model but Llama (Llama 3 licence, 1.b.v)",
    "llama3.1": "a model trained on its answers must have a name that begins with Llama (Llama 3.1 licence, 1.b.i)",
    "llama3.2": "a model trained on its answers must have a name that begins with Llama (Llama 3.2 licence, 1.b.i)",
    "llama3.3": "a model trained on its answers must have a name that begins with Llama (Llama 3.3 licence, 1.b.i)",
    "llama4": "a model trained on its answers must have a name that begins with Llama (Llama 4 licence, 1.b.i)",
    "gemma": "a model made to perform like it by its answers is a derivative under the same terms (Gemma terms, 1.1.e)",
    "qwen": "a model trained on its answers must say that it was built with Qwen (Qwen licence, 4.b)",
    "qwen-research": "no commercial use, and a model trained on its answers must name Qwen (Qwen research licence)",
    "deepseek": "a model trained on its answers is a derivative with the same restrictions of use (DeepSeek licence 1.0)",
    "openrail": "a model trained on its answers is a derivative with the same restrictions of use (RAIL)",
    "openrail++": "a model trained on its answers is a derivative with the same restrictions of use (RAIL)",
    "bigcode-openrail-m": "a model trained on its answers is a derivative with the same restrictions of use (RAIL)",
    "bigscience-bloom-rail-1.0": "a model trained on its answers is a derivative with the same restrictions of use (RAIL)",
    "mrl": "research only (Mistral research licence)",
    "mnpl": "no production (Mistral non-production licence)",
    "cc-by-nc-4.0": "no commercial use",
    "cc-by-nc-sa-4.0": "no commercial use, and the same licence for what is made of it",
    "openai-terms": "its answers may train no competing model (OpenAI terms of use)",
    "anthropic-terms": "its answers may train no competing model (Anthropic terms of service)",
    "google-terms": "its answers may train no competing model (Gemini API terms)",
}
"""Licence, as the Hub writes it, -> what it asks of those who train on the answers. Read it before you allow it: this is a summary."""

_STRICTER = (Terms.OPEN, Terms.UNKNOWN, Terms.BINDING)
_FAMILIES = (
    (re.compile(r"(?<!tiny)(?<!open)(?<!open_)(?<!open-)llama(?!\.?cpp)", re.I), "Llama"),
    (re.compile(r"gemma", re.I), "Gemma"),
    (re.compile(r"(^|/)(gpt-[345]|o[134](-|$)|chatgpt)", re.I), "OpenAI"),
    (re.compile(r"(^|/)claude", re.I), "Anthropic"),
    (re.compile(r"(^|/)gemini", re.I), "Google"),
)
"""Models whose very name says that binding terms may hold, also of those that others made of them and put under another licence."""


def terms_of(licence: str) -> Terms:
    """What a licence asks, by its name as SPDX or the Hub write it; case does not matter."""
    word = licence.strip().lower()
    return Terms.OPEN if word in OPEN else Terms.BINDING if word in BINDING else Terms.UNKNOWN


def strictest(licences: Iterable[str | None]) -> str | None:
    """Of some licences, at least one, the first of those whose terms are strictest; None is one that nobody named."""
    return max(licences, key=lambda licence: _STRICTER.index(terms_of(licence or "")))


def closed_because(model: str, licence: str, allowed: Collection[str] = ()) -> str | None:
    """Why answers of a model may not go into a public tier; None when they may.

    Args:
        model: its name, as the engine's config has it.
        licence: as the engine's config names it.
        allowed: names of models and of licences whose answers the user allows in public; the user has read the terms.
    """
    if {model.lower(), licence.strip().lower()} & {name.strip().lower() for name in allowed if name.strip()}:
        return None
    terms = terms_of(licence)
    if terms is Terms.BINDING:
        return f"{model} has the licence {licence}: {BINDING[licence.strip().lower()]}"
    if terms is Terms.UNKNOWN:
        return f"{model} has the licence {licence or '(none named)'}, which is not known here"
    if family := next((name for pattern, name in _FAMILIES if pattern.search(model)), None):
        return f"{model} has the name of a {family} model, whose terms bind who trains on its answers, though it is said to be {licence}"
    return None
