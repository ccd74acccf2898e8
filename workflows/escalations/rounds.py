"""Alerts: raised when something becomes late, told again until somebody takes it or it is over."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from incidents import audit, sentences
from incidents.enums import TimelineKind
from incidents.errors import Refusal
from incidents.models import User
from incidents.sentences import gettext as _
from notifications import outbox
from workflows.enums import AlertKind
from workflows.escalations.registry import FINDERS, Late
from workflows.models import Alert


class AlreadyTaken(Refusal):
    """Somebody is on it, or it is over."""


def kinds(*, now: datetime) -> list[str]:
    """Return the kinds of alert the clock looks after."""
    return list(FINDERS)


def refresh(kind: str, *, now: datetime) -> None:
    """Raise what became late, tell newcomers, and end what is late no more."""
    late = list(FINDERS[AlertKind(kind)](now))
    for thing in late:
        _raise(thing, now=now)
    untold = Alert.objects.filter(kind=kind, over_at=None).exclude(key__in=[thing.key for thing in late])
    untold.update(over_at=now)


def _raise(late: Late, *, now: datetime) -> None:
    with transaction.atomic():
        alert, is_new = Alert.objects.get_or_create(
            key=late.key,
            defaults={
                "incident": late.incident,
                "kind": late.kind,
                "text": str(late.text),
                "words": sentences.kept(late.text),
                "path": late.path,
                "raised_at": now,
                "next_round_at": now,
            },
        )
        if is_new:
            audit.tell(late.incident, kind=TimelineKind.ESCALATION, text=late.text, by=None, now=now)
        if alert.over_at is not None:
            Alert.objects.filter(pk=alert.pk).update(over_at=None, taken_at=None, taken_by=None, next_round_at=now)
        newcomers = late.people - set(alert.watchers.values_list("pk", flat=True))
        if newcomers:
            alert.watchers.add(*newcomers)
            Alert.objects.filter(pk=alert.pk, taken_at=None).update(next_round_at=now)


def unheard(*, now: datetime) -> list[int]:
    """Return the alerts nobody has taken whose next round is due."""
    due = Alert.objects.filter(taken_at=None, over_at=None, next_round_at__lte=now)
    return list(due.order_by("next_round_at", "pk").values_list("pk", flat=True))


def wake(pk: int, *, now: datetime) -> int:
    """Wake everybody who watches an alert once more; return how many wake-ups were written."""
    with transaction.atomic():
        alert = (
            Alert.objects.select_for_update(no_key=True, skip_locked=True, of=("self",))
            .select_related("incident")
            .filter(pk=pk, taken_at=None, over_at=None, next_round_at__lte=now)
            .first()
        )
        if alert is None:
            return 0
        alert.rounds += 1
        alert.next_round_at = now + repeat_interval()
        alert.save(update_fields=["rounds", "next_round_at"])
        return outbox.write(_wake_up(alert), people=alert.watchers.values_list("pk", flat=True), now=now)


def repeat_interval() -> timedelta:
    """Return how long people have before they are woken again."""
    interval: timedelta = settings.CRISISCOMM_ALERT_REPEAT
    return interval


def take(alert: Alert, *, by: User, now: datetime) -> Alert:
    """Somebody takes care of it: the others are left in peace."""
    with transaction.atomic():
        locked = Alert.objects.select_for_update(no_key=True).get(pk=alert.pk)
        if locked.over_at is not None:
            raise AlreadyTaken(_("This is over; nothing is left to take."))
        if locked.taken_by is not None:
            raise AlreadyTaken(_("%s has taken this already.") % locked.taken_by)
        locked.taken_by = by
        locked.taken_at = now
        locked.save(update_fields=["taken_by", "taken_at"])
        text = _("%(person)s takes care: %(what)s") % {"person": by, "what": locked}
        audit.tell(locked.incident, kind=TimelineKind.ESCALATION, text=text, by=by, now=now)
        audit.record(locked.incident, action="alert.taken", actor=by, now=now, data={"alert": locked.pk})
    return locked


def _wake_up(alert: Alert) -> outbox.WakeUp:
    return outbox.WakeUp(
        key=f"alert:{alert.pk}:{alert.rounds}",
        incident=alert.incident,
        title=str(alert.get_kind_display()),
        text=alert.text,
        path=alert.path or f"/admin/incidents/incident/{alert.incident_id}/change/",
        data={"alert": alert.pk, "kind": alert.kind},
    )
