"""The pages of the deciding side; the crisis room is `incident`."""

from workflows.admin import (
    alert,
    briefing,
    deciding,
    facts,
    feedback,
    incident,
    message,
    outreach,
    plan,
    playbook,
    proving,
    review,
    slots,
    team,
    training,
)

__all__ = [
    "alert",
    "briefing",
    "deciding",
    "facts",
    "feedback",
    "incident",
    "message",
    "outreach",
    "plan",
    "playbook",
    "proving",
    "review",
    "slots",
    "team",
    "training",
]
