"""Doors of the incident about others of the same cause: link, take the link back, merge."""

from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant

from incidents import embargo
from incidents.admin.doors import ActionForm, Asked, Door
from incidents.models import Incident
from workflows import linking, merging
from workflows.admin.base import RowOfRoom, Tab
from workflows.enums import LinkKind
from workflows.models import IncidentLink


class OtherForm(ActionForm):
    other = forms.ModelChoiceField(label=_("The other incident"), queryset=Incident.objects.none())
    reason = forms.CharField(label=_("Why"), widget=forms.Textarea(attrs={"rows": 3}))

    def prepare(self) -> None:
        rows = Incident.objects.live().exclude(pk=self.subject.pk).order_by("-created_at")
        self.fields["other"].queryset = embargo.visible(rows, to=self.by)  # type: ignore[attr-defined]


class UnlinkForm(ActionForm):
    reason = forms.CharField(label=_("Why"), widget=forms.Textarea(attrs={"rows": 3}))


class LinkDoors:
    """Doors of the incident about incidents of the same cause."""

    @Door(
        title=_("Link with another"),
        permission="workflows.add_incidentlink",
        form=OtherForm,
        icon="link",
        explanation=_("Customers hit by both then get one update that names both, as long as the link stands."),
        shown=lambda incident: incident.is_live,
    )
    def link_incident(self, incident: Incident, asked: Asked) -> str:
        made = linking.link(
            incident, other=asked.given["other"], reason=asked.given["reason"], by=asked.by, now=asked.now
        )
        return gettext("Linked: %s.") % made

    @Door(
        title=_("Take another in"),
        permission="workflows.add_incidentlink",
        form=OtherForm,
        icon="merge",
        variant=ActionVariant.WARNING,
        explanation=_(
            "Its customers, open questions and promises come here with their times, and it ends. "
            "What it said stays. This is not taken back."
        ),
        shown=lambda incident: incident.is_live and incident.declared_at is not None,
    )
    def merge_incident(self, incident: Incident, asked: Asked) -> str:
        made = merging.merge(
            incident, other=asked.given["other"], reason=asked.given["reason"], by=asked.by, now=asked.now
        )
        return gettext("%s was taken in.") % made.other.reference


@admin.register(IncidentLink)
class IncidentLinkAdmin(RowOfRoom):
    tab = Tab.PLAN

    @Door(
        title=_("Take the link back"),
        permission="workflows.change_incidentlink",
        form=UnlinkForm,
        icon="link_off",
        shown=lambda row: row.kind == LinkKind.LINKED and row.ended_at is None,
    )
    def unlink(self, row: IncidentLink, asked: Asked) -> str:
        linking.unlink(row, reason=asked.given["reason"], by=asked.by, now=asked.now)
        return gettext("Each speaks for itself again.")


def links_of(incident: Incident, *, to: Any) -> list[dict[str, Any]]:
    """Return the standing links of an incident with the other side of each, as far as this person may see both."""
    seen = embargo.visible(IncidentLink.objects.standing().of(incident), to=to)
    rows = seen.select_related("incident", "other", "by").order_by("-at")
    return [{"row": row, "other": row.other if row.incident_id == incident.pk else row.incident} for row in rows]
