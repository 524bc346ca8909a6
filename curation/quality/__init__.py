"""What is measured of a text. Only findings and decisions (`curation.release`) draw conclusions."""

from curation.quality.signals import Signals

__all__ = ["Signals"]
