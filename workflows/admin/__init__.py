"""The pages of the deciding side; the crisis room is `incident`."""

from workflows.admin import (
    alert,
    briefing,
    deciding,
    facts,
    incident,
    message,
    outreach,
    plan,
    playbook,
    proving,
    review,
    slots,
    team,
)

__all__ = [
    "alert",
    "briefing",
    "deciding",
    "facts",
    "incident",
    "message",
    "outreach",
    "plan",
    "playbook",
    "proving",
    "review",
    "slots",
    "team",
]
