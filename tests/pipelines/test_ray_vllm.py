"""What we take for granted of ray.data.llm, against the one that is installed. vLLM itself, which needs a GPU, is not run here."""

from __future__ import annotations

import ast
import inspect
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from curation.errors import ConfigError
from curation.sft.engines.batched import reply_of_row, row_of
from curation.sft.engines.configs import RayVllm
from curation.sft.engines.engine import Message, Request
from pipelines.ray_vllm import ANSWERED, ERROR, answered, processor_config

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:ray")
CONFIG = RayVllm(
    model="Qwen/Qwen3-8B",
    licence="Apache-2.0",
    revision="abc",
    engine_kwargs={"max_model_len": 4096},
    accelerator="H100",
    concurrency=2,
)
REQUEST = Request((Message("user", "What is a pulsar?"),), model=CONFIG.model, max_tokens=9, schema={"type": "object"})


def source(module: str) -> str:
    """The text of a module of Ray that cannot be imported here, for it imports torch."""
    folder = find_spec("ray")
    assert folder is not None and folder.origin is not None
    return (Path(folder.origin).parent / "llm" / "_internal" / "batch" / "stages" / module).read_text()


def fields_of(text: str, name: str) -> set[str]:
    (found,) = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ClassDef) and node.name == name)
    return {n.target.id for n in found.body if isinstance(n, ast.AnnAssign) and isinstance(n.target, ast.Name)}


@pytest.mark.parametrize(
    ("thinking", "told"), [(None, None), (True, {"enable_thinking": True}), (False, {"enable_thinking": False})]
)
def test_ray_takes_our_settings(thinking: bool | None, told: Any) -> None:
    made = processor_config(CONFIG, thinking)
    assert (made.model_source, made.concurrency, made.accelerator_type) == (CONFIG.model, 2, "H100")
    assert made.engine_kwargs["max_model_len"] == 4096 and made.engine_kwargs["revision"] == "abc"
    assert made.should_continue_on_error and made.batch_size == 64
    stage = made.chat_template_stage
    given = stage if isinstance(stage, dict) else stage.model_dump()
    assert given.get("chat_template_kwargs") == told and given["enabled"]


def test_settings_that_ray_does_not_take_are_told() -> None:
    with pytest.raises(ConfigError, match="does not take the settings"):
        processor_config(CONFIG.model_copy(update={"batch_size": "many"}), None)


def test_ray_reads_our_rows_and_gives_what_we_read() -> None:
    from ray.data.llm import build_processor

    assert {"preprocess", "postprocess"} <= set(inspect.signature(build_processor).parameters)
    row = row_of(REQUEST, 1)
    vllm, template = source("vllm_engine_stage.py"), source("chat_template_stage.py")
    assert '"messages"' in template and '"sampling_params"' in vllm and f'"{ERROR}"' in vllm
    assert 'sampling_params.pop("structured_outputs")' in vllm and "StructuredOutputsParams(" in vllm
    assert set(row) == {"messages", "sampling_params"} and "structured_outputs" in row["sampling_params"]
    assert set(ANSWERED) <= fields_of(vllm, "vLLMOutputData")


def test_rows_that_were_answered_and_that_failed_are_replies() -> None:
    given = {"n": 1, "generated_text": "A star.", "num_input_tokens": 5, "num_generated_tokens": 3, ERROR: ""}
    reply = reply_of_row(answered(given), REQUEST, CONFIG.model)
    assert (reply.text, reply.prompt_tokens, reply.completion_tokens, reply.error) == ("A star.", 5, 3, None)
    failed = reply_of_row(answered({"n": 1, ERROR: "ValueError: too long", "generated_text": None}), REQUEST, "m")
    assert failed.error == "refused: ValueError: too long" and failed.text == ""
