"""The call desk: my next call, its preparation sheet and script, and what came of it."""

from typing import Any, cast

from django.conf import settings
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant

from incidents import clock
from incidents.admin.base import display
from incidents.admin.doors import Asked, Door
from incidents.admin.moments import due
from incidents.errors import Refusal
from incidents.models import Incident, User
from notifications import tasks
from notifications.enums import ChannelName
from workflows import calendars, call_desk, call_outcomes, call_scripts, calling_hours, outreach, sheet_drafts
from workflows.admin.base import DoorsAdmin, Tab, room_url
from workflows.admin.call_forms import (
    AppointmentForm,
    ConfirmedForm,
    HandOverForm,
    OutcomeForm,
    RequestForm,
    RescheduleForm,
    SheetForm,
    SheetsForm,
    customers_hours,
)
from workflows.admin.console import console_url
from workflows.enums import OutreachState
from workflows.gates import enumerate_names
from workflows.models import OutreachTask

MAY_CALL = "workflows.change_outreachtask"
STATES = {
    OutreachState.TO_DO: "warning",
    OutreachState.CLAIMED: "info",
    OutreachState.DONE: "success",
    OutreachState.UNREACHABLE: "danger",
    OutreachState.CANCELLED: "default",
}
LONG = {"rows": 3}
CALLS_SHOWN = 200


def _is_open(task: OutreachTask) -> bool:
    return task.state in outreach.OPEN


class MineFilter(admin.SimpleListFilter):
    """Mine, nobody's, or being called now."""

    title = _("whose")
    parameter_name = "whose"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("mine", _("Mine")), ("nobody", _("Nobody's"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[OutreachTask]) -> QuerySet[OutreachTask]:
        me = cast(User, request.user)
        if self.value() == "mine":
            return queryset.filter(Q(owner=me) | Q(claimed_by=me))
        return queryset.filter(owner=None) if self.value() == "nobody" else queryset


class CallDoors:
    """Doors of the incident about calls."""

    @Door(
        title=_("My next call"),
        permission=MAY_CALL,
        icon="call",
        variant=ActionVariant.PRIMARY,
        explanation=_("The contact of this incident that is due first becomes yours."),
        shown=lambda incident: incident.is_live,
    )
    def next_call(self, incident: Incident, asked: Asked) -> str | HttpResponse:
        return _to(call_desk.claim_next(by=asked.by, now=asked.now, incident=incident), by=asked.by)

    @Door(
        title=_("Look at the prefilled sheets"),
        permission=MAY_CALL,
        form=SheetsForm,
        icon="fact_check",
        explanation=_(
            "The system filled these preparation sheets from the record. Read them; your name stands under all of them."
        ),
        button=_("Looked at: all sheets of tier 1 are ready"),
        template="admin/room/sheets.html",
        shown=lambda incident: incident.is_live,
    )
    def look_at_sheets(self, incident: Incident, asked: Asked) -> str:
        looked = sheet_drafts.look(incident, seen=asked.given["seen"], by=asked.by, now=asked.now)
        return _looked(looked)

    @Door(
        title=_("Ask for a call"),
        permission=MAY_CALL,
        form=RequestForm,
        icon="add_call",
        shown=lambda incident: incident.is_live,
    )
    def request_call(self, incident: Incident, asked: Asked) -> str:
        given, channel = asked.given, ChannelName(asked.given["channel"])
        outreach.request(
            incident, customer=given["crm_id"], channel=channel, due_at=given["due_at"], by=asked.by, now=asked.now
        )
        return gettext("The contact is on the list.")


@admin.register(OutreachTask)
class OutreachAdmin(DoorsAdmin):
    list_display = ("customer", "channel", "incident", "owner", "due_shown", "state_shown", "is_prepared", "origin")
    list_filter = ("state", MineFilter, "origin", "channel", "is_prepared")
    search_fields = ("incident__reference__istartswith", "customer__crm_id__istartswith")
    search_help_text = _("Reference of the incident or CRM id")
    list_select_related = ("customer", "incident", "owner")
    ordering = ("due_at", "pk")
    actions_list = ("next_of_mine", "open_calendar", "close_calendar")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.calendar)
        return [path("<path:object_id>/calendar/", view, name="workflows_outreachtask_calendar"), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[OutreachTask]:
        late = Q(state__in=outreach.OPEN, due_at__lt=clock.now())
        rows = cast("QuerySet[OutreachTask]", super().get_queryset(request)).annotate(is_late=late)
        return rows.select_related(
            "incident",
            "customer",
            "owner",
            "claimed_by",
            "finished_by",
            "prepared_by",
            "chosen_option",
            "message__incident",
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        task: OutreachTask = self.look_at(request, object_id)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "media": self.media,
            "title": f"{task.get_channel_display()}: {task.customer}",
            "task": task,
            "now": clock.now(),
            "room": room_url(task.incident, Tab.CALLS),
            "impact": task.incident.impacts.filter(customer=task.customer).first(),
            **_script(task),
            **_addresses(task, request),
            **_sheet(task),
            **_moment(task),
            "history": console_url(task.incident, customer=task.customer),
            "attempts": task.attempts.select_related("by").order_by("-at", "-pk"),
        }
        return TemplateResponse(request, "admin/room/call.html", context)

    @Door(
        title=_("My next call"),
        permission=MAY_CALL,
        icon="call",
        variant=ActionVariant.PRIMARY,
        explanation=_("The contact that is due first, over all incidents, becomes yours."),
    )
    def next_of_mine(self, _subject: None, asked: Asked) -> str | HttpResponse:
        return _to(call_desk.claim_next(by=asked.by, now=asked.now), by=asked.by)

    @Door(title=_("I take it"), permission=MAY_CALL, icon="back_hand", shown=_is_open)
    def claim(self, task: OutreachTask, asked: Asked) -> str:
        call_desk.claim(task, by=asked.by, now=asked.now)
        return gettext("It is yours.")

    @Door(title=_("Preparation sheet"), permission=MAY_CALL, form=SheetForm, icon="checklist", shown=_is_open)
    def prepare(self, task: OutreachTask, asked: Asked) -> str:
        call_desk.prepare(task, sheet=asked.given, by=asked.by, now=asked.now)
        return gettext("The sheet is kept.")

    @Door(
        title=_("Outcome"),
        permission=MAY_CALL,
        form=OutcomeForm,
        icon="phone_in_talk",
        variant=ActionVariant.PRIMARY,
        button=_("Keep the outcome"),
        template="admin/room/outcome.html",
        shown=_is_open,
    )
    def finish(self, task: OutreachTask, asked: Asked) -> str:
        call_outcomes.record(task, came=asked.given["came"], by=asked.by, now=asked.now)
        transaction.on_commit(tasks.ring)
        return gettext("Kept. What was said follows in writing where the plan asks for it.")

    @Door(title=_("Agree a time"), permission=MAY_CALL, form=AppointmentForm, icon="event", shown=_is_open)
    def arrange(self, task: OutreachTask, asked: Asked) -> str:
        call_desk.arrange(task, appointment=asked.given["appointment"], by=asked.by, now=asked.now)
        return gettext("Kept; the calendar file has it.")

    @Door(
        title=_("Confirmed in writing"),
        permission=MAY_CALL,
        form=ConfirmedForm,
        icon="mark_email_read",
        shown=lambda task: task.confirmation_due_at is not None and task.confirmed_at is None,
    )
    def confirm_written(self, task: OutreachTask, asked: Asked) -> str:
        call_outcomes.confirm_written(task, how=asked.given["how"], by=asked.by, now=asked.now)
        return gettext("Recorded.")

    @Door(
        title=_("My calendar address"),
        permission="workflows.view_outreachtask",
        icon="calendar_month",
        explanation=_(
            "Gives you an address for your calendar program, with your open contacts by CRM id. It works without a "
            "log-in: keep it to yourself. An older address stops working."
        ),
    )
    def open_calendar(self, _subject: None, asked: Asked) -> HttpResponse:
        context = {
            **self.admin_site.each_context(asked.request),
            "title": gettext("Your calendar address"),
            "opts": self.opts,
            "secret": f"{settings.PUBLIC_BASE_URL}{calendars.open_feed(asked.by, now=asked.now)}",
        }
        page = TemplateResponse(asked.request, "admin/calendar_made.html", context)
        page.headers["Cache-Control"] = "no-store"
        return page

    @Door(title=_("Close my calendar address"), permission="workflows.view_outreachtask", icon="event_busy")
    def close_calendar(self, _subject: None, asked: Asked) -> str:
        was_open = calendars.close_feed(asked.by, now=asked.now)
        return gettext("It works no longer.") if was_open else gettext("You had none.")

    def calendar(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Serve one contact as a calendar file."""
        task: OutreachTask = self.look_at(request, object_id)
        try:
            file = calendars.contact_file(task, now=clock.now())
        except Refusal as refusal:
            messages.error(request, str(refusal))
            return HttpResponseRedirect(reverse("admin:workflows_outreachtask_change", args=[task.pk]))
        answer = HttpResponse(file, content_type="text/calendar")
        answer["Content-Disposition"] = f'attachment; filename="contact-{task.pk}.ics"'
        answer["Cache-Control"] = "no-store"
        return answer

    @Door(title=_("Put off"), permission=MAY_CALL, form=RescheduleForm, icon="event_repeat", shown=_is_open)
    def reschedule(self, task: OutreachTask, asked: Asked) -> str:
        given = asked.given
        call_desk.reschedule(task, due_at=given["due_at"], reason=given["reason"], by=asked.by, now=asked.now)
        return gettext("Put off.")

    @Door(title=_("Hand over"), permission=MAY_CALL, form=HandOverForm, icon="forward", shown=_is_open)
    def hand_over(self, task: OutreachTask, asked: Asked) -> str:
        to: User = asked.given["to"]
        call_desk.hand_over(task, to=to, by=asked.by, now=asked.now)
        return gettext("It is with %s now.") % to

    @display(description=_("due"), ordering="due_at")
    def due_shown(self, task: OutreachTask) -> str:
        return due(task.due_at, is_late=task.is_late)  # type: ignore[attr-defined]

    @display(description=_("state"), label=dict(STATES), ordering="state")
    def state_shown(self, task: OutreachTask) -> tuple[str, str]:
        return task.state, task.get_state_display()


def calls_tab(incident: Incident, _request: HttpRequest) -> dict[str, Any]:
    """Return what the tab shows: counts by state, and the contacts that are still to be made."""
    rows = OutreachTask.objects.filter(incident=incident)
    counted = rows.order_by().values("state").annotate(count=Count("pk"))
    names = dict(OutreachState.choices)
    open_rows = rows.filter(state__in=outreach.OPEN).order_by("due_at", "pk")
    open_rows = open_rows.select_related("customer", "owner", "claimed_by").annotate(tries=Count("attempts"))
    return {
        "counts": [(names[row["state"]], row["count"]) for row in counted],
        "calls": open_rows[:CALLS_SHOWN],
    }


def _to(task: OutreachTask | None, *, by: User) -> str | HttpResponse:
    if task is not None:
        return HttpResponseRedirect(reverse("admin:workflows_outreachtask_change", args=[task.pk]))
    waiting = call_desk.waiting_for(by=by)
    if waiting:
        return gettext("Nobody is called at this hour; %d wait for their morning or the agreed time.") % waiting
    return gettext("Nobody waits for a call from you.")


def _script(task: OutreachTask) -> dict[str, Any]:
    try:
        return {"script": call_scripts.script(task, language=task.customer.language, now=clock.now())}
    except Refusal as refusal:
        return {"script": [], "script_problem": str(refusal)}


def _addresses(task: OutreachTask, request: HttpRequest) -> dict[str, Any]:
    may_see = cast(User, request.user).has_perm("incidents.see_addresses")
    rows = task.customer.contact_points.order_by("kind", "-is_primary") if may_see else []
    return {"addresses": rows, "may_see_addresses": may_see}


def _moment(task: OutreachTask) -> dict[str, Any]:
    now = clock.now()
    return {
        "local_time": calling_hours.local(task.customer, now=now),
        "is_welcome": calling_hours.is_welcome(task.customer, now=now),
        "welcome_hours": customers_hours(task.customer),
    }


def _sheet(task: OutreachTask) -> dict[str, Any]:
    """Return the sheet as it was kept, else as the system would fill it now."""
    if task.is_prepared or not _is_open(task):
        return {"sheet": sheet_drafts.kept(task)}
    try:
        draft = sheet_drafts.of_task(task, now=clock.now())
    except Refusal:
        return {"sheet": []}
    return {"sheet": draft.lines, "is_draft": True}


def _looked(looked: sheet_drafts.Looked) -> str:
    said = gettext("%d sheets are ready.") % looked.ready
    if looked.left_open:
        said += "\n" + gettext("Still open, with fewer than two options: %s.") % enumerate_names(looked.left_open)
    return said
