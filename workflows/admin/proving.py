"""What people record for a gate only they can judge: watching, consent, content, resources, targets, claims, recall."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from incidents.admin.doors import ActionForm, Asked, Door
from incidents.models import Incident
from incidents.phases import Enforcement, Gate
from notifications.enums import MessageKind
from workflows import claims, clock_screening, content_lists, proofs, recall
from workflows.admin.base import RowOfRoom, Tab
from workflows.admin.people import Person
from workflows.enums import Stance, Truth
from workflows.gates import in_reader_language, lines, name_of, read
from workflows.judges.proving import needed_capacity
from workflows.judges.speaking import newest
from workflows.models import Claim
from workflows.plans import current

LONG = {"rows": 3}
DECIDING = "incidents.add_decision"
# Which door a gate of a kind is passed by.
DOORS = {
    "monitoring_on": "record_monitoring",
    "consent": "record_consent",
    "content_check": "check_content",
    "capacity": "record_capacity",
    "threshold": "record_measurement",
    "supersede": "record_superseded",
    "effectiveness_check": "record_recall",
    "items_classified": "note_claim",
    "clock_started": "screen_clocks",
}
# What is recorded by another name than the gate's own.
KEYS = {
    "monitoring_on": proofs.MONITORING,
    "effectiveness_check": recall.PROGRESS,
    "clock_started": clock_screening.CHECK,
}


def gates_of(incident: Incident, kind: str) -> list[Gate]:
    """Return the gates of a kind in the incident's plan, whatever their phase."""
    plan = current(incident)
    listed = [item for items in plan.content["gates"].values() for item in items] if plan else []
    return [
        Gate(item["id"], item["kind"], Enforcement(item["enforcement"]), item["label"], item.get("params") or {})
        for item in listed
        if item["kind"] == kind
    ]


def _wants(*kinds: str) -> Callable[[Incident], bool]:
    return lambda incident: incident.is_live and any(gates_of(incident, kind) for kind in kinds)


class GateForm(ActionForm):
    """A form about one gate of a kind; where the plan has one, it is chosen already."""

    kind = ""
    gate_id = forms.ChoiceField(label=_("Gate"))

    def prepare(self) -> None:
        self.gates = gates_of(self.subject, self.kind)
        choices = [(gate.id, f"{gate.id} {in_reader_language(gate.label)}") for gate in self.gates]
        self.fields["gate_id"].choices = choices  # type: ignore[attr-defined]

    def chosen(self) -> Gate | None:
        """Return the gate that was asked for, or the first one."""
        wanted = self.data.get("gate_id") or self.initial.get("gate_id")
        found = [gate for gate in self.gates if gate.id == wanted] or self.gates
        return found[0] if found else None


class MonitoringForm(ActionForm):
    sources = forms.CharField(
        label=_("What is watched"),
        widget=forms.Textarea(attrs=LONG),
        help_text=_("One a line: media, networks, forums."),
    )
    threshold = forms.IntegerField(label=_("Mentions that call the team"), min_value=1, initial=10)
    hours = forms.IntegerField(label=_("within hours"), min_value=1, initial=1)
    watcher = Person(label=_("Who watches"))

    def prepare(self) -> None:
        self.fields["watcher"].initial = self.by.pk


class ConsentForm(GateForm):
    kind = "consent"
    answer = forms.ChoiceField(
        label=_("What the person says about the wording"),
        choices=[
            (proofs.AGREED, _("agrees")),
            (proofs.NOBODY_NAMED, _("nobody is named")),
            (proofs.REFUSED, _("does not agree")),
        ],
    )
    how = forms.CharField(label=_("Who, how and when"), widget=forms.Textarea(attrs=LONG))


class ContentForm(GateForm):
    kind = "content_check"
    items = forms.MultipleChoiceField(
        label=_("The first notice carries"), widget=forms.CheckboxSelectMultiple, required=False
    )
    note = forms.CharField(label=_("Note"), required=False, widget=forms.Textarea(attrs=LONG))

    def prepare(self) -> None:
        super().prepare()
        gate = self.chosen()
        listed = content_lists.items(gate) if gate else []
        choices = [(item.id, in_reader_language(item.text)) for item in listed]
        self.fields["items"].choices = choices  # type: ignore[attr-defined]


class CapacityForm(GateForm):
    kind = "capacity"
    available = forms.IntegerField(label=_("How much is there"), min_value=1)
    what = forms.CharField(
        label=_("What it consists of"),
        widget=forms.Textarea(attrs=LONG),
        help_text=_("People, hotline, stock, repairs a day: who answers for each."),
    )

    def prepare(self) -> None:
        super().prepare()
        gate = self.chosen()
        if gate is not None:
            needed = gettext("needed: %s") % needed_capacity(self.subject, gate)
            self.fields["available"].help_text = needed


class MeasurementForm(GateForm):
    kind = "threshold"
    since = forms.DateTimeField(label=_("Observed from"), widget=forms.DateTimeInput)
    until = forms.DateTimeField(label=_("until"), widget=forms.DateTimeInput)
    met = forms.MultipleChoiceField(
        label=_("Targets that were met all the time"), widget=forms.CheckboxSelectMultiple, required=False
    )

    def prepare(self) -> None:
        super().prepare()
        gate = self.chosen()
        self.targets = lines(self.subject, gate.params["field"]) if gate else []
        self.fields["met"].choices = list(enumerate(self.targets))  # type: ignore[attr-defined]
        self.fields["since"].initial = self.subject.resolved_at
        self.fields["until"].initial = self.now

    def clean(self) -> dict[str, Any]:
        self.cleaned_data["targets"] = tuple(self.targets)
        return self.cleaned_data


class SupersededForm(GateForm):
    kind = "supersede"
    statement = forms.CharField(label=_("Earlier statement, and where it stands"), widget=forms.Textarea(attrs=LONG))
    marked_how = forms.CharField(
        label=_("How it is marked and linked to the correction"), widget=forms.Textarea(attrs=LONG)
    )

    def prepare(self) -> None:
        super().prepare()
        said = read(self.subject, "facts.statement_wrong")
        self.fields["statement"].initial = in_reader_language(said) if isinstance(said, dict) else said


class RecallForm(ActionForm):
    units_corrected = forms.IntegerField(label=_("Units put right up to now"), min_value=0)
    source = forms.CharField(label=_("Who counted, and which samples were checked"), widget=forms.Textarea(attrs=LONG))

    def prepare(self) -> None:
        steps = recall.funnel(self.subject)
        self.fields["units_corrected"].initial = steps.units_corrected
        if steps.units_affected is not None:
            name = name_of(self.subject, recall.UNITS)
            self.fields["units_corrected"].help_text = f"{name}: {steps.units_affected}"


class ClaimForm(ActionForm):
    text = forms.CharField(label=_("What is claimed"), widget=forms.Textarea(attrs=LONG), help_text=_("One claim."))
    said_where = forms.CharField(label=_("Where and by whom"), max_length=200, required=False)


class FindingForm(ActionForm):
    truth = forms.ChoiceField(label=_("Is it true?"), choices=Truth.choices)
    stance = forms.ChoiceField(label=_("Our answer"), choices=Stance.choices)
    evidence = forms.CharField(
        label=_("What proves it: text or link"), required=False, widget=forms.Textarea(attrs=LONG)
    )
    source = forms.CharField(label=_("Source"), required=False, max_length=200)

    def prepare(self) -> None:
        self.fields["truth"].initial = self.subject.truth
        self.fields["stance"].initial = self.subject.stance or Stance.INFORM


class ProvingDoors:
    """Doors of the incident for what only people can see."""

    @Door(
        title=_("Watch the media"),
        permission=DECIDING,
        form=MonitoringForm,
        icon="visibility",
        shown=lambda incident: incident.is_live,
    )
    def record_monitoring(self, incident: Incident, asked: Asked) -> str:
        given = asked.given
        monitoring = proofs.Monitoring(
            sources=tuple(given["sources"].splitlines()),
            threshold=given["threshold"],
            within=timedelta(hours=given["hours"]),
            watcher=given["watcher"],
        )
        proofs.watch(incident, monitoring=monitoring, by=asked.by, now=asked.now)
        return gettext("Recorded.")

    @Door(title=_("Record consent"), permission=DECIDING, form=ConsentForm, icon="how_to_reg", shown=_wants("consent"))
    def record_consent(self, incident: Incident, asked: Asked) -> str:
        notice = newest(incident, MessageKind.FIRST_NOTICE)
        proofs.agree(incident, **asked.given, notice=notice, by=asked.by, now=asked.now)
        return gettext("Recorded.")

    @Door(
        title=_("Tick the content"),
        permission=DECIDING,
        form=ContentForm,
        icon="checklist",
        explanation=_("Read the first notice as it stands; an edit voids the ticks."),
        shown=_wants("content_check"),
    )
    def check_content(self, incident: Incident, asked: Asked) -> str:
        notice = newest(incident, MessageKind.FIRST_NOTICE)
        if notice is None:
            raise proofs.BadProof(gettext("There is no first notice to check: draft it first."))
        proofs.tick_content(notice, **asked.given, by=asked.by, now=asked.now)
        return gettext("Recorded.")

    @Door(
        title=_("Record resources"),
        permission=DECIDING,
        form=CapacityForm,
        icon="inventory_2",
        shown=_wants("capacity"),
    )
    def record_capacity(self, incident: Incident, asked: Asked) -> str:
        proofs.provide(incident, **asked.given, by=asked.by, now=asked.now)
        return gettext("Recorded.")

    @Door(
        title=_("Record the measurement"),
        permission=DECIDING,
        form=MeasurementForm,
        icon="monitoring",
        shown=_wants("threshold"),
    )
    def record_measurement(self, incident: Incident, asked: Asked) -> str:
        given = asked.given
        met = tuple(str(place) in given["met"] for place in range(len(given["targets"])))
        measurement = proofs.Measurement(given["since"], given["until"], given["targets"], met)
        proofs.measure(incident, gate_id=given["gate_id"], measurement=measurement, by=asked.by, now=asked.now)
        return gettext("Recorded.")

    @Door(
        title=_("Mark an earlier statement"),
        permission=DECIDING,
        form=SupersededForm,
        icon="history_edu",
        shown=_wants("supersede"),
    )
    def record_superseded(self, incident: Incident, asked: Asked) -> str:
        proofs.replace_statement(incident, **asked.given, by=asked.by, now=asked.now)
        return gettext("Recorded.")

    @Door(
        title=_("Record the recall's progress"),
        permission=DECIDING,
        form=RecallForm,
        icon="published_with_changes",
        shown=_wants("effectiveness_check"),
    )
    def record_recall(self, incident: Incident, asked: Asked) -> str:
        recall.report_progress(incident, **asked.given, by=asked.by, now=asked.now)
        return gettext("Recorded.")

    @Door(
        title=_("Note a claim"),
        permission="incidents.add_evidence",
        form=ClaimForm,
        icon="record_voice_over",
        shown=lambda incident: incident.is_live,
    )
    def note_claim(self, incident: Incident, asked: Asked) -> str:
        claims.note(incident, **asked.given, by=asked.by, now=asked.now)
        return gettext("Noted. Say whether it is true as soon as somebody has checked.")


@admin.register(Claim)
class ClaimAdmin(RowOfRoom):
    tab = Tab.DECISIONS

    @Door(
        title=_("Is it true?"),
        permission="incidents.add_evidence",
        form=FindingForm,
        icon="fact_check",
        explanation=_("What is true is admitted, also where it is a part; only what is false is denied."),
        shown=lambda claim: claim.incident.is_live,
    )
    def classify(self, claim: Claim, asked: Asked) -> str:
        given = asked.given
        finding = claims.Finding(Truth(given["truth"]), Stance(given["stance"]), given["evidence"], given["source"])
        claims.classify(claim, finding=finding, by=asked.by, now=asked.now)
        return gettext("Recorded: %s.") % Truth(given["truth"]).label
