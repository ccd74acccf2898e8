"""The post-incident review and the improvements it asks for."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents.models import Incident


class Review(models.Model):
    """The after-action review of one incident; `metrics` is the computed table, kept with its time."""

    incident = models.OneToOneField(Incident, models.PROTECT, related_name="review", verbose_name=_("incident"))
    metrics = models.JSONField(_("metrics"), default=dict, blank=True)
    afterwards = models.JSONField(
        _("customers afterwards"), default=dict, blank=True, help_text=_("Computed with the metrics.")
    )
    computed_at = models.DateTimeField(_("computed"), null=True, blank=True)
    summary = models.TextField(_("summary"), blank=True)
    strengths = models.TextField(_("what went well"), blank=True, help_text=_("One a line."))
    lessons = models.TextField(_("lessons"), blank=True, help_text=_("One a line."))
    held_at = models.DateTimeField(_("review held"), null=True, blank=True)
    participants = models.ManyToManyField(
        settings.AUTH_USER_MODEL, related_name="reviews", verbose_name=_("participants"), blank=True
    )
    has_front_line = models.BooleanField(_("front-line staff took part"), default=False)
    created_at = models.DateTimeField(_("begun"))

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")

    def __str__(self) -> str:
        return f"{self.incident.reference}"


class Improvement(models.Model):
    """An improvement action: what, who, by when, and how we will know."""

    review = models.ForeignKey(Review, models.CASCADE, related_name="improvements", verbose_name=_("review"))
    text = models.TextField(_("improvement"))
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="improvements",
        verbose_name=_("owner"),
        null=True,
        blank=True,
    )
    due_on = models.DateField(_("due"), null=True, blank=True)
    test = models.TextField(_("how it will be verified"), blank=True)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    has_passed = models.BooleanField(_("verified"), default=False)

    class Meta:
        verbose_name = _("improvement")
        verbose_name_plural = _("improvements")

    def __str__(self) -> str:
        return self.text[:60]
