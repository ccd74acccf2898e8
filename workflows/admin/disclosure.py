"""What is kept from customers and what is admitted: each by two people, with reasons that stay."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant

from incidents import responsibility, withholding
from incidents.admin.doors import ActionForm, Asked, Door
from incidents.enums import Role, WithholdingReason
from incidents.models import Fact, Incident, Withholding
from workflows.admin.base import RowOfRoom, Tab
from workflows.gates import in_reader_language

REVIEW_AFTER = timedelta(days=7)
APPROVE = "incidents.approve_withholding"


class ReviewForm(ActionForm):
    review_at = forms.DateTimeField(label=_("Looked at again on"), widget=forms.DateTimeInput)

    def prepare(self) -> None:
        self.fields["review_at"].initial = self.now + REVIEW_AFTER


class WithholdForm(ReviewForm):
    reason = forms.ChoiceField(label=_("Ground"), choices=WithholdingReason.choices)
    explanation = forms.CharField(label=_("Why"), widget=forms.Textarea(attrs={"rows": 3}))
    field_order = ("reason", "explanation", "review_at")


class ResponsibilityForm(ActionForm):
    role = forms.ChoiceField(label=_("As"))
    is_accepted = forms.ChoiceField(
        label=_("Is it our responsibility?"),
        choices=[("yes", _("Yes: our texts admit it")), ("no", _("No, or not known yet: our texts do not"))],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(label=_("Why"), widget=forms.Textarea(attrs={"rows": 3}))

    def prepare(self) -> None:
        roles = responsibility.roles_of(self.subject, self.by) or list(responsibility.ROLES)
        self.fields["role"].choices = [(role.value, role.label) for role in roles]  # type: ignore[attr-defined]


class WithholdingDoors:
    """The door of a fact that leads to its withholding."""

    @Door(
        title=_("Withhold"),
        permission="incidents.add_withholding",
        form=WithholdForm,
        icon="visibility_off",
        explanation=_("Asks that customers are not told. It counts once another person approves it."),
        shown=lambda fact: fact.is_publishable and not fact.affects_customer,
    )
    def withhold(self, fact: Fact, asked: Asked) -> str:
        given = asked.given
        withholding.ask(
            fact,
            reason=WithholdingReason(given["reason"]),
            explanation=given["explanation"],
            review_at=given["review_at"],
            by=asked.by,
            now=asked.now,
        )
        return gettext("Asked: %s is told until another person approves.") % in_reader_language(fact.label)


@admin.register(Withholding)
class WithholdingAdmin(RowOfRoom):
    tab = Tab.FACTS
    path_to_incident = "fact.incident"

    @Door(
        title=_("Approve"),
        permission=APPROVE,
        icon="verified",
        variant=ActionVariant.PRIMARY,
        explanation=_("No text tells this fact any more until it is lifted."),
        shown=lambda one: one.approved_at is None and one.lifted_at is None,
    )
    def approve(self, one: Withholding, asked: Asked) -> str:
        withholding.approve(one, by=asked.by, now=asked.now)
        return gettext("It is withheld.")

    @Door(
        title=_("Keep withheld"),
        permission=APPROVE,
        form=ReviewForm,
        icon="event_repeat",
        shown=lambda one: one.approved_at is not None and one.lifted_at is None,
    )
    def keep(self, one: Withholding, asked: Asked) -> str:
        withholding.keep(one, review_at=asked.given["review_at"], by=asked.by, now=asked.now)
        return gettext("It stays withheld until it is looked at again.")

    @Door(
        title=_("Tell it"),
        permission="incidents.add_withholding",
        icon="visibility",
        explanation=_("The next fact sheet tells it to customers."),
        shown=lambda one: one.lifted_at is None,
    )
    def lift(self, one: Withholding, asked: Asked) -> str:
        withholding.lift(one, by=asked.by, now=asked.now)
        return gettext("It is withheld no more.")


class ResponsibilityDoors:
    """The door of an incident by which responsibility is accepted or declined."""

    @Door(
        title=_("Decide on responsibility"),
        permission="incidents.add_decision",
        form=ResponsibilityForm,
        icon="balance",
        explanation=_(
            "The executive sponsor and legal counsel each say it. With both on yes, texts admit it. "
            "Concern and apology for what customers suffer need no decision."
        ),
        shown=lambda incident: incident.is_live,
    )
    def decide_responsibility(self, incident: Incident, asked: Asked) -> str:
        given = asked.given
        done = responsibility.decide(
            incident,
            role=Role(given["role"]),
            is_accepted=given["is_accepted"] == "yes",
            reason=given["reason"],
            by=asked.by,
            now=asked.now,
        )
        if done.responsibility_accepted:
            return gettext("Responsibility is accepted: take the new values over into texts that are not sent yet.")
        return gettext("Kept. Texts admit nothing until both have accepted.")


def disclosure(incident: Incident) -> dict[str, Any]:
    """Return what is withheld and who said what on responsibility, for the room."""
    held = Withholding.objects.filter(fact__incident=incident, lifted_at=None)
    return {
        "withheld": held.select_related("fact", "asked_by", "approved_by").order_by("review_at"),
        "stamps": [(role.label, stamp) for role, stamp in responsibility.stamps(incident).items()],
    }
