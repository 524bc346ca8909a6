"""From an engine's config to the engine."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from curation.errors import ConfigError
from curation.place import Place
from curation.sft.engines.batched import Answer, BatchedEngine
from curation.sft.engines.configs import ByRule, Endpoint, EngineConfig, Gguf, RayVllm
from curation.sft.engines.engine import Engine
from curation.sft.engines.secret import Secret


def check_engine(config: EngineConfig) -> None:
    """Whether an engine could be opened here, as far as that is known before anything is asked: its key and model are there.

    Raises:
        UserError: the environment variable of its key is not set, or holds no key.
        ConfigError: its model, or a package that it needs, is not there.
    """
    config.identity()
    if isinstance(config, Endpoint):
        Secret.named(config.key_env)
        if find_spec("aiohttp") is None:
            raise _not_installed("aiohttp")
    if isinstance(config, RayVllm) and find_spec("ray") is None:
        raise ConfigError("ray is not installed, by which this engine runs vLLM: pip install 'ray[llm]' on every node")


def open_engine(config: EngineConfig, store: Path, place: Place | None = None, batches: Answer | None = None) -> Engine:
    """The engine of a config, to be entered with `async with`.

    Args:
        config: an engine of `AnyEngine`.
        store: the sqlite file of replies, on a local disk: in the `folder` of a driver step's `State`.
        place: a folder for the files in which they are sealed, and nothing else: below its `place`; None for nowhere.
        batches: what answers batches, for an engine of kind `ray_vllm` (`pipelines.ray_vllm.answer_with`).

    Raises:
        ConfigError: it is not asked (`extractive`), or what it needs is not installed.
    """
    if isinstance(config, ByRule):
        raise ConfigError("the engine `extractive` makes pairs by rule and answers no request; name another one here")
    if isinstance(config, RayVllm):
        if batches is None:
            raise ConfigError(
                "the engine `ray_vllm` wants who answers its batches: pipelines.ray_vllm.answer_with(config)"
            )
        return BatchedEngine(config, store, place, batches)
    try:
        if isinstance(config, Endpoint):
            from curation.sft.engines.endpoint import EndpointEngine  # aiohttp only when asked for

            return EndpointEngine(config, store, place)
        if isinstance(config, Gguf):
            from curation.sft.engines.gguf import GgufEngine

            return GgufEngine(config, store, place)
    except ModuleNotFoundError as error:
        raise _not_installed(error.name) from error
    raise ConfigError(f"no engine of kind {type(config).__name__} can be opened here")


def _not_installed(name: str | None) -> ConfigError:
    return ConfigError(f"{name} is not installed, which this engine needs: pip install 'astrocorpus[llm]'")
