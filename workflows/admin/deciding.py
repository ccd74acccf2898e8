"""Decisions, checks and evidence of an incident, whose doing it was, and the screening of legal clocks."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant

from incidents import assessments, decisions
from incidents.admin.doors import ActionForm, Asked, Door
from incidents.enums import DecisionKind, ResponsibilityCluster, Severity
from incidents.models import Decision, Evidence, Incident
from incidents.phases import Phase
from workflows import clock_data, clock_screening, recall
from workflows.admin.base import RowOfRoom, Tab
from workflows.admin.proving import DOORS, KEYS, gates_of
from workflows.gates import INCIDENT_FIELDS, in_reader_language
from workflows.plans import current

LONG = {"rows": 3}
GATE_KINDS = {
    "decision_recorded": (DecisionKind.DECISION, "decision"),
    "check_done": (DecisionKind.CHECK, "check"),
    "approval": (DecisionKind.APPROVAL, ""),
}
# Responsibility has stamps of its own.
KINDS = [one for one in DecisionKind.choices if one[0] != DecisionKind.ADMISSION]
ANSWERS = [("", "–"), ("yes", _("yes")), ("no", _("no")), ("unknown", _("not known"))]


class DecisionForm(ActionForm):
    kind = forms.ChoiceField(label=_("Kind"), choices=KINDS)
    key = forms.CharField(label=_("Subject"), max_length=80, help_text=_("The name the gate asks for."))
    outcome = forms.CharField(
        label=_("Outcome"), max_length=200, help_text=_("For an approval the word “approved”; for a severity its code.")
    )
    reason = forms.CharField(label=_("Reason"), widget=forms.Textarea(attrs=LONG), help_text=_("The review shows it."))


class EvidenceForm(ActionForm):
    subject_name = forms.CharField(label=_("What it proves"), max_length=80)
    text = forms.CharField(label=_("Evidence: text or link"), widget=forms.Textarea(attrs=LONG))
    source = forms.CharField(label=_("Source"), max_length=200)


class ClusterForm(ActionForm):
    cluster = forms.ChoiceField(label=_("How the public will see it"), choices=ResponsibilityCluster.choices)

    def prepare(self) -> None:
        self.fields["cluster"].initial = self.subject.responsibility_cluster


class SeverityConfirmationForm(ActionForm):
    reason = forms.CharField(label=_("What was looked at again"), widget=forms.Textarea(attrs=LONG))


class ScreeningForm(ActionForm):
    """One question for each clock of the plan and each jurisdiction of the incident."""

    reason = forms.CharField(label=_("Reason"), required=False, widget=forms.Textarea(attrs=LONG))

    def prepare(self) -> None:
        asked = clock_screening.questions(self.subject)
        if not self.subject.jurisdictions:
            raise clock_screening.ScreeningIncomplete([])
        known = decisions.latest(self.subject, kind=DecisionKind.CHECK, key=clock_screening.CHECK)
        answers = known.data.get("answers", {}) if known else {}
        for place, (clock, jurisdiction) in enumerate(asked):
            self.fields[f"clock-{place}"] = forms.ChoiceField(
                label=f"{clock_name(clock)} · {jurisdiction}",
                help_text=clock_help(clock),
                choices=ANSWERS,
                initial=answers.get(clock, {}).get(jurisdiction) or clock_screening.suggestion(self.subject, clock),
            )
        self.order_fields([*(f"clock-{place}" for place in range(len(asked))), "reason"])

    def gather(self) -> dict[str, Any]:
        """Return the answers by clock and jurisdiction."""
        found: clock_screening.Answers = {}
        for place, (clock, jurisdiction) in enumerate(clock_screening.questions(self.subject)):
            found.setdefault(clock, {})[jurisdiction] = self.cleaned_data[f"clock-{place}"]
        return {"answers": found}


class DecisionDoors:
    """Doors of the incident about what was decided and proven."""

    @Door(
        title=_("Record a decision"),
        permission="incidents.add_decision",
        form=DecisionForm,
        icon="gavel",
        shown=lambda incident: incident.is_live,
    )
    def decide(self, incident: Incident, asked: Asked) -> str:
        given = asked.given
        decisions.decide(
            incident,
            key=given["key"],
            outcome=given["outcome"],
            reason=given["reason"],
            by=asked.by,
            now=asked.now,
            kind=DecisionKind(given["kind"]),
        )
        return gettext("Recorded.")

    @Door(
        title=_("Confirm the severity"),
        permission="incidents.add_decision",
        form=SeverityConfirmationForm,
        icon="verified",
        shown=lambda incident: incident.is_live and bool(incident.severity),
    )
    def confirm_severity(self, incident: Incident, asked: Asked) -> str:
        decisions.decide(
            incident,
            key="incident.severity",
            outcome=incident.severity,
            reason=asked.given["reason"],
            by=asked.by,
            now=asked.now,
            kind=DecisionKind.CONFIRMATION,
        )
        return gettext("%s is confirmed.") % Severity(incident.severity).label

    @Door(
        title=_("Add evidence"),
        permission="incidents.add_evidence",
        form=EvidenceForm,
        icon="attach_file",
        shown=lambda incident: incident.is_live,
    )
    def add_evidence(self, incident: Incident, asked: Asked) -> str:
        given = asked.given
        decisions.add_evidence(
            incident,
            subject=given["subject_name"],
            text=given["text"],
            source=given["source"],
            by=asked.by,
            now=asked.now,
        )
        return gettext("The evidence is kept.")

    @Door(
        title=_("Assess responsibility"),
        permission="incidents.change_incident",
        form=ClusterForm,
        icon="balance",
        shown=lambda incident: incident.is_live,
    )
    def assess(self, incident: Incident, asked: Asked) -> str:
        cluster = ResponsibilityCluster(asked.given["cluster"])
        assessments.assess(incident, cluster=cluster, by=asked.by, now=asked.now)
        return gettext("Recorded: %s.") % cluster.label

    @Door(
        title=_("Screen the clocks"),
        permission="incidents.add_decision",
        form=ScreeningForm,
        icon="timer",
        variant=ActionVariant.PRIMARY,
        button=_("Sign the answers"),
        explanation=_("Legal and contractual deadlines: “not known” starts a clock like “yes”."),
        shown=lambda incident: incident.is_live and incident.declared_at is not None,
    )
    def screen_clocks(self, incident: Incident, asked: Asked) -> str:
        given = asked.given
        done = clock_screening.screen_clocks(
            incident, answers=given["answers"], by=asked.by, now=asked.now, reason=given["reason"]
        )
        return gettext("The clocks are screened: %s.") % done.outcome


@admin.register(Decision)
class DecisionAdmin(RowOfRoom):
    tab = Tab.DECISIONS


@admin.register(Evidence)
class EvidenceAdmin(RowOfRoom):
    tab = Tab.DECISIONS


def decisions_tab(incident: Incident, _request: HttpRequest) -> dict[str, Any]:
    """Return what the tab shows: what the playbook wants decided, what was decided, what is proven."""
    made = list(incident.decisions.select_related("by").order_by("-at", "-pk"))
    wanted = _wanted(incident, made)
    names = _names(incident, wanted)
    proven = incident.evidence.select_related("by").order_by("-at", "-pk")
    return {
        "wanted": wanted,
        "decisions": [(names.get(one.key, one.key), one) for one in made],
        "evidence": [(names.get(one.subject, one.subject), one) for one in proven],
        "open_clocks": [(clock_name(clock), place) for clock, place in clock_screening.unanswered(incident)],
        "has_plan": incident.declared_at is not None,
        "claims": incident.claims.select_related("classified_by").order_by("pk"),
        "recall": recall.funnel(incident) if gates_of(incident, "effectiveness_check") else None,
    }


def _names(incident: Incident, wanted: list[dict[str, Any]]) -> dict[str, str]:
    """Return what the subjects of decisions and evidence are called: fields, facts, and what gates ask for."""
    own = {name: str(Incident._meta.get_field(field).verbose_name) for name, field in INCIDENT_FIELDS.items()}  # type: ignore[union-attr]
    known = {fact.key: in_reader_language(fact.label) for fact in incident.facts.all() if fact.label}
    return {**own, **known, **{row["key"]: row["label"] for row in wanted}}


def _wanted(incident: Incident, made: list[Decision]) -> list[dict[str, Any]]:
    plan = current(incident)
    gates = plan.content["gates"] if plan else {}
    rows = []
    for phase, items in gates.items():
        for gate in items:
            row = _as_question(gate)
            if row is None:
                continue
            done = next((one for one in made if (one.kind, one.key) == (row["kind"], row["key"])), None)
            rows.append({**row, "phase": Phase(phase).label, "done": done})
    return rows


def _as_question(gate: dict[str, Any]) -> dict[str, Any] | None:
    """Return what to record for a gate, or None where the gate asks for something else."""
    kind, params = gate["kind"], gate.get("params") or {}
    label = {"id": gate["id"], "label": in_reader_language(gate["label"])}
    if kind in DOORS:
        key = KEYS.get(kind, gate["id"])
        return {**label, "kind": DecisionKind.CHECK.value, "key": key, "door": DOORS[kind]}
    if kind == "evidence":
        subject = params.get("artifact") or params.get("field") or gate["id"]
        return {**label, "kind": kind, "key": subject, "door": "add_evidence"}
    if kind not in GATE_KINDS:
        return None
    decision_kind, name = GATE_KINDS[kind]
    key = params.get(name, gate["id"])
    door = "screen_clocks" if key == clock_screening.CHECK else "decide"
    return {**label, "kind": decision_kind.value, "key": key, "door": door}


def clock_name(clock: str) -> str:
    """Return the name of a legal clock in the reader's language."""
    known = clock_data.find(clock)
    return in_reader_language(known.name) if known else clock


def clock_help(clock: str) -> str:
    """Return the question that starts a clock, where it stands in the law, and how long it runs."""
    known = clock_data.find(clock)
    if known is None:
        return ""
    return " · ".join([in_reader_language(known.question), known.legal_reference, known.deadline_text])
