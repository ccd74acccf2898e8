"""The doors by which an incident begins, and by which what was reported is put right."""

from typing import Any

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant

from incidents import assessments, lifecycle
from incidents.admin.doors import ActionForm, Asked, Door
from incidents.models import Incident
from workflows.admin.base import room_url


class ReportForm(ActionForm):
    title = forms.CharField(label=_("What happened, in a few words"), max_length=200)
    detection_source = forms.CharField(
        label=_("Where it was noticed"),
        max_length=100,
        required=False,
        help_text=_("For example: production, a customer's call, monitoring."),
    )
    impact_started_at = forms.DateTimeField(label=_("Since when"), required=False, widget=forms.DateTimeInput)
    detected_at = forms.DateTimeField(label=_("Noticed at"), required=False, widget=forms.DateTimeInput)
    jurisdictions = forms.CharField(
        label=_("Countries concerned"),
        required=False,
        help_text=_("Codes, separated by commas: DE, CN, RU. Legal clocks are screened for each."),
    )
    is_drill = forms.BooleanField(label=_("This is an exercise"), required=False)

    def prepare(self) -> None:
        self.fields["detected_at"].initial = self.now

    def clean_jurisdictions(self) -> tuple[str, ...]:
        names = [name.strip() for name in self.cleaned_data["jurisdictions"].replace(";", ",").split(",")]
        return tuple(dict.fromkeys(name for name in names if name))


class CorrectReportForm(ReportForm):
    def prepare(self) -> None:
        del self.fields["is_drill"]
        for name in ("title", "detection_source", "impact_started_at", "detected_at"):
            self.fields[name].initial = getattr(self.subject, name)
        self.fields["jurisdictions"].initial = ", ".join(self.subject.jurisdictions)


class ReportingDoors:
    """Doors about the record of the incident itself."""

    @Door(
        title=_("Report an incident"),
        permission="incidents.add_incident",
        form=ReportForm,
        icon="add_alert",
        variant=ActionVariant.PRIMARY,
        button=_("Report"),
        explanation=_(
            "Only the title is needed now; everything else may come later. The duty roster becomes its team."
        ),
    )
    def report(self, _subject: None, asked: Asked) -> HttpResponse:
        incident = lifecycle.report(lifecycle.Report(**asked.given), by=asked.by, now=asked.now)
        return HttpResponseRedirect(room_url(incident))

    @Door(
        title=_("Put the report right"),
        permission="incidents.change_incident",
        form=CorrectReportForm,
        icon="edit",
        shown=lambda incident: incident.is_live,
    )
    def correct_report(self, incident: Incident, asked: Asked) -> str:
        given: dict[str, Any] = asked.given
        assessments.correct_report(incident, record=assessments.Record(**given), by=asked.by, now=asked.now)
        return gettext("Kept.")
