"""The extractive engine: questions by template, answers that are sentences of the paper, word for word.

It writes plain pairs, needs no model, and every answer is true to its source by construction. Pairs carry the engine's
name, so that a mix can leave them out or weigh them.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from curation.errors import ContractError
from curation.sft.back_matter import BACK_MATTER
from curation.sft.passages import Passage, passages
from curation.sft.rendering import DETAILED_OFF, holds_marks, render
from curation.text import Offsets, text_sha256
from curation.text.sections import sections_of
from schemas import BY_RULE, Status, Unasked

ENGINE = BY_RULE

_QUANTITY = re.compile(
    r"(?P<noun>(?:The|Our) (?:(?!\b(?:is|are|was|were|that|which|who|and|we|not|only|has|have)\b)[A-Za-z][\w'’-]*[ ]){1,8})"
    r"(?P<verb>is|are|was|were) (?P<value>.*)",
    re.DOTALL,
)
_VALUE = re.compile(
    r"(?:(?:about|only|at least|at most|less than|more than|then|thus|therefore|found to be|estimated to be|set to|given by)[ ])*"
    r"(?:\$[^$]*\d[^$]*\$|[~<>≈]?[ ]?[−-]?\d)"
)
_FINDING = re.compile(
    r"\bwe (?:also |therefore |thus |then )?(?:find|found|show|showed|conclude|concluded|infer|inferred|demonstrate|demonstrated"
    r"|confirm|confirmed|detect|detected) that\b"
    r"|\bour (?:results|findings|measurements|analysis|data) (?:show|imply|suggest|indicate|demonstrate|confirm)s?\b",
    re.IGNORECASE,
)
_MEASURED = re.compile(
    r"\bwe (?:also |therefore |thus |then )?(?:find|found|infer|inferred|detect|detected|measure|measured|derive|derived|obtain"
    r"|obtained|estimate|estimated|rule out|ruled out) (?=.*\d)",
    re.IGNORECASE | re.DOTALL,
)
_AIM = re.compile(
    r"(?:In this (?:paper|work|study|letter|article|review|contribution)|Here),? we\b"
    r"|We (?:present|report|describe|investigate|study|introduce|explore|review|examine|test)\b"
    r"|(?:This|The present) (?:paper|work|study|letter|article|review) (?:presents|reports|describes|investigates|reviews)\b"
)
_GENERIC = {
    "introduction": re.compile(r"introduction\b.*|motivation|background|context", re.IGNORECASE),
    "conclusion": re.compile(r".*\b(?:conclusions?|concluding|summary|outlook)\b.*", re.IGNORECASE),
    "result": re.compile(
        r"(?:(?:main |our )?(?:results?|findings?|discussions?|analysis)(?: and |, | & )?)+", re.IGNORECASE
    ),
    "other": re.compile(
        r"|.*[\\\\{}].*|abstract|outline.*|overview.*|support(?:ing)?\b.*|supplement.*|(?:the )?(?:data|observations?|samples?|methods?|methodology|models?|theory|experiments?|implementation|notation"
        r"|acknowledge?ments?|references|appendix|appendices|data availability|facilities|software|keywords)"
        r"(?: (?:and|&) (?:data|observations?|reductions?|samples?|methods?|models?|analysis|results?))*",
        re.IGNORECASE,
    ),
}


ASKED = ("abstract", "body", "appendix")
"""Sections whose sentences answer questions: not captions, tables, footnotes, and no sentence that one of them interrupts."""


class Extractive(BaseModel):
    """Config of the engine.

    Args:
        max_pairs: pairs a document at most, spread over its sections.
        max_pairs_per_section: pairs a section at most.
        min_words: words of the shortest answer.
        max_words: words of the longest answer.
        min_title_words: a question names the paper by its title; a shorter title names nothing.
        system_prompt: the system message, for an answer without reasoning.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_pairs: int = Field(default=8, ge=1, le=10_000)
    max_pairs_per_section: int = Field(default=2, ge=1, le=10_000)
    min_words: int = Field(default=7, ge=1, le=10_000)
    max_words: int = Field(default=60, ge=1, le=10_000)
    min_title_words: int = Field(default=3, ge=1, le=1000)
    system_prompt: str = DETAILED_OFF

    @model_validator(mode="after")
    def _some_answer_fits(self) -> Self:
        if self.min_words > self.max_words:
            raise ValueError(f"min_words {self.min_words} is above max_words {self.max_words}: no answer would fit")
        return self


class Asked(NamedTuple):
    """What the rules made of a document.

    Args:
        pairs: rows of the pairs of a run, in the order of the text.
        unasked: rows of UNASKED, likewise.
    """

    pairs: list[dict[str, Any]]
    unasked: list[dict[str, Any]]


def ask(document: Mapping[str, Any], config: Extractive | None = None) -> Asked:
    """What the rules ask about one document.

    No question comes twice, and no sentence answers two. The answer is the evidence: one sentence, verbatim, at
    `text[span_start:span_end]` in UTF-8 bytes, in a stretch of one of the kinds `ASKED` (a text without sections is one).

    Raises:
        ContractError: the hash of the text is not the one in the row.
    """
    config = config or Extractive()
    text = document["text"]
    if document.get("status", Status.OK) != Status.OK or not text:
        return Asked([], [])
    digest = text_sha256(text)
    if document.get("text_sha256") not in (None, digest):
        raise ContractError(f"{document['doc_id']}: text_sha256 is not that of the text; spans would point elsewhere")
    offsets = Offsets(text)
    title = " ".join((document["title"] or "").split()).rstrip(".")
    places = [(s.start, s.end) for s in sections_of(document.get("sections")) if s.kind in ASKED]
    if document.get("sections") is None:
        places = [(0, offsets.byte_of(len(text)))]
    found = [
        p
        for p in passages(text, config.min_words, config.max_words)
        if not BACK_MATTER.fullmatch(p.section) and _lies_in(places, offsets.byte_of(p.start), offsets.byte_of(p.end))
    ]
    chosen, left = _chosen(title, found, config)
    made = Asked([], [])
    for question, passage in chosen:
        start, end = offsets.byte_of(passage.start), offsets.byte_of(passage.end)
        made.pairs.append(
            {
                "doc_id": document["doc_id"],
                "row_id": pair_id(document["doc_id"], start, end),
                "paper_id": document["paper_id"],
                "engine": ENGINE,
                "model_terms": "open",
                "question": question,
                "reasoning": None,
                "answer": passage.sentence,
                "evidence": passage.sentence,
                "span_start": start,
                "span_end": end,
                "text_sha256": digest,
                "messages": render(question, passage.sentence, system_off=config.system_prompt),
            }
        )
    for rule, passage, reason in left:
        row_id = f"{offsets.byte_of(passage.start):010d}-{offsets.byte_of(passage.end):010d}"
        made.unasked.append({"doc_id": document["doc_id"], "row_id": row_id, "rule": rule, "reason": str(reason)})
    return made


def _lies_in(places: list[tuple[int, int]], start: int, end: int) -> bool:
    """Whether a stretch lies in one of some places, which are in order."""
    n = bisect_right(places, start, key=lambda place: place[0])
    return n > 0 and end <= places[n - 1][1]


def pair_id(doc_id: str, start: int, end: int, engine: str = ENGINE) -> str:
    """First 16 hex digits of sha256 over doc_id, span and engine."""
    return hashlib.sha256(f"{doc_id}\n{start}\n{end}\n{engine}".encode()).hexdigest()[:16]


class _Candidate(NamedTuple):
    rule: str
    question: str
    passage: Passage


def _chosen(
    title: str, found: list[Passage], config: Extractive
) -> tuple[list[tuple[str, Passage]], list[tuple[str, Passage, Unasked]]]:
    """Questions with their passages, the first candidates of each rule, the most telling rules first; and the passages that are left."""
    asked: set[str] = set()
    chosen: dict[int, tuple[str, Passage]] = {}
    left: dict[int, tuple[str, Passage, Unasked]] = {}
    of_section: Counter[str] = Counter()
    is_named = len(title.split()) >= config.min_title_words
    for rule, question, passage in _candidates(title, found):
        if passage.start in chosen:
            continue
        reason = (
            Unasked.UNTITLED if not is_named
            else Unasked.MAX_PAIRS if len(chosen) == config.max_pairs
            else Unasked.MAX_PAIRS_PER_SECTION if of_section[passage.section] >= config.max_pairs_per_section
            else Unasked.DUPLICATE if question in asked
            else Unasked.MARKUP if holds_marks(question)
            else None
        )  # fmt: skip
        if reason is not None:
            left.setdefault(passage.start, (rule, passage, reason))
            continue
        asked.add(question)
        chosen[passage.start] = question, passage
        of_section[passage.section] += 1
    return [chosen[start] for start in sorted(chosen)], [left[start] for start in sorted(left.keys() - chosen.keys())]


def _candidates(title: str, found: list[Passage]) -> Iterator[_Candidate]:
    for passage in found:
        if question := _about_quantity(title, passage.sentence):
            yield _Candidate("quantity", question, passage)
    for passage in found:
        told = _FINDING.search(passage.sentence) or _MEASURED.search(passage.sentence)
        if told and _kind(passage.section) != "introduction":
            yield _Candidate("finding", _about_finding(title, passage.section), passage)
    for passage in found:
        if _kind(passage.section) in ("introduction", "other") and _AIM.match(passage.sentence):
            yield _Candidate("aim", f"What do the authors of “{title}” set out to do?", passage)
    for passage in found:
        if _kind(passage.section) == "conclusion":
            yield _Candidate("conclusion", f"What do the authors of “{title}” conclude?", passage)
    for passage in found:
        if _kind(passage.section) == "topic":
            yield _Candidate("topic", f"What does the paper “{title}” report about “{passage.section}”?", passage)


def _about_quantity(title: str, sentence: str) -> str | None:
    """`The orbital period is 1.7 h ...` asks for the orbital period; the sentence must give its number at once."""
    match = _QUANTITY.match(sentence)
    if not match or not _VALUE.match(match["value"]):
        return None
    noun = match["noun"].strip().split(" ", 1)[1]
    verb = match["verb"]
    return f"According to the paper “{title}”, what {verb} the {noun}?"


def _about_finding(title: str, section: str) -> str:
    kind = _kind(section)
    if kind == "conclusion":
        return f"What do the authors of “{title}” conclude?"
    if kind == "topic":
        return f"What do the authors of “{title}” find about “{section}”?"
    return f"Which result do the authors of “{title}” report?"


def _kind(section: str) -> str:
    return next((kind for kind, pattern in _GENERIC.items() if pattern.fullmatch(section)), "topic")
