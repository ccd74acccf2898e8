"""How often something public was asked for: the counters behind the limits, which all processes share."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class RequestCount(models.Model):
    """One counter of one limit; `key` is a digest, so that no address of a visitor is kept."""

    key = models.CharField(_("key"), max_length=64, primary_key=True)
    count = models.PositiveIntegerField(_("count"), default=0)
    resets_at = models.DateTimeField(_("starts anew"), db_index=True)

    class Meta:
        verbose_name = _("request counter")
        verbose_name_plural = _("request counters")

    def __str__(self) -> str:
        return f"{self.key[:8]} {self.count}"
