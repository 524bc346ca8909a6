"""What models are asked for, as JSON schemas, and what is read of their replies.

A reply that is not what was asked for raises `ReplyError` with the reason that its row then has. A schema is never asked together
with thinking.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from curation.sft.engines.engine import Reply
from curation.sft.verifiers.candidate import QuestionKind
from curation.sft.verifiers.options import LETTERS, letter_of
from curation.text import sentences
from schemas import PairReason
from schemas.pair_verdicts import CRITERIA

_TEXT: Mapping[str, Any] = {"type": "string"}
MAX_QUOTES = 3
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")
_ANSWER_LINE = re.compile(
    r"^[ \t]*(?:\*\*|#{1,4}[ \t]*)?(?:final )?answer(?:\*\*)?[ \t]*:(?:\*\*)?[ \t]*", re.IGNORECASE | re.MULTILINE
)


class ReplyError(ValueError):
    """A reply that is not what was asked for.

    Args:
        reason: the reason that the row has.
        detail: in words.
    """

    def __init__(self, reason: PairReason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


class Asked(NamedTuple):
    """A question, as a model wrote it; of a choice the right option is the first."""

    question: str
    options: tuple[str, ...] = ()


class Result(NamedTuple):
    """An answer, as extraction gave it."""

    answer: str
    value: str | None = None
    expression: str | None = None


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def question_schema(kind: QuestionKind, form: str | None = None) -> dict[str, Any]:
    """Of a question; a choice has its options beside it.

    Args:
        kind: of the question.
        form: a regular expression for the whole of one that has no options, for models that do not keep to the point.
    """
    if kind is QuestionKind.CHOICE:
        wrong = {"type": "array", "items": dict(_TEXT), "minItems": len(LETTERS) - 1, "maxItems": len(LETTERS) - 1}
        return _object(question=dict(_TEXT), right=dict(_TEXT), wrong=wrong)
    return _object(question={**_TEXT, "pattern": form} if form else dict(_TEXT))


def numbers_schema(count: int) -> dict[str, Any]:
    """Of evidence by number, out of so many sentences."""
    number = {"type": "integer", "minimum": 1, "maximum": count}
    return _object(sentences={"type": "array", "items": number, "minItems": 1, "maxItems": min(MAX_QUOTES, count)})


def quotes_schema() -> dict[str, Any]:
    """Of evidence as quotes."""
    return _object(quotes={"type": "array", "items": dict(_TEXT), "minItems": 1, "maxItems": MAX_QUOTES})


def letter_schema() -> dict[str, Any]:
    """Of a choice among four."""
    return _object(letter={"type": "string", "enum": list(LETTERS)})


def number_schema() -> dict[str, Any]:
    """Of a numeric result."""
    return _object(answer=dict(_TEXT), value=dict(_TEXT), expression=dict(_TEXT))


def words_schema() -> dict[str, Any]:
    """Of a result in words."""
    return _object(answer=dict(_TEXT))


def rubric_schema() -> dict[str, Any]:
    """Of the judge: pass or fail, by criterion."""
    return _object(**{name: {"type": "string", "enum": ["pass", "fail"]} for name in CRITERIA})


def asks_schema(count: int) -> dict[str, Any]:
    """Of the judge of questions in other words: which of so many a text asks."""
    number = {"type": "integer", "minimum": 1, "maximum": count}
    return _object(asks={"type": "array", "items": number, "minItems": 0, "maxItems": count})


def said(reply: Reply, *, whole: bool = True) -> str:
    """The text of a reply.

    Args:
        whole: whether one that was cut is no reply.

    Raises:
        ReplyError: there is none.
    """
    if reply.error is not None:
        raise ReplyError(PairReason.NO_REPLY, reply.error)
    if whole and reply.finish_reason != "stop":
        raise ReplyError(PairReason.NO_REPLY, f"the reply ended by {reply.finish_reason!r}")
    return reply.text


def fields_of(reply: Reply, schema: Mapping[str, Any]) -> dict[str, Any]:
    """The object that a reply holds.

    Raises:
        ReplyError: it is no JSON, or not what the schema asks for.
    """
    text = said(reply)
    try:
        found = json.loads(text, object_pairs_hook=_once_each, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise ReplyError(PairReason.SCHEMA, f"no JSON: {text[:60]!r}") from error
    if told := _fault(found, schema, "the reply"):
        raise ReplyError(PairReason.SCHEMA, told)
    return dict(found)


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys stand once each: which of two values was meant nobody knows. Raises ValueError."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found


def _no_number(word: str) -> None:
    """NaN and Infinity are no JSON. Raises ValueError."""
    raise ValueError(f"{word} is no number")


def _fault(value: Any, schema: Mapping[str, Any], what: str) -> str:
    """Where a value is not what a schema of ours asks for; empty: nowhere. Of JSON Schema only what stands in the schemas here is known."""
    kind = schema["type"]
    if kind == "object" and isinstance(value, dict):
        if set(value) != set(schema["required"]):
            return f"{what} has the keys {', '.join(sorted(map(str, value))) or 'none'}"
        inside = (_fault(value[name], part, name) for name, part in schema["properties"].items())
        return next(filter(None, inside), "")
    if kind == "array" and isinstance(value, list):
        if not schema["minItems"] <= len(value) <= schema["maxItems"]:
            return f"{what} has {len(value)} entries"
        return next(filter(None, (_fault(part, schema["items"], what) for part in value)), "")
    if kind == "integer" and isinstance(value, int) and not isinstance(value, bool):
        return "" if schema["minimum"] <= value <= schema["maximum"] else f"{what} is {value}"
    if kind == "string" and isinstance(value, str):
        if "enum" in schema:
            return "" if value in schema["enum"] else f"{what} is {value[:20]!r}"
        if "pattern" in schema and not re.search(schema["pattern"], value):
            return f"{what} is {value[:60]!r}"
        return f"{what} holds no text" if _NO_TEXT.search(value) else ""
    return f"{what} is no {kind}"


def question_of(reply: Reply, kind: QuestionKind, schema: Mapping[str, Any] | None = None) -> Asked:
    """The question of a reply to a schema of `question_schema`. Raises ReplyError."""
    found = fields_of(reply, schema or question_schema(kind))
    question = " ".join(found["question"].split())
    if not question:
        raise ReplyError(PairReason.SCHEMA, "an empty question")
    if kind is not QuestionKind.CHOICE:
        return Asked(question)
    options = tuple(" ".join(_bare(option).split()) for option in (found["right"], *found["wrong"]))
    if not all(options):
        raise ReplyError(PairReason.SCHEMA, "an empty option")
    return Asked(question, options)


def _bare(option: str) -> str:
    """An option without a letter of its own before it."""
    return re.sub(r"\A\s*\(?[A-Da-d][).:]\s+", "", option)


def numbered(passage: str) -> list[str]:
    """The sentences of a passage that evidence is chosen from, verbatim; of one without sentences (a table) its lines."""
    found = [passage[start:end] for start, end in sentences(passage)]
    rows = [
        line.strip()
        for line in passage.splitlines()
        if line.lstrip().startswith("|") and not re.fullmatch(r"[\s|:-]+", line)
    ]
    return [*found, *rows]


def as_list(texts: Sequence[str]) -> str:
    """Sentences with their numbers, one a line, as the prompt shows them."""
    return "\n".join(f"[{n}] {' '.join(text.split())}" for n, text in enumerate(texts, 1))


def quotes_of(reply: Reply, choices: Sequence[str] | None) -> tuple[str, ...]:
    """The evidence of a reply: of chosen sentences the sentences word for word, else the quotes as they were given. Raises ReplyError."""
    if choices is None:
        quotes = tuple(quote.strip() for quote in fields_of(reply, quotes_schema())["quotes"])
    else:
        numbers = fields_of(reply, numbers_schema(len(choices)))["sentences"]
        quotes = tuple(choices[n - 1] for n in sorted(set(numbers)))
    if not all(quotes):
        raise ReplyError(PairReason.SCHEMA, "an empty quote")
    return quotes


def chain_of(reply: Reply, way: str) -> tuple[str | None, str]:
    """Chain and answer of a reply.

    Args:
        way: `think`: the model's own reasoning is the chain; `steps`: what stands before its line `Answer:`; `direct`: there is none.
            An `Answer:` that the text begins with is no part of the answer.

    Raises:
        ReplyError: there is no chain, or no answer.
    """
    text = said(reply, whole=False).strip()
    if way == "direct":
        chain = None
    elif way == "think":
        chain = (reply.reasoning or "").strip()
    else:
        lines = list(_ANSWER_LINE.finditer(text))
        if not lines:
            raise ReplyError(PairReason.SCHEMA, "no line `Answer:`")
        chain, text = text[: lines[-1].start()].strip(), text[lines[-1].end() :].strip()
    if way != "steps" and (mark := _ANSWER_LINE.match(text)):
        text = text[mark.end() :].strip()
    if chain == "" or not text:
        raise ReplyError(
            PairReason.SCHEMA if reply.finish_reason == "stop" else PairReason.NO_REPLY,
            "no chain" if chain == "" else "no answer",
        )
    return chain, text


def result_of(reply: Reply, kind: QuestionKind) -> Result:
    """The answer of an extraction. Raises ReplyError."""
    if kind is QuestionKind.CHOICE:
        return Result(str(fields_of(reply, letter_schema())["letter"]))
    found = fields_of(reply, number_schema() if kind is QuestionKind.NUMERIC else words_schema())
    answer = found["answer"].strip()
    if not answer:
        raise ReplyError(PairReason.SCHEMA, "an empty answer")
    return Result(answer, found.get("value", "").strip() or None, found.get("expression", "").strip() or None)


def result_by_rule(text: str, kind: QuestionKind) -> Result | None:
    """The answer of a text that needs no extraction: words as they stand, a letter that stands alone; None: it needs one."""
    if kind is QuestionKind.NUMERIC:
        return None
    if kind is QuestionKind.CHOICE:
        letter = letter_of(text) if len(text) <= 3 else None
        return Result(LETTERS[letter]) if letter is not None else None
    return Result(text)


def verdicts_of(reply: Reply) -> dict[str, bool]:
    """What the judge says, by criterion. Raises ReplyError."""
    return {name: verdict == "pass" for name, verdict in fields_of(reply, rubric_schema()).items()}


def with_options(question: str, options: Sequence[str]) -> str:
    """A question as it is asked: with its options below, in the benchmark's style."""
    if not options:
        return question
    lines = "\n".join(f"({letter}) {option}" for letter, option in zip(LETTERS, options, strict=True))
    return f"{question}\n\n{lines}"
