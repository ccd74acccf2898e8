"""Whom an incident affects: added by file, filter, ids or all; tiers with their arithmetic; overrides with reasons."""

import tempfile
from pathlib import Path
from typing import Any

from django import forms
from django.contrib import admin
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant

from incidents import clock, impacts
from incidents.admin.doors import ActionForm, Asked, Door
from incidents.enums import Language, Tier
from incidents.models import Customer, Impact, Incident
from workflows.admin.audience_rules import rules_of
from workflows.admin.base import RowOfRoom, Tab

LONG = {"rows": 4}
NO_TIER = [("", _("as computed")), *Tier.choices]
PER_PAGE = 50
LINES_SHOWN = 20


class FileForm(ActionForm):
    file = forms.FileField(
        label=_("File"),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx,.xlsm"}),
        help_text=_("CSV or Excel: a column crm_id, and if known degree, harm and affected_items."),
    )
    encoding = forms.CharField(
        label=_("Encoding"),
        required=False,
        max_length=20,
        help_text=_("Only if you are asked for it, such as gb18030."),
    )


class FilterForm(ActionForm):
    region = forms.MultipleChoiceField(label=_("Regions"), required=False)
    language = forms.MultipleChoiceField(label=_("Languages"), required=False, choices=Language.choices)
    importance = forms.MultipleChoiceField(
        label=_("Importance"), required=False, choices=[("1", _("low")), ("2", _("medium")), ("3", _("high"))]
    )
    attributes = forms.JSONField(
        label=_("Attributes"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_('For example {"product": ["NB-12"]}.'),
    )

    def prepare(self) -> None:
        self.fields["region"].choices = [(name, name) for name in regions()]  # type: ignore[attr-defined]


class IdsForm(ActionForm):
    crm_ids = forms.CharField(
        label=_("CRM ids"), widget=forms.Textarea(attrs=LONG), help_text=_("One a line, or separated by commas.")
    )
    tier = forms.ChoiceField(label=_("Tier"), required=False, choices=NO_TIER)
    reason = forms.CharField(label=_("Why this tier"), required=False, help_text=_("Needed with a tier."))


class OverrideForm(ActionForm):
    crm_ids = forms.CharField(
        label=_("CRM ids"), widget=forms.Textarea(attrs=LONG), help_text=_("One a line, or separated by commas.")
    )
    tier = forms.ChoiceField(label=_("Tier"), choices=Tier.choices)
    reason = forms.CharField(label=_("Why"), widget=forms.Textarea(attrs={"rows": 2}))


class LiftForm(ActionForm):
    crm_ids = forms.CharField(label=_("CRM ids"), widget=forms.Textarea(attrs=LONG))


def _is_live(incident: Incident) -> bool:
    return incident.is_live


class AudienceDoors:
    """Doors of the incident about whom it affects."""

    @Door(
        title=_("Add by file"),
        permission="incidents.add_impact",
        form=FileForm,
        icon="upload_file",
        variant=ActionVariant.PRIMARY,
        shown=_is_live,
    )
    def add_by_file(self, incident: Incident, asked: Asked) -> str:
        upload, encoding = asked.given["file"], asked.given["encoding"] or None
        with tempfile.TemporaryDirectory() as folder:
            path = kept(upload, folder=Path(folder))
            report = impacts.add_from_file(incident, path=path, by=asked.by, now=asked.now, encoding=encoding)
        lines = [
            gettext("%(created)d added, %(changed)d changed, %(same)d as before, %(bad)d lines left out.")
            % {
                "created": report.created,
                "changed": report.changed,
                "same": report.unchanged,
                "bad": report.bad_lines,
            }
        ]
        return "\n".join([*lines, *map(str, report.errors[:LINES_SHOWN])])

    @Door(
        title=_("Add by filter"), permission="incidents.add_impact", form=FilterForm, icon="filter_alt", shown=_is_live
    )
    def add_by_filter(self, incident: Incident, asked: Asked) -> str:
        return str(impacts.add_by_filter(incident, spec=spec_of(asked.given), by=asked.by, now=asked.now))

    @Door(
        title=_("Add by CRM ids"), permission="incidents.add_impact", form=IdsForm, icon="content_paste", shown=_is_live
    )
    def add_by_ids(self, incident: Incident, asked: Asked) -> str:
        given = asked.given
        tier = Tier(int(given["tier"])) if given["tier"] else None
        ids = impacts.ids_in(given["crm_ids"])
        return str(
            impacts.add_by_crm_ids(incident, crm_ids=ids, by=asked.by, now=asked.now, tier=tier, reason=given["reason"])
        )

    @Door(
        title=_("Add everybody"),
        permission="incidents.add_impact",
        icon="groups",
        explanation=_("Every active customer counts as affected."),
        shown=_is_live,
    )
    def add_everybody(self, incident: Incident, asked: Asked) -> str:
        return str(impacts.add_all(incident, by=asked.by, now=asked.now))

    @Door(
        title=_("Compute the tiers"),
        permission="incidents.change_impact",
        icon="calculate",
        explanation=_("Importance × degree × closeness; overrides stay."),
        shown=_is_live,
    )
    def compute_tiers(self, incident: Incident, asked: Asked) -> str:
        tiers = impacts.recompute(incident, now=asked.now)
        return ", ".join(gettext("tier %(tier)d: %(count)d") % {"tier": t, "count": n} for t, n in tiers.items())

    @Door(
        title=_("Put into another tier"),
        permission="incidents.change_impact",
        form=OverrideForm,
        icon="swap_vert",
        shown=_is_live,
    )
    def override_tier(self, incident: Incident, asked: Asked) -> str:
        given = asked.given
        changed = impacts.override(
            incident,
            crm_ids=impacts.ids_in(given["crm_ids"]),
            tier=Tier(int(given["tier"])),
            reason=given["reason"],
            by=asked.by,
            now=asked.now,
        )
        return gettext("%d customers changed tier.") % changed

    @Door(
        title=_("Lift an override"),
        permission="incidents.change_impact",
        form=LiftForm,
        icon="undo",
        shown=_is_live,
    )
    def lift_override(self, incident: Incident, asked: Asked) -> str:
        ids = impacts.ids_in(asked.given["crm_ids"])
        changed = impacts.lift_override(incident, crm_ids=ids, by=asked.by, now=asked.now)
        return gettext("%d customers are back in their computed tier.") % changed


@admin.register(Impact)
class ImpactAdmin(RowOfRoom):
    tab = Tab.AUDIENCE


def kept(upload: "UploadedFile[Any]", *, folder: Path) -> Path:
    """Write an upload into a folder under its own name, without any path in it."""
    path = folder / (Path(str(upload.name or "")).name or "upload")
    with path.open("wb") as file:
        for chunk in upload.chunks():
            file.write(chunk)
    return path


def regions() -> list[str]:
    """Return the regions customers are in."""
    found = Customer.objects.exclude(region="").order_by("region").values_list("region", flat=True)
    return list(found.distinct())


def spec_of(given: dict[str, Any]) -> dict[str, Any]:
    """Return the saved-filter form of what a person chose; what is left empty asks for nothing."""
    numbers = [int(one) for one in given.get("importance") or []]
    chosen = {
        "region": given.get("region"),
        "language": given.get("language"),
        "importance": numbers,
        "attributes": given.get("attributes"),
    }
    return {name: wanted for name, wanted in chosen.items() if wanted}


def audience_tab(incident: Incident, request: HttpRequest) -> dict[str, Any]:
    """Return what the tab shows: customers per tier, harm, and the list page by page."""
    rows = incident.impacts.select_related("customer", "override_by").order_by("tier", "-score", "customer__crm_id")
    tier = request.GET.get("tier", "")
    wanted = rows.filter(tier=int(tier)) if tier in {str(one) for one in Tier.values} else rows
    query = request.GET.get("q", "").strip()
    if query:
        wanted = wanted.filter(customer__crm_id__istartswith=query)
    harms = incident.impacts.order_by().values("harm").annotate(count=Count("pk"))
    return {
        "tiers": impacts.counts(incident),
        "harms": sorted(harms, key=lambda one: -one["count"]),
        "page": Paginator(wanted, PER_PAGE).get_page(request.GET.get("page")),
        "chosen_tier": tier,
        "query": query,
        **rules_of(incident, request, now=clock.now()),
    }
