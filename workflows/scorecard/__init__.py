"""The communication metrics of one incident, computed set-based from what was recorded, with “no data” where it is."""

from workflows.scorecard import dialogue, quality, reach, rhythm
from workflows.scorecard.registry import Metric, compute, definitions

__all__ = ["Metric", "compute", "definitions", "dialogue", "quality", "reach", "rhythm"]
