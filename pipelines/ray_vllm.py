"""Batches of requests answered by vLLM on the GPUs of a Ray cluster: the call of `curation.sft.engines.batched`, made of ray.data.llm.

Each call loads the model, which takes minutes, so its window should be large (`window`, `gather_s`). For small ones start
`vllm serve` and ask it as an `endpoint`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from curation.errors import ConfigError, EngineError
from curation.sft.engines.batched import Answer, Row
from curation.sft.engines.configs import RayVllm

ANSWERED = {"generated_text": "", "num_input_tokens": 0, "num_generated_tokens": 0}
"""Columns that ray.data.llm gives for an answered row, and what stands for them in one that failed."""
ERROR = "__inference_error__"
"""The column that it gives with `should_continue_on_error`."""


def processor_config(config: RayVllm, thinking: bool | None) -> Any:
    """What ray.data.llm wants to know of a model.

    Raises:
        ConfigError: ray.data.llm cannot be imported, or does not take these settings.
    """
    try:
        from ray.data.llm import vLLMEngineProcessorConfig
    except ImportError as error:
        raise ConfigError(f"ray.data.llm cannot be imported ({error}): pip install 'ray[llm]' on every node") from error
    template: dict[str, Any] = {"enabled": True}
    if thinking is not None:
        template["chat_template_kwargs"] = dict(config.thinking_on if thinking else config.thinking_off)
    revision = {} if config.revision is None else {"revision": config.revision}
    try:
        return vLLMEngineProcessorConfig(
            model_source=config.model,
            engine_kwargs={**config.engine_kwargs, **revision},
            batch_size=config.batch_size,
            concurrency=config.concurrency,
            accelerator_type=config.accelerator,
            should_continue_on_error=True,
            chat_template_stage=template,
        )
    except ValueError as error:
        raise ConfigError(f"ray.data.llm does not take the settings of engine {config.model}: {error}") from error


def answered(row: Row) -> Row:
    """A row of ray.data.llm as the engine wants it."""
    error = row.get(ERROR) or ""
    return {"n": row["n"], "error": error, **{name: row.get(name) or empty for name, empty in ANSWERED.items()}}


def answer_with(config: RayVllm) -> Answer:
    """The call for a model. Ray must be initialised by who runs it."""

    def answer(rows: Sequence[Row], thinking: bool | None) -> list[Row]:
        made = processor_config(config, thinking)
        import ray.data
        from ray.data.llm import build_processor
        from ray.exceptions import RayError

        try:
            processor = build_processor(made, postprocess=lambda row: row)
            found = processor(ray.data.from_items(list(rows))).take_all()
        except (RayError, ImportError) as error:
            raise EngineError(f"vLLM did not answer: {error}; what was answered before is kept") from error
        return [answered(row) for row in found]

    return answer
