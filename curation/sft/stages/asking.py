"""What the stages that ask a model share: its engine, its prompts, and many questions at once."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections import Counter
from collections.abc import Awaitable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from hashlib import sha256
from typing import Any, ClassVar, Literal, NamedTuple, TypeVar

import pyarrow as pa
from pydantic import Field

from curation.artefact import Artefact
from curation.driver_step import DriverStep, State
from curation.errors import ConfigError, UserError, did_you_mean
from curation.resources import Resources
from curation.sft.engines.configs import AnyEngine, Gguf, RayVllm
from curation.sft.engines.engine import Engine, Message, Reply, Request
from curation.sft.engines.opening import check_engine, open_engine
from curation.sft.engines.served import told_name
from curation.sft.engines.status import Took
from curation.sft.prompting import Prompt, places_of, prompt, prompt_of_file
from curation.sft.verifiers.candidate import QuestionKind
from curation.step import Inputs

T = TypeVar("T")
STORE, SEALED = "replies.sqlite", "replies"
"""The file of replies in the state's folder, which all stages of a run share, and the folder where they are sealed."""

SERVED = "served "
"""What stands before the name of a model that answered."""


class Asked(NamedTuple):
    """What a reply was asked by, which sample of it that is, and the model that the server says has answered."""

    request: Request
    sample: int
    served: str


class Ahead(NamedTuple):
    """A passage that will be asked about.

    Args:
        chunk: its row of `chunks`.
        title: of its paper.
        kinds: of the questions about it.
        samples: answers to each.
    """

    chunk: Mapping[str, Any]
    title: str
    kinds: tuple[QuestionKind, ...]
    samples: int


def stand_in(tokens: int) -> str:
    """A text of so many tokens, in the place of one that a model will have written."""
    return " ".join(["words"] * tokens)


QUESTION_TOKENS, EVIDENCE_TOKENS, ANSWER_TOKENS = 40, 90, 150
"""Tokens of what stands in the place of a question, of the sentences behind it, of an answer with its steps: rather long ones."""


class AskStep(DriverStep):
    """A map step that asks one engine.

    Args:
        engine: what answers.
        temperature: of the draw; 0 is the likeliest token each time.
        max_tokens: most tokens of a reply, reasoning among them.
        seed: of the draw.
        own_prompts: name of a prompt that comes with us -> a file of your own in its place.
    """

    rows: ClassVar[Literal["one", "many"]] = "many"
    usual_tokens: ClassVar[int] = 200
    """Of a reply, for a forecast: where no earlier run tells it."""

    engine: AnyEngine = Gguf()
    temperature: float = Field(default=0.7, ge=0, le=2)
    max_tokens: int = Field(default=1024, ge=16, le=1_000_000)
    seed: int = Field(default=0, ge=0, le=2**31 - 1)
    own_prompts: dict[str, Artefact] = Field(default={})

    @abstractmethod
    def prompts(self) -> tuple[str, ...]:
        """Names of the prompts that the stage asks by."""

    def prompt(self, name: str) -> Prompt:
        """A prompt, or the file that stands in its place. Raises ConfigError."""
        own = self.own_prompts.get(name)
        return prompt_of_file(own) if own is not None else prompt(name)

    def backends(self) -> dict[str, str]:
        """The engine, and the sha256 of every prompt. Raises ConfigError where a prompt of the user's own has no use, or a place that
        nothing fills."""
        names = self.prompts()
        for name, file in sorted(self.own_prompts.items()):
            self._check_own(name, file, names)
        return {**self.engine.backends(), **{f"prompt {name}": self.prompt(name).sha256 for name in names}}

    def _check_own(self, name: str, file: Artefact, names: Sequence[str]) -> None:
        if name not in names:
            raise ConfigError(
                f"{self.name}: own_prompts names {name!r}, by which nothing is asked there{did_you_mean(name, names)} (by: {', '.join(names)})"
            )
        known = places_of(name.partition("/")[0])
        if unknown := sorted(prompt_of_file(file).places - known):
            raise ConfigError(
                f"{self.name}: own_prompts: {file}: {{{{{unknown[0]}}}}} is filled by nothing (there are: {', '.join(sorted(known))})"
            )

    def check_engine(self) -> None:
        try:
            check_engine(self.engine)
        except UserError as error:
            raise type(error)(f"step {self.name}, its engine {self.engine.model}: {error}") from error

    def engine_resources(self) -> Resources:
        return self.engine.resources()

    def open(self, state: State) -> AbstractAsyncContextManager[Engine]:
        batches = state.batches(self.engine) if state.batches and isinstance(self.engine, RayVllm) else None
        return open_engine(self.engine, state.folder / STORE, state.place.below(SEALED), batches)

    def view(self, engine: Engine) -> str:
        return engine.status.view().line()

    def taken(self, made: Mapping[str, pa.Table], engine: Engine) -> Mapping[str, int]:
        """Requests and tokens of the replies that the part is made of, by column `keys`; and `served NAME`: those that a server says model
        NAME answered."""
        table = made[self.provides.name]
        if "keys" not in table.column_names:
            return {}
        keys = sorted({key for row in table["keys"].to_pylist() for key in row or ()})
        named = Counter[str]()
        for name, count in engine.served(keys).items():
            if told := told_name(name):
                named[f"{SERVED}{told}"] += count
        return {**engine.took(keys)._asdict(), **named}

    def paid(self, engine: Engine) -> Mapping[str, int | float]:
        """Requests that the model answered in this run, failed ones among them, tries beyond one each, tokens and cost, that of lost
        tries among it."""
        view = engine.status.view()
        told = {
            "requests": view.done,
            "failed": view.failed,
            "retries": max(0, view.tries - view.done),
            "prompt_tokens": view.prompt_tokens,
            "completion_tokens": view.completion_tokens,
        }
        return {**told, "usd": round(view.usd, 6)} if self._usd(Took()) is not None else told

    def account(self, taken: Mapping[str, int], paid: Mapping[str, int | float]) -> Mapping[str, Any]:
        """The engine; `this_run`: what was paid now; `from_store`: what was answered before; `in_all`: what the replies of the stage took,
        whenever. `usd` is by the prices of the config, null where it names none. `served`: replies by the model that the server names;
        `others`: those of them that are not the engine's; `other_licences`: of each of these the licence that the config names, null where
        it does not know the model, which the run warns of."""
        in_all = Took(**{name: taken.get(name, 0) for name in Took._fields})
        served = {name.removeprefix(SERVED): n for name, n in sorted(taken.items()) if name.startswith(SERVED)}
        answering, asked = self.engine.answering(), self.engine.model
        others = {name: n for name, n in served.items() if answering.is_other(asked, name)}
        licences = {name: answering.licence_of(asked, name) for name in others}
        strange = {name: n for name, n in others.items() if licences[name] is None}
        before = Took(*(max(0, n - int(paid.get(name, 0))) for name, n in in_all._asdict().items()))
        return {
            **{name: getattr(self.engine, name) for name in ("kind", "model", "licence")},
            "this_run": {**Took()._asdict(), "failed": 0, "retries": 0, "usd": self._usd(Took()), **paid},
            **{
                name: {**took._asdict(), "usd": self._usd(took)}
                for name, took in (("from_store", before), ("in_all", in_all))
            },
            "served": served,
            "others": others,
            "other_licences": licences,
            "warnings": self._strange(strange, in_all.requests),
        }

    def _strange(self, others: Mapping[str, int], requests: int) -> list[str]:
        """A warning where models answered that the config does not know."""
        if not others:
            return []
        names = ", ".join(
            f"{name} {count:,}" for name, count in sorted(others.items(), key=lambda one: (-one[1], one[0]))
        )
        return [
            f"stage {self.name} asked {self.engine.model}, and of {requests:,} replies {sum(others.values()):,} say that another model "
            f"answered ({names}), whose licence nobody named: where it is the same model under another name, list that in served_as of the "
            "engine, where it is another one, name it with its licence in other_models"
        ]

    def _usd(self, took: Took) -> float | None:
        usd = self.engine.usd(took.prompt_tokens, took.completion_tokens)
        return None if usd is None else round(usd, 6)

    def request(self, messages: Sequence[Message], **more: Any) -> Request:
        """A request to the engine's model, with the stage's temperature, length and seed."""
        told: dict[str, Any] = {
            "temperature": self.temperature,
            "max_tokens": self.max_tokens,
            "seed": self.seed,
            **more,
        }
        return Request(tuple(messages), self.engine.model, **told)

    async def ask(self, inputs: Inputs, engine: Engine) -> pa.Table:
        """All that the part asks, at once; what came is sealed before the part is made."""
        rows = await self.rows_of(inputs, engine)
        await engine.seal()
        return self.provides.rows(rows)

    def ahead(self, passage: Ahead) -> Iterator[tuple[Request, int]]:
        """What will be asked because of a passage at most, each request with how often; for a forecast."""
        yield from ()

    @abstractmethod
    async def rows_of(self, inputs: Inputs, engine: Engine) -> list[dict[str, object]]:
        """The rows of a part, in their order."""

    def provenance(self, engine: Engine, name: str, asked: Sequence[Asked]) -> dict[str, object]:
        """Columns model, prompt, prompt_sha256, keys and served of a row."""
        return {
            "model": engine.model,
            "prompt": name,
            "prompt_sha256": self.prompt(name).sha256,
            "keys": [engine.key_of(one.request, one.sample) for one in asked],
            "served": [one.served for one in asked],
        }

    def summary(self, inputs: Inputs, made: Mapping[str, pa.Table]) -> Mapping[str, Any]:
        """Rows, those that go on, and by reason those that do not."""
        return yield_of(made[self.provides.name])


def yield_of(rows: pa.Table) -> dict[str, Any]:
    """Rows of a stage, those that go on, and by reason those that do not."""
    reasons = Counter(rows["reason"].to_pylist())
    kept = reasons.pop(None, 0)
    return {"rows": rows.num_rows, "kept": kept, "left": dict(sorted(reasons.items()))}


async def together(waiting: Iterable[Awaitable[T]]) -> list[T]:
    """The results of all, in order. The first failure cancels the others, and is raised when they have ended."""
    tasks = [asyncio.ensure_future(one) for one in waiting]
    try:
        return list(await asyncio.gather(*tasks))
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise


async def asked(engine: Engine, request: Request, sample: int = 0) -> tuple[Reply, Asked]:
    """A reply and what it was asked by."""
    reply = await engine.ask(request, sample)
    return reply, Asked(request, sample, told_name(reply.served_model))


def draw(key: str) -> int:
    """A number that a key draws, the same everywhere: 64 bits of its sha256."""
    return int.from_bytes(sha256(key.encode()).digest()[:8], "big")


def by_row(table: pa.Table) -> dict[tuple[str, str], dict[str, Any]]:
    """Rows by doc_id and row_id."""
    return {(row["doc_id"], row["row_id"]): row for row in table.to_pylist()}
