"""Saved segments: which customers, in words that can be read aloud."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Segment(models.Model):
    """A named query over customers; what is sent keeps the query's text, so a later change alters nothing sent."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    query = models.TextField(_("query"))
    note = models.CharField(_("what it is for"), max_length=200, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("written by")
    )
    created_at = models.DateTimeField(_("written"))
    updated_at = models.DateTimeField(_("changed"))

    class Meta:
        verbose_name = _("segment")
        verbose_name_plural = _("segments")

    def __str__(self) -> str:
        return self.name
