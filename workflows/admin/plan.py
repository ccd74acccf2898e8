"""The plan of an incident: edited by one person, approved by another, revised with a reason."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant

from incidents import clock, embargo
from incidents.admin.doors import ActionForm, Asked, Door
from incidents.enums import Role
from incidents.models import Incident
from notifications.enums import ChannelName
from workflows import cases, parties, plan_check, plans, timetable
from workflows.admin.base import RowOfRoom, Tab, room_url
from workflows.admin.linking import links_of
from workflows.admin.people import Person
from workflows.admin.plan_content import PlanContentDoors, approval_rows, cadence_rows, editable_kinds
from workflows.admin.remedies import remedies_shown
from workflows.enums import PlanState
from workflows.models import CommunicationPlan, PlanAudience

CHANNELS_HELP = _("In order: the first one opens the conversation. Choose from the list; separate by commas.")


class PlanForm(ActionForm):
    objective = forms.CharField(label=_("Objective"), required=False, widget=forms.Textarea(attrs={"rows": 3}))
    key_messages = forms.CharField(
        label=_("Key messages"), required=False, widget=forms.Textarea(attrs={"rows": 5}), help_text=_("One a line.")
    )
    owner = Person(label=_("Owner"), required=False)
    grants_standing_approval = forms.BooleanField(
        label=_("Approve progress updates beforehand"),
        required=False,
        help_text=_("Updates from the approved template and the confirmed facts go out by themselves."),
    )
    allows_no_change_update = forms.BooleanField(
        label=_("Rather “no change” than silence"),
        required=False,
        help_text=_("If an update is not approved in time, the plain text with the next time goes out."),
    )
    once_per_address = forms.BooleanField(
        label=_("One copy for each address"),
        required=False,
        help_text=_("Customers who share an address count as told through one copy that names what affects each."),
    )
    once_per_account = forms.BooleanField(label=_("One copy for each account or household"), required=False)

    def prepare(self) -> None:
        for name in self.fields:
            self.fields[name].initial = getattr(self.subject, name)


class ChannelsField(forms.CharField):
    """Channel ids in order, as a list."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        names = [name.strip() for name in super().clean(value).split(",") if name.strip()]
        wrong = [name for name in names if name not in ChannelName.values]
        if wrong:
            known = ", ".join(ChannelName.values)
            raise forms.ValidationError(
                gettext("There is no channel “%(wrong)s”; choose from: %(known)s.")
                % {"wrong": ", ".join(wrong), "known": known}
            )
        return names


class TierForm(ActionForm):
    first_channels = ChannelsField(label=_("First contact by"), help_text=CHANNELS_HELP)
    update_channels = ChannelsField(label=_("Updates by"), help_text=CHANNELS_HELP)
    first_contact_interval = forms.DurationField(
        label=_("First contact within"), help_text=_("Hours:minutes:seconds, or days and hours: 2 04:00:00.")
    )
    update_interval = forms.DurationField(label=_("Update every"))
    survey_interval = forms.DurationField(label=_("Survey after the solution"), required=False)
    owner_role = forms.ChoiceField(label=_("Owner's role"), choices=Role.choices)
    channel_names = ChannelName.choices

    def prepare(self) -> None:
        for name in self.fields:
            self.fields[name].initial = getattr(self.subject, name)


class ReviseForm(ActionForm):
    reason = forms.CharField(label=_("Why the plan changes"), widget=forms.Textarea(attrs={"rows": 3}))


def _is_draft(plan: CommunicationPlan) -> bool:
    return plan.state == PlanState.DRAFT


@admin.register(CommunicationPlan)
class PlanAdmin(PlanContentDoors, RowOfRoom):
    tab = Tab.PLAN

    @Door(title=_("Edit"), permission="workflows.change_communicationplan", form=PlanForm, icon="edit", shown=_is_draft)
    def edit(self, plan: CommunicationPlan, asked: Asked) -> str:
        plans.edit(plan, changes=plans.PlanChanges(**asked.given), by=asked.by, now=asked.now)
        return gettext("The plan is changed.")

    @Door(
        title=_("Approve the plan"),
        permission="workflows.approve_plan",
        icon="verified",
        variant=ActionVariant.PRIMARY,
        template="admin/room/approve_plan.html",
        explanation=_("Another person than its writer approves it; with it what it allows beforehand."),
        shown=_is_draft,
        hidden_from=lambda plan, by: plan.created_by_id == by.pk,
    )
    def approve(self, plan: CommunicationPlan, asked: Asked) -> str:
        plans.approve(plan, by=asked.by, now=asked.now)
        return gettext("Plan v%s is approved.") % plan.version

    @Door(
        title=_("Revise"),
        permission="workflows.change_communicationplan",
        form=ReviseForm,
        icon="edit_note",
        explanation=_("A new draft takes the plan's place and is approved again."),
        shown=lambda plan: plan.state == PlanState.APPROVED,
    )
    def revise(self, plan: CommunicationPlan, asked: Asked) -> str:
        new = plans.revise(plan, reason=asked.given["reason"], by=asked.by, now=asked.now)
        return gettext("Plan v%s is a draft.") % new.version


@admin.register(PlanAudience)
class PlanAudienceAdmin(RowOfRoom):
    tab = Tab.PLAN
    path_to_incident = "plan.incident"

    @Door(
        title=_("Edit"),
        permission="workflows.change_planaudience",
        form=TierForm,
        icon="edit",
        template="admin/room/tier_form.html",
        shown=lambda audience: _is_draft(audience.plan),
    )
    def edit(self, audience: PlanAudience, asked: Asked) -> str:
        changes = plans.PlanChanges(audiences={audience.tier: asked.given})
        plans.edit(audience.plan, changes=changes, by=asked.by, now=asked.now)
        return gettext("%s is changed.") % audience


def plan_tab(incident: Incident, request: HttpRequest) -> dict[str, Any]:
    """Return what the tab shows."""
    plan = plans.current(incident)
    rows = list(plan.audiences.select_related("plan__incident").order_by("tier")) if plan else []
    return {
        "plan": plan,
        "audiences": rows,
        "older_plans": incident.plans.filter(state=PlanState.SUPERSEDED).order_by("-version"),
        "standing": plan.standing_approvals.filter(revoked_at=None).select_related("granted_by") if plan else [],
        "links": links_of(incident, to=request.user),
        "similar": cases.similar(incident, within=embargo.visible(Incident.objects.all(), to=request.user)),
        "cases": cases.told(incident),
        "methods": cases.methods(),
        **remedies_shown(incident),
        **(_inside(plan) if plan else {}),
    }


def _inside(plan: CommunicationPlan) -> dict[str, Any]:
    now = clock.now()
    cells = parties.matrix(plan)
    order = timetable.steps(plan, cells=cells)
    return {
        "gaps": [{"gap": gap, "link": room_url(plan.incident, Tab.AUDIENCE)} for gap in plan_check.gaps(plan)],
        "channel_warnings": plan_check.channel_warnings(plan),
        "parties": [{"cell": cell, "is_late": cell.is_late(now)} for cell in cells],
        "steps_told": [{"step": step, "is_late": step.is_late(now)} for step in order],
        "order_warnings": timetable.warnings(order, now=now),
        "template_kinds": editable_kinds(plan),
        "approval_rows": approval_rows(plan),
        "cadence_rows": cadence_rows(plan),
    }
