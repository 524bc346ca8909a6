"""What is measured of a text. Only `decide` draws conclusions."""

from curation.quality.signals import Signals

__all__ = ["Signals"]
