"""The judges of the gates, one module per stretch of an incident; importing this package registers them all."""

from workflows.judges import closing, knowing, ordering, planning, proving, reading, speaking, telling

__all__ = ["closing", "knowing", "ordering", "planning", "proving", "reading", "speaking", "telling"]
