"""The forms of the call desk: preparation, appointment, outcome, and what is asked of a colleague."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from incidents.admin.doors import ActionForm
from incidents.enums import ContactKind, Language, Mood
from incidents.models import Customer
from notifications.enums import ChannelName
from workflows import call_desk, call_outcomes, call_sheets, calling_hours, outreach, sheet_drafts
from workflows.admin.people import Person
from workflows.enums import AttemptResult
from workflows.gates import in_reader_language
from workflows.models import OutreachTask

LONG = {"rows": 3}
SHORT = {"rows": 2}
TRY_AGAIN_AFTER = timedelta(hours=1)
MISSED = ("next_step", "again_at", "note")


class SheetForm(ActionForm):
    """The fields of the plan's preparation sheet; what nobody kept yet begins with what the system knows."""

    def prepare(self) -> None:
        task: OutreachTask = self.subject
        kept = task.preparation or sheet_drafts.of_task(task, now=self.now).sheet
        for item in call_sheets.fields(task):
            value = kept.get(item["key"], "")
            self.fields[item["key"]] = forms.CharField(
                label=in_reader_language(item["label"]),
                required=item["required"],
                initial="\n".join(value) if isinstance(value, list) else value,
                widget=forms.Textarea(attrs={"rows": 3 if item["type"] == "list" else 2}),
                help_text=_("One a line.") if item["type"] == "list" else "",
            )


class SheetsForm(ActionForm):
    """The prefilled sheets of tier 1 as they are read; the hidden field names exactly these."""

    seen = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def prepare(self) -> None:
        self.drafts = sheet_drafts.waiting(self.subject, now=self.now)
        self.fields["seen"].initial = sheet_drafts.digest(self.drafts)


class AppointmentForm(ActionForm):
    """What was agreed with the customer, in the reader's own time zone."""

    at = forms.DateTimeField(label=_("When"), widget=forms.DateTimeInput)
    minutes = forms.IntegerField(label=_("How long (minutes)"), min_value=5, max_value=480, initial=30)
    video_link = forms.URLField(label=_("Video link"), max_length=500, required=False, assume_scheme="https")
    place = forms.CharField(label=_("Place"), max_length=200, required=False)
    attendees = forms.CharField(
        label=_("Who takes part"), required=False, widget=forms.Textarea(attrs=LONG), help_text=_("One a line.")
    )

    def prepare(self) -> None:
        task: OutreachTask = self.subject
        for name in ("minutes", "video_link", "place", "attendees"):
            self.fields[name].initial = getattr(task, name)
        begin = calling_hours.next_welcome(task.customer, after=self.now + TRY_AGAIN_AFTER)
        self.fields["at"].initial = task.meets_at or begin
        self.fields["at"].help_text = customers_hours(task.customer)
        self.fields["video_link"].required = task.channel == ChannelName.VIDEO
        self.fields["place"].required = task.channel == ChannelName.IN_PERSON

    def gather(self) -> dict[str, Any]:
        """Return the appointment."""
        return {"appointment": call_desk.Appointment(**self.cleaned_data)}


class OutcomeForm(ActionForm):
    """One page for whatever came of it; which half counts is said by the first field."""

    result = forms.ChoiceField(label=_("What came of it"), choices=AttemptResult.choices)
    reached = forms.CharField(
        label=_("How the conversation went"), required=False, widget=forms.Textarea(attrs={**LONG, "autofocus": True})
    )
    mood = forms.ChoiceField(label=_("Mood"), choices=[("", "–"), *Mood.choices], required=False)
    concern = forms.CharField(label=_("What worries the customer"), required=False, widget=forms.Textarea(attrs=SHORT))
    agreed_points = forms.CharField(label=_("What was agreed"), required=False, widget=forms.Textarea(attrs=SHORT))
    option: Any = forms.ModelChoiceField(label=_("Chosen option"), queryset=None, required=False)
    report = forms.CharField(
        label=_("Report of the visit"),
        required=False,
        widget=forms.Textarea(attrs=LONG),
        help_text=_("Who was there, what was seen, what was handed over."),
    )
    minutes = forms.IntegerField(label=_("Length (minutes)"), required=False, min_value=1, max_value=600)
    promise = forms.CharField(
        label=_("Promised, if anything"),
        required=False,
        widget=forms.Textarea(attrs=SHORT),
        help_text=_("In the customer's language: it becomes a commitment."),
    )
    promise_due_at = forms.DateTimeField(label=_("Promised for"), required=False, widget=forms.DateTimeInput)
    promise_owner = Person(label=_("Who keeps it"), required=False)
    promise_evidence = forms.CharField(label=_("Why it can be kept"), required=False)
    next_step = forms.ChoiceField(label=_("What follows"), choices=call_outcomes.NextStep.choices, required=False)
    again_at = forms.DateTimeField(label=_("Again at"), required=False, widget=forms.DateTimeInput)
    note = forms.CharField(label=_("Why, and what was tried"), required=False, widget=forms.Textarea(attrs=SHORT))

    def prepare(self) -> None:
        task: OutreachTask = self.subject
        step = call_outcomes.NextStep
        self.is_worn_out = call_outcomes.is_worn_out(task)
        in_writing = step.IN_WRITING if call_outcomes.written_way(task) else step.UNREACHABLE
        again = calling_hours.next_welcome(task.customer, after=self.now + TRY_AGAIN_AFTER)
        initial = {
            "promise_owner": self.by.pk,
            "next_step": in_writing if self.is_worn_out else step.AGAIN,
            "again_at": again.replace(second=0, microsecond=0),
        }
        for name, value in initial.items():
            self.fields[name].initial = value
        self.fields["again_at"].help_text = customers_hours(task.customer)
        offered = task.incident.remedy_options.filter(approved_at__isnull=False).order_by("position", "pk")
        option: Any = self.fields["option"]
        option.queryset = offered
        option.label_from_instance = lambda row: in_reader_language(row.name)
        if task.channel != ChannelName.IN_PERSON:
            del self.fields["report"]

    def halves(self) -> dict[str, list[forms.BoundField]]:
        """Return the fields for who was reached and for who was not; the first field stands above both."""
        rest = [field for field in self if field.name != "result"]
        return {
            "reached": [field for field in rest if field.name not in MISSED],
            "missed": [field for field in rest if field.name in MISSED],
        }

    def gather(self) -> dict[str, Any]:
        """Return what came of it."""
        is_reached = self.cleaned_data["result"] == AttemptResult.REACHED
        return {"came": self._outcome() if is_reached else self._attempt()}

    def _attempt(self) -> call_outcomes.Attempt:
        given = self.cleaned_data
        return call_outcomes.Attempt(
            result=AttemptResult(given["result"]),
            next_step=call_outcomes.NextStep(given["next_step"] or call_outcomes.NextStep.AGAIN),
            note=given["note"],
            again_at=given["again_at"],
        )

    def _outcome(self) -> call_outcomes.CallOutcome:
        given = self.cleaned_data
        language = self.subject.customer.language or Language.EN
        promise = call_outcomes.CallPromise(
            text={str(language): given["promise"]},
            due_at=given["promise_due_at"],
            owner=given["promise_owner"],
            feasibility_evidence=given["promise_evidence"],
        )
        return call_outcomes.CallOutcome(
            reached=given["reached"],
            concern=given["concern"],
            agreed_points=given["agreed_points"],
            promise=promise if given["promise"].strip() else None,
            mood=Mood(given["mood"]) if given["mood"] else None,
            option=given["option"],
            minutes=given["minutes"],
            report=given.get("report", ""),
        )


class ConfirmedForm(ActionForm):
    how = forms.CharField(label=_("How it went out"), max_length=200, help_text=_("By letter, handed over, by fax …"))


class RescheduleForm(ActionForm):
    due_at = forms.DateTimeField(label=_("Agreed time"), widget=forms.DateTimeInput)
    reason = forms.CharField(label=_("Why"), widget=forms.Textarea(attrs=SHORT))

    def prepare(self) -> None:
        self.fields["due_at"].help_text = customers_hours(self.subject.customer)


class HandOverForm(ActionForm):
    to = Person(label=_("To whom"))


class RequestForm(ActionForm):
    crm_id = forms.CharField(label=_("Customer (CRM id)"), max_length=80)
    channel = forms.ChoiceField(
        label=_("Way"), choices=[(name.value, name.label) for name in outreach.PERSONAL_CHANNELS]
    )
    due_at = forms.DateTimeField(label=_("By when"), widget=forms.DateTimeInput)

    def prepare(self) -> None:
        self.fields["due_at"].initial = self.now.replace(second=0, microsecond=0) + TRY_AGAIN_AFTER

    def clean_crm_id(self) -> Customer:
        customer = Customer.objects.filter(crm_id=self.cleaned_data["crm_id"].strip()).first()
        if customer is None:
            raise forms.ValidationError(gettext("No customer has this id."))
        return customer


def customers_hours(customer: Customer) -> str:
    """Return between which times of the customer's own clock calls are welcome."""
    begin, end = calling_hours.hours(customer)
    hours = {"from": f"{begin:%H:%M}", "until": f"{end:%H:%M}", "zone": customer.time_zone}
    return gettext("Calls are welcome from %(from)s to %(until)s, %(zone)s.") % hours


def has_number(customer: Customer) -> bool:
    """Whether there is a telephone number to call."""
    return customer.contact_points.filter(kind=ContactKind.PHONE).exists()
