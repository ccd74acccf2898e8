"""What is done about an incident, by whom and by when, and when it should be over."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from incidents import actions, estimates
from incidents.admin.doors import ActionForm, Asked, Door
from incidents.admin.widgets import LocalisedField
from incidents.enums import Confidence
from incidents.models import Action, Incident
from workflows import steps
from workflows.admin.base import RowOfRoom, Tab
from workflows.admin.people import Person

CHANGE = "incidents.change_action"


class StepForm(ActionForm):
    text = LocalisedField(label=_("What is done"), help_text=_("As customers may read it."))
    owner = Person(label=_("Who does it"))
    due_at = forms.DateTimeField(label=_("By when"), widget=forms.DateTimeInput)
    is_told = forms.BooleanField(label=_("Customers may be told"), required=False, initial=True)

    def prepare(self) -> None:
        self.fields["owner"].initial = self.by.pk
        self.fields["due_at"].initial = self.now + timedelta(days=1)


class EstimateForm(ActionForm):
    expected_at = forms.DateTimeField(label=_("Expected to be over"), widget=forms.DateTimeInput)
    confidence = forms.ChoiceField(label=_("How sure"), choices=Confidence.choices, initial=Confidence.MEDIUM)
    source = forms.CharField(label=_("Source"), max_length=200, help_text=_("A person, a document, a system."))
    is_news = forms.BooleanField(
        label=_("What we told before was right then"),
        required=False,
        help_text=_("Otherwise messages with the earlier time are marked for correction."),
    )


class StepDoors:
    """Doors of an incident about actions and the estimate."""

    @Door(
        title=_("Plan an action"),
        permission="incidents.add_action",
        form=StepForm,
        icon="add_task",
        shown=lambda incident: incident.is_live,
    )
    def plan_action(self, incident: Incident, asked: Asked) -> str:
        given = asked.given
        step = actions.Step(given["text"], given["owner"], given["due_at"], given["is_told"])
        steps.plan(incident, step=step, by=asked.by, now=asked.now)
        return gettext("Planned; the fact sheet tells it once it is frozen and confirmed.")

    @Door(
        title=_("Estimate the end"),
        permission="incidents.change_fact",
        form=EstimateForm,
        icon="schedule",
        explanation=_("Time and confidence are told together. Every earlier estimate is kept."),
        shown=lambda incident: incident.is_live,
    )
    def estimate(self, incident: Incident, asked: Asked) -> str:
        given = asked.given
        made = estimates.Estimate(
            given["expected_at"], Confidence(given["confidence"]), given["source"], is_news=given["is_news"]
        )
        estimates.put(incident, estimate=made, by=asked.by, now=asked.now)
        return gettext("Kept; messages name it once the fact sheet is confirmed.")


@admin.register(Action)
class ActionAdmin(RowOfRoom):
    tab = Tab.FACTS

    @Door(title=_("Done"), permission=CHANGE, icon="task_alt", shown=lambda one: not one.done_at and not one.dropped_at)
    def finish(self, one: Action, asked: Asked) -> str:
        steps.finish(one, by=asked.by, now=asked.now)
        return gettext("Done: it is told as an action taken.")

    @Door(
        title=_("Will not be done"),
        permission=CHANGE,
        icon="remove_done",
        shown=lambda one: not one.done_at and not one.dropped_at,
    )
    def drop(self, one: Action, asked: Asked) -> str:
        steps.drop(one, by=asked.by, now=asked.now)
        return gettext("It is told no more.")


def steps_of(incident: Incident) -> dict[str, Any]:
    """Return actions and estimates, for the room."""
    confidence = dict(Confidence.choices)
    return {
        "actions": incident.actions.select_related("owner").order_by("done_at", "due_at", "pk"),
        "estimates": [(one, confidence.get(one.confidence, one.confidence)) for one in estimates.history(incident)],
    }
