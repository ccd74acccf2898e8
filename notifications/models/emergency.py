"""The emergency path of one text: fewer stamps, never fewer than a second person, and looked at afterwards."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from notifications.models.message import MessageRevision


class EmergencyQuerySet(models.QuerySet["EmergencyApproval"]):
    """Adjectives for emergencies."""

    def unjudged(self) -> "EmergencyQuerySet":
        """Return those that nobody has looked at afterwards."""
        return self.filter(judged_at=None)


class EmergencyApproval(models.Model):
    """Somebody with the right to it let one approval stand for the complete set, for this very text."""

    revision = models.OneToOneField(
        MessageRevision, models.PROTECT, related_name="emergency", verbose_name=_("revision")
    )
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("opened by")
    )
    reason = models.TextField(_("reason"))
    opened_at = models.DateTimeField(_("opened"))
    judged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("judged by"), null=True, blank=True
    )
    judged_at = models.DateTimeField(_("judged"), null=True, blank=True)
    judgement = models.TextField(_("what the review found"), blank=True)

    objects = EmergencyQuerySet.as_manager()

    class Meta:
        verbose_name = _("emergency approval")
        verbose_name_plural = _("emergency approvals")
        constraints = [
            models.CheckConstraint(condition=~models.Q(reason=""), name="emergency_has_a_reason"),
            models.CheckConstraint(
                condition=models.Q(judged_at=None, judged_by=None, judgement="")
                | models.Q(judged_at__isnull=False, judged_by__isnull=False) & ~models.Q(judgement=""),
                name="emergency_judged_whole",
            ),
            models.CheckConstraint(
                condition=models.Q(judged_by=None) | ~models.Q(judged_by=models.F("opened_by")),
                name="emergency_judged_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.opened_by}: {self.reason}"
