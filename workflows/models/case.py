"""The case library: how others and we ourselves spoke in a crisis, told to learn from."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from workflows.enums import CaseOutcome


class Case(models.Model):
    """One case, texts per language; `tags` are ids of types, subtypes, relationship types and practices."""

    key = models.SlugField(_("short name"), max_length=60, unique=True)
    outcome = models.CharField(_("outcome"), max_length=10, choices=CaseOutcome)
    title = models.JSONField(_("title"), default=dict)
    story = models.JSONField(_("what happened"), default=dict)
    lessons = models.JSONField(_("what to take from it"), default=dict)
    tags = models.JSONField(_("tags"), default=list, blank=True)
    is_shipped = models.BooleanField(_("comes with the product"), default=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("added by"), null=True, blank=True
    )
    created_at = models.DateTimeField(_("added"))

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("case library")

    def __str__(self) -> str:
        return str(next(iter(self.title.values()), self.key))
