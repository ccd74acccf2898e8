"""The interface of other systems to incidents, facts and feedback: they may propose, people approve."""

from incidents.api.audience import router as audience
from incidents.api.chats import router as chats
from incidents.api.facts import router as facts
from incidents.api.feedback import router as feedback
from incidents.api.hotline import router as hotline
from incidents.api.incidents import duties
from incidents.api.incidents import router as incidents
from incidents.api.review import router as review
from incidents.api.signals import router as signals

__all__ = ["audience", "chats", "duties", "facts", "feedback", "hotline", "incidents", "review", "signals"]
