"""Chat templates in the style of two families, written for these tests, and what they render: the text, and which of it is learned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jinja2 import nodes
from jinja2.ext import Extension
from jinja2.parser import Parser
from jinja2.runtime import Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment

HEADERS = (
    "{{- '<|begin_of_text|>' }}"
    "{%- if messages[0].role == 'system' %}{%- set system = messages[0].content | trim %}{%- set turns = messages[1:] %}"
    "{%- else %}{%- set system = '' %}{%- set turns = messages %}{%- endif %}"
    "{{- '<|start_header_id|>system<|end_header_id|>\\n\\nCutting Knowledge Date: December 2023\\n\\n' + system + '<|eot_id|>' }}"
    "{%- for turn in turns %}{{- '<|start_header_id|>' + turn.role + '<|end_header_id|>\\n\\n' }}"
    "{%- if turn.role == 'assistant' %}{% generation %}{{- turn.content | trim + '<|eot_id|>' }}{% endgeneration %}"
    "{%- else %}{{- turn.content | trim + '<|eot_id|>' }}{%- endif %}{%- endfor %}"
    "{%- if add_generation_prompt %}{{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{%- endif %}"
)
"""As Llama 3.1's: headers, contents trimmed, every content as it stands."""
MARKS = (
    "{%- for turn in messages %}{{- '<|im_start|>' + turn.role + '\\n' }}"
    "{%- if turn.role == 'assistant' %}{%- set content = turn.content %}{%- set thought = '' %}"
    "{%- if turn.reasoning_content is string %}{%- set thought = turn.reasoning_content %}"
    "{%- elif '</think>' in content %}{%- set thought = content.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') %}"
    "{%- set content = content.split('</think>')[-1].lstrip('\\n') %}{%- endif %}"
    "{% generation %}{%- if loop.last and (thought or always_a_block) %}{{- '<think>\\n' + thought.strip('\\n') + '\\n</think>\\n\\n' + content.lstrip('\\n') }}"
    "{%- else %}{{- content }}{%- endif %}{{- '<|im_end|>' }}{% endgeneration %}{{- '\\n' }}"
    "{%- else %}{{- turn.content + '<|im_end|>' + '\\n' }}{%- endif %}{%- endfor %}"
    "{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}"
)
"""As Qwen 3's: it takes the thought out of the content and writes it anew, of the last turn only; `always_a_block`: an empty one, too."""


class Generation(Extension):
    """The block `{% generation %}`: what stands in it is what a model learns to write."""

    tags = {"generation"}  # noqa: RUF012

    def parse(self, parser: Parser) -> nodes.Node:
        line = next(parser.stream).lineno
        body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
        return nodes.CallBlock(self.call_method("_said"), [], [], body).set_lineno(line)

    def _said(self, caller: Macro) -> str:
        return f"\x02{caller()}\x03"


@dataclass(frozen=True)
class Rendered:
    """What a template makes of a conversation.

    Args:
        text: all of it.
        learned: spans of the text that a loss is taken over.
    """

    text: str
    learned: list[tuple[int, int]]

    def said(self) -> list[str]:
        return [self.text[start:end] for start, end in self.learned]


def rendered(
    template: str, messages: list[dict[str, str]], *, add_generation_prompt: bool = False, **more: Any
) -> Rendered:
    """A conversation by a template."""
    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[Generation])
    made = environment.from_string(template).render(
        messages=messages, add_generation_prompt=add_generation_prompt, **more
    )
    text, learned = "", []
    for n, piece in enumerate(made.split("\x02")):
        said, _, rest = piece.partition("\x03") if n else ("", "", piece)
        if n:
            learned.append((len(text), len(text) + len(said)))
        text += said + rest
    return Rendered(text, learned)
