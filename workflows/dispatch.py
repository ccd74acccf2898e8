"""Approve and send in one step, for whoever may do both: minutes count."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from incidents.models import User
from notifications.enums import MessageState
from notifications.models import Message
from workflows import approvals, releases


@dataclass(frozen=True)
class Dispatch:
    """The message as it stands now, and what kept it from leaving although it is approved."""

    message: Message
    trouble: str = ""


@transaction.atomic
def approve_and_send(message: Message, *, by: User, sha256: str, now: datetime) -> Dispatch:
    """Approve the text and, when that was the last stamp, release it at once; the approval stands in any case."""
    approved = approvals.approve(message, by=by, sha256=sha256, now=now)
    if approved.state != MessageState.APPROVED:
        return Dispatch(approved)
    try:
        return Dispatch(releases.release(approved, by=by, now=now))
    except releases.CannotRelease as refusal:
        return Dispatch(approved, str(refusal))
