"""Whether a name in a reply is that of the model that was asked."""

from __future__ import annotations

import pytest

from curation.sft.engines.served import is_same_model


@pytest.mark.parametrize(
    ("asked", "served"),
    [
        ("Qwen/Qwen3-32B", ""),
        ("Qwen/Qwen3-32B", "qwen3-32b"),
        ("openai/gpt-oss-120b:free", "gpt-oss-120b"),
        ("gpt-4o", "openai/gpt-4o-2026-01-01"),
        ("gpt-4", "gpt-4-0613"),
        ("claude-3-5-sonnet-latest", "claude-3-5-sonnet-20241022"),
        ("gemini-2.0-flash", "models/gemini-2.0-flash-001"),
        ("llama3.1", "llama3.1:latest"),
        ("gpt-4o-2026-01-01", "gpt-4o"),
        ("Qwen3-32B", "/models/gguf/Qwen3-32B-Q4_K_M.gguf"),
        ("Qwen3-32B", "C:\\models\\Qwen3-32B-IQ3_XS-00001-of-00002.gguf"),
        ("Qwen/Qwen3-32B", "/models/hub/models--Qwen--Qwen3-32B/snapshots/0a1b2c"),
    ],
)
def test_a_model_is_known_under_its_names(asked: str, served: str) -> None:
    assert is_same_model(asked, served)


@pytest.mark.parametrize(
    ("asked", "served"),
    [
        ("Qwen/Qwen3-32B", "Qwen/Qwen3-8B"),
        ("gpt-4o", "gpt-4o-mini-2026-01-01"),
        ("gpt-4o-2026-01-01", "gpt-4o-2026-05-01"),
        ("gpt-4", "gpt-4.1"),
        ("llama3:70b", "llama3:8b"),
        ("Qwen3-32B", "/models/Qwen3-8B-Q4_K_M.gguf"),
        ("deepseek-r1", "deepseek-r1-distill-qwen-7b"),
        ("scripted", "fallback"),
    ],
)
def test_another_model_is_told(asked: str, served: str) -> None:
    assert not is_same_model(asked, served)
    assert is_same_model(asked, served, [f"any/{served.upper()}"]), "the config names it"
