"""Question-answer pairs for supervised fine-tuning, each grounded in a span of a document."""

from curation.sft.extractive import Extractive, ask
from curation.sft.rendering import DETAILED_OFF, DETAILED_ON, render

__all__ = ["DETAILED_OFF", "DETAILED_ON", "Extractive", "ask", "render"]
