"""Marks that chat templates and tokenisers write themselves: `<|im_start|>`, `<think>`, `[INST]`, `<s>`.

A tokeniser that meets one in a text takes it for its own special token: it would end a turn, or begin one. So no text that
is released holds any: a blank behind its first bracket makes it a string like others, in prose, math and code alike, and
leaves its words as they are.

Sources: tokenizer_config.json and chat templates of Llama 2 and 3, Mistral (v1 to v13), Qwen 2 and 3, Gemma 1 to 3, Phi 3 and 4,
DeepSeek V2 to R1 (its bars are U+FF5C), Command R, gpt-oss, StarCoder 2, T5 and BERT.
"""

from __future__ import annotations

import re

_ANGLED = (
    r"think|s|unk|pad|mask|bos|eos|sep|cls|BOS_TOKEN|EOS_TOKEN|PAD|UNK|CLS|SEP|MASK_TOKEN|EOP_TOKEN"
    r"|tools?|tool_(?:call|response|calls|result|sep)|(?:start|end)_of_(?:turn|image|audio)|image_soft_token|audio_soft_token"
    r"|fim_(?:prefix|middle|suffix|pad)|file_sep|repo_name|endoftext|unused\d{1,4}|extra_id_\d{1,3}"
)
_SQUARE = (
    r"INST|TOOL_CALLS|TOOL_RESULTS|TOOL_CONTENT|AVAILABLE_TOOLS|SYSTEM_PROMPT|THINK|ARGS|CALL_ID|IMG|IMG_BREAK|IMG_END"
    r"|AUDIO|BEGIN_AUDIO|PREFIX|MIDDLE|SUFFIX|PAD|UNK|CLS|SEP|MASK|BOS|EOS"
)
_MARK = re.compile(
    rf"(<(?=\\?[|\uff5c][^\s<>|\uff5c]{{1,64}}[|\uff5c]>)|<(?=/?(?:{_ANGLED})>)|<\\?<(?=/?SYS>>)|\[(?=/?(?:{_SQUARE})\]))"
)
_WHOLE = re.compile(rf"(?:{_MARK.pattern})[^\s<>\]]+(?:\]|>{{1,2}})")


def chat_mark(text: str) -> str | None:
    """The first mark in a text that only a template or tokeniser may write; None where it holds none."""
    found = _WHOLE.search(text) if _may_hold(text) else None
    return found.group() if found else None


def without_chat_marks(text: str) -> str:
    """The text with a blank behind the first bracket of each mark: `< think>`, `< |im_start|>`, `[ INST]`."""
    return _MARK.sub(r"\1 ", text) if _may_hold(text) else text


def _may_hold(text: str) -> bool:
    """False for most texts, without a look at each bracket."""
    return ">" in text or "]" in text
