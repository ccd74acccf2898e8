"""The doors by which an incident begins, by which what was reported is put right, and by which few may know of it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant

from incidents import assessments, embargo, lifecycle
from incidents.admin.doors import ActionForm, Asked, Door
from incidents.models import Incident
from workflows.admin.base import room_url
from workflows.admin.people import People


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
    is_embargoed = forms.BooleanField(
        label=_("Embargo: for the team on duty alone"),
        required=False,
        help_text=_("Nobody else finds it in any list, and it is never on the public page."),
    )

    def prepare(self) -> None:
        self.fields["detected_at"].initial = self.now

    def clean_jurisdictions(self) -> tuple[str, ...]:
        names = [name.strip() for name in self.cleaned_data["jurisdictions"].replace(";", ",").split(",")]
        return tuple(dict.fromkeys(name for name in names if name))


class CorrectReportForm(ReportForm):
    def prepare(self) -> None:
        del self.fields["is_drill"], self.fields["is_embargoed"]
        for name in ("title", "detection_source", "impact_started_at", "detected_at"):
            self.fields[name].initial = getattr(self.subject, name)
        self.fields["jurisdictions"].initial = ", ".join(self.subject.jurisdictions)


class ReasonForm(ActionForm):
    reason = forms.CharField(label=_("Why"), widget=forms.Textarea(attrs={"rows": 3}))


class PeopleForm(ActionForm):
    people = People(label=_("People"), required=False)

    def prepare(self) -> None:
        self.fields["people"].initial = list(self.subject.insiders.values_list("pk", flat=True))


def _after(incident: Incident, asked: Asked) -> str:
    """Lead on whoever may declare, show others the report; who is kept out by the embargo begins anew."""
    if not embargo.is_visible(incident, to=asked.by):
        text = gettext("Thank you. %s is with the team on duty; the embargo keeps it from everybody else.")
        messages.success(asked.request, text % incident.reference)
        return reverse("admin:index")
    if asked.by.has_perm("incidents.declare_incident"):
        return reverse("admin:incidents_incident_declare", args=[incident.pk])
    return room_url(incident)


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
        return HttpResponseRedirect(_after(incident, asked))

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

    @Door(
        title=_("Dismiss"),
        permission="incidents.declare_incident",
        form=ReasonForm,
        icon="do_not_disturb_on",
        explanation=_("It is no incident. The reason stays for everybody to read, and it can be reported again."),
        shown=lambda incident: incident.is_candidate,
    )
    def dismiss(self, incident: Incident, asked: Asked) -> str:
        lifecycle.dismiss(incident, reason=asked.given["reason"], by=asked.by, now=asked.now)
        return gettext("%s is dismissed.") % incident.reference

    @Door(
        title=_("Put under embargo"),
        permission="incidents.declare_incident",
        form=ReasonForm,
        icon="visibility_off",
        explanation=_("From now on only the team and the people you let in see it; it leaves the public page."),
        shown=lambda incident: not incident.is_embargoed,
    )
    def impose_embargo(self, incident: Incident, asked: Asked) -> str:
        embargo.impose(incident, reason=asked.given["reason"], by=asked.by, now=asked.now)
        return gettext("The team alone sees it now.")

    @Door(
        title=_("Lift the embargo"),
        permission="incidents.declare_incident",
        form=ReasonForm,
        icon="visibility",
        shown=lambda incident: incident.is_embargoed,
    )
    def lift_embargo(self, incident: Incident, asked: Asked) -> str:
        embargo.lift(incident, reason=asked.given["reason"], by=asked.by, now=asked.now)
        return gettext("Everybody on staff sees it now.")

    @Door(
        title=_("Let people in"),
        permission="incidents.change_teamassignment",
        form=PeopleForm,
        icon="group_add",
        explanation=_("They see the embargoed incident without a role in it: account managers, for example."),
        shown=lambda incident: incident.is_embargoed,
    )
    def let_in(self, incident: Incident, asked: Asked) -> str:
        embargo.let_in(incident, people=asked.given["people"], by=asked.by, now=asked.now)
        return gettext("Kept.")
