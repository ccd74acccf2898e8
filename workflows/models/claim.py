"""What is said about the company in public, one claim at a time."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents.models import Incident
from workflows.enums import Stance, Truth


class Claim(models.Model):
    """One claim of others: whether it is true, and whether we deny it or stand by it; its evidence is kept apart."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="claims", verbose_name=_("incident"))
    text = models.TextField(_("what is claimed"))
    said_where = models.CharField(_("where and by whom"), max_length=200, blank=True)
    truth = models.CharField(_("truth"), max_length=12, choices=Truth, default=Truth.UNVERIFIED)
    stance = models.CharField(_("our answer"), max_length=10, choices=Stance, blank=True)
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("noted by"))
    noted_at = models.DateTimeField(_("noted"))
    classified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("classified by"),
        null=True,
        blank=True,
    )
    classified_at = models.DateTimeField(_("classified"), null=True, blank=True)

    class Meta:
        verbose_name = _("claim")
        verbose_name_plural = _("claims")
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(stance=Stance.DENY) | models.Q(truth=Truth.FALSE),
                name="only_false_claims_are_denied",
            )
        ]

    def __str__(self) -> str:
        return self.text[:60]

    @property
    def subject(self) -> str:
        """The name its evidence is kept under."""
        return f"claim.{self.pk}"
