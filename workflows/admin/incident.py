"""The crisis room: one incident with its phase, its clocks, what keeps it, and every step by a button."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, cast

from django.contrib import admin
from django.db.models import Min, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from incidents import clock, hotline, lifecycle
from incidents.admin.base import display
from incidents.admin.moments import due
from incidents.enums import Severity
from incidents.models import Company, Incident, User
from incidents.models.incident import IncidentQuerySet
from incidents.phases import FORWARD, Phase
from workflows import first_contacts
from workflows.admin import gate_places, tabs
from workflows.admin.audience import AudienceDoors, audience_tab
from workflows.admin.audience_rules import RuleDoors
from workflows.admin.base import DoorsAdmin, Tab, room_url
from workflows.admin.briefing import BriefDoors, brief_tab
from workflows.admin.clocks import clocks_tab
from workflows.admin.deciding import DecisionDoors, decisions_tab
from workflows.admin.declaring import DeclaringDoors
from workflows.admin.disclosure import ResponsibilityDoors
from workflows.admin.drafting import DraftingDoors
from workflows.admin.facts import FactDoors, facts_tab
from workflows.admin.feedback import ListeningDoors
from workflows.admin.linking import LinkDoors
from workflows.admin.outreach import CallDoors, calls_tab
from workflows.admin.phase import PhaseDoors, may_be_waived
from workflows.admin.plan import plan_tab
from workflows.admin.press import PressDoors, press_tab
from workflows.admin.progress import live_progress, next_words
from workflows.admin.promising import PromisingDoors
from workflows.admin.proving import ProvingDoors
from workflows.admin.reckoning import ReckoningDoors
from workflows.admin.reporting import ReportingDoors
from workflows.admin.review import ReviewDoors, review_tab
from workflows.admin.steps import StepDoors
from workflows.admin.team import TeamDoors, team_tab
from workflows.enums import SlotState
from workflows.models import UpdateSlot

SEVERITIES = {
    Severity.SEV1: "danger",
    Severity.SEV2: "warning",
    Severity.SEV3: "info",
    Severity.SEV4: "default",
}
TABS: dict[Tab, Callable[[Incident, HttpRequest], dict[str, Any]]] = {
    Tab.NOW: tabs.now_tab,
    Tab.FACTS: facts_tab,
    Tab.DECISIONS: decisions_tab,
    Tab.CLOCKS: clocks_tab,
    Tab.AUDIENCE: audience_tab,
    Tab.PLAN: plan_tab,
    Tab.BRIEF: brief_tab,
    Tab.MESSAGES: tabs.messages_tab,
    Tab.PRESS: press_tab,
    Tab.CALLS: calls_tab,
    Tab.FEEDBACK: tabs.feedback_tab,
    Tab.COMMITMENTS: tabs.commitments_tab,
    Tab.TEAM: team_tab,
    Tab.TIMELINE: tabs.timeline_tab,
    Tab.REVIEW: review_tab,
}
# What customers said is read by who may see the feedback log.
GUARDED = {Tab.FEEDBACK: "incidents.view_feedback"}


class StandingFilter(admin.SimpleListFilter):
    """Whether a report was judged, and how."""

    title = _("report")
    parameter_name = "report"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("open", _("to be judged")), ("declared", _("declared")), ("dismissed", _("dismissed"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Incident]) -> QuerySet[Incident]:
        rows = cast(IncidentQuerySet, queryset)
        chosen = {"open": rows.candidates, "dismissed": rows.dismissed}.get(self.value() or "")
        if chosen is not None:
            return chosen()
        return queryset.exclude(declared_at=None) if self.value() == "declared" else queryset


@admin.register(Incident)
class IncidentAdmin(
    ReportingDoors,
    DeclaringDoors,
    PhaseDoors,
    FactDoors,
    StepDoors,
    ResponsibilityDoors,
    DecisionDoors,
    AudienceDoors,
    RuleDoors,
    BriefDoors,
    DraftingDoors,
    CallDoors,
    ListeningDoors,
    PressDoors,
    LinkDoors,
    PromisingDoors,
    ProvingDoors,
    ReviewDoors,
    ReckoningDoors,
    TeamDoors,
    DoorsAdmin,
):
    list_display = ("reference", "title", "phase_shown", "severity_shown", "lead", "next_update", "created_at")
    list_display_links = ("reference", "title")
    list_filter = (StandingFilter, "phase", "severity", "is_drill", "is_embargoed")
    search_fields = ("reference__istartswith", "title__icontains")
    list_select_related = ("lead",)
    ordering = ("-created_at", "-pk")
    actions_list = ("report",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Incident]:
        waiting = UpdateSlot.objects.filter(
            incident=OuterRef("pk"), state__in=[SlotState.PROMISED, SlotState.OPEN]
        ).order_by()
        soonest = waiting.values("incident").annotate(soonest=Min("promised_at")).values("soonest")
        rows = cast("QuerySet[Incident]", super().get_queryset(request)).select_related("lead", "reported_by")
        return rows.annotate(promised_at=Subquery(soonest), is_late=Q(promised_at__lt=clock.now()))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        pulse = path("<path:object_id>/pulse/", view(self.pulse), name="incidents_incident_pulse")
        return [pulse, *super().get_urls()]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Report by the one door there is."""
        return HttpResponseRedirect(reverse("admin:incidents_incident_report"))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        incident: Incident = self.look_at(request, object_id)
        tab = _tab(request)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "media": self.media,
            "title": f"{incident.reference} {incident.title}",
            "original": incident,
            "tabs": [(one, room_url(incident, one)) for one in TABS if _may_open(one, request)],
            "tab": tab,
            "tab_template": f"admin/room/{tab}.html",
            "pulse_url": reverse("admin:incidents_incident_pulse", args=[incident.pk]),
            **_head(incident),
            **TABS[tab](incident, request),
        }
        return TemplateResponse(request, "admin/room/incident.html", context)

    def pulse(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Serve what changes by itself: the countdown and the bars."""
        incident: Incident = self.look_at(request, object_id)
        return TemplateResponse(request, "admin/room/pulse.html", _pulse(incident))

    @display(description=_("phase"), label=dict.fromkeys(Phase.values, "default"), ordering="phase")
    def phase_shown(self, incident: Incident) -> tuple[str, str]:
        return incident.phase, incident.get_phase_display()

    @display(description=_("severity"), label=dict(SEVERITIES), ordering="severity")
    def severity_shown(self, incident: Incident) -> tuple[str, str]:
        return incident.severity, incident.get_severity_display()

    @display(description=_("next update"), ordering="promised_at")
    def next_update(self, incident: Incident) -> str:
        return due(incident.promised_at, is_late=incident.is_late)  # type: ignore[attr-defined]


def _tab(request: HttpRequest) -> Tab:
    wanted = request.GET.get("tab", "")
    tab = Tab(wanted) if wanted in Tab.values else Tab.NOW
    return tab if _may_open(tab, request) else Tab.NOW


def _may_open(tab: Tab, request: HttpRequest) -> bool:
    return tab not in GUARDED or cast(User, request.user).has_perm(GUARDED[tab])


def _head(incident: Incident) -> dict[str, Any]:
    now = clock.now()
    found = lifecycle.blockers(incident, now=now) if incident.is_live else []
    return {
        **_pulse(incident),
        "now": now,
        "hotline_wait": hotline.current(Company.objects.first() or Company(), now=now),
        "steps": _steps(incident),
        "blockers": [
            {"row": one, "may_be_waived": may_be_waived(one), "tab": tab, "link": link}
            for one, tab, link in gate_places.places(incident, found)
        ],
        "is_blocked": any(one.is_blocking for one in found),
        "next_phase": lifecycle.next_phase(incident),
    }


def _pulse(incident: Incident) -> dict[str, Any]:
    now = clock.now()
    return {
        "incident": incident,
        "now": now,
        "next_words": next_words(incident, now=now) if incident.is_live else [],
        "first_contacts": _unheard(incident, now=now),
        "progress": live_progress(incident),
    }


def _unheard(incident: Incident, *, now: datetime) -> list[first_contacts.FirstContact]:
    """Return the clocks of the first contact while one of them still runs."""
    clocks = first_contacts.clocks(incident, now=now) if incident.is_live else []
    return clocks if any(one.heard_at is None for one in clocks) else []


def _steps(incident: Incident) -> list[dict[str, Any]]:
    order = [*FORWARD, Phase.CLOSED]
    place = order.index(Phase(incident.phase)) if incident.phase in order else -1
    return [
        {"label": phase.label, "state": "done" if at < place else "here" if at == place else "ahead"}
        for at, phase in enumerate(order)
    ]
