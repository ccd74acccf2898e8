"""The call desk: my next call, its preparation sheet and script, and what came of it."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant

from incidents import clock
from incidents.admin.base import display
from incidents.admin.doors import ActionForm, Asked, Door
from incidents.admin.moments import due
from incidents.admin.widgets import LocalisedField
from incidents.errors import Refusal
from incidents.models import Customer, Incident, User
from notifications import tasks
from notifications.enums import ChannelName
from workflows import call_desk, call_outcomes, call_scripts, call_sheets, outreach
from workflows.admin.base import DoorsAdmin, Tab, room_url
from workflows.admin.people import Person
from workflows.enums import OutreachState
from workflows.gates import in_reader_language
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


class SheetForm(ActionForm):
    """The fields of the plan's preparation sheet."""

    def prepare(self) -> None:
        task: OutreachTask = self.subject
        for item in call_sheets.fields(task):
            value = task.preparation.get(item["key"], "")
            self.fields[item["key"]] = forms.CharField(
                label=in_reader_language(item["label"]),
                required=item["required"],
                initial="\n".join(value) if isinstance(value, list) else value,
                widget=forms.Textarea(attrs={"rows": 3 if item["type"] == "list" else 2}),
                help_text=_("One a line.") if item["type"] == "list" else "",
            )


class OutcomeForm(ActionForm):
    reached = forms.CharField(label=_("How the conversation went"), widget=forms.Textarea(attrs=LONG))
    concern = forms.CharField(
        label=_("What worries the customer"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    agreed_points = forms.CharField(
        label=_("What was agreed"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    promise = LocalisedField(
        label=_("Promised, if anything"), required=False, help_text=_("Becomes a commitment; one language is enough.")
    )
    promise_due_at = forms.DateTimeField(label=_("Promised for"), required=False, widget=forms.DateTimeInput)
    promise_owner = Person(label=_("Who keeps it"), required=False)
    promise_evidence = forms.CharField(label=_("Why it can be kept"), required=False)

    def prepare(self) -> None:
        self.fields["promise_owner"].initial = self.by.pk


class UnreachableForm(ActionForm):
    reason = forms.CharField(label=_("Why, and what was tried"), widget=forms.Textarea(attrs=LONG))


class RescheduleForm(ActionForm):
    due_at = forms.DateTimeField(label=_("Agreed time"), widget=forms.DateTimeInput)
    reason = forms.CharField(label=_("Why"), widget=forms.Textarea(attrs={"rows": 2}))


class HandOverForm(ActionForm):
    to = Person(label=_("To whom"))


class RequestForm(ActionForm):
    crm_id = forms.CharField(label=_("Customer (CRM id)"), max_length=80)
    channel = forms.ChoiceField(
        label=_("Way"), choices=[(name.value, name.label) for name in outreach.PERSONAL_CHANNELS]
    )
    due_at = forms.DateTimeField(label=_("By when"), widget=forms.DateTimeInput)

    def clean_crm_id(self) -> Customer:
        customer = Customer.objects.filter(crm_id=self.cleaned_data["crm_id"].strip()).first()
        if customer is None:
            raise forms.ValidationError(gettext("No customer has this id."))
        return customer


def _is_open(task: OutreachTask) -> bool:
    return task.state in outreach.OPEN


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
        return _to(call_desk.claim_next(by=asked.by, now=asked.now, incident=incident))

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
    list_filter = ("state", "origin", "channel", "is_prepared")
    search_fields = ("incident__reference__istartswith", "customer__crm_id__istartswith")
    search_help_text = _("Reference of the incident or CRM id")
    list_select_related = ("customer", "incident", "owner")
    ordering = ("due_at", "pk")
    actions_list = ("next_of_mine",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[OutreachTask]:
        late = Q(state__in=outreach.OPEN, due_at__lt=clock.now())
        rows = cast("QuerySet[OutreachTask]", super().get_queryset(request)).annotate(is_late=late)
        return rows.select_related("incident", "customer", "owner", "message__incident")

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
            "sheet": _sheet(task),
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
        return _to(call_desk.claim_next(by=asked.by, now=asked.now))

    @Door(title=_("I take it"), permission=MAY_CALL, icon="back_hand", shown=_is_open)
    def claim(self, task: OutreachTask, asked: Asked) -> str:
        call_desk.claim(task, by=asked.by, now=asked.now)
        return gettext("It is yours.")

    @Door(title=_("Preparation sheet"), permission=MAY_CALL, form=SheetForm, icon="checklist", shown=_is_open)
    def prepare(self, task: OutreachTask, asked: Asked) -> str:
        call_desk.prepare(task, sheet=asked.given, by=asked.by, now=asked.now)
        return gettext("The sheet is kept.")

    @Door(
        title=_("Reached"),
        permission=MAY_CALL,
        form=OutcomeForm,
        icon="phone_in_talk",
        variant=ActionVariant.PRIMARY,
        button=_("Keep the outcome"),
        shown=_is_open,
    )
    def finish(self, task: OutreachTask, asked: Asked) -> str:
        call_outcomes.finish(task, outcome=_outcome(asked.given), by=asked.by, now=asked.now)
        transaction.on_commit(tasks.ring)
        return gettext("Kept. What was said follows in writing where the plan asks for it.")

    @Door(title=_("Unreachable"), permission=MAY_CALL, form=UnreachableForm, icon="phone_missed", shown=_is_open)
    def give_up(self, task: OutreachTask, asked: Asked) -> str:
        call_outcomes.unreachable(task, reason=asked.given["reason"], by=asked.by, now=asked.now)
        return gettext("Recorded as unreachable.")

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
    open_rows = rows.filter(state__in=outreach.OPEN).select_related("customer", "owner").order_by("due_at", "pk")
    return {
        "counts": [(names[row["state"]], row["count"]) for row in counted],
        "calls": open_rows[:CALLS_SHOWN],
    }


def _to(task: OutreachTask | None) -> str | HttpResponse:
    if task is None:
        return gettext("Nobody waits for a call from you.")
    return HttpResponseRedirect(reverse("admin:workflows_outreachtask_change", args=[task.pk]))


def _outcome(given: dict[str, Any]) -> call_outcomes.CallOutcome:
    promise = call_outcomes.CallPromise(
        text=given["promise"],
        due_at=given["promise_due_at"],
        owner=given["promise_owner"],
        feasibility_evidence=given["promise_evidence"],
    )
    return call_outcomes.CallOutcome(
        reached=given["reached"],
        concern=given["concern"],
        agreed_points=given["agreed_points"],
        promise=promise if given["promise"] else None,
    )


def _script(task: OutreachTask) -> dict[str, Any]:
    try:
        return {"script": call_scripts.script(task, language=task.customer.language, now=clock.now())}
    except Refusal as refusal:
        return {"script": [], "script_problem": str(refusal)}


def _addresses(task: OutreachTask, request: HttpRequest) -> dict[str, Any]:
    may_see = cast(User, request.user).has_perm("incidents.see_addresses")
    rows = task.customer.contact_points.order_by("kind", "-is_primary") if may_see else []
    return {"addresses": rows, "may_see_addresses": may_see}


def _sheet(task: OutreachTask) -> list[tuple[str, str]]:
    try:
        fields = call_sheets.fields(task)
    except Refusal:
        return []
    return [(in_reader_language(one["label"]), str(task.preparation.get(one["key"], ""))) for one in fields]
