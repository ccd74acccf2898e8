"""Doors of the plan for what lies inside it: the words of its templates, who approves, and its rhythm."""

from typing import Any

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from incidents.admin.doors import ActionForm, Asked, Door
from incidents.enums import Language, Role, Severity, Tier
from workflows import durations, plans
from workflows.admin.base import Tab, room_url
from workflows.enums import PlanState
from workflows.models import CommunicationPlan

CHANGE = "workflows.change_communicationplan"
RULES = [("all", _("all of them")), ("any_one", _("any one of them"))]
INTERVAL_HELP = _("Hours:minutes:seconds, or days and hours: 2 04:00:00.")


def is_current(plan: CommunicationPlan) -> bool:
    """Whether this is the plan that counts."""
    return plan.state != PlanState.SUPERSEDED


class _Reasoned(ActionForm):
    reason = forms.CharField(
        label=_("Why"), widget=forms.Textarea(attrs={"rows": 2}), help_text=_("The timeline and the review show it.")
    )


class TemplateForm(ActionForm):
    """One kind of message: subject, sections and short text in every language it has."""

    kind = forms.CharField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Why"),
        required=False,
        help_text=_("Needed once the plan is approved."),
    )

    def prepare(self) -> None:
        templates = self.subject.content["message_templates"]
        chosen = str(self.data.get("kind") or self.initial.get("kind") or "")
        self.texts: dict[str, Any] = {
            language: templates[chosen][language]
            for language in Language.values
            if chosen in editable_kinds(self.subject) and language in templates[chosen]
        }
        names = dict(Language.choices)
        for code, text in self.texts.items():
            self._add(f"{code}-subject", f"{names[code]}: {gettext('Subject')}", text["subject"], code)
            for place, section in enumerate(text["sections"]):
                label = f"{names[code]}: {section['element'].replace('_', ' ')}"
                self._add(f"{code}-{place}", label, section["text"], code, is_long=True)
            short = gettext("Short text (SMS)")
            self._add(f"{code}-short", f"{names[code]}: {short}", text.get("short_text", ""), code)

    def _add(self, name: str, label: str, text: str, code: str, *, is_long: bool = False) -> None:
        widget = forms.Textarea(attrs={"rows": 3, "lang": code}) if is_long else forms.TextInput(attrs={"lang": code})
        self.fields[name] = forms.CharField(label=label, initial=text, required=False, widget=widget)

    def changed(self) -> dict[str, Any]:
        """Return the texts as a plan keeps them."""
        given = self.cleaned_data
        return {
            code: {
                **text,
                "subject": given[f"{code}-subject"],
                "sections": [{**one, "text": given[f"{code}-{place}"]} for place, one in enumerate(text["sections"])],
                "short_text": given[f"{code}-short"],
            }
            for code, text in self.texts.items()
        }

    def clean(self) -> dict[str, Any]:
        if not self.errors:
            self.cleaned_data["texts"] = self.changed()
        return self.cleaned_data


class ApproversForm(_Reasoned):
    kind = forms.CharField(widget=forms.HiddenInput)
    roles = forms.MultipleChoiceField(label=_("Approved by"), choices=Role.choices)
    rule = forms.ChoiceField(label=_("Needed"), choices=RULES)
    sla = forms.DurationField(label=_("Within"), help_text=INTERVAL_HELP)
    deputy_after = forms.DurationField(label=_("The deputy may after"))
    field_order = ["kind", "roles", "rule", "sla", "deputy_after", "reason"]

    def prepare(self) -> None:
        kind = str(self.data.get("kind") or self.initial.get("kind") or "")
        rule = self.subject.content["approvals"].get(kind)
        if rule is None:
            return
        self.fields["roles"].initial = rule["approvers"]
        self.fields["rule"].initial = rule["rule"]
        self.fields["sla"].initial = durations.parse(rule["sla"])
        self.fields["deputy_after"].initial = durations.parse(rule["deputy_after"])


class CadenceForm(_Reasoned):
    severity = forms.ChoiceField(label=_("Severity"), choices=Severity.choices)
    tier = forms.TypedChoiceField(label=_("Tier"), choices=Tier.choices, coerce=int)
    first_contact_within = forms.DurationField(label=_("First contact within"), help_text=INTERVAL_HELP)
    update_every = forms.DurationField(label=_("Update every"))
    field_order = ["severity", "tier", "first_contact_within", "update_every", "reason"]

    def prepare(self) -> None:
        severity = str(self.initial.get("severity") or self.subject.incident.severity)
        tier = str(self.initial.get("tier") or Tier.ONE.value)
        lengths = self.subject.content["cadence"]["by_severity"].get(severity, {}).get(f"tier_{tier}")
        self.fields["severity"].initial, self.fields["tier"].initial = severity, tier
        if lengths:
            self.fields["first_contact_within"].initial = durations.parse(lengths["first_contact_within"])
            self.fields["update_every"].initial = durations.parse(lengths["update_every"])


class PlanContentDoors:
    """Doors of the plan that change the frozen copy; an approved plan becomes a new draft with the reason."""

    @Door(title=_("Edit the words"), permission=CHANGE, form=TemplateForm, icon="edit_note", shown=is_current)
    def edit_template(self, plan: CommunicationPlan, asked: Asked) -> HttpResponse:
        given = asked.given
        changes = plans.PlanChanges(templates={given["kind"]: given["texts"]}, reason=given["reason"])
        return _to_the_plan(plans.change(plan, changes=changes, by=asked.by, now=asked.now))

    @Door(title=_("Other approvers"), permission=CHANGE, form=ApproversForm, icon="how_to_reg", shown=is_current)
    def edit_approvers(self, plan: CommunicationPlan, asked: Asked) -> HttpResponse:
        given = asked.given
        rule = {"approvers": given["roles"], **{name: given[name] for name in ("rule", "sla", "deputy_after")}}
        changes = plans.PlanChanges(approvals={given["kind"]: rule}, reason=given["reason"])
        return _to_the_plan(plans.change(plan, changes=changes, by=asked.by, now=asked.now))

    @Door(
        title=_("Change the rhythm"),
        permission=CHANGE,
        form=CadenceForm,
        icon="schedule",
        explanation=_("For one severity and tier. Promises already made keep their times."),
        shown=is_current,
    )
    def edit_cadence(self, plan: CommunicationPlan, asked: Asked) -> HttpResponse:
        given = asked.given
        lengths = {name: given[name] for name in ("first_contact_within", "update_every")}
        changes = plans.PlanChanges(cadence={(given["severity"], given["tier"]): lengths}, reason=given["reason"])
        return _to_the_plan(plans.change(plan, changes=changes, by=asked.by, now=asked.now))


def editable_kinds(plan: CommunicationPlan) -> list[str]:
    """Return the kinds whose template is a letter: subject, sections, short text."""
    return [
        kind
        for kind, template in plan.content["message_templates"].items()
        if any("sections" in template.get(language, {}) for language in Language.values) and kind != "staff_brief"
    ]


def approval_rows(plan: CommunicationPlan) -> list[dict[str, Any]]:
    """Return who approves each kind."""
    return [
        {
            "kind": kind,
            "roles": rule["approvers"],
            "rule": dict(RULES).get(rule["rule"], rule["rule"]),
            "sla": durations.parse(rule["sla"]),
            "deputy_after": durations.parse(rule["deputy_after"]),
        }
        for kind, rule in plan.content["approvals"].items()
    ]


def cadence_rows(plan: CommunicationPlan) -> list[dict[str, Any]]:
    """Return the rhythm of every severity and tier."""
    return [
        {
            "severity": severity,
            "is_present": severity == plan.incident.severity,
            "tier": int(name.removeprefix("tier_")),
            "first": durations.parse(lengths["first_contact_within"]),
            "every": durations.parse(lengths["update_every"]),
        }
        for severity, tiers in plan.content["cadence"]["by_severity"].items()
        for name, lengths in tiers.items()
    ]


def _to_the_plan(plan: CommunicationPlan) -> HttpResponse:
    """The row may be a new one by now: lead to the room instead."""
    return HttpResponseRedirect(room_url(plan.incident, Tab.PLAN))
