"""The review of an incident: its figures, the meeting, and improvements with owners; the report as page and file."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant

from incidents.admin.base import display
from incidents.admin.doors import ActionForm, Asked, Door
from incidents.models import Incident
from incidents.phases import Phase
from workflows import reports, reviews
from workflows.admin.base import DoorsAdmin, RowOfRoom, Tab, room_url
from workflows.admin.people import People, Person
from workflows.admin.reckoning import reckoning_shown
from workflows.models import Improvement, Review

LONG = {"rows": 4}
# The report is one page of its own: inline styles and pictures, no script.
POLICY = {
    "default-src": ["'none'"],
    "script-src": ["'none'"],
    "style-src": ["'unsafe-inline'"],
    "img-src": ["data:"],
}


class MeetingForm(ActionForm):
    summary = forms.CharField(label=_("Summary"), required=False, widget=forms.Textarea(attrs=LONG))
    strengths = forms.CharField(
        label=_("What went well"), required=False, widget=forms.Textarea(attrs=LONG), help_text=_("One a line.")
    )
    lessons = forms.CharField(label=_("Lessons"), widget=forms.Textarea(attrs=LONG), help_text=_("One a line."))
    participants = People(label=_("Who took part"))
    has_front_line = forms.BooleanField(label=_("Front-line staff took part"), required=False)
    held_at = forms.DateTimeField(label=_("Held at"), widget=forms.DateTimeInput)

    def prepare(self) -> None:
        for name in ("summary", "strengths", "lessons", "has_front_line"):
            self.fields[name].initial = getattr(self.subject, name)
        self.fields["held_at"].initial = self.subject.held_at or self.now
        self.fields["participants"].initial = [one.pk for one in self.subject.participants.all()]


class ImprovementForm(ActionForm):
    text = forms.CharField(label=_("What will be different"), widget=forms.Textarea(attrs={"rows": 2}))
    owner = Person(label=_("Who does it"))
    due_on = forms.DateField(label=_("By when"), widget=forms.DateInput(attrs={"type": "date"}))
    test = forms.CharField(label=_("How we will know"), widget=forms.Textarea(attrs={"rows": 2}))


class DoneForm(ActionForm):
    has_passed = forms.BooleanField(label=_("Its test has passed"), required=False)


class ReviewDoors:
    """Doors of the incident about its review."""

    @Door(
        title=_("Compute the figures"),
        permission="workflows.add_review",
        icon="calculate",
        variant=ActionVariant.PRIMARY,
        explanation=_("From what was recorded; may be repeated."),
        shown=lambda incident: incident.phase in {Phase.EVALUATE, Phase.CLOSED},
    )
    def compute_review(self, incident: Incident, asked: Asked) -> str:
        reviews.compute(incident, by=asked.by, now=asked.now)
        return gettext("The figures are computed.")


@admin.register(Review)
class ReviewAdmin(DoorsAdmin):
    list_display = ("incident", "computed_at", "held_at", "improvements_open")
    search_fields = ("incident__reference__istartswith",)
    list_select_related = ("incident",)
    ordering = ("-created_at", "-pk")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("incident").prefetch_related("improvements")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        page = path("<path:object_id>/report/<str:kind>/", view(self.report), name="workflows_review_report")
        return [page, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return HttpResponseRedirect(room_url(self.look_at(request, object_id).incident, Tab.REVIEW))

    def report(self, request: HttpRequest, object_id: str, kind: str) -> HttpResponse:
        """Serve the report as page, PDF or JSON."""
        review: Review = self.look_at(request, object_id)
        if kind == "html":
            return _page(review)
        make, content_type = FILES.get(kind, FILES["json"])
        name = f"review-{review.incident.reference}.{kind}"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return HttpResponse(make(review), content_type=content_type, headers=headers)

    @Door(
        title=_("Record the meeting"),
        permission="workflows.change_review",
        form=MeetingForm,
        icon="groups",
        variant=ActionVariant.PRIMARY,
    )
    def hold(self, review: Review, asked: Asked) -> str:
        given = {**asked.given, "participants": tuple(asked.given["participants"])}
        reviews.hold(review, meeting=reviews.Meeting(**given), by=asked.by, now=asked.now)
        return gettext("The meeting is recorded.")

    @Door(title=_("Add an improvement"), permission="workflows.add_improvement", form=ImprovementForm, icon="add_task")
    def improve(self, review: Review, asked: Asked) -> str:
        reviews.improve(review, action=reviews.Action(**asked.given), by=asked.by, now=asked.now)
        return gettext("The improvement is on the list.")

    @display(description=_("improvements open"))
    def improvements_open(self, review: Review) -> int:
        return sum(1 for row in review.improvements.all() if row.done_at is None)


@admin.register(Improvement)
class ImprovementAdmin(RowOfRoom):
    tab = Tab.REVIEW
    path_to_incident = "review.incident"

    @Door(
        title=_("Done"),
        permission="workflows.change_improvement",
        form=DoneForm,
        icon="task_alt",
        shown=lambda improvement: improvement.done_at is None,
    )
    def finish(self, improvement: Improvement, asked: Asked) -> str:
        reviews.finish_improvement(improvement, has_passed=asked.given["has_passed"], by=asked.by, now=asked.now)
        return gettext("Recorded as done.")


def _page(review: Review) -> HttpResponse:
    response = HttpResponse(reports.as_html(review))
    cast(Any, response)._csp_replace = POLICY
    return response


FILES: dict[str, Any] = {
    "pdf": (reports.as_pdf, "application/pdf"),
    "json": (reports.as_json, "application/json"),
}


def review_tab(incident: Incident, _request: HttpRequest) -> dict[str, Any]:
    """Return what the tab shows: the table of figures, the meeting, the improvements."""
    review = Review.objects.select_related("incident").filter(incident=incident).first()
    document = reports.build(review) if review and review.metrics else {}
    rows = review.improvements.select_related("owner", "review__incident").order_by("pk") if review else []
    return {"review": review, "document": document, "improvements": rows, **reckoning_shown(incident)}
