"""How long callers wait on the company's telephone line, as it was measured."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

LONGEST_WAIT = timedelta(hours=12)


class HotlineWait(models.Model):
    """One measured waiting time, with who says so and when it was true."""

    wait = models.DurationField(_("waiting time"))
    measured_at = models.DateTimeField(_("measured"))
    source = models.CharField(_("source"), max_length=100)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("recorded by")
    )
    recorded_at = models.DateTimeField(_("recorded"))

    class Meta:
        verbose_name = _("waiting time of the hotline")
        verbose_name_plural = _("waiting times of the hotline")
        indexes = [models.Index(fields=["-measured_at"])]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(wait__gte=timedelta(), wait__lte=LONGEST_WAIT), name="waiting_time_is_possible"
            ),
            models.CheckConstraint(
                condition=models.Q(measured_at__lte=models.F("recorded_at")), name="waiting_time_is_no_forecast"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.wait} ({self.source})"

    @property
    def minutes(self) -> int:
        """The wait in whole minutes, rounded up: nobody waits longer than we said."""
        return -(-self.wait // timedelta(minutes=1))
