"""Releases as streams for training: seeded, split over ranks, resumed exactly. Needs numpy and pyarrow only.

`curation.streaming.torch_dataset.StreamDataset` is the same for a torch DataLoader.
"""

from curation.streaming.decoded import Sample
from curation.streaming.mixture import Mixture, Segment, Source
from curation.streaming.reader import Reader
from curation.streaming.state import State

__all__ = ["Mixture", "Reader", "Sample", "Segment", "Source", "State"]
