"""The deciding side for other systems."""

from workflows.api.declarations import router as declarations
from workflows.api.gates import router as gates

__all__ = ["declarations", "gates"]
