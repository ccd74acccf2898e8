"""What the people at the telephones cannot carry alone: distress, themes without an answer, letters and briefs late."""

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import BooleanField, Case, Count, Exists, Min, OuterRef, Q, When
from django.db.models.functions import Lower, Trim

from incidents import feedback
from incidents.enums import Mood, Role
from incidents.models import Company, Feedback, Incident
from incidents.phases import LIVE
from incidents.sentences import gettext as _
from workflows import plans, staff_texts
from workflows.enums import AlertKind, BriefState, OutreachState
from workflows.escalations import registry
from workflows.escalations.registry import Late, finder
from workflows.models import OutreachTask, StaffBrief

THEME_COUNT = 5


@finder(AlertKind.DISTRESS)
def distress(now: datetime) -> Iterator[Late]:
    """A customer in distress waits: the owner and the lead know at once; the customer's words stay in the log."""
    waiting = Feedback.objects.unanswered().filter(mood=Mood.DISTRESS, incident__phase__in=LIVE)
    for entry in waiting.select_related("incident").order_by("pk"):
        yield Late(
            key=f"{AlertKind.DISTRESS}:{entry.pk}",
            kind=AlertKind.DISTRESS,
            incident=entry.incident,
            text=_("A customer in distress waits for a person (feedback no. %s).") % entry.pk,
            people={pk for pk in (entry.owner_id,) if pk} | registry.leads(entry.incident),
        )


@finder(AlertKind.THEME_UNANSWERED)
def themes(now: datetime) -> Iterator[Late]:
    """Many open questions have one theme, or one is older than answers may take: the lead decides what is said."""
    groups = list(open_themes(now=now).filter(is_pressing=True))
    incidents = Incident.objects.in_bulk([group["incident"] for group in groups])
    for group in groups:
        incident = incidents[group["incident"]]
        digest = hashlib.sha256(group["name"].encode()).hexdigest()[:16]
        told = {"count": group["waiting"], "theme": group["name"]}
        communications = registry.holders(incident, [Role.COMMUNICATIONS_LEAD], with_deputies=False)
        yield Late(
            key=f"{AlertKind.THEME_UNANSWERED}:{incident.pk}:{digest}",
            kind=AlertKind.THEME_UNANSWERED,
            incident=incident,
            text=_("Open questions on “%(theme)s” wait for an answer: %(count)d.") % told,
            people=registry.leads(incident) | communications,
        )


def open_themes(*, now: datetime, incident: Incident | None = None) -> Any:
    """Return the themes of open questions: incident, name, how many wait, since when, and whether that is pressing."""
    company = Company.objects.first()
    most = company.theme_alarm_count if company else THEME_COUNT
    within: timedelta = company.brief_callback_within if company else feedback.CALL_BACK_WITHIN
    asking = Feedback.objects.unanswered().filter(incident__phase__in=LIVE, kind__in=feedback.ASKING)
    if incident is not None:
        asking = asking.filter(incident=incident)
    named = asking.annotate(name=Lower(Trim("theme"))).exclude(name="")
    groups = named.order_by().values("incident", "name")
    counted = groups.annotate(waiting=Count("pk"), oldest=Min("received_at"), soonest=Min("due_at"))
    pressing = Q(waiting__gte=most) | Q(oldest__lte=now - within) | Q(soonest__lte=now)
    marked = Case(When(pressing, then=True), default=False, output_field=BooleanField())
    return counted.annotate(is_pressing=marked).order_by("incident", "-waiting", "name")


@finder(AlertKind.CONFIRMATION_LATE)
def confirmations(now: datetime) -> Iterator[Late]:
    """What was said in a call was not confirmed in writing within the plan's time."""
    late = OutreachTask.objects.filter(
        state=OutreachState.DONE, confirmed_at=None, confirmation_due_at__lte=now, incident__phase__in=LIVE
    )
    for task in late.select_related("incident").order_by("pk"):
        yield Late(
            key=f"{AlertKind.CONFIRMATION_LATE}:{task.pk}",
            kind=AlertKind.CONFIRMATION_LATE,
            incident=task.incident,
            text=_("Contact no. %s is not confirmed in writing.") % task.pk,
            people={pk for pk in (task.owner_id,) if pk} | registry.leads(task.incident),
        )


@finder(AlertKind.BRIEF_WAITING)
def briefs(now: datetime) -> Iterator[Late]:
    """Facts changed, and the front line still goes by the old brief until somebody approves the new one."""
    given = StaffBrief.objects.filter(incident=OuterRef("incident"), acknowledgements__isnull=False)
    waiting = StaffBrief.objects.filter(Exists(given), state=BriefState.DRAFT, incident__phase__in=LIVE)
    for brief in waiting.select_related("incident").order_by("pk"):
        roles = plans.approval_rule(plans.required(brief.incident), staff_texts.BRIEF).roles
        text = _("Staff brief v%s waits for its approval: the front line still goes by the old facts.")
        yield Late(
            key=f"{AlertKind.BRIEF_WAITING}:{brief.pk}",
            kind=AlertKind.BRIEF_WAITING,
            incident=brief.incident,
            text=text % brief.version,
            people=registry.holders(brief.incident, roles, with_deputies=True),
        )
