"""Signs of a crisis: what other systems and people noticed, and from how many on it becomes a report."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents.enums import SignalKind
from incidents.models.incident import Incident


class Signal(models.Model):
    """So many things of one kind, noticed by one source; a person or a threshold ties it to an incident."""

    kind = models.CharField(_("kind"), max_length=20, choices=SignalKind)
    source = models.CharField(_("source"), max_length=60)
    keyword = models.CharField(_("keyword"), max_length=60, blank=True)
    count = models.PositiveIntegerField(_("how many"), default=1)
    text = models.TextField(_("what was noticed"), max_length=5000, blank=True)
    incident = models.ForeignKey(
        Incident, models.PROTECT, related_name="signals", verbose_name=_("incident"), null=True, blank=True
    )
    posted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("posted by")
    )
    received_at = models.DateTimeField(_("received"))

    class Meta:
        verbose_name = _("signal")
        verbose_name_plural = _("signals")
        indexes = [models.Index(fields=["kind", "-received_at"]), models.Index(fields=["-received_at"])]
        constraints = [models.CheckConstraint(condition=models.Q(count__gte=1), name="signal_counts_something")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} × {self.count} ({self.source})"


class SignalThreshold(models.Model):
    """From how many signals within how long a report is made; an empty keyword or source counts all of them."""

    kind = models.CharField(_("kind"), max_length=20, choices=SignalKind)
    keyword = models.CharField(_("keyword"), max_length=60, blank=True)
    source = models.CharField(_("source"), max_length=60, blank=True)
    count = models.PositiveIntegerField(_("how many"), default=10)
    interval = models.DurationField(_("within"), default=timedelta(hours=1))
    title = models.CharField(_("title of the report"), max_length=200, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("threshold")
        verbose_name_plural = _("thresholds")
        constraints = [
            models.UniqueConstraint(fields=["kind", "keyword", "source"], name="one_threshold_per_pattern"),
            models.CheckConstraint(condition=models.Q(count__gte=1), name="threshold_counts_something"),
        ]

    def __str__(self) -> str:
        return " · ".join(filter(None, [str(self.get_kind_display()), self.keyword, self.source]))
