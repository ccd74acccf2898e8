"""The first page: what is live, what is late, whether word arrives, and what was promised next."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from django.db.models import Count, Min, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incidents import clock, duty, embargo, radar
from incidents.enums import Severity
from incidents.models import Commitment, Company, Feedback, Heartbeat, Incident, Signal, User
from incidents.phases import LIVE, Phase
from notifications.enums import WAITING, DeliveryStatus, MessageState
from notifications.models import Delivery, Message, MessageRevision
from workflows import clocks, waiting
from workflows.enums import OutreachState, PlanState, SlotState
from workflows.models import Alert, ClockRun, CommunicationPlan, OutreachTask, UpdateSlot

SHOWN = 10
CALENDAR = 20
# The tick runs every second; after a minute of silence nobody may believe that updates open by themselves.
SILENCE = timedelta(seconds=60)
RECENT = timedelta(days=1)
WAITING_SLOTS = (SlotState.PROMISED, SlotState.OPEN)
SEVERITY_COLOURS = {Severity.SEV1: "red", Severity.SEV2: "amber", Severity.SEV3: "blue", Severity.SEV4: "grey"}
HEALTH = (
    (gettext_lazy("Waiting"), WAITING, "grey"),
    (gettext_lazy("Sending"), (DeliveryStatus.SENDING,), "blue"),
    (
        gettext_lazy("Arrived"),
        (DeliveryStatus.ACCEPTED, DeliveryStatus.DELIVERED, DeliveryStatus.ACKNOWLEDGED),
        "green",
    ),
    (gettext_lazy("Failed"), (DeliveryStatus.FAILED,), "red"),
    (gettext_lazy("Uncertain"), (DeliveryStatus.UNCERTAIN,), "amber"),
)


@dataclass(frozen=True)
class Late:
    """One thing somebody must do now: what, where, since when it is due."""

    what: str
    row: Any
    incident: Incident
    due_at: datetime | None

    @property
    def page(self) -> str:
        """Where it is done; empty while that page does not exist."""
        try:
            return reverse(f"admin:{self.row._meta.app_label}_{self.row._meta.model_name}_change", args=[self.row.pk])
        except NoReverseMatch:
            return ""


def environment(request: HttpRequest) -> list[Any] | None:
    """Return the label that keeps people from mistaking the sample company for the real one."""
    if Company.objects.filter(is_demonstration=True).exists():
        return [_("Demonstration"), "warning"]
    return None


def home(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add the board to the admin's first page."""
    return {**context, "title": _("Now"), **board(cast(User, request.user), now=clock.now())}


def fragment(request: HttpRequest) -> HttpResponse:
    """Answer with the live part alone, for the page to refresh itself."""
    return TemplateResponse(request, "admin/board.html", board(cast(User, request.user), now=clock.now()))


def board(user: User, *, now: datetime) -> dict[str, Any]:
    """Return everything the live part shows to this person."""
    if not user.has_perm("incidents.view_incident"):
        return {"is_blind": True, "now": now}
    beat = Heartbeat.objects.filter(name="tick").first()
    return {
        "now": now,
        "may_report": user.has_perm("incidents.add_incident"),
        "candidates": _candidates(user),
        "signals": radar.untied(embargo.visible(Signal.objects.all(), to=user), since=now - RECENT)[:SHOWN],
        "duty": duty.now_on(now),
        "incidents": _incidents(user),
        "approvals": waiting_for(user, now=now),
        "late": _late(user, now=now),
        "calls": _calls(user),
        "health": _health(user, now=now),
        "calendar": _calendar(user),
        "clocks": _clocks(user, now=now),
        "silent_since": beat.beat_at if beat is not None and beat.beat_at < now - SILENCE else None,
    }


def _candidates(user: User) -> list[Incident]:
    """Return the reports that wait for somebody to declare or dismiss them, the oldest first."""
    rows = embargo.visible(Incident.objects.candidates(), to=user).select_related("reported_by")
    found: list[Any] = list(rows.annotate(signs=Count("signals")).order_by("created_at", "pk")[:SHOWN])
    for row in found:
        row.may_judge = user.has_perm("incidents.declare_incident")
    return found


def _incidents(user: User) -> list[Incident]:
    next_slot = UpdateSlot.objects.filter(incident=OuterRef("pk"), state__in=WAITING_SLOTS).order_by()
    soonest = next_slot.values("incident").annotate(soonest=Min("promised_at")).values("soonest")
    declared = Incident.objects.live().exclude(phase=Phase.IDENTIFY, declared_at=None)
    rows = embargo.visible(declared, to=user).select_related("lead").annotate(next_update_at=Subquery(soonest))
    found: list[Any] = list(rows.order_by("severity", "-created_at")[:CALENDAR])
    for incident in found:
        incident.colour = SEVERITY_COLOURS.get(cast(Severity, incident.severity), "grey")
    return found


def waiting_for(user: User, *, now: datetime) -> list[Any]:
    """Return the messages and plans this person can approve: the role is theirs, the text is another's."""
    roles = waiting.roles_of(user)
    if not roles:
        return []
    messages = (
        Message.objects.filter(state=MessageState.IN_REVIEW, incident__in=roles)
        .select_related("incident", "current")
        .prefetch_related("current__requirements", "current__approvals")
        .order_by("submitted_at")
    )
    mine: list[Any] = [row for row in messages if _wants(row.current, user, roles[row.incident_id], now)][:SHOWN]
    if user.has_perm("workflows.approve_plan"):
        plans = CommunicationPlan.objects.filter(state=PlanState.DRAFT, incident__in=roles).exclude(created_by=user)
        mine += plans.select_related("incident").order_by("created_at")[:SHOWN]
    return mine


def _wants(revision: MessageRevision | None, user: User, roles: dict[str, bool], now: datetime) -> bool:
    if revision is None or revision.author_id == user.pk:
        return False
    given = {approval.role for approval in revision.approvals.all()}
    for requirement in revision.requirements.all():
        is_deputys_turn = requirement.deputy_from is not None and requirement.deputy_from <= now
        mine = {role for role, as_deputy in roles.items() if is_deputys_turn or not as_deputy}
        if mine & set(requirement.any_of) and not given & set(requirement.any_of):
            return True
    return False


def _late(user: User, *, now: datetime) -> list[Late]:
    alerts = Alert.objects.filter(taken_at=None, over_at=None, incident__phase__in=LIVE)
    found = [
        Late(row.get_kind_display(), row, row.incident, row.raised_at) for row in _first(alerts, user, "raised_at")
    ]
    questions = Feedback.objects.unanswered().filter(due_at__lt=now)
    found += [Late(row.get_kind_display(), row, row.incident, row.due_at) for row in _first(questions, user, "due_at")]
    promises = Commitment.objects.overdue(now)
    found += [Late(row.get_kind_display(), row, row.incident, row.due_at) for row in _first(promises, user, "due_at")]
    return sorted(found, key=lambda late: late.due_at or now)


def _first(rows: QuerySet[Any], user: User, by: str) -> QuerySet[Any]:
    return embargo.visible(rows, to=user).select_related("incident").order_by(by, "pk")[:SHOWN]


def _calls(user: User) -> list[OutreachTask]:
    open_states = (OutreachState.TO_DO, OutreachState.CLAIMED)
    calls = OutreachTask.objects.filter(owner=user, state__in=open_states).select_related("incident", "customer")
    return list(embargo.visible(calls, to=user).order_by("due_at", "pk")[:SHOWN])


def _health(user: User, *, now: datetime) -> list[dict[str, Any]]:
    """Count the deliveries of live incidents and of the last day, in five groups people understand."""
    spoken = Message.objects.filter(Q(incident__phase__in=LIVE) | Q(released_at__gte=now - RECENT))
    recent = embargo.visible(spoken, to=user).values("pk")
    counted = dict(
        Delivery.objects.filter(message__in=recent).order_by().values_list("status").annotate(number=Count("pk"))
    )
    return [
        {"label": label, "number": sum(counted.get(status.value, 0) for status in statuses), "colour": colour}
        for label, statuses, colour in HEALTH
    ]


def _clocks(user: User, *, now: datetime) -> list[dict[str, Any]]:
    """Return the legal clocks that run, the soonest deadline first."""
    runs = embargo.visible(ClockRun.objects.running(), to=user).soonest().select_related("incident")[:CALENDAR]
    return [{"run": run, "name": clocks.name_of(run), "is_overdue": run.is_overdue(now)} for run in runs]


def _calendar(user: User) -> list[UpdateSlot]:
    slots = UpdateSlot.objects.filter(state__in=WAITING_SLOTS, incident__phase__in=LIVE).select_related("incident")
    return list(embargo.visible(slots, to=user).order_by("promised_at", "pk")[:CALENDAR])
