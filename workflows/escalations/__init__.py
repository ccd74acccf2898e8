"""What is late, who is woken for it, and again until somebody takes it: one function for each kind of alert.

A kind is a function that yields what is late now, with `@finder(AlertKind.X)`, in the module here that its subject
belongs to, or in a module of its own that is imported below.
"""

from workflows.escalations import approving, desk, outside, owing, reporting, speaking, telling, timing
from workflows.escalations.registry import FINDERS, Late, finder
from workflows.escalations.rounds import AlreadyTaken, kinds, refresh, repeat_interval, take, unheard, wake

__all__ = [
    "FINDERS",
    "AlreadyTaken",
    "Late",
    "approving",
    "desk",
    "finder",
    "kinds",
    "outside",
    "owing",
    "refresh",
    "repeat_interval",
    "reporting",
    "speaking",
    "take",
    "telling",
    "timing",
    "unheard",
    "wake",
]
