"""Doors of the incident that move it: go on, go back, cancel, waive, stop and resume sending, resolve."""

from typing import Any

from django import forms
from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant

from incidents import assessments, lifecycle
from incidents.admin.doors import ActionForm, Asked, Door
from incidents.enums import Severity
from incidents.models import Incident
from incidents.phases import BACK, Enforcement, Phase
from notifications import tasks
from workflows import declarations, releases

LONG = {"rows": 3}


class SeverityForm(ActionForm):
    severity = forms.ChoiceField(label=_("Severity"), choices=Severity.choices)
    reason = forms.CharField(label=_("Why"), widget=forms.Textarea(attrs=LONG))

    def prepare(self) -> None:
        self.fields["severity"].initial = self.subject.severity


class BackForm(ActionForm):
    to = forms.ChoiceField(label=_("Back to"))
    reason = forms.CharField(label=_("Why"), widget=forms.Textarea(attrs=LONG), help_text=_("The review shows this."))

    def prepare(self) -> None:
        ways = [to for to in BACK if self.subject.phase in BACK[to] and to != Phase.CANCELLED]
        self.fields["to"].choices = [(to.value, to.label) for to in ways]  # type: ignore[attr-defined]


class ReasonForm(ActionForm):
    reason = forms.CharField(label=_("Why"), widget=forms.Textarea(attrs=LONG), help_text=_("The team reads this."))


class WaiveForm(ActionForm):
    gate_id = forms.ChoiceField(label=_("Gate"))
    reason = forms.CharField(label=_("Why"), widget=forms.Textarea(attrs=LONG), help_text=_("The review shows this."))

    def prepare(self) -> None:
        found = lifecycle.blockers(self.subject, now=self.now)
        choices = {one.id: f"{one.id}: {one.text}" for one in found if may_be_waived(one)}
        self.fields["gate_id"].choices = [("", "–"), *choices.items()]  # type: ignore[attr-defined]


class ResolveForm(ActionForm):
    at = forms.DateTimeField(label=_("Solved at"), widget=forms.DateTimeInput)

    def prepare(self) -> None:
        self.fields["at"].initial = self.subject.resolved_at or self.now


def may_be_waived(blocker: Any) -> bool:
    """Whether a blocker can be passed with a reason."""
    return blocker.is_blocking and (blocker.enforcement == Enforcement.WAIVABLE or not blocker.can_judge)


def _can_go_on(incident: Incident) -> bool:
    return lifecycle.next_phase(incident) is not None and incident.declared_at is not None


def _can_go_back(incident: Incident) -> bool:
    return any(incident.phase in BACK[to] for to in BACK if to != Phase.CANCELLED)


class PhaseDoors:
    """Doors that move the incident."""

    @Door(
        title=_("Change severity"),
        permission="incidents.declare_incident",
        form=SeverityForm,
        icon="thermostat",
        explanation=_("The plan is revised so that its rhythm follows; another person approves it again."),
        shown=lambda incident: incident.is_live and incident.declared_at is not None,
    )
    def change_severity(self, incident: Incident, asked: Asked) -> str:
        severity = Severity(asked.given["severity"])
        declarations.change_severity(
            incident, severity=severity, reason=asked.given["reason"], by=asked.by, now=asked.now
        )
        return str(gettext("Severity is now %s.") % severity.label)

    @Door(
        title=_("Go on to the next phase"),
        permission="incidents.move_phase",
        icon="arrow_forward",
        variant=ActionVariant.PRIMARY,
        explanation=_("All gates of the present phase are asked once more."),
        shown=_can_go_on,
    )
    def advance(self, incident: Incident, asked: Asked) -> str:
        to = lifecycle.next_phase(incident) or Phase.CLOSED
        lifecycle.move(incident, to=to, by=asked.by, now=asked.now)
        return gettext("The phase is now %s.") % to.label

    @Door(title=_("Go back"), permission="incidents.move_phase", form=BackForm, icon="arrow_back", shown=_can_go_back)
    def go_back(self, incident: Incident, asked: Asked) -> str:
        to = Phase(asked.given["to"])
        lifecycle.move(incident, to=to, by=asked.by, now=asked.now, reason=asked.given["reason"])
        return gettext("The phase is now %s.") % to.label

    @Door(
        title=_("Cancel: false alarm"),
        permission="incidents.move_phase",
        form=ReasonForm,
        icon="cancel",
        variant=ActionVariant.DANGER,
        button=_("Cancel the incident"),
        explanation=_("Everyone already told gets a last word: draft it under Messages."),
        shown=lambda incident: incident.is_live and not incident.is_candidate,
    )
    def call_off(self, incident: Incident, asked: Asked) -> str:
        lifecycle.move(incident, to=Phase.CANCELLED, by=asked.by, now=asked.now, reason=asked.given["reason"])
        return gettext("The incident is cancelled.")

    @Door(title=_("Waive"), permission="incidents.waive_gate", form=WaiveForm, icon="gavel")
    def waive(self, incident: Incident, asked: Asked) -> str:
        gate_id: str = asked.given["gate_id"]
        lifecycle.waive(incident, gate_id=gate_id, reason=asked.given["reason"], by=asked.by, now=asked.now)
        return gettext("%s is waived.") % gate_id

    @Door(
        title=_("Stop sending"),
        permission="incidents.stop_sending",
        form=ReasonForm,
        icon="front_hand",
        variant=ActionVariant.DANGER,
        explanation=_("Nothing more leaves for this incident; what is on its way lands within two seconds."),
        shown=lambda incident: not incident.is_on_hold and incident.declared_at and releases.is_under_way(incident),
    )
    def stop_sending(self, incident: Incident, asked: Asked) -> str:
        lifecycle.stop_sending(incident, reason=asked.given["reason"], by=asked.by, now=asked.now)
        return gettext("Sending is stopped.")

    @Door(
        title=_("Resume sending"),
        permission="incidents.stop_sending",
        icon="play_arrow",
        variant=ActionVariant.SUCCESS,
        shown=lambda incident: incident.is_on_hold,
    )
    def resume_sending(self, incident: Incident, asked: Asked) -> str:
        lifecycle.resume_sending(incident, by=asked.by, now=asked.now)
        transaction.on_commit(tasks.ring)
        return gettext("Sending goes on where it stopped.")

    @Door(
        title=_("Solved in operation"),
        permission="incidents.change_incident",
        form=ResolveForm,
        icon="check_circle",
        explanation=_("Records when it was solved; customers are told by the resolution notice."),
        shown=lambda incident: incident.phase == Phase.EXECUTE,
    )
    def resolve(self, incident: Incident, asked: Asked) -> str:
        assessments.resolve(incident, at=asked.given["at"], by=asked.by, now=asked.now)
        return gettext("Recorded. Draft the resolution notice under Messages.")
