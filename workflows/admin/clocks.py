"""The wall of legal clocks of an incident: deadlines, what was sent, the receipt, and stopping by two people."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant

from incidents import clock
from incidents.admin.doors import ActionForm, Asked, Door
from incidents.models import Incident
from workflows import clock_data, clock_screening, clocks
from workflows.admin.base import RowOfRoom, Tab
from workflows.enums import ClockState
from workflows.gates import in_reader_language
from workflows.models import ClockRun

LONG = {"rows": 3}
CHANGING = "workflows.change_clockrun"


class FinishForm(ActionForm):
    ticked = forms.MultipleChoiceField(
        label=_("What the notification carried"), widget=forms.CheckboxSelectMultiple, required=False
    )
    receipt = forms.CharField(
        label=_("Receipt"), max_length=300, help_text=_("Number, link, or who confirmed it and when.")
    )
    note = forms.CharField(
        label=_("Note"),
        required=False,
        widget=forms.Textarea(attrs=LONG),
        help_text=_("If something is not ticked: when it follows."),
    )

    def prepare(self) -> None:
        known = clock_data.find(self.subject.clock)
        items = [in_reader_language(text) for text in known.items] if known else []
        self.fields["ticked"].choices = list(enumerate(items))  # type: ignore[attr-defined]


class StopForm(ActionForm):
    reason = forms.CharField(label=_("Why the duty does not apply"), widget=forms.Textarea(attrs=LONG))


class DeadlineForm(ActionForm):
    due_at = forms.DateTimeField(label=_("Deadline"), widget=forms.DateTimeInput)
    reason = forms.CharField(label=_("Which contract or rule sets it"), widget=forms.Textarea(attrs=LONG))

    def prepare(self) -> None:
        self.fields["due_at"].initial = self.subject.due_at


def _runs(run: ClockRun) -> bool:
    return run.state == ClockState.RUNNING and run.incident.is_live


@admin.register(ClockRun)
class ClockRunAdmin(RowOfRoom):
    tab = Tab.CLOCKS

    @Door(
        title=_("Done"),
        permission=CHANGING,
        form=FinishForm,
        icon="task_alt",
        variant=ActionVariant.PRIMARY,
        explanation=_("The notification was made; the receipt is kept as evidence."),
        shown=_runs,
    )
    def finish(self, run: ClockRun, asked: Asked) -> str:
        given = asked.given
        notification = clocks.Notification(tuple(map(int, given["ticked"])), given["receipt"], given["note"])
        clocks.finish(run, notification=notification, by=asked.by, now=asked.now)
        return gettext("The clock is met.")

    @Door(
        title=_("Ask to stop"),
        permission=CHANGING,
        form=StopForm,
        icon="timer_off",
        explanation=_("It runs on until another person agrees."),
        shown=lambda run: _runs(run) and not run.stop_reason,
    )
    def ask_stop(self, run: ClockRun, asked: Asked) -> str:
        clocks.ask_stop(run, reason=asked.given["reason"], by=asked.by, now=asked.now)
        return gettext("Asked. Another person agrees to it here.")

    @Door(
        title=_("Agree to stop"),
        permission="workflows.stop_clock",
        icon="timer_off",
        variant=ActionVariant.DANGER,
        explanation=_("You say with your name that this duty does not apply."),
        shown=lambda run: _runs(run) and bool(run.stop_reason),
    )
    def agree_to_stop(self, run: ClockRun, asked: Asked) -> str:
        clocks.agree_to_stop(run, by=asked.by, now=asked.now)
        return gettext("The clock is stopped.")

    @Door(
        title=_("Set the deadline"),
        permission=CHANGING,
        form=DeadlineForm,
        icon="edit_calendar",
        explanation=_("Only where the law has no number: as the contract or the house says."),
        shown=lambda run: _runs(run) and run.is_house_target,
    )
    def set_deadline(self, run: ClockRun, asked: Asked) -> str:
        clocks.set_deadline(run, **asked.given, by=asked.by, now=asked.now)
        return gettext("The deadline is set.")


def clocks_tab(incident: Incident, _request: HttpRequest) -> dict[str, Any]:
    """Return every clock, the running ones by their deadline first, and what it forbids to say meanwhile."""
    now = clock.now()
    rows = ClockRun.objects.filter(incident=incident).select_related(
        "incident", "owner", "done_by", "stop_asked_by", "stopped_by"
    )
    shown = [_shown(run, now) for run in rows.soonest()]
    return {
        "clocks_running": [one for one in shown if one["run"].state == ClockState.RUNNING],
        "clocks_over": [one for one in shown if one["run"].state != ClockState.RUNNING],
        "open_clocks": [(_name(name), place) for name, place in clock_screening.unanswered(incident)],
        "has_plan": incident.declared_at is not None,
    }


def _name(identifier: str) -> str:
    known = clock_data.find(identifier)
    return in_reader_language(known.name) if known else identifier


def _shown(run: ClockRun, now: Any) -> dict[str, Any]:
    known = clock_data.find(run.clock)
    return {
        "run": run,
        "name": clocks.name_of(run),
        "known": known,
        "is_overdue": run.is_overdue(now),
        "items": [
            (in_reader_language(text), place in run.ticked) for place, text in enumerate(known.items if known else ())
        ],
        "rule": in_reader_language(known.rule_text) if known and known.rule_text else "",
        "forbids_lowering": bool(known and known.rule == clock_data.RECALL),
    }
