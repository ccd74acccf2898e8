"""What was done, kept for good: phase changes, waivers, decisions, evidence, the timeline and the audit chain."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents import sentences
from incidents.enums import DecisionKind, TimelineKind
from incidents.models.incident import Incident
from incidents.phases import Phase


class PhaseTransition(models.Model):
    """One phase change; a database trigger accepts a new phase only beside its row of the same transaction."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="transitions", verbose_name=_("incident"))
    source = models.CharField(_("from"), max_length=10, choices=Phase.choices)
    target = models.CharField(_("to"), max_length=10, choices=Phase.choices)
    reason = models.TextField(_("reason"), blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))
    transaction_id = models.BigIntegerField(_("transaction"), editable=False, default=0)

    class Meta:
        verbose_name = _("phase change")
        verbose_name_plural = _("phase changes")

    def __str__(self) -> str:
        return f"{self.source} → {self.target}"


class GateWaiver(models.Model):
    """A named person let the incident pass a gate that did not hold, with a reason."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="waivers", verbose_name=_("incident"))
    phase = models.CharField(_("phase"), max_length=10, choices=Phase.choices)
    gate_id = models.CharField(_("gate"), max_length=40)
    reason = models.TextField(_("reason"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("waiver")
        verbose_name_plural = _("waivers")
        constraints = [
            models.UniqueConstraint(fields=["incident", "phase", "gate_id"], name="one_waiver_per_gate"),
            models.CheckConstraint(condition=~models.Q(reason=""), name="waiver_has_a_reason"),
        ]

    def __str__(self) -> str:
        return self.gate_id


class Decision(models.Model):
    """A decision, check, confirmation or outside approval, with its reason; the newest row of a key counts."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="decisions", verbose_name=_("incident"))
    kind = models.CharField(_("kind"), max_length=12, choices=DecisionKind)
    key = models.CharField(_("subject"), max_length=80)
    outcome = models.CharField(_("outcome"), max_length=200)
    reason = models.TextField(_("reason"))
    data = models.JSONField(_("details"), default=dict, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        indexes = [models.Index(fields=["incident", "kind", "key", "-at"])]

    def __str__(self) -> str:
        return f"{self.key}: {self.outcome}"


class Evidence(models.Model):
    """What proves a claim: a text or a link, with its source."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="evidence", verbose_name=_("incident"))
    subject = models.CharField(_("subject"), max_length=80)
    text = models.TextField(_("evidence"))
    source = models.CharField(_("source"), max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        indexes = [models.Index(fields=["incident", "subject"])]

    def __str__(self) -> str:
        return self.subject


class TimelineEntry(models.Model):
    """One line of the incident's story as people read it."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="timeline", verbose_name=_("incident"))
    kind = models.CharField(_("kind"), max_length=12, choices=TimelineKind)
    text = models.TextField(_("text"))
    words = models.JSONField(_("how the text was made"), default=dict, blank=True, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"), null=True, blank=True
    )
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("timeline entry")
        verbose_name_plural = _("timeline")
        indexes = [models.Index(fields=["incident", "-at", "-id"])]

    def __str__(self) -> str:
        return self.told

    @property
    def told(self) -> str:
        """The line in the reader's language; what a person wrote stays as it was written."""
        return sentences.read(self.words) if self.words else self.text


class AuditEvent(models.Model):
    """One link of the incident's audit chain; a database trigger fills sequence, previous hash and hash."""

    incident = models.ForeignKey(
        Incident, models.PROTECT, related_name="audit_events", verbose_name=_("incident"), null=True, blank=True
    )
    sequence = models.BigIntegerField(_("sequence"), default=0)
    action = models.CharField(_("action"), max_length=80)
    data = models.JSONField(_("details"), default=dict)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"), null=True, blank=True
    )
    at = models.DateTimeField(_("at"))
    previous_hash = models.CharField(_("previous hash"), max_length=64, blank=True)
    hash = models.CharField(_("hash"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit trail")
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "sequence"], name="audit_sequence_is_unique", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"{self.sequence} {self.action}"
