"""Stops one message on its way, and lets it go on; senders read the flag before each delivery."""

from datetime import datetime

from django.db import transaction

from incidents import audit
from incidents.enums import TimelineKind
from incidents.errors import Refusal
from incidents.models import User
from incidents.sentences import gettext as _
from notifications.models import Message


class CannotStop(Refusal):
    """The message is not on its way, stands still already, or was not stopped; or nobody said why."""


def stop(message: Message, *, reason: str, by: User, now: datetime) -> None:
    """Let nothing more of this message leave."""
    if not reason.strip():
        raise CannotStop(_("Say in a few words why this message stops; the team reads it."))
    text = _("%(message)s stopped: %(reason)s") % {"message": message, "reason": reason.strip()}
    _set(message, is_stopped=True, text=text, by=by, now=now)


def resume(message: Message, *, by: User, now: datetime) -> None:
    """Let the rest of this message leave."""
    _set(message, is_stopped=False, text=_("%s goes on") % message, by=by, now=now)


def _set(message: Message, *, is_stopped: bool, text: str, by: User, now: datetime) -> None:
    with transaction.atomic():
        locked = Message.objects.select_for_update(of=("self",)).select_related("incident").get(pk=message.pk)
        if not locked.is_released or locked.is_stopped == is_stopped:
            state = _("stopped") if locked.is_stopped else locked.get_state_display()
            raise CannotStop(_("%(message)s is: %(state)s.") % {"message": locked.reference, "state": state})
        locked.is_stopped = is_stopped
        locked.save(update_fields=["is_stopped"])
        action = "message.stopped" if is_stopped else "message.resumed"
        audit.tell(locked.incident, kind=TimelineKind.DELIVERY, text=text, by=by, now=now)
        audit.record(locked.incident, action=action, actor=by, now=now, data={"message": locked.reference})
