"""Doors of a message: writing, approving, sending, correcting."""

from datetime import datetime
from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant

from incidents import clock
from incidents.admin.doors import ActionForm, Asked, Door
from incidents.admin.widgets import LocalisedField
from incidents.enums import Language
from incidents.models import FactSheet, User
from notifications import compose, corrections, rendering, stopping, tasks
from notifications.enums import HANDED_OVER, MessageKind, MessageState, UncertainPolicy
from notifications.models import Message, MessageRevision
from workflows import approvals, audiences, dispatch, outreach, releases, rewriting
from workflows.admin import composing
from workflows.admin.differences import difference
from workflows.gates import element_name

S = MessageState
WRITE, APPROVE, RELEASE = (f"notifications.{verb}_message" for verb in ("write", "approve", "release"))


def _in(*states: MessageState) -> Any:
    return lambda message: message.state in states


def _may_not_approve(message: Message, by: User) -> bool:
    return approvals.may_approve(message, by=by, now=clock.now()) is not None


def _leaves_by_itself(*states: MessageState) -> Any:
    return lambda message: message.state in states and message.kind not in HANDED_OVER


class TextForm(ActionForm):
    """Every language side by side: subject, each section, the short text."""

    uncertain_policy = forms.ChoiceField(
        label=_("When the outcome of a delivery is unknown"), choices=UncertainPolicy.choices
    )

    def prepare(self) -> None:
        self.texts: dict[str, Any] = compose.current(self.subject).content["texts"]
        self.fields["uncertain_policy"].initial = self.subject.uncertain_policy
        names = dict(Language.choices)
        for code, text in self.texts.items():
            self.fields[f"{code}-subject"] = _line(_("Subject"), text["subject"], code)
            for place, section in enumerate(text["sections"]):
                label = element_name(section["element"])
                self.fields[f"{code}-{place}"] = _area(label, section["text"], code)
            self.fields[f"{code}-short"] = _area(_("Short text (SMS)"), text.get("short_text", ""), code)
        self.columns_of = {
            code: (str(names.get(code, code)), [name for name in self.fields if name.startswith(f"{code}-")])
            for code in self.texts
        }

    def columns(self) -> list[tuple[str, str, list[Any]]]:
        """Return each language's code, name and fields, for the page."""
        return [(code, name, [self[field] for field in fields]) for code, (name, fields) in self.columns_of.items()]

    def clean(self) -> dict[str, Any]:
        if not self.errors:
            self.cleaned_data["texts"] = {code: self._text(code) for code in self.texts}
        return self.cleaned_data

    def _text(self, code: str) -> dict[str, Any]:
        given, sections = self.cleaned_data, self.texts[code]["sections"]
        return {
            "subject": given[f"{code}-subject"],
            "sections": [{**one, "text": given[f"{code}-{place}"]} for place, one in enumerate(sections)],
            "short_text": given[f"{code}-short"],
        }


class ApproveForm(ActionForm):
    """Carries the digest of the very text that was shown."""

    sha256 = forms.CharField(widget=forms.HiddenInput)

    def prepare(self) -> None:
        self.revision = compose.current(self.subject)
        self.fields["sha256"].initial = self.revision.sha256
        refusal = approvals.may_approve(self.subject, by=self.by, now=self.now)
        if refusal is not None:
            raise refusal
        if self.may_send:
            self.fields["send"] = forms.BooleanField(required=False, widget=forms.HiddenInput)

    @property
    def may_send(self) -> bool:
        """Whether one press may approve and send: this person may release, and no other stamp is missing."""
        return self.by.has_perm(RELEASE) and approvals.is_last(self.subject, by=self.by, now=self.now)

    def facts(self) -> FactSheet | None:
        """Return the sheet that this approval confirms, if nobody has."""
        sheet = self.revision.fact_sheet
        return sheet if sheet is not None and sheet.confirmed_by_id is None else None

    def untold(self) -> list[tuple[str, list[str]]]:
        """Return the languages that say less than another, each with what it leaves out."""
        values = self.revision.content["values"]
        anywhere = {name for code in self.revision.content["languages"] for name in values.get(code, {})}
        lacking = {code: anywhere - values.get(code, {}).keys() for code in self.revision.content["languages"]}
        return [(code, [rendering.label(name) for name in sorted(names)]) for code, names in lacking.items() if names]

    def recipients(self) -> int:
        """Return how many customers it is for."""
        return audiences.people(self.subject).count()

    def due_at(self) -> datetime | None:
        """Return when the first stamp that is missing is due."""
        return min((one.due_at for one in approvals.open_requirements(self.subject) if one.due_at), default=None)

    def standing_objections(self) -> Any:
        """Return the strong objections that stand."""
        return self.subject.objections.standing().select_related("raised_by")

    def approved_by_me(self) -> MessageRevision | None:
        """Return the revision of this message that this person approved last."""
        mine = self.subject.revisions.filter(approvals__approver=self.by, number__lt=self.revision.number)
        found: MessageRevision | None = mine.order_by("-number").first()
        return found

    def changes_since_mine(self) -> list[tuple[str, str]]:
        """Return the lines that differ from what this person approved last."""
        return difference(self.approved_by_me(), self.revision)

    def before(self) -> MessageRevision | None:
        """Return the revision approved last, else the one before."""
        older = self.subject.revisions.filter(number__lt=self.revision.number).order_by("-number")
        found: MessageRevision | None = older.filter(approvals__isnull=False).first() or older.first()
        return found

    def changes(self) -> list[tuple[str, str]]:
        """Return the lines that differ."""
        return difference(self.before(), self.revision)

    def shown(self) -> list[Any]:
        """Return every language as its public reader will see it."""
        codes = self.revision.content["languages"]
        return [(code, compose.public_body(self.revision, language=code)) for code in codes]

    def wording(self) -> list[composing.Report]:
        """Return what is said about each language."""
        return composing.reports(self.subject)

    def reach(self) -> audiences.Reach:
        """Return whom it would reach now."""
        return audiences.count(self.subject)


class ObjectForm(ActionForm):
    reason = forms.CharField(label=_("What must change"), widget=forms.Textarea(attrs={"rows": 3}))


class ReleaseForm(ActionForm):
    def wording(self) -> list[composing.Report]:
        """Return what is said about each language, for the last look."""
        return composing.reports(self.subject)

    def reach(self) -> audiences.Reach:
        """Return whom it would reach now."""
        return audiences.count(self.subject)


class ScheduleForm(ReleaseForm):
    at = forms.DateTimeField(label=_("Release at"), widget=forms.DateTimeInput)


class ReasonForm(ActionForm):
    reason = forms.CharField(label=_("Why"), widget=forms.Textarea(attrs={"rows": 2}))


class CorrectionForm(ActionForm):
    explanation = LocalisedField(
        label=_("What was wrong, and what is right"), is_long=True, help_text=_("In every language it was sent in.")
    )

    def prepare(self) -> None:
        self.fields["explanation"].initial = rewriting.explanation(self.subject)


class WritingDoors:
    """Doors for who writes."""

    @Door(
        title=_("Edit the text"),
        permission=WRITE,
        form=TextForm,
        icon="edit",
        button=_("Keep this text"),
        template="admin/room/compose.html",
        explanation=_("An edit voids every approval of the text before it."),
        shown=_in(S.DRAFT, S.IN_REVIEW, S.APPROVED),
    )
    def edit(self, message: Message, asked: Asked) -> str:
        changes = {name: asked.given[name] for name in ("texts", "uncertain_policy")}
        revision = compose.edit(message, changes=changes, by=asked.by, now=asked.now)
        return gettext("Revision %s is kept.") % revision.number

    @Door(
        title=_("Take newer facts over"),
        permission=WRITE,
        icon="sync",
        explanation=_("The newest confirmed facts and the next promised times are written in; the words stay."),
        shown=_in(S.DRAFT, S.IN_REVIEW, S.APPROVED),
    )
    def take_over(self, message: Message, asked: Asked) -> str:
        revision = rewriting.take_over(message, by=asked.by, now=asked.now)
        return gettext("Revision %s is kept.") % revision.number

    @Door(
        title=_("Submit for approval"),
        permission=WRITE,
        form=ReleaseForm,
        icon="how_to_reg",
        variant=ActionVariant.PRIMARY,
        template="admin/room/submit.html",
        shown=_in(S.DRAFT),
    )
    def submit(self, message: Message, asked: Asked) -> str:
        approvals.submit(message, by=asked.by, now=asked.now)
        return gettext("Submitted: the approvers see it now.")

    @Door(
        title=_("Test mail to me"),
        permission=WRITE,
        icon="forward_to_inbox",
        explanation=_("One mail in each language, marked as a test, to your own address."),
    )
    def send_test(self, message: Message, asked: Asked) -> str:
        compose.send_test(message, to=asked.by, now=asked.now)
        return gettext("A test went to %s.") % asked.by.email

    @Door(
        title=_("Prepare the calls"),
        permission=WRITE,
        icon="call",
        explanation=_("Makes the planned contacts, so that preparation sheets can be filled before the release."),
        shown=lambda message: message.state in {S.DRAFT, S.IN_REVIEW, S.APPROVED, S.SCHEDULED},
    )
    def prepare_calls(self, message: Message, asked: Asked) -> str:
        made = outreach.prepare_contacts(message.incident, message=message, now=asked.now)
        return gettext("%d contacts are planned.") % made

    @Door(
        title=_("This was wrong: correct it"),
        permission=WRITE,
        form=CorrectionForm,
        icon="error",
        variant=ActionVariant.WARNING,
        explanation=_("The correction goes to exactly those who got this text."),
        shown=lambda message: (
            message.is_released
            and message.kind not in HANDED_OVER
            and (message.kind != MessageKind.CORRECTION or message.needs_correction)
        ),
    )
    def correct(self, message: Message, asked: Asked) -> HttpResponse:
        made = rewriting.correct(message, explanation=asked.given["explanation"], by=asked.by, now=asked.now)
        return HttpResponseRedirect(reverse("admin:notifications_message_change", args=[made.pk]))

    @Door(
        title=_("No correction needed"),
        permission=WRITE,
        form=ReasonForm,
        icon="done_all",
        explanation=_("For news that the next update tells. A later change of the fact marks the text again."),
        shown=lambda message: message.needs_correction,
    )
    def leave(self, message: Message, asked: Asked) -> str:
        corrections.leave(message, reason=asked.given["reason"], by=asked.by, now=asked.now)
        return gettext("It stays as it is.")


class ApprovingDoors:
    """Doors for who approves."""

    @Door(
        title=_("Approve"),
        permission=APPROVE,
        form=ApproveForm,
        icon="verified",
        variant=ActionVariant.PRIMARY,
        button=_("I approve this very text"),
        template="admin/room/approve.html",
        shown=_in(S.IN_REVIEW),
        hidden_from=_may_not_approve,
    )
    def approve(self, message: Message, asked: Asked) -> str:
        if asked.given.get("send"):
            sent = dispatch.approve_and_send(message, by=asked.by, sha256=asked.given["sha256"], now=asked.now)
            transaction.on_commit(tasks.ring)
            if sent.trouble:
                return gettext("Approved, but it has not left:") + "\n" + sent.trouble
            return gettext("%s is approved and on its way.") % sent.message.reference
        done = approvals.approve(message, by=asked.by, sha256=asked.given["sha256"], now=asked.now)
        if done.state == S.APPROVED:
            return gettext("Approved: it can be released.")
        return gettext("Your approval is kept; others are still missing.")

    @Door(
        title=_("Object"),
        permission=APPROVE,
        form=ObjectForm,
        icon="block",
        shown=_in(S.IN_REVIEW, S.APPROVED),
    )
    def object_to(self, message: Message, asked: Asked) -> str:
        approvals.object(message, reason=asked.given["reason"], by=asked.by, now=asked.now)
        return gettext("The text is back with its writer.")


class SendingDoors:
    """Doors for who releases and stops."""

    @Door(
        title=_("Release"),
        permission=RELEASE,
        form=ReleaseForm,
        icon="send",
        variant=ActionVariant.PRIMARY,
        button=_("Release now"),
        template="admin/room/release.html",
        shown=_leaves_by_itself(S.APPROVED, S.SCHEDULED),
    )
    def release(self, message: Message, asked: Asked) -> str:
        done = releases.release(message, by=asked.by, now=asked.now)
        transaction.on_commit(tasks.ring)
        return gettext("%s is on its way.") % done.reference

    @Door(
        title=_("Schedule"),
        permission=RELEASE,
        form=ScheduleForm,
        icon="schedule_send",
        template="admin/room/release.html",
        shown=_leaves_by_itself(S.APPROVED),
    )
    def schedule(self, message: Message, asked: Asked) -> str:
        releases.schedule(message, at=asked.given["at"], by=asked.by, now=asked.now)
        return gettext("The clock releases it.")

    @Door(
        title=_("Withdraw"),
        permission=RELEASE,
        icon="cancel",
        explanation=_("It was not sent and will not be."),
        shown=_in(S.DRAFT, S.IN_REVIEW, S.APPROVED, S.SCHEDULED),
    )
    def cancel(self, message: Message, asked: Asked) -> str:
        releases.cancel(message, by=asked.by, now=asked.now)
        return gettext("Withdrawn.")

    @Door(
        title=_("Stop this message"),
        permission="incidents.stop_sending",
        form=ReasonForm,
        icon="front_hand",
        variant=ActionVariant.DANGER,
        shown=lambda message: message.is_released and not message.is_stopped,
    )
    def stop(self, message: Message, asked: Asked) -> str:
        stopping.stop(message, reason=asked.given["reason"], by=asked.by, now=asked.now)
        return gettext("Nothing more of it leaves.")

    @Door(
        title=_("Let it go on"),
        permission="incidents.stop_sending",
        icon="play_arrow",
        shown=lambda message: message.is_released and message.is_stopped,
    )
    def resume(self, message: Message, asked: Asked) -> str:
        stopping.resume(message, by=asked.by, now=asked.now)
        transaction.on_commit(tasks.ring)
        return gettext("The rest leaves.")


def _line(label: Any, text: str, language: str) -> forms.CharField:
    return forms.CharField(label=label, initial=text, widget=forms.TextInput(attrs={"lang": language}))


def _area(label: Any, text: str, language: str) -> forms.CharField:
    rows = max(2, min(10, len(text) // 60 + 1))
    return forms.CharField(
        label=label, required=False, initial=text, widget=forms.Textarea(attrs={"rows": rows, "lang": language})
    )
