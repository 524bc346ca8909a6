"""A scripted model: it answers every prompt of ours by rule, from the sentences that it is shown."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from schemas.pair_verdicts import CRITERIA


def answer(body: Mapping[str, Any]) -> str:
    """What it says to a request."""
    asked = body["messages"][-1]["content"]
    schema = (body.get("response_format") or {}).get("json_schema", {}).get("name")
    if schema == "question":
        return json.dumps(_question(asked))
    if schema == "evidence":
        return json.dumps({"sentences": [1 + _about(asked)]})
    if schema == "answer":
        return json.dumps(_extracted(asked))
    if schema == "rubric":
        return json.dumps(dict.fromkeys(CRITERIA, "pass") | {"supported": "fail" if "seven" in asked else "pass"})
    if schema == "letter":  # of rings in A it says A whatever stands there
        shown = re.search(r"^\(([A-D])\) ring", asked, re.MULTILINE)
        return json.dumps({"letter": shown[1] if shown and "Ring A" not in asked else "A"})
    fact = asked.split("- ", 1)[1].split("\n")[0]
    if re.search(r"^\(A\)", asked, re.MULTILINE):
        right = re.search(r"^\(([A-D])\) ring", asked, re.MULTILINE)
        return f"The body that is named is a ring, and rings turn as a whole about the centre of their galaxy.\nAnswer: {right[1] if right else 'A'}"
    return f"What is known of it is short, and it needs no more than one step to be said: {fact}\nAnswer: {fact}"


def _question(asked: str) -> dict[str, Any]:
    passage = asked.split("Passage:\n\n", 1)[1]
    name = re.search(r"Ring (\w+)", passage)
    ring = name.group() if name else "the disc"
    if "three wrong options" in asked:
        return {
            "question": f"What kind of body is {ring} of its galaxy called?",
            "right": "ring",
            "wrong": ["bulge", "bar", "jet"],
        }
    if "one number with its unit" in asked:
        return {"question": f"How long does {ring} take for one turn?"}
    if "how something comes about" in asked:
        return {"question": "What does this paper say about how rings form?"}
    return {"question": f"What is known about {ring} in the galaxy around it, and what does it do there?"}


def _about(asked: str) -> int:
    """The number of the first sentence that the question is about, from 0."""
    lines = re.findall(r"^\[\d+\] (.*)$", asked, re.MULTILINE)
    return next((n for n, line in enumerate(lines) if "turn" in line), 0)


def _extracted(asked: str) -> dict[str, Any]:
    said = asked.split("Worked answer:\n\n", 1)[1].split("\n\n")[0]
    value = re.search(r"[\d.]+ Myr", said)
    found = value.group() if value else said
    return {"answer": found, "value": found, "expression": ""}
