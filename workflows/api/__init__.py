"""The deciding side for other systems."""

from workflows.api.capacity import router as capacity
from workflows.api.claims import router as claims
from workflows.api.clocks import router as clocks
from workflows.api.declarations import router as declarations
from workflows.api.desk import router as desk
from workflows.api.gates import router as gates
from workflows.api.hold_list import router as hold_list
from workflows.api.plan import router as plan
from workflows.api.rhythm import router as rhythm
from workflows.api.sheets import router as sheets
from workflows.api.telling import router as telling

__all__ = [
    "capacity",
    "claims",
    "clocks",
    "declarations",
    "desk",
    "gates",
    "hold_list",
    "plan",
    "rhythm",
    "sheets",
    "telling",
]
