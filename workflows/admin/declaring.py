"""Doors of the incident at three in the morning: declare on one screen, with the holding statement in the same step."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant

from incidents.admin.doors import ActionForm, Asked, Door
from incidents.enums import Language, Role, Severity
from incidents.models import Company, Incident
from incidents.phases import Phase
from notifications.enums import MessageKind
from workflows import declarations, holding, roster, severity_questions
from workflows.admin.audience import regions
from workflows.admin.base import Tab, room_url
from workflows.admin.drafting import AUDIENCES, audience_of
from workflows.admin.people import Person
from workflows.enums import PlaybookKind
from workflows.gates import in_reader_language
from workflows.models import Playbook, PlaybookVersion
from workflows.severity_questions import Question

LONG = {"rows": 2}


class StatementForm(ActionForm):
    """What can be said now: every field may stay empty."""

    known = forms.CharField(
        label=_("What we know for certain"),
        required=False,
        widget=forms.Textarea(attrs=LONG),
        help_text=_("In words customers understand. Left empty, the text says that it is being looked into."),
    )
    unknown = forms.CharField(label=_("What we do not know yet"), required=False, widget=forms.Textarea(attrs=LONG))
    audience = forms.ChoiceField(label=_("For whom"), choices=AUDIENCES)
    region = forms.MultipleChoiceField(
        label=_("Filter: regions"), required=False, help_text=_("Nothing chosen means every region.")
    )
    language = forms.MultipleChoiceField(
        label=_("Filter: languages"),
        required=False,
        choices=Language.choices,
        help_text=_("Nothing chosen means every language."),
    )
    next_update_at = forms.DateTimeField(
        label=_("Next word by"),
        required=False,
        widget=forms.DateTimeInput,
        help_text=_("Left empty, the playbook's rhythm decides."),
    )
    is_submitted = forms.BooleanField(label=_("Ask for approval at once: the approver is woken"), required=False)

    more: tuple[str, ...] = ("region", "language", "next_update_at", "is_submitted")

    def prepare(self) -> None:
        company = Company.objects.first()
        self.spoken = list(company.languages) if company and company.languages else [Language.EN.value]
        names = dict(Language.choices)
        for code in self.spoken[1:]:
            for name in ("known", "unknown"):
                label = f"{self.fields[name].label} ({names.get(code, code)})"
                area = forms.Textarea(attrs={**LONG, "lang": code})
                self.fields[f"{name}-{code}"] = forms.CharField(label=label, required=False, widget=area)
        self.fields["region"].choices = [(name, name) for name in regions()]  # type: ignore[attr-defined]
        usual = holding.usual_audience(self.subject)
        audience: Any = self.fields["audience"]
        audience.choices = [one for one in AUDIENCES if one[0] != "page" or not self.subject.is_embargoed]
        audience.initial = next(iter(usual))
        self.fields["is_submitted"].initial = True

    def statement(self) -> holding.Statement:
        """Return what was written, once the form is valid."""
        given = {**self.cleaned_data, "tiers": ["1", "2", "3"]}
        return holding.Statement(
            known=self._texts("known"),
            unknown=self._texts("unknown"),
            audience=audience_of(given),
            next_update_at=given["next_update_at"],
            is_submitted=given["is_submitted"],
        )

    def clean(self) -> dict[str, Any]:
        if not self.errors:
            self.cleaned_data["statement"] = self.statement()
        return self.cleaned_data

    def _texts(self, name: str) -> dict[str, str]:
        first, *others = self.spoken
        texts = {first: self.cleaned_data[name]}
        return texts | {code: self.cleaned_data[f"{name}-{code}"] for code in others}

    def part(self, names: Iterable[str]) -> list[Any]:
        """Return these fields for the page."""
        return [self[name] for name in names if name in self.fields]

    def words(self) -> list[Any]:
        """Return the fields everybody looks at."""
        return self.part(["known", "unknown", "audience"])

    def others(self) -> list[Any]:
        """Return the fields that are rarely needed."""
        return self.part([*(name for name in self.fields if "-" in name), *self.more])


class DeclareForm(StatementForm):
    """Everything a declaration needs on one page; only the type and one tick are asked for."""

    what = forms.ChoiceField(label=_("What happened (type and subtype)"))
    relationship_type = forms.ChoiceField(
        label=_("What it does to the relationship"), required=False, help_text=_("Leave empty if nothing fits.")
    )
    triggers = forms.MultipleChoiceField(label=_("What is true now?"), required=False)
    severity = forms.ChoiceField(
        label=_("Severity"), choices=[("", _("as the answers say")), *Severity.choices], required=False
    )
    severity_reason = forms.CharField(
        label=_("Why another severity than the answers say"), required=False, widget=forms.Textarea(attrs=LONG)
    )
    lead = Person(label=_("Lead"))
    impact_started_at = forms.DateTimeField(label=_("Since when"), required=False, widget=forms.DateTimeInput)
    jurisdictions = forms.CharField(
        label=_("Countries concerned"), required=False, help_text=_("Codes, separated by commas: DE, CN, RU.")
    )
    speaks = forms.BooleanField(label=_("Draft the holding statement now"), required=False)

    def prepare(self) -> None:
        super().prepare()
        incident: Incident = self.subject
        related = Playbook.objects.filter(kind=PlaybookKind.RELATIONSHIP_TYPE).order_by("key")
        names = [(row.key, in_reader_language(row.name)) for row in related]
        versions = newest_contents()
        self.asked = severity_questions.questions(*(version.playbook.key for version in versions))
        self.names = {version.playbook.key: in_reader_language(version.playbook.name) for version in versions}
        fields: dict[str, Any] = self.fields
        fields["what"].choices = [("", "–"), *subtype_choices(versions)]
        fields["relationship_type"].choices = [("", "–"), *names]
        fields["triggers"].choices = [(one.id, in_reader_language(one.text)) for one in self.asked]
        fields["what"].initial = f"{incident.type}/{incident.subtype}" if incident.type else ""
        fields["relationship_type"].initial = incident.relationship_type
        fields["severity"].initial = incident.severity
        on_duty = roster.holder(incident, Role.INCIDENT_LEAD)
        fields["lead"].initial = incident.lead_id or (on_duty.pk if on_duty else self.by.pk)
        fields["impact_started_at"].initial = incident.impact_started_at
        fields["jurisdictions"].initial = ", ".join(incident.jurisdictions)
        fields["speaks"].initial = not incident.messages.filter(kind=MessageKind.HOLDING_STATEMENT).exists()

    def clean_jurisdictions(self) -> tuple[str, ...]:
        names = [name.strip() for name in self.cleaned_data["jurisdictions"].replace(";", ",").split(",")]
        return tuple(dict.fromkeys(name for name in names if name))

    def clean(self) -> dict[str, Any]:
        if not self.errors:
            self.cleaned_data["statement"] = self.statement() if self.cleaned_data["speaks"] else None
        return self.cleaned_data

    def kind(self) -> list[Any]:
        """Return the fields that name what happened."""
        return self.part(["what", "relationship_type"])

    def rating(self) -> list[Any]:
        """Return the fields beside the questions."""
        return self.part(["severity", "severity_reason", "lead", "impact_started_at", "jurisdictions"])

    def questions(self) -> list[tuple[str, str, list[tuple[Question, bool]]]]:
        """Return each playbook's questions with whether they were ticked, the gravest first."""
        ticked = set(self["triggers"].value() or [])
        return [
            (key, name, [(one, one.id in ticked) for one in self.asked if one.playbook == key])
            for key, name in self.names.items()
        ]


class DeclaringDoors:
    """Doors that make a report an incident and give it its first word."""

    @Door(
        title=_("Declare"),
        permission="incidents.declare_incident",
        form=DeclareForm,
        icon="campaign",
        variant=ActionVariant.PRIMARY,
        template="admin/room/declare.html",
        explanation=_("Declaring starts the clocks of the first contact, seeds the fact sheet and drafts the plan."),
        shown=lambda incident: incident.phase == Phase.IDENTIFY and incident.declared_at is None,
    )
    def declare(self, incident: Incident, asked: Asked) -> HttpResponse:
        return _declare(incident, asked)

    @Door(
        title=_("Put the type right"),
        permission="incidents.declare_incident",
        form=DeclareForm,
        icon="category",
        template="admin/room/declare.html",
        explanation=_("Facts keep their values, the clocks of the first declaration go on, and a new plan is drafted."),
        shown=lambda incident: incident.phase == Phase.IDENTIFY and incident.declared_at is not None,
    )
    def declare_again(self, incident: Incident, asked: Asked) -> HttpResponse:
        return _declare(incident, asked)

    @Door(
        title=_("Holding statement"),
        permission="notifications.write_message",
        form=StatementForm,
        icon="record_voice_over",
        variant=ActionVariant.PRIMARY,
        template="admin/room/hold.html",
        button=_("Draft the holding statement"),
        explanation=_(
            "A short first word while the facts emerge: what is known, what is not, when the next word comes."
        ),
        shown=lambda incident: incident.is_live and incident.declared_at is not None and not _has_spoken(incident),
    )
    def hold(self, incident: Incident, asked: Asked) -> HttpResponse:
        spoken = holding.prepare(incident, statement=asked.given["statement"], by=asked.by, now=asked.now)
        return _to_statement(incident, spoken, asked)


def _declare(incident: Incident, asked: Asked) -> HttpResponse:
    given = asked.given
    kind, _slash, subtype = given["what"].partition("/")
    declaration = declarations.Declaration(
        type=kind,
        subtype=subtype,
        severity=Severity(given["severity"]) if given["severity"] else None,
        lead=given["lead"],
        relationship_type=given["relationship_type"],
        triggers=tuple(given["triggers"]),
        severity_reason=given["severity_reason"],
        impact_started_at=given["impact_started_at"],
        jurisdictions=given["jurisdictions"],
    )
    spoken = holding.declare(
        incident, declaration=declaration, statement=given["statement"], by=asked.by, now=asked.now
    )
    messages.success(asked.request, gettext("%s is declared.") % incident.reference)
    return _to_statement(incident, spoken, asked)


def _to_statement(incident: Incident, spoken: holding.Spoken, asked: Asked) -> HttpResponse:
    """Show the statement where something keeps it back, else the room with its clocks."""
    for line in spoken.trouble.splitlines():
        messages.warning(asked.request, line)
    if spoken.message is None:
        return HttpResponseRedirect(room_url(incident))
    if spoken.trouble or not spoken.message.submitted_at:
        return HttpResponseRedirect(reverse("admin:notifications_message_change", args=[spoken.message.pk]))
    text = gettext("%s waits for its approver, who is being woken.")
    messages.success(asked.request, text % spoken.message.reference)
    return HttpResponseRedirect(room_url(incident, Tab.NOW))


def _has_spoken(incident: Incident) -> bool:
    return incident.messages.filter(kind=MessageKind.HOLDING_STATEMENT).exists()


def newest_contents() -> list[PlaybookVersion]:
    """Return the newest version of each playbook, incident types first."""
    rows = PlaybookVersion.objects.select_related("playbook").order_by("playbook__key", "-number")
    found = rows.distinct("playbook__key")
    return sorted(found, key=lambda version: (version.playbook.kind, version.playbook.key))


def subtype_choices(versions: Iterable[PlaybookVersion]) -> list[Any]:
    """Return every subtype, grouped by its type, each as `type/subtype`."""
    return [
        (
            in_reader_language(version.playbook.name),
            [
                (f"{version.playbook.key}/{item['id']}", in_reader_language(item["name"]))
                for item in version.content["subtypes"]
            ],
        )
        for version in versions
    ]
