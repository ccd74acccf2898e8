"""Incidents that belong together: linked while both go on, or one merged into the other for good."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents.models import Incident
from workflows.enums import LinkKind


class IncidentLinkQuerySet(models.QuerySet["IncidentLink"]):
    """Adjectives for links."""

    def standing(self) -> "IncidentLinkQuerySet":
        """Return the links nobody took back."""
        return self.filter(ended_at=None)

    def of(self, incident: Incident) -> "IncidentLinkQuerySet":
        """Return the links of an incident, on either side."""
        return self.filter(models.Q(incident=incident) | models.Q(other=incident))


class IncidentLink(models.Model):
    """Two incidents of one cause. Merged: `other` went into `incident`, and that is not taken back."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="links", verbose_name=_("incident"))
    other = models.ForeignKey(Incident, models.PROTECT, related_name="linked_by", verbose_name=_("other incident"))
    kind = models.CharField(_("kind"), max_length=8, choices=LinkKind)
    reason = models.TextField(_("reason"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))
    ended_at = models.DateTimeField(_("taken back"), null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("ended by"),
        null=True,
        blank=True,
    )

    objects = IncidentLinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("link between incidents")
        verbose_name_plural = _("links between incidents")
        constraints = [
            models.CheckConstraint(condition=~models.Q(incident=models.F("other")), name="link_joins_two_incidents"),
            models.CheckConstraint(
                condition=models.Q(kind="linked") | models.Q(ended_at=None), name="a_merge_is_not_taken_back"
            ),
            models.UniqueConstraint(
                fields=["incident", "other"], condition=models.Q(ended_at=None), name="one_standing_link_per_pair"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.incident.reference} – {self.other.reference}"
