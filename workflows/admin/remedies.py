"""Remedies on offer: how to claim them, for whom and up to which amount, approved, granted and delivered."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpResponseRedirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant

from incidents import feedback
from incidents.admin.doors import ActionForm, Asked, Door
from incidents.admin.widgets import LocalisedField
from incidents.enums import Tier
from incidents.models import Incident, RemedyChoice, RemedyLimit, RemedyOption
from workflows import remedies
from workflows.admin.base import RowOfRoom, Tab, room_url

CHOICES_SHOWN = 100


class ClaimForm(ActionForm):
    how_to_claim = LocalisedField(label=_("How to claim it"), is_long=True, required=False)
    claim_deadline = forms.DateTimeField(label=_("Claim by"), required=False, widget=forms.DateTimeInput)

    def prepare(self) -> None:
        self.fields["how_to_claim"].initial = self.subject.how_to_claim
        self.fields["claim_deadline"].initial = self.subject.claim_deadline


class LimitForm(ActionForm):
    tier = forms.TypedChoiceField(
        label=_("Tier"), choices=[("", _("every tier")), *Tier.choices], coerce=int, required=False, empty_value=None
    )
    segment = forms.JSONField(
        label=_("Segment"),
        required=False,
        initial=dict,
        help_text=_("A customer filter, for example {“attributes”: {“product”: [“loan”]}}; empty means everybody."),
    )
    largest_amount = forms.DecimalField(
        label=_("Granted without its approver up to"), required=False, max_digits=12, decimal_places=2
    )
    currency = forms.CharField(label=_("Currency"), max_length=3, required=False)

    def clean_segment(self) -> dict[str, Any]:
        return self.cleaned_data["segment"] or {}


class GrantForm(ActionForm):
    amount = forms.DecimalField(label=_("Amount"), max_digits=12, decimal_places=2)


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

    @Door(
        title=_("For whom, up to what"),
        permission="incidents.change_remedyoption",
        form=LimitForm,
        icon="tune",
        shown=lambda option: option.approved_at is None,
    )
    def limit(self, option: RemedyOption, asked: Asked) -> str:
        remedies.limit(option, limit=remedies.Limit(**asked.given), by=asked.by, now=asked.now)
        return gettext("The limit is kept.")


@admin.register(RemedyLimit)
class RemedyLimitAdmin(RowOfRoom):
    tab = Tab.PLAN
    path_to_incident = "option.incident"

    @Door(
        title=_("Take out"),
        permission="incidents.change_remedyoption",
        icon="close",
        shown=lambda row: row.option.approved_at is None,
    )
    def remove(self, row: RemedyLimit, asked: Asked) -> Any:
        incident = row.option.incident
        remedies.unlimit(row, by=asked.by, now=asked.now)
        return HttpResponseRedirect(room_url(incident, Tab.PLAN))


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

    @Door(
        title=_("Grant an amount"),
        permission="incidents.change_remedychoice",
        form=GrantForm,
        icon="payments",
        shown=lambda choice: choice.delivered_at is None,
    )
    def grant(self, choice: RemedyChoice, asked: Asked) -> str:
        remedies.grant(choice, amount=asked.given["amount"], by=asked.by, now=asked.now)
        return gettext("Granted.")


def remedies_shown(incident: Incident) -> dict[str, Any]:
    """Return what the plan tab shows of remedies."""
    choices = incident.remedy_choices.select_related("option", "customer").order_by("delivered_at", "pk")
    options = incident.remedy_options.select_related("approved_by", "incident").prefetch_related(
        "limits__option__incident"
    )
    return {"options": options.order_by("position"), "choices": choices[:CHOICES_SHOWN]}
