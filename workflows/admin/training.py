"""The training log: who was trained in what, and until when it holds."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from incidents import clock
from incidents.admin.base import display
from incidents.admin.doors import ActionForm, Asked, Door
from incidents.admin.moments import due
from workflows import training
from workflows.admin.base import DoorsAdmin
from workflows.admin.people import People
from workflows.enums import TrainingTopic
from workflows.models import TrainingRecord

STANDING = [(topic.value, topic.label) for topic in TrainingTopic if topic != TrainingTopic.INCIDENT_BRIEF]


class TrainingForm(ActionForm):
    people = People(label=_("Who took part"))
    topic = forms.ChoiceField(label=_("Topic"), choices=STANDING)
    trained_at = forms.DateTimeField(label=_("When"), widget=forms.DateTimeInput)
    expires_at = forms.DateTimeField(label=_("Holds until"), required=False, widget=forms.DateTimeInput)
    score = forms.DecimalField(
        label=_("Result"),
        required=False,
        min_value=0,
        max_value=1,
        decimal_places=2,
        help_text=_("Share of right answers, such as 0.85."),
    )
    note = forms.CharField(label=_("Note"), max_length=200, required=False)

    def prepare(self) -> None:
        self.fields["trained_at"].initial = self.now.replace(second=0, microsecond=0)
        self.fields["expires_at"].initial = self.now.replace(year=self.now.year + 1, day=1, second=0, microsecond=0)

    def gather(self) -> dict[str, Any]:
        """Return the training apart from the people."""
        given = {name: value for name, value in self.cleaned_data.items() if name != "people"}
        return {"training": training.Training(**{**given, "topic": TrainingTopic(given["topic"])})}


@admin.register(TrainingRecord)
class TrainingAdmin(DoorsAdmin):
    list_display = ("user", "topic", "incident", "trained_at", "holds_until", "score", "note")
    list_filter = ("topic",)
    search_fields = ("user__username__istartswith", "user__last_name__istartswith")
    list_select_related = ("user", "incident")
    ordering = ("-trained_at", "-pk")
    actions_list = ("record",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[TrainingRecord]:
        rows = cast("QuerySet[TrainingRecord]", super().get_queryset(request))
        return rows.annotate(is_over=Q(expires_at__lt=clock.now()))

    @Door(title=_("Record a training"), permission="workflows.add_trainingrecord", form=TrainingForm, icon="school")
    def record(self, _subject: None, asked: Asked) -> str:
        people = list(asked.given["people"])
        done = training.record(people, training=asked.given["training"], by=asked.by, now=asked.now)
        return gettext("Recorded for %d people.") % len(done)

    @display(description=_("holds until"), ordering="expires_at")
    def holds_until(self, record: TrainingRecord) -> str:
        return due(record.expires_at, is_late=record.is_over)  # type: ignore[attr-defined]
