"""Reminds who made a promise before its time comes, once."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from incidents.enums import CommitmentKind
from incidents.models import Commitment
from incidents.phases import LIVE
from notifications import outbox

LONGEST = timedelta(days=1)


def due(*, now: datetime) -> list[int]:
    """Return the promises whose last quarter, or last day, has begun; updates have a rhythm of their own."""
    near = Commitment.objects.unsettled().exclude(kind=CommitmentKind.NEXT_UPDATE)
    near = near.filter(reminded_at=None, due_at__gt=now, due_at__lte=now + LONGEST, incident__phase__in=LIVE)
    found = near.order_by("due_at", "pk").values_list("pk", "made_at", "due_at")
    return [
        pk
        for pk, made_at, due_at in found
        if due_at is not None and due_at - now <= min(LONGEST, (due_at - made_at) / 4)
    ]


def remind(pk: int, *, now: datetime) -> int:
    """Tell the owner, or the lead where nobody owns it; return how many wake-ups were written."""
    with transaction.atomic():
        if not Commitment.objects.filter(pk=pk, reminded_at=None).update(reminded_at=now):
            return 0
        promise = Commitment.objects.select_related("incident").get(pk=pk)
        owner = promise.owner_id or promise.incident.lead_id
        # Words captured in a call may name a person: they stay in the log.
        facts = {"kind": promise.get_kind_display(), "number": pk, "time": f"{promise.due_at:%Y-%m-%d %H:%M}"}
        wake_up = outbox.WakeUp(
            key=f"reminder:{pk}",
            incident=promise.incident,
            title=_("A promise is due soon"),
            text=_("%(kind)s no. %(number)s is due at %(time)s UTC.") % facts,
            path=f"/admin/incidents/commitment/{pk}/change/",
            data={"kind": "commitment_due", "commitment": pk},
        )
        return outbox.write(wake_up, people={owner} if owner else set(), now=now)
