"""Form: whether a pair is whole, of fair length, and holds nothing but words meant for a reader."""

from __future__ import annotations

import re

from curation.sft.rendering import holds_marks
from curation.sft.verifiers.candidate import NOT_CONCERNED, PASSED, Candidate, QuestionKind, Verdict, failed, shown
from curation.text import words

MAX_QUESTION_WORDS = 400
"""With a table in it; questions are rarely above 60."""
MIN_QUESTION_WORDS = 4
MAX_ANSWER_WORDS = 1_000
MIN_CHAIN_WORDS = 12
"""A chain of fewer only says the answer once more."""
MAX_CHAIN_WORDS = 8_000
_STOPPED = ("stop", "eos", "end_turn", "stop_sequence")
"""Words of servers for an answer that ended by itself."""
_THINK = re.compile(
    r"<\s*/?\s*(?:think|thinking|thought|reasoning|reflection|scratchpad)\s*>|<\|\s*/?\s*(?:begin_of_|end_of_)?(?:think|thought|thinking)\w*\s*\|>"
    r"|\[/?THINK\]|◁/?think▷",
    re.IGNORECASE,
)
_MARKUP = re.compile(
    r"<\|[a-z_]{2,30}\|>|<\|start_header_id\|>|\[/?INST\]|<</?SYS>>|</?s>|<(?:start|end)_of_turn>|<(?:eos|bos|pad|unk)>"
    r"|^[ \t]*#{2,4}\s*(?:instruction|response|input|output|system)s?\s*:|^[ \t]*(?:#{2,4}\s*)?(?:human|assistant|user|passage|sentences)\s*:"
    r"|^[ \t]*\**(?:question|q)\**\s*\d*\s*[:.)]\s|\{\{?\s*[a-z_]{3,30}\s*\}?\}(?![\^_}])|\[(?:insert|your|placeholder|todo|citation needed)\b[^\]]{0,60}\]|\[key\]"
    r"|```\s*json|\A\s*[\[{]\s*\"|\"\s*:\s*\"",
    re.IGNORECASE | re.MULTILINE,
)
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffd\ue000-\uf8ff]"
)
"""Characters that no reader sees as they are: of control, of direction, private ones, and U+FFFD in the place of one that was lost."""
_TEX_BRACES = re.compile(r"\\[A-Za-z]+\s*(?:\[[^\]]*\])?\s*\Z|[\^_}]\s*\Z")
_MATH = re.compile(r"\$[^$]*\$")
_SOURCE = r"(?:passage|text|paper|context|evidence|excerpt|information|article|document|sentences?|data given|question)"
_REFUSAL = re.compile(
    r"\bi(?:['’]m| am)(?: very| so)? sorry\b|\A\W*(?:sorry|unfortunately)\b,? (?:but )?(?:i|we|there|no)\b|\bi apologi[sz]e\b"
    r"|\bi (?:cannot|can['’]t|can not|won['’]t|could not|couldn['’]t)\b(?=.{0,40}\b(?:answer|provide|assist|help|determine|comply|fulfil|give|generate|access|find|see|complete|create|respond|say|tell)\b)"
    r"|\bi(?:['’]m| am) (?:unable|not able) to\b|\bi (?:do not|don['’]t) (?:know|have (?:enough|that|any|the|sufficient|access))\b"
    rf"|\b{_SOURCE} (?:(?:does|do|did) not|(?:does|do|did)n['’]t) (?:\w+ )?(?:say|state|mention|specify|give|provide|contain|include|discuss|explain|tell|offer|answer|describe|address|indicate)\b"
    rf"|\b{_SOURCE} (?:provides?|gives?|contains?|offers?|has|have) (?:no|insufficient|not enough|too little)\b"
    r"|\b(?:there is|there isn['’]t|is|are) (?:not |no )?(?:enough|sufficient|insufficient) (?:information|context|detail)s?\b|\binsufficient (?:information|context)\b"
    r"|\b(?:there is|there are|has|have|with) no (?:information|details?|answer|mention)\b|\bno (?:information|details?|answer) (?:about |on |for )?(?:\w+ ){0,3}(?:is|are|was|can be) (?:given|provided|available|stated|possible|found)"
    rf"|\bnot (?:available|given|stated|mentioned|specified|provided|included|discussed|explained|described|answered|found|known)(?: explicitly)? (?:in|by|from) (?:the|this|that) (?:given |provided )?{_SOURCE}"
    r"|\b(?:is|are|was) not (?:stated|mentioned|specified|provided|given)\W*\Z"
    rf"|\b(?:(?:can|could)(?:not| not) be|(?:not possible|impossible) to(?: be)?|unable to) (?:determined?|answer(?:ed)?|inferr?(?:ed)?|say|said|tell|told|found|find|concluded?)\b[^.]{{0,60}}\b(?:from|based on|with|by) (?:only )?(?:the|this|that|what) (?:(?:given|provided|available|above|alone) )*(?:{_SOURCE}|data|is known)"
    r"|\A\W*(?:it )?(?:cannot|can['’]t|can not|could not|unable to|impossible to) (?:be )?(?:determined?|answer(?:ed)?|say|said|tell|told|known?)\W*\Z"
    rf"|\b(?:outside|beyond) (?:of )?the scope of (?:the|this) {_SOURCE}|\bthe (?:question|request) (?:cannot|can['’]t|can not) be answered"
    r"|\A\W*(?:n/?a|none|unknown|not (?:applicable|available|given|specified|stated|known)|null|undefined|no answer)\W*\Z",
    re.IGNORECASE | re.DOTALL,
)
_ENDS = re.compile(r"[.!?)\]}$”\"'’`|*%]\s*\Z")
_DANGLES = re.compile(
    r"(?:[,;:(\[{=+×/–—-]|\.\.\.|…|\\times|\\cdot|\b(?:the|a|an|of|and|or|but|which|that|to|is|are|was|were|because|with|for|from|by|in|on|at|as|than|if|so|its|their|we|this|these"
    r"|therefore|thus|hence|where|while|when|since|not|can|will|would|must|be|been|has|have|had))\s*\Z",
    re.IGNORECASE,
)
_WORDS_OF_A_SENTENCE = 12
"""An answer of so many words is a sentence, and ends as one."""


def length(candidate: Candidate) -> Verdict:
    """Question, answer and chain have words, and no more than a reader takes."""
    asked, said = len(words(candidate.question)), len(words(candidate.answer))
    if not MIN_QUESTION_WORDS <= asked <= MAX_QUESTION_WORDS:
        return failed(f"a question of {asked} words", asked)
    if not 1 <= said <= MAX_ANSWER_WORDS:
        return failed(f"an answer of {said} words", said)
    if candidate.reasoning is not None:
        thought = len(words(candidate.reasoning))
        if not MIN_CHAIN_WORDS <= thought <= MAX_CHAIN_WORDS:
            return failed(f"a chain of {thought} words", thought)
    return PASSED


def think_blocks(candidate: Candidate) -> Verdict:
    """No text of a pair brings marks of thinking of its own: rendering writes exactly one block, or none."""
    for text in candidate.said():
        if found := _THINK.search(text):
            return failed(f"holds {found.group()!r}")
    return PASSED


def markup(candidate: Candidate) -> Verdict:
    """No marks of a chat template, of a prompt or of JSON are left in it, no character that nobody sees, no key that was hidden."""
    for text in candidate.said():
        if holds_marks(text):
            return failed("holds a mark of chat templates")
        if found := _UNSEEN.search(text):
            return failed(f"holds the character U+{ord(found.group()):04X}")
        prose = _MATH.sub(" ", text)
        for mark in _MARKUP.finditer(prose):
            if not (mark.group().startswith("{") and _TEX_BRACES.search(prose[: mark.start()])):
                return failed(f"holds {shown(mark.group())!r}")
    return PASSED


def refusal(candidate: Candidate) -> Verdict:
    """Somebody answers: no text says that nobody can."""
    for text in (candidate.answer, candidate.question, candidate.reasoning or ""):
        if found := _REFUSAL.search(text):
            return failed(f"says {shown(found.group())!r}")
    return PASSED


def whole(candidate: Candidate) -> Verdict:
    """Chain and answer end by themselves: the model was not cut, and no sentence, formula or bracket stays open."""
    if candidate.finish_reason not in _STOPPED:
        return failed(f"the model's text ended by {candidate.finish_reason!r}")
    if candidate.reasoning is not None and (open_ := _open_end(candidate.reasoning, as_sentence=True)):
        return failed(f"the chain {open_}")
    said = len(words(candidate.answer))
    if said > 2 and (open_ := _open_end(candidate.answer, as_sentence=said >= _WORDS_OF_A_SENTENCE)):
        return failed(f"the answer {open_}")
    if not candidate.question.rstrip().endswith(("?", ".", ":", "|", "!", "$", ")", "”", '"')):
        return failed("the question does not end")
    return PASSED


def one_answer(candidate: Candidate) -> Verdict:
    """One answer is given, not two to choose from."""
    finals = re.findall(
        r"(?:final )?\b[Aa](?:nswer|NSWER)\**\s*(?:is|:)\s*\**\(?([A-D])\)?(?![A-Za-z])", candidate.answer
    )
    if candidate.kind is QuestionKind.CHOICE:
        letters = {
            *finals,
            *re.findall(r"(?:\A|\s|\(|\*)([A-D])(?:\)|\.|:|\*|\Z|,| (?:and|or|&|/) )", candidate.answer),
        }
        letters |= {
            letter for found in re.findall(r"\b([A-D]) (?:and|or|&) \(?([A-D])\b", candidate.answer) for letter in found
        }
        letters |= set(re.findall(r"\b(?:and|or|&|/) \(?([A-D])(?:\)|\.|\Z)", candidate.answer))
        return failed(f"names {', '.join(sorted(letters))}") if len(letters) > 1 else PASSED
    if (
        len(
            re.findall(
                r"(?:^|\n)[ \t]*\**(?:final |alternative |second )?answer\**\s*\d*\s*[:.]",
                candidate.answer,
                re.IGNORECASE,
            )
        )
        > 1
    ):
        return failed("has two answers")
    if found := re.search(
        r"\b(?:alternatively|another possible answer|or, (?:possibly|perhaps)|the answer (?:could|may|might) (?:also )?be|either answer|both answers)\b",
        candidate.answer,
        re.IGNORECASE,
    ):
        return failed(f"offers another answer: {shown(candidate.answer[found.start() :])!r}")
    return PASSED if candidate.answer.strip() else NOT_CONCERNED


def _open_end(text: str, *, as_sentence: bool) -> str:
    """What stays open at the end of a text; empty: nothing."""
    if len(re.findall(r"(?<!\\)\$", text)) % 2:
        return "leaves a formula open"
    if text.count("```") % 2:
        return "leaves code open"
    prose = _MATH.sub(" ", text)
    if prose.count("(") > prose.count(")") + len(re.findall(r"^[ \t]*\(?[a-z\d]{1,3}\)", prose, re.MULTILINE)):
        return "leaves a bracket open"
    if _DANGLES.search(text):
        return f"breaks off: {shown(text[-40:])!r}"
    if as_sentence and not _ENDS.search(text):
        return f"does not end: {shown(text[-40:])!r}"
    return ""
