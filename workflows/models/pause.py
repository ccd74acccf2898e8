"""A pause of the rhythm: promises already made stand, the next message names the pause's end as the next word."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents.enums import Tier
from incidents.models import Incident


class RhythmPause(models.Model):
    """Until when a tier is told that nothing regular follows, by whom and why."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="pauses", verbose_name=_("incident"))
    tier = models.PositiveSmallIntegerField(_("tier"), choices=Tier)
    until = models.DateTimeField(_("until"))
    reason = models.TextField(_("reason"))
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("paused by"))
    made_at = models.DateTimeField(_("paused"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("ended by"), null=True, blank=True
    )

    class Meta:
        verbose_name = _("pause of the rhythm")
        verbose_name_plural = _("pauses of the rhythm")
        constraints = [
            models.CheckConstraint(condition=~models.Q(reason=""), name="pause_has_a_reason"),
            models.UniqueConstraint(
                fields=["incident", "tier"], condition=models.Q(ended_at=None), name="one_pause_per_tier"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_tier_display()}: {self.reason}"
