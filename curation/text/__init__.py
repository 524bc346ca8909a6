"""What several stages need of a text: Markdown blocks and masks, words, sentences, spans."""

from curation.text.blocks import Block, blocks
from curation.text.masks import Mask, masks, prose
from curation.text.sentences import sentences
from curation.text.spans import Offsets, slice_bytes, text_sha256
from curation.text.words import count_words, word_spans, words

__all__ = [
    "Block",
    "Mask",
    "Offsets",
    "blocks",
    "count_words",
    "masks",
    "prose",
    "sentences",
    "slice_bytes",
    "text_sha256",
    "word_spans",
    "words",
]
