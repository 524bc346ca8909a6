"""The contract between who asks a language model and what answers: a request, a reply, an engine.

    async with open_engine(config, store) as engine:
        request = Request((Message("user", "What is a pulsar?"),), model=engine.model, max_tokens=300)
        reply = await engine.ask(request)
        again = await engine.ask(request, sample=1)     # another answer to the same request

What was answered once is never asked again: a reply lies in the store, under the hash of all that was asked, before `ask` returns
it. So `ask` of one request gives one reply, in this run and in every later one with the same store, whatever the endpoint.

Faults of the way (refused, cut, out of time, no JSON, `429`, `5xx`) are the engine's matter and are tried again inside. What the
model said is the asker's: `finish_reason` "length" is a text that was cut, "content_filter" one that was withheld, and a text that
should be JSON may be none.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import field
from hashlib import sha256
from types import TracebackType
from typing import Annotated, Any, Literal, Protocol, Self, TypeAlias, runtime_checkable

from pydantic import ConfigDict, Field, TypeAdapter, model_validator
from pydantic.dataclasses import dataclass

from curation.sft.engines.status import Status, Took

Role: TypeAlias = Literal["system", "user", "assistant"]
_STRICT = ConfigDict(extra="forbid", allow_inf_nan=False)


@dataclass(frozen=True, config=_STRICT)
class Message:
    """One turn of a chat."""

    role: Role
    content: str


@dataclass(frozen=True, config=_STRICT)
class Request:
    """All that is asked of a model. Immutable and checked by pydantic; `dataclasses.replace` makes another one.

    Args:
        messages: the chat, at least one turn.
        model: the engine's model (`Engine.model`); an engine refuses requests for another one, whose licence it does not know.
        temperature: 0 is the likeliest token each time.
        top_p: probability mass that tokens are drawn of.
        max_tokens: most tokens of the answer, reasoning among them.
        seed: of the draw; engines add the sample's index to it.
        schema: a JSON schema that the answer must fulfil.
        schema_name: its name, as endpoints want one.
        thinking: whether the model shall reason first; None leaves it to the model. What a server is told of it is in the
            engine's config. Never together with a schema: the grammar would forbid the reasoning.

    Raises:
        pydantic.ValidationError: a value out of its range, or thinking and schema together.
    """

    messages: Annotated[tuple[Message, ...], Field(min_length=1)]
    model: Annotated[str, Field(min_length=1)]
    temperature: Annotated[float, Field(ge=0, le=2)] = 0.0
    top_p: Annotated[float, Field(gt=0, le=1)] = 1.0
    max_tokens: Annotated[int, Field(ge=1)] = 1024
    seed: int | None = None
    schema: Mapping[str, Any] | None = field(default=None, hash=False)
    schema_name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")] = "answer"
    thinking: bool | None = None

    @model_validator(mode="after")
    def _one_thing_at_a_time(self) -> Self:
        if self.thinking and self.schema is not None:
            raise ValueError("thinking and schema exclude each other: reason in one request, extract in the next")
        return self

    def key(self, sample: int = 0, engine: str = "") -> str:
        """The name under which a store keeps the reply: sha256, hex, over the canonical JSON of the whole request.

        Args:
            sample: which of several answers to the same request.
            engine: what of the engine decides the answer (`Engine.key_of` gives it): its kind, model, template settings; never
                an URL, a limit or a path.
        """
        told = {"engine": engine, "request": _PLAIN.dump_python(self, mode="json"), "sample": sample}
        return sha256(json.dumps(told, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()).hexdigest()


_PLAIN = TypeAdapter(Request)


@dataclass(frozen=True, config=_STRICT)
class Reply:
    """What a model answered, or why it did not.

    Args:
        text: the answer, without the reasoning; "" when there is an error.
        reasoning: what the model thought before, from the server's `reasoning` or `reasoning_content`, or a think block that the
            text began with; None when there was none. A second think block stays in the text, for the asker to find.
        finish_reason: "stop", "length" (cut at `max_tokens`), "content_filter", or another word of the server; "error".
        prompt_tokens: tokens of the request, by the server's count; an estimate from its bytes where the server counts none.
        completion_tokens: tokens of the answer, reasoning among them; likewise.
        served_model: the model that the server says has answered.
        error: why there is no answer, and there will be none: the server refuses this request ("refused: ..."), or did not
            answer it in many tries while it answered others ("unanswered: ..."). None for an answer.
    """

    text: str
    reasoning: str | None = None
    finish_reason: str = "stop"
    prompt_tokens: int = 0
    completion_tokens: int = 0
    served_model: str = ""
    error: str | None = None


@runtime_checkable
class Engine(Protocol):
    """Answers requests, many at a time, in one event loop. An asynchronous context manager: ask inside the block."""

    @property
    def model(self) -> str:
        """The one model that answers."""

    @property
    def licence(self) -> str:
        """Licence of the model, which decides with its name where its answers may go (curation.sft.engines.model_licences)."""

    @property
    def identity(self) -> Mapping[str, Any]:
        """What goes into a step's fingerprint, as JSON values: kind, model, licence, what is sent beside the request. Never an
        URL, a key, a limit or a path."""

    @property
    def status(self) -> Status:
        """How far it is, for people."""

    def key_of(self, request: Request, sample: int = 0) -> str:
        """The key of a reply in the store, for provenance."""

    async def ask(self, request: Request, sample: int = 0) -> Reply:
        """The reply to a request; it is in the store before this returns. Requests that are asked twice at once are sent once.

        One who is cancelled here loses nothing: a request that is under way is awaited and stored all the same.

        Raises:
            ContractError: the request is for another model.
            BudgetError: the budget is spent; what is under way is still awaited and stored.
            StoppedError: `stop` was called, and this request had not been sent.
            EngineError: the endpoint does not answer at all.
            UserError: it refuses the key, the model or the address.
        """

    def took(self, keys: Sequence[str]) -> Took:
        """What the replies under some keys of the store took, whichever run paid for them. From any thread."""

    def served(self, keys: Sequence[str]) -> Mapping[str, int]:
        """Of the replies under some keys of the store, by the model that the server says has answered ("": it says nothing). From any thread."""

    def stop(self) -> None:
        """Send nothing more: who waits gets StoppedError, what was sent is awaited and stored."""

    async def seal(self) -> None:
        """Write all replies that are only on this disk to the run's place. To be called before a part's receipt is written, so
        that another machine, which has the part, has its replies too."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
