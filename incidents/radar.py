"""Signs of a crisis come in, and from a threshold on become a report that a person judges; they never decide."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, Max, Q, QuerySet, Sum

from incidents import audit, lifecycle
from incidents.enums import SignalKind, TimelineKind
from incidents.errors import Refusal
from incidents.models import Incident, Signal, SignalThreshold, User
from incidents.phases import LIVE
from incidents.sentences import gettext as _

# Where the company has set nothing for a kind; a row of its own replaces these, an inactive one switches them off.
USUAL = (10, timedelta(hours=1))
USUAL_OF_KIND = {
    SignalKind.DEPARTURE: (5, timedelta(days=1)),
    SignalKind.PUBLICITY: (5, timedelta(hours=1)),
    SignalKind.TECHNICAL: (1, timedelta(hours=1)),
}


class BadSignal(Refusal):
    """A signal names its source and counts at least one thing."""


class AlreadyTied(Refusal):
    """The signal belongs to an incident already."""


@dataclass(frozen=True)
class Observation:
    """What somebody noticed: by which source, of which kind, how often, and with which keyword."""

    kind: SignalKind
    source: str
    count: int = 1
    keyword: str = ""
    text: str = ""


def receive(observation: Observation, *, by: User, now: datetime) -> Signal:
    """Keep a signal; it joins the live incident its like belong to, or makes a report when a threshold is reached."""
    if not observation.source.strip() or observation.count < 1:
        raise BadSignal(_("Name the source of the signal, and how often it was noticed."))
    with transaction.atomic():
        # Two signals at the same moment must not make two reports.
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(20263, 0)")
        signal = Signal.objects.create(
            kind=observation.kind,
            source=observation.source.strip(),
            keyword=observation.keyword.strip().lower(),
            count=observation.count,
            text=observation.text.strip(),
            posted_by=by,
            received_at=now,
        )
        for threshold in _thresholds(signal):
            if _is_settled(signal, threshold, by=by, now=now):
                break
    return signal


def attach(signal: Signal, *, incident: Incident, by: User, now: datetime) -> Signal:
    """Tie a signal to the incident a person says it belongs to."""
    with transaction.atomic():
        if not Signal.objects.filter(pk=signal.pk, incident=None).update(incident=incident):
            raise AlreadyTied(_("This signal belongs to an incident already."))
        signal.refresh_from_db()
        _tell(incident, [signal], by=by, now=now)
    return signal


def report(signal: Signal, *, by: User, now: datetime) -> Incident:
    """Make a report of one signal because a person thinks it is one, whatever the threshold says."""
    with transaction.atomic():
        incident = _report(signal, title="", by=by, now=now)
        attach(signal, incident=incident, by=by, now=now)
    return incident


def untied(rows: QuerySet[Signal], *, since: datetime) -> list[dict[str, Any]]:
    """Return what came in lately and belongs to no incident, summed by kind and keyword, the largest first."""
    grouped = rows.filter(incident=None, received_at__gte=since).order_by().values("kind", "keyword")
    summed = grouped.annotate(total=Sum("count"), times=Count("pk"), last_at=Max("received_at"))
    return [{**row, "label": SignalKind(row["kind"]).label} for row in summed.order_by("-total", "kind", "keyword")]


def _thresholds(signal: Signal) -> list[SignalThreshold]:
    """Return the thresholds that count this signal, the most particular first."""
    ours = SignalThreshold.objects.filter(kind=signal.kind)
    fitting = [
        one
        for one in ours.order_by("pk")
        if one.keyword.lower() in ("", signal.keyword) and one.source in ("", signal.source)
    ]
    if not fitting and not ours.filter(keyword="", source="").exists():
        count, interval = USUAL_OF_KIND.get(SignalKind(signal.kind), USUAL)
        fitting = [SignalThreshold(kind=signal.kind, count=count, interval=interval)]
    active = [one for one in fitting if one.is_active]
    return sorted(active, key=lambda one: (one.keyword == "", one.source == ""))


def _is_settled(signal: Signal, threshold: SignalThreshold, *, by: User, now: datetime) -> bool:
    like = _counted(threshold)
    known = Signal.objects.filter(like, incident__phase__in=LIVE, received_at__gt=now - threshold.interval)
    newest = known.select_related("incident").order_by("-received_at", "-pk").first()
    if newest is not None and newest.incident is not None:
        attach(signal, incident=newest.incident, by=by, now=now)
        return True
    waiting = Signal.objects.filter(like, incident=None, received_at__gt=now - threshold.interval)
    total = waiting.aggregate(total=Sum("count"))["total"] or 0
    if total < threshold.count:
        return False
    incident = _report(signal, title=threshold.title, by=by, now=now)
    tied = list(waiting.order_by("pk"))
    waiting.update(incident=incident)
    _tell(incident, tied, by=by, now=now)
    signal.refresh_from_db()
    return True


def _counted(threshold: SignalThreshold) -> Q:
    like = Q(kind=threshold.kind)
    if threshold.keyword:
        like &= Q(keyword=threshold.keyword.lower())
    return like & Q(source=threshold.source) if threshold.source else like


def _report(signal: Signal, *, title: str, by: User, now: datetime) -> Incident:
    words = " · ".join(filter(None, [str(signal.get_kind_display()), signal.keyword, signal.text]))
    report = lifecycle.Report(title=(title or words)[:200], detection_source=signal.source)
    return lifecycle.report(report, by=by, now=now)


def _tell(incident: Incident, signals: list[Signal], *, by: User, now: datetime) -> None:
    text = _("%(count)s signals: %(first)s") % {"count": sum(one.count for one in signals), "first": signals[0]}
    audit.tell(incident, kind=TimelineKind.NOTE, text=text, by=by, now=now)
    data = {"signals": [one.pk for one in signals]}
    audit.record(incident, action="signal.attached", actor=by, now=now, data=data)
