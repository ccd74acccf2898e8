"""Who was trained in what, how it went, and until when it holds."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents.models import Incident
from workflows.enums import TrainingTopic


class TrainingQuerySet(models.QuerySet["TrainingRecord"]):
    """Adjectives for trainings."""

    def valid(self, now: datetime) -> "TrainingQuerySet":
        """Return the trainings that still hold."""
        return self.filter(models.Q(expires_at=None) | models.Q(expires_at__gt=now), trained_at__lte=now)

    def standing(self) -> "TrainingQuerySet":
        """Return the trainings that prepare for any incident, not the brief of one."""
        return self.exclude(topic=TrainingTopic.INCIDENT_BRIEF)


class TrainingRecord(models.Model):
    """One person was trained once; the brief of an incident counts for that incident alone."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="trainings", verbose_name=_("person")
    )
    topic = models.CharField(_("topic"), max_length=24, choices=TrainingTopic)
    incident = models.ForeignKey(
        Incident, models.PROTECT, related_name="trainings", verbose_name=_("incident"), null=True, blank=True
    )
    trained_at = models.DateTimeField(_("trained"))
    expires_at = models.DateTimeField(_("holds until"), null=True, blank=True)
    score = models.DecimalField(
        _("result"), max_digits=3, decimal_places=2, null=True, blank=True, help_text=_("Share of right answers.")
    )
    note = models.CharField(_("note"), max_length=200, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("recorded by")
    )

    objects = TrainingQuerySet.as_manager()

    class Meta:
        verbose_name = _("training")
        verbose_name_plural = _("training log")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "incident"],
                condition=models.Q(topic="incident_brief"),
                name="one_brief_training_per_incident",
            ),
            models.CheckConstraint(
                condition=models.Q(score=None) | models.Q(score__range=(0, 1)), name="score_is_a_share"
            ),
        ]
        indexes = [models.Index(fields=["user", "-trained_at"])]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_topic_display()}"
