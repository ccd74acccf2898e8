"""Messages, their frozen revisions, and the approvals bound to a revision's digest."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, FSMModelMixin, transition

from incidents import sentences
from incidents.models import Company, FactSheet, Incident
from notifications.enums import EDITABLE, RELEASED, MessageKind, MessageState, UncertainPolicy

S = MessageState


class Message(FSMModelMixin, models.Model):
    """One text for one audience of one incident.

    `audience` says whom it is for: `{"tiers": [1, 2, 3]}` (affected customers), `{"customers": [ids]}`,
    `{"filter": {...}}` (holding statement before a list exists), `{"recipients_of": message id}` (correction),
    `{"page": true}` (the public page alone). `channels` maps a tier ("1") to its channel names for this message.
    `promises` maps a tier to the next update it names: `{"1": {"next_update_at": ISO 8601 UTC}}`.
    """

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="messages", verbose_name=_("incident"))
    kind = models.CharField(_("kind"), max_length=24, choices=MessageKind)
    number = models.PositiveIntegerField(_("number"))
    state = FSMField(_("state"), max_length=12, choices=S.choices, default=S.DRAFT, protected=True)
    audience = models.JSONField(_("audience"), default=dict)
    channels = models.JSONField(_("channels by tier"), default=dict)
    promises = models.JSONField(_("promises by tier"), default=dict, blank=True)
    update_number = models.PositiveIntegerField(_("update number"), default=0)
    uncertain_policy = models.CharField(
        _("when the outcome is unknown"), max_length=8, choices=UncertainPolicy, default=UncertainPolicy.HOLD
    )
    current = models.ForeignKey(
        "MessageRevision", models.PROTECT, related_name="+", verbose_name=_("current revision"), null=True, blank=True
    )
    corrects = models.ForeignKey(
        "self", models.PROTECT, related_name="corrections", verbose_name=_("corrects"), null=True, blank=True
    )
    cleared_severity = models.CharField(_("approved for a severity of"), max_length=4, null=True, blank=True)  # noqa: DJ001 - null: never asked
    cleared_size = models.PositiveIntegerField(_("approved for so many customers"), null=True, blank=True)
    needs_correction = models.BooleanField(_("a fact it used has changed"), default=False)
    settled_facts = models.JSONField(
        _("corrections decided against"), default=dict, blank=True, help_text=_("Fact and the version looked at.")
    )
    languages = models.JSONField(_("languages it went out in"), default=list, blank=True)
    is_standing_approved = models.BooleanField(_("approved by standing approval"), default=False)
    is_stopped = models.BooleanField(_("stopped"), default=False)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("drafted by"), null=True, blank=True
    )
    created_at = models.DateTimeField(_("drafted"))
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True)
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True)
    release_at = models.DateTimeField(_("to be released"), null=True, blank=True)
    released_at = models.DateTimeField(_("released"), null=True, blank=True)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    completed_at = models.DateTimeField(_("last delivery settled"), null=True, blank=True)
    frozen_count = models.PositiveIntegerField(_("recipients frozen"), default=0)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [models.UniqueConstraint(fields=["incident", "number"], name="one_message_per_number")]
        indexes = [
            models.Index(fields=["release_at"], condition=models.Q(state="scheduled"), name="scheduled_by_release"),
            models.Index(fields=["state"], condition=models.Q(state="sending"), name="messages_sending"),
        ]
        permissions = [
            ("write_message", _("Can write and submit messages")),
            ("approve_message", _("Can approve messages of others")),
            ("release_message", _("Can release approved messages")),
            ("approve_language", _("Can approve a language of a message")),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.get_kind_display()}"

    @property
    def said(self) -> dict[str, Any]:
        """Its name in parts, for sentences that are read in another language than they were written in."""
        return sentences.join([self.reference, MessageKind(self.kind).label], by=" ").said

    @property
    def reference(self) -> str:
        """The name people and promises use for this message."""
        return f"{self.incident.reference}/M{self.number}"

    @property
    def is_editable(self) -> bool:
        """Whether the text may still change; an edit voids every approval."""
        return self.state in EDITABLE

    @property
    def is_released(self) -> bool:
        """Whether deliveries exist."""
        return self.state in RELEASED

    @transition(field=state, source=list(EDITABLE), target=S.DRAFT)
    def reopen(self) -> None:
        """An edit: back to draft, approvals of the old digest count no more."""

    @transition(field=state, source=S.DRAFT, target=S.IN_REVIEW)
    def submit(self) -> None:
        """The writer asks for approval."""

    @transition(field=state, source=S.IN_REVIEW, target=S.APPROVED)
    def approve(self) -> None:
        """The set of approvals is complete."""

    @transition(field=state, source=[S.APPROVED, S.SCHEDULED], target=S.IN_REVIEW)
    def review_again(self) -> None:
        """The same text, to more customers, in a graver incident or against an objection: it waits once more."""

    @transition(field=state, source=S.APPROVED, target=S.SCHEDULED)
    def schedule(self) -> None:
        """To be released at a set time."""

    @transition(field=state, source=[S.APPROVED, S.SCHEDULED], target=S.SENDING)
    def release(self) -> None:
        """The audience is frozen; deliveries exist."""

    @transition(field=state, source=S.SENDING, target=S.SENT)
    def complete(self) -> None:
        """Every delivery is settled."""

    @transition(field=state, source=[*EDITABLE, S.SCHEDULED], target=S.CANCELLED)
    def cancel(self) -> None:
        """Withdrawn before anything was sent."""

    @transition(field=state, source=[*EDITABLE, S.SCHEDULED, S.SENDING, S.SENT], target=S.SUPERSEDED)
    def supersede(self) -> None:
        """A correction or newer word took its place."""

    @transition(field=state, source=[*EDITABLE, S.SCHEDULED], target=S.EXPIRED)
    def expire(self) -> None:
        """It missed its time: stale news is never sent."""


class MessageRevision(models.Model):
    """An immutable text with the SHA-256 over everything that is rendered from it.

    `content` holds `kind`, `languages`, `texts` ({language: {subject, sections: [{element, text}], short_text}},
    Liquid source), `values` ({language: {variable: text}}: the non-personal values), `times` ({variable: ISO UTC}),
    `fact_sheet` (version), `facts_used` (keys), `audience`, `channels`, `promises`, `sender` ({from, reply_to}),
    `uncertain_policy`.
    """

    message = models.ForeignKey(Message, models.PROTECT, related_name="revisions", verbose_name=_("message"))
    number = models.PositiveIntegerField(_("revision"))
    content = models.JSONField(_("content"))
    sha256 = models.CharField(_("digest"), max_length=64)
    fact_sheet = models.ForeignKey(
        FactSheet, models.PROTECT, related_name="+", verbose_name=_("fact sheet"), null=True, blank=True
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("author"), null=True, blank=True
    )
    created_at = models.DateTimeField(_("written"))

    class Meta:
        verbose_name = _("message revision")
        verbose_name_plural = _("message revisions")
        constraints = [models.UniqueConstraint(fields=["message", "number"], name="one_revision_per_number")]

    def __str__(self) -> str:
        return f"r{self.number}"

    def text(self, language: str) -> dict[str, Any]:
        """Return subject, sections and short text of one language, or of the company's fallback."""
        texts: dict[str, Any] = self.content["texts"]
        return dict(texts.get(language) or texts[Company.objects.get().fallback_language])


class ApprovalRequirement(models.Model):
    """One stamp a revision needs: a role, or any one of several roles (`role` empty, `any_of` filled)."""

    revision = models.ForeignKey(
        MessageRevision, models.PROTECT, related_name="requirements", verbose_name=_("revision")
    )
    any_of = models.JSONField(_("one of these roles"))
    deputy_from = models.DateTimeField(_("deputy may approve from"), null=True, blank=True)
    due_at = models.DateTimeField(_("due"), null=True, blank=True)

    class Meta:
        verbose_name = _("required approval")
        verbose_name_plural = _("required approvals")

    def __str__(self) -> str:
        return " / ".join(self.any_of)


class Approval(models.Model):
    """One stamp: a person, in a role, on one digest. Append-only; the database checks person, role and digest."""

    revision = models.ForeignKey(MessageRevision, models.PROTECT, related_name="approvals", verbose_name=_("revision"))
    sha256 = models.CharField(_("digest"), max_length=64)
    role = models.CharField(_("role"), max_length=24)
    approver = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="approvals", verbose_name=_("approver")
    )
    basis = models.CharField(
        _("basis"), max_length=200, blank=True, help_text=_("Names the standing approval, if it was given beforehand.")
    )
    is_deputy = models.BooleanField(_("as deputy"), default=False)
    approved_at = models.DateTimeField(_("approved"))

    class Meta:
        verbose_name = _("approval")
        verbose_name_plural = _("approvals")
        constraints = [models.UniqueConstraint(fields=["revision", "role"], name="one_approval_per_role")]

    def __str__(self) -> str:
        return f"{self.role}: {self.approver}"
