"""What the rest of the company was told about the customers it leaves in peace."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents.models import Incident


class HoldList(models.Model):
    """The customers of one incident as they were last announced; who is on the list is read from the impacts."""

    incident = models.OneToOneField(Incident, models.PROTECT, related_name="hold_list", verbose_name=_("incident"))
    version = models.PositiveIntegerField(_("version"), default=0)
    customers = models.PositiveIntegerField(_("customers"), default=0)
    newest = models.BigIntegerField(_("newest affected customer"), default=0)
    kinds = models.JSONField(_("kept back"), default=list)
    checked_at = models.DateTimeField(_("looked at"))
    published_at = models.DateTimeField(_("announced"))
    lifted_at = models.DateTimeField(_("lifted"), null=True, blank=True)

    class Meta:
        verbose_name = _("hold list")
        verbose_name_plural = _("hold lists")
        indexes = [
            models.Index(fields=["checked_at"], condition=models.Q(lifted_at=None), name="hold_lists_to_look_at")
        ]

    def __str__(self) -> str:
        return f"{self.incident_id} v{self.version}"
