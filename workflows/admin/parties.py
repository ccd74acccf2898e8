"""Other audiences of the plan: their texts drafted, handed over, left out for a reason."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant

from incidents.admin.doors import ActionForm, Asked, Door
from incidents.enums import Role
from notifications.enums import ChannelName
from workflows import parties, plans
from workflows.admin.base import RowOfRoom, Tab, room_url
from workflows.admin.people import Person
from workflows.admin.plan_content import is_current
from workflows.models import PlanParty


class PartyForm(ActionForm):
    is_needed = forms.BooleanField(label=_("Needs to be told"), required=False)
    reason = forms.CharField(label=_("If not: why"), required=False, max_length=300)
    channel = forms.ChoiceField(label=_("Channel"), choices=ChannelName.choices)
    owner_role = forms.ChoiceField(label=_("Owner's role"), choices=Role.choices)
    owner = Person(label=_("Owner by name"), required=False)
    due_interval = forms.DurationField(
        label=_("Due after the declaration"),
        required=False,
        help_text=_("Hours:minutes:seconds."),
    )
    change_reason = forms.CharField(label=_("Why the plan changes"), required=False)

    def prepare(self) -> None:
        for name in ("is_needed", "reason", "channel", "owner_role", "owner", "due_interval"):
            self.fields[name].initial = getattr(self.subject, name)


@admin.register(PlanParty)
class PlanPartyAdmin(RowOfRoom):
    tab = Tab.PLAN
    path_to_incident = "plan.incident"
    list_select_related = ("plan__incident",)

    @Door(
        title=_("Draft"),
        permission="notifications.write_message",
        icon="edit_square",
        explanation=_(
            "The text comes from the plan's template and the confirmed facts, and is approved like any other."
        ),
        shown=lambda row: is_current(row.plan),
    )
    def draft(self, row: PlanParty, asked: Asked) -> HttpResponse:
        message = parties.draft(row, by=asked.by, now=asked.now)
        return HttpResponseRedirect(reverse("admin:notifications_message_change", args=[message.pk]))

    @Door(
        title=_("Change"),
        permission="workflows.change_planparty",
        form=PartyForm,
        icon="edit",
        explanation=_("An approved plan becomes a new draft, with the reason."),
        shown=lambda row: is_current(row.plan),
    )
    def edit(self, row: PlanParty, asked: Asked) -> HttpResponse:
        given: dict[str, Any] = dict(asked.given)
        reason = given.pop("change_reason")
        changes = plans.PlanChanges(parties={(row.party, row.stage): given}, reason=reason)
        plan = plans.change(row.plan, changes=changes, by=asked.by, now=asked.now)
        return HttpResponseRedirect(room_url(plan.incident, Tab.PLAN))


class HandOverForm(ActionForm):
    how = forms.CharField(
        label=_("How and to whom"), help_text=_("A link, a distribution list, a name."), max_length=300
    )


class HandOverDoors:
    """The door of a message that people carry."""

    @Door(
        title=_("Handed over"),
        permission="notifications.release_message",
        form=HandOverForm,
        icon="outbox",
        variant=ActionVariant.PRIMARY,
        explanation=_("Give the approved text to its audience, then note here how."),
        shown=parties.is_to_be_handed_over,
    )
    def hand_over(self, message: Any, asked: Asked) -> str:
        done = parties.hand_over(message, how=asked.given["how"], by=asked.by, now=asked.now)
        return gettext("%s is noted as handed over.") % done.reference
