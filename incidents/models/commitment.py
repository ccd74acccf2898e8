"""Promises made to customers, tracked until they are kept."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents import sentences
from incidents.enums import CommitmentKind, CommitmentState
from incidents.models.customer import Customer
from incidents.models.incident import Incident


class CommitmentQuerySet(models.QuerySet["Commitment"]):
    """Adjectives for promises."""

    def unsettled(self) -> "CommitmentQuerySet":
        """Return the promises that are neither kept, broken, renegotiated nor withdrawn."""
        return self.filter(state=CommitmentState.OPEN)

    def overdue(self, now: datetime) -> "CommitmentQuerySet":
        """Return the open promises whose time has passed."""
        return self.unsettled().filter(due_at__lt=now)


class Commitment(models.Model):
    """A promise: text per language, where it was made, who owns it, by when, and how it ended.

    `tier` and `customer` narrow whom it was made to; both empty means all affected customers.
    `source_reference` names the message (INC-2026-0001/M3), call or answer that made the promise.
    """

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="commitments", verbose_name=_("incident"))
    kind = models.CharField(_("kind"), max_length=12, choices=CommitmentKind, default=CommitmentKind.PROMISE)
    text = models.JSONField(_("text"), default=dict)
    tier = models.PositiveSmallIntegerField(_("tier"), null=True, blank=True)
    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="commitments", verbose_name=_("customer"), null=True, blank=True
    )
    source_reference = models.CharField(_("made in"), max_length=60, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="commitments",
        verbose_name=_("owner"),
        null=True,
        blank=True,
    )
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    feasibility_evidence = models.TextField(_("why it can be kept"), blank=True)
    state = models.CharField(_("state"), max_length=12, choices=CommitmentState, default=CommitmentState.OPEN)
    outcome = models.TextField(_("outcome"), blank=True)
    outcome_words = models.JSONField(_("how the outcome was made"), default=dict, blank=True, editable=False)
    reminded_at = models.DateTimeField(_("owner reminded"), null=True, blank=True)
    made_at = models.DateTimeField(_("made"))
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)

    objects = CommitmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("commitment")
        verbose_name_plural = _("commitments")
        indexes = [models.Index(fields=["due_at"], condition=models.Q(state="open"), name="open_commitments_by_due")]
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "source_reference", "kind", "tier"],
                condition=~models.Q(source_reference="") & models.Q(customer=None) & ~models.Q(kind="promise"),
                name="one_commitment_per_message_kind_tier",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return str(next(iter(self.text.values()), ""))

    @property
    def outcome_told(self) -> str:
        """How it ended, in the reader's language where the clock wrote it."""
        return sentences.read(self.outcome_words) if self.outcome_words else self.outcome
