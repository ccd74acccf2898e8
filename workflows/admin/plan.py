"""The plan of an incident and its remedies: edited by one person, approved by another, revised with a reason."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant

from incidents import feedback
from incidents.admin.doors import ActionForm, Asked, Door
from incidents.admin.widgets import LocalisedField
from incidents.enums import Role
from incidents.models import Incident, RemedyChoice, RemedyOption
from notifications.enums import ChannelName
from workflows import plans, remedies
from workflows.admin.base import RowOfRoom, Tab
from workflows.admin.people import Person
from workflows.enums import PlanState
from workflows.models import CommunicationPlan, PlanAudience

CHOICES_SHOWN = 100
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


class ClaimForm(ActionForm):
    how_to_claim = LocalisedField(label=_("How to claim it"), is_long=True, required=False)
    claim_deadline = forms.DateTimeField(label=_("Claim by"), required=False, widget=forms.DateTimeInput)

    def prepare(self) -> None:
        self.fields["how_to_claim"].initial = self.subject.how_to_claim
        self.fields["claim_deadline"].initial = self.subject.claim_deadline


def _is_draft(plan: CommunicationPlan) -> bool:
    return plan.state == PlanState.DRAFT


@admin.register(CommunicationPlan)
class PlanAdmin(RowOfRoom):
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


@admin.register(RemedyOption)
class RemedyOptionAdmin(RowOfRoom):
    tab = Tab.PLAN

    @Door(
        title=_("How to claim"),
        permission="incidents.change_remedyoption",
        form=ClaimForm,
        icon="edit",
        shown=lambda option: option.approved_at is None,
    )
    def describe(self, option: RemedyOption, asked: Asked) -> str:
        remedies.describe(option, by=asked.by, now=asked.now, **asked.given)
        return gettext("Kept.")

    @Door(
        title=_("Approve"),
        permission="incidents.change_remedyoption",
        icon="verified",
        variant=ActionVariant.PRIMARY,
        explanation=_("Customers can choose it from then on."),
        shown=lambda option: option.approved_at is None,
    )
    def approve(self, option: RemedyOption, asked: Asked) -> str:
        feedback.approve_remedy(option, by=asked.by, now=asked.now)
        return gettext("The remedy is approved.")


@admin.register(RemedyChoice)
class RemedyChoiceAdmin(RowOfRoom):
    tab = Tab.PLAN

    @Door(
        title=_("Delivered"),
        permission="incidents.change_remedychoice",
        icon="task_alt",
        explanation=_("The customer has what they chose."),
        shown=lambda choice: choice.delivered_at is None,
    )
    def deliver(self, choice: RemedyChoice, asked: Asked) -> str:
        feedback.deliver_remedy(choice, by=asked.by, now=asked.now)
        return gettext("Recorded as delivered.")


def plan_tab(incident: Incident, _request: HttpRequest) -> dict[str, Any]:
    """Return what the tab shows."""
    plan = plans.current(incident)
    rows = list(plan.audiences.select_related("plan__incident").order_by("tier")) if plan else []
    choices = incident.remedy_choices.select_related("option", "customer").order_by("delivered_at", "pk")
    return {
        "plan": plan,
        "audiences": rows,
        "older_plans": incident.plans.filter(state=PlanState.SUPERSEDED).order_by("-version"),
        "standing": plan.standing_approvals.filter(revoked_at=None).select_related("granted_by") if plan else [],
        "options": incident.remedy_options.select_related("approved_by").order_by("position"),
        "choices": choices[:CHOICES_SHOWN],
    }
