"""The deciding side for other systems."""

from workflows.api.gates import router as gates

__all__ = ["gates"]
