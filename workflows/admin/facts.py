"""Facts of an incident: written once, frozen into a sheet, confirmed by another person; and what nobody knows yet."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant

from incidents import assessments, facts
from incidents.admin import moments
from incidents.admin.doors import ActionForm, Asked, Door
from incidents.admin.widgets import LocalisedField
from incidents.enums import FactStatus, Language
from incidents.models import Fact, FactSheet, Incident, Unknown
from incidents.phases import Phase
from workflows import playbooks
from workflows.admin.base import RowOfRoom, Tab
from workflows.admin.disclosure import WithholdingDoors, disclosure
from workflows.admin.people import Person
from workflows.admin.steps import steps_of
from workflows.gates import in_reader_language

STATES = [one for one in FactStatus.choices if one[0] != FactStatus.UNKNOWN]
YES_NO = [("", "–"), ("yes", _("yes")), ("no", _("no"))]
SOURCE_HELP = _("A person, a document, a system.")


class FactForm(ActionForm):
    status = forms.ChoiceField(label=_("How well it is known"), choices=STATES)
    source = forms.CharField(label=_("Source"), max_length=200, help_text=SOURCE_HELP)
    is_news = forms.BooleanField(
        label=_("What we told before was right then"),
        required=False,
        help_text=_("Otherwise sent messages with the earlier value are marked for correction."),
    )

    def prepare(self) -> None:
        fact: Fact = self.subject
        self.fields["value"] = _field(fact)
        self.order_fields(["value", "status", "source", "is_news"])
        if not fact.version:
            del self.fields["is_news"]
        self.fields["value"].initial = _shown(fact)
        self.fields["status"].initial = fact.status if fact.status != FactStatus.UNKNOWN else FactStatus.REPORTED
        self.fields["source"].initial = fact.source

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if self.subject.type not in facts.LOCALISED_TYPES:
            given["value"] = {facts.SHARED: given.get("value")}
        return given


class FactTranslationForm(ActionForm):
    language = forms.ChoiceField(label=_("Language"), choices=Language.choices)
    text = forms.CharField(label=_("Translation"), widget=forms.Textarea(attrs={"rows": 4}))

    def prepare(self) -> None:
        texts = self.subject.value
        code = str(self.data.get("language") or self.initial.get("language") or "")
        self.source = texts.get(facts.source_language(texts), "")
        self.fields["text"].initial = texts.get(code, "")


class UnknownForm(ActionForm):
    source = forms.CharField(label=_("Who says that it is not known"), max_length=200, help_text=SOURCE_HELP)


class QuestionForm(ActionForm):
    text = forms.CharField(label=_("What is not known"), widget=forms.Textarea(attrs={"rows": 2}))
    owner = Person(label=_("Who finds out"))
    due_at = forms.DateTimeField(label=_("By when"), widget=forms.DateTimeInput)

    def prepare(self) -> None:
        self.fields["owner"].initial = self.by.pk


class FactDoors:
    """Doors of the incident about facts."""

    @Door(
        title=_("Freeze the fact sheet"),
        permission="incidents.add_factsheet",
        icon="ac_unit",
        variant=ActionVariant.PRIMARY,
        explanation=_("The facts as they stand become a numbered sheet; another person confirms it."),
        shown=lambda incident: incident.is_live,
    )
    def freeze_facts(self, incident: Incident, asked: Asked) -> str:
        sheet = facts.freeze(incident, by=asked.by, now=asked.now)
        return gettext("Fact sheet v%s is written: another person confirms it.") % sheet.version

    @Door(
        title=_("Note an open question"),
        permission="incidents.add_unknown",
        form=QuestionForm,
        icon="help",
        shown=lambda incident: incident.is_live,
    )
    def note_unknown(self, incident: Incident, asked: Asked) -> str:
        given = asked.given
        assessments.note_unknown(
            incident, text=given["text"], owner=given["owner"], due_at=given["due_at"], by=asked.by, now=asked.now
        )
        return gettext("Noted.")


@admin.register(Fact)
class FactAdmin(WithholdingDoors, RowOfRoom):
    tab = Tab.FACTS
    list_select_related = ("incident",)

    @Door(title=_("Write"), permission="incidents.change_fact", form=FactForm, icon="edit", button=_("Keep this fact"))
    def put(self, fact: Fact, asked: Asked) -> str:
        given = asked.given
        change = facts.FactChange(
            fact.key, given["value"], FactStatus(given["status"]), given["source"], given.get("is_news", False)
        )
        facts.put(fact.incident, change=change, by=asked.by, now=asked.now)
        return gettext("Kept: %s.") % in_reader_language(fact.label)

    @Door(
        title=_("Not known yet"),
        permission="incidents.change_fact",
        form=UnknownForm,
        icon="question_mark",
        explanation=_("An honest gap counts as an answer; a value written before is taken out."),
        shown=lambda fact: not fact.is_answered or fact.status != FactStatus.UNKNOWN,
    )
    def mark_unknown(self, fact: Fact, asked: Asked) -> str:
        facts.mark_unknown(fact.incident, key=fact.key, source=asked.given["source"], by=asked.by, now=asked.now)
        return gettext("Marked as not known.")

    @Door(
        title=_("Translate"),
        permission="incidents.change_fact",
        form=FactTranslationForm,
        icon="translate",
        button=_("Keep this language"),
        template="admin/room/translate_fact.html",
        explanation=_("The other languages stay as they are; keep the text if it still says the same."),
        shown=lambda fact: fact.type in facts.TRANSLATED_TYPES and bool(fact.value),
    )
    def translate(self, fact: Fact, asked: Asked) -> str:
        given = asked.given
        language = Language(given["language"])
        facts.translate(fact, language=language, text=given["text"], by=asked.by, now=asked.now)
        return gettext("Kept; it is told once the fact sheet is confirmed.")


@admin.register(FactSheet)
class FactSheetAdmin(RowOfRoom):
    tab = Tab.FACTS

    @Door(
        title=_("Confirm"),
        permission="incidents.confirm_factsheet",
        icon="verified",
        variant=ActionVariant.PRIMARY,
        template="admin/room/confirm_sheet.html",
        explanation=_("You say that every line was checked: messages draw on this sheet alone."),
        shown=lambda sheet: sheet.confirmed_at is None,
        hidden_from=lambda sheet, by: sheet.created_by_id == by.pk,
    )
    def confirm(self, sheet: FactSheet, asked: Asked) -> str:
        facts.confirm(sheet, by=asked.by, now=asked.now)
        return gettext("Fact sheet v%s is confirmed.") % sheet.version


@admin.register(Unknown)
class UnknownAdmin(RowOfRoom):
    tab = Tab.FACTS

    @Door(
        title=_("Answered"),
        permission="incidents.change_unknown",
        icon="task_alt",
        explanation=_("The answer itself is a fact: write it there."),
        shown=lambda unknown: unknown.resolved_at is None,
    )
    def settle(self, unknown: Unknown, asked: Asked) -> str:
        assessments.settle_unknown(unknown, by=asked.by, now=asked.now)
        return gettext("The question is settled.")


def facts_tab(incident: Incident, _request: HttpRequest) -> dict[str, Any]:
    """Return what the tab shows."""
    sheets = list(incident.fact_sheets.select_related("created_by", "confirmed_by").order_by("-version")[:10])
    rows = incident.facts.select_related("updated_by").order_by("position", "key")
    return {
        "facts": _by_need(incident, list(rows)),
        "sheets": sheets,
        "newest": sheets[0] if sheets else None,
        "marked": incident.messages.filter(needs_correction=True).select_related("incident").order_by("number"),
        **disclosure(incident),
        **steps_of(incident),
        "unknowns": incident.unknowns.select_related("owner").order_by("resolved_at", "due_at", "pk"),
    }


def _by_need(incident: Incident, rows: list[Fact]) -> list[dict[str, Any]]:
    """Return the lines of the sheet; what the present phase still waits for stands first."""
    order = list(Phase.values)
    due = set(order[: order.index(incident.phase) + 1]) if incident.is_live else set()
    lines = [
        {"row": row, "values": _values(row), "is_wanted": row.needed_by in due and not row.is_answered} for row in rows
    ]
    return sorted(lines, key=lambda line: not line["is_wanted"])


def _values(fact: Fact) -> list[tuple[str, str]]:
    return [(language, _told(fact, value)) for language, value in fact.value.items()]


def _told(fact: Fact, value: Any) -> str:
    if fact.type == "datetime":
        return moments.told(parse_datetime(str(value)))
    if fact.type == "boolean":
        return str(dict(YES_NO).get(str(value), value))
    choices = playbooks.reference("phrases")["choices"].get(fact.key, {})
    if isinstance(value, str) and value in choices:
        return in_reader_language(choices[value])
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _field(fact: Fact) -> forms.Field:
    label, choices = in_reader_language(fact.label), playbooks.reference("phrases")["choices"].get(fact.key)
    if fact.type in facts.LOCALISED_TYPES:
        help_text = _("One a line.") if fact.type == "list" else ""
        return LocalisedField(label=label, is_long=True, required=False, help_text=help_text)
    if fact.type == "datetime":
        return forms.DateTimeField(label=label, required=False, widget=forms.DateTimeInput)
    if fact.type == "integer":
        return forms.IntegerField(label=label, required=False)
    if fact.type == "boolean":
        return forms.ChoiceField(label=label, required=False, choices=YES_NO)
    if choices:
        words = [("", "–"), *((name, in_reader_language(words)) for name, words in choices.items())]
        return forms.ChoiceField(label=label, required=False, choices=words)
    return forms.CharField(label=label, required=False, max_length=2000)


def _shown(fact: Fact) -> Any:
    if fact.type in facts.LOCALISED_TYPES:
        return fact.value
    value = fact.value.get(facts.SHARED)
    return parse_datetime(str(value)) if fact.type == "datetime" and value else value
