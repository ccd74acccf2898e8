"""The communication metrics of one incident, computed set-based from what was recorded, with “no data” where it is."""

from workflows.scorecard import afterwards, dialogue, grouping, quality, reach, rhythm, spending
from workflows.scorecard.registry import Metric, compute, definitions

__all__ = [
    "Metric",
    "afterwards",
    "compute",
    "definitions",
    "dialogue",
    "grouping",
    "quality",
    "reach",
    "rhythm",
    "spending",
]
