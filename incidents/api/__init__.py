"""The interface of other systems to incidents, facts and feedback: they may propose, people approve."""

from incidents.api.facts import router as facts
from incidents.api.feedback import router as feedback
from incidents.api.incidents import router as incidents

__all__ = ["facts", "feedback", "incidents"]
