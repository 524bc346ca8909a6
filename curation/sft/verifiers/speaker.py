"""Who speaks: no other model's name, maker, training or cut-off date is learned from a pair."""

from __future__ import annotations

import re

from curation.sft.verifiers.candidate import PASSED, Candidate, Verdict, failed, shown

_ALWAYS = re.compile(
    r"\b(?:chat ?gpt|gpt-?[2345](?:\.\d)?[a-z]?|openai|anthropic|deep ?seek(?:-?[rv]\d)?|qwen[\d.]*|qwq|mixtral|mistral ai|vicuna-\d+b|alpaca-\d+b|wizardlm"
    r"|(?:meta[- ])?llama[- ]?\d(?:\.\d)?|code ?llama|gemini (?:pro|ultra|flash|nano|\d\.\d)|palm ?2|claude[- ](?:\d|instant|opus|sonnet|haiku|v\d)|phi-[34]|gemma-?\d|nemotron"
    r"|(?:mistral|falcon|yi|phi|qwen|gemma|olmo)-?[\d.]+-?b"
    r"|smollm\d?|command[- ]r\+?|grok-\d|ernie bot|chatglm\d?|baichuan\d?|internlm\d?|hugging ?chat|kimi k\d|gpt-oss|tongyi qianwen)\b",
    re.IGNORECASE,
)
"""Names that mean nothing else. One that the passage itself holds is its subject."""
_SELF = re.compile(
    r"\bas an? (?:(?:large |artificial )?language model|ai(?: language)?(?: model| assistant)?\b|artificial intelligence|llm\b|chatbot)"
    r"|\bi(?:['’]m| am| was)(?: just| only)? (?:an? )?(?:(?:large |artificial )?language model|ai\b(?: (?:language )?(?:model|assistant))?|artificial intelligence|llm|chatbot|virtual assistant"
    r"|trained by|(?:created|developed|made|built|designed) by|(?:claude|gemini|bard|llama|mistral|grok|copilot|qwen|gemma|phi|yi|kimi|ernie)\b)"
    r"|\bmy name is\b|\b(?:claude|gemini|bard|llama|mistral|grok|copilot)\b,? (?:an? )?(?:(?:large )?language model|ai\b|assistant|model (?:by|from|developed|trained))"
    r"|\bmy (?:training(?: data)?|knowledge(?: base| cut-?off)?|last update|programming|creators?|developers?)\b"
    r"|\b(?:knowledge|training(?: data)?)[- ]cut-?off\b|\bas of my (?:last|latest|most recent|knowledge)\b|\b(?:up|prior) to my (?:last|knowledge|training)\b"
    r"|\bi (?:do not|don['’]t|cannot|can['’]t) (?:have (?:access to real|personal|the ability to (?:browse|access))|browse the|access (?:the )?(?:internet|real-time|external))"
    r"|\bmy (?:data|information) (?:only )?(?:goes|go|extends?) (?:up )?to\b|\b(?:google|meta|alibaba|microsoft|xai)['’]s (?:language )?model\b"
    r"|\bbeing an? (?:large )?(?:language model|ai\b)|\bi was (?:last )?(?:updated|trained|created|released)\b|\b(?:information|data|knowledge) available to me\b|\bmy (?:own )?training\b"
    r"|\b(?:bard|copilot|grok) (?:says?|said|generated|wrote|answer(?:s|ed)|agrees?|would)\b|\b(?:answer|response|text|pair|content|output) (?:was|is|has been) (?:\w+ )?(?:generated|written|produced|created) by (?:an? )?(?:ai\b|artificial|(?:large )?language model|llm\b|chatbot|model\b|assistant)"
    r"|\b(?:trained|developed|created|made) by (?:google(?: deepmind)?|meta(?: ai)?|alibaba(?: cloud)?|microsoft|xai|mistral|zhipu|baidu|moonshot)\b",
    re.IGNORECASE,
)


def other_model(candidate: Candidate) -> Verdict:
    """No text speaks as a model, or names one that the passage does not speak of."""
    for text in candidate.said():
        if found := _SELF.search(text):
            return failed(f"speaks as a model: {shown(found.group())!r}")
        for name in _ALWAYS.finditer(text):
            if name.group().lower() not in candidate.passage.lower():
                return failed(f"names {name.group()!r}")
    return PASSED
