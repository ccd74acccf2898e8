"""The door of the incident that drafts a message: what kind, for whom."""

from typing import Any

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from incidents import segments
from incidents.admin.doors import ActionForm, Asked, Door
from incidents.enums import Language, Tier
from incidents.models import Incident, Segment
from notifications.enums import HANDED_OVER, MessageKind
from workflows import releases
from workflows.admin.audience import regions, spec_of

# Corrections begin at the wrong message; texts that people carry begin under Plan and Press.
KINDS = [choice for choice in MessageKind.choices if choice[0] not in {MessageKind.CORRECTION, *HANDED_OVER}]
AUDIENCES = [
    ("tiers", _("Affected customers of the tiers below")),
    ("filter", _("Customers by filter (before a list of affected customers exists)")),
    ("page", _("The public page alone")),
]


class DraftForm(ActionForm):
    kind = forms.ChoiceField(label=_("Kind"), choices=KINDS)
    audience = forms.ChoiceField(label=_("For whom"), choices=AUDIENCES)
    tiers = forms.MultipleChoiceField(
        label=_("Tiers"),
        choices=Tier.choices,
        required=False,
        initial=Tier.values,
        help_text=_("A survey is drafted for one tier at a time: each has its own day."),
    )
    region = forms.MultipleChoiceField(
        label=_("Filter: regions"), required=False, help_text=_("Nothing chosen means every region.")
    )
    language = forms.MultipleChoiceField(
        label=_("Filter: languages"),
        required=False,
        choices=Language.choices,
        help_text=_("Nothing chosen means every language."),
    )

    segment = forms.ModelChoiceField(
        label=_("Filter: segment"), required=False, queryset=Segment.objects.order_by("name")
    )

    def prepare(self) -> None:
        self.fields["region"].choices = [(name, name) for name in regions()]  # type: ignore[attr-defined]
        if not self.subject.impacts.exists():
            self.fields["audience"].initial = "filter"

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if given.get("audience") == "tiers" and not given.get("tiers"):
            self.add_error("tiers", _("Choose at least one tier."))
        return given


class DraftingDoors:
    """Doors of the incident that begin a message."""

    @Door(
        title=_("Draft a message"),
        permission="notifications.write_message",
        form=DraftForm,
        icon="edit_square",
        explanation=_(
            "The text comes from the plan's template and the confirmed facts, in every language that has them."
        ),
        shown=releases.may_draft,
    )
    def draft_message(self, incident: Incident, asked: Asked) -> HttpResponse:
        draft = releases.Draft(MessageKind(asked.given["kind"]), audience=audience_of(asked.given))
        message = releases.draft(incident, draft=draft, by=asked.by, now=asked.now)
        return HttpResponseRedirect(reverse("admin:notifications_message_change", args=[message.pk]))


def audience_of(given: dict[str, Any]) -> dict[str, Any]:
    """Return the audience as a message keeps it."""
    if given["audience"] == "page":
        return {"page": True}
    if given["audience"] == "filter":
        segment = given.get("segment")
        return {"filter": {**spec_of(given), **(segments.spec(segment) if segment else {})}}
    return {"tiers": [int(tier) for tier in given["tiers"]]}
