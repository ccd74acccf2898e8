"""The door of the incident by which a promise to customers is written down."""

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from incidents import commitments
from incidents.admin.doors import ActionForm, Asked, Door
from incidents.admin.widgets import LocalisedField
from incidents.enums import CommitmentKind, Tier
from incidents.models import Incident
from workflows.admin.people import Person

KINDS = [choice for choice in CommitmentKind.choices if choice[0] != CommitmentKind.NEXT_UPDATE]


class PromiseForm(ActionForm):
    text = LocalisedField(label=_("What is promised"), is_long=True)
    kind = forms.ChoiceField(label=_("Kind"), choices=KINDS, initial=CommitmentKind.PROMISE)
    tier = forms.ChoiceField(
        label=_("To whom"), required=False, choices=[("", _("All affected customers")), *Tier.choices]
    )
    owner = Person(label=_("Who keeps it"))
    due_at = forms.DateTimeField(label=_("By when"), widget=forms.DateTimeInput)
    feasibility_evidence = forms.CharField(
        label=_("Why it can be kept"), widget=forms.Textarea(attrs={"rows": 2}), help_text=_("The gate asks for it.")
    )

    def prepare(self) -> None:
        self.fields["owner"].initial = self.by.pk


class PromisingDoors:
    """Doors of the incident about promises."""

    @Door(
        title=_("Promise something"),
        permission="incidents.add_commitment",
        form=PromiseForm,
        icon="handshake",
        shown=lambda incident: incident.is_live,
    )
    def make_promise(self, incident: Incident, asked: Asked) -> str:
        given = asked.given
        promise = commitments.Promise(
            text=given["text"],
            kind=CommitmentKind(given["kind"]),
            tier=int(given["tier"]) if given["tier"] else None,
            owner=given["owner"],
            due_at=given["due_at"],
            feasibility_evidence=given["feasibility_evidence"],
        )
        commitments.promise(incident, promise=promise, now=asked.now)
        return gettext("The promise is on the list.")
