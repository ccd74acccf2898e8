"""Alerts: what is late, who was woken, and who took it."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents import sentences
from incidents.models import Incident
from workflows.enums import AlertKind


class Alert(models.Model):
    """Something is late or stuck; people are woken again and again until one takes it or it is over."""

    key = models.CharField(_("key"), max_length=120, unique=True)
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="alerts", verbose_name=_("incident"))
    kind = models.CharField(_("kind"), max_length=20, choices=AlertKind)
    text = models.TextField(_("what is late"))
    words = models.JSONField(_("how the text was made"), default=dict, blank=True, editable=False)
    path = models.CharField(_("where it is done"), max_length=200, blank=True)
    raised_at = models.DateTimeField(_("raised"))
    rounds = models.PositiveSmallIntegerField(_("times woken"), default=0)
    next_round_at = models.DateTimeField(_("next wake-up"))
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("taken by"), null=True, blank=True
    )
    taken_at = models.DateTimeField(_("taken"), null=True, blank=True)
    over_at = models.DateTimeField(_("over"), null=True, blank=True)
    watchers = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="alerts", verbose_name=_("woken first"))

    class Meta:
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        indexes = [
            models.Index(
                fields=["next_round_at"], condition=models.Q(taken_at=None, over_at=None), name="alerts_untaken"
            )
        ]

    def __str__(self) -> str:
        return self.told

    @property
    def told(self) -> str:
        """What is late, in the reader's language."""
        return sentences.read(self.words) if self.words else self.text

    @property
    def said(self) -> dict[str, Any]:
        """How the text was made, for sentences that quote it."""
        return self.words or {"row": [self.text], "by": ""}
