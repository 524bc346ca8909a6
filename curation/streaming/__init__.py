"""Releases as streams for training: seeded, split over ranks, resumed exactly. Needs numpy and pyarrow only.

`StreamDataset` and `MixtureDataset` of `curation.streaming.torch_dataset` are the same for a torch DataLoader.
"""

from curation.streaming.decoded import Sample
from curation.streaming.mixture import Mixture
from curation.streaming.plan import MixtureSource, Segment
from curation.streaming.reader import Reader
from curation.streaming.state import State

__all__ = ["Mixture", "MixtureSource", "Reader", "Sample", "Segment", "State"]
