"""Customers whom no message of an incident goes to, each with the reason."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents.models.customer import Customer
from incidents.models.incident import Incident


class Exclusion(models.Model):
    """One customer left out of one incident; the database refuses it where safety or a legal right is at stake."""

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="exclusions", verbose_name=_("incident"))
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="exclusions", verbose_name=_("customer"))
    reason = models.CharField(_("reason"), max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))
    lifted_at = models.DateTimeField(_("lifted"), null=True, blank=True)

    class Meta:
        verbose_name = _("excluded customer")
        verbose_name_plural = _("excluded customers")
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "customer"], condition=models.Q(lifted_at=None), name="one_open_exclusion"
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="exclusion_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.reason}"
