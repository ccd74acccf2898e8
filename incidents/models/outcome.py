"""What became of customers after an incident, as the company's own customer system tells later."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents.models.customer import Customer
from incidents.models.incident import Incident


class CustomerOutcome(models.Model):
    """One customer as seen on one day: still a customer or not, and what was ordered since the incident began.

    The customer need not be affected: those who are not show what would have happened anyway.
    """

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="outcomes", verbose_name=_("incident"))
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="outcomes", verbose_name=_("customer"))
    observed_on = models.DateField(_("observed on"))
    is_customer = models.BooleanField(_("still a customer"))
    orders = models.PositiveIntegerField(_("orders since"), null=True, blank=True)
    revenue = models.DecimalField(_("revenue since"), max_digits=14, decimal_places=2, null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("noted by"), null=True, blank=True
    )
    noted_at = models.DateTimeField(_("noted"))

    class Meta:
        verbose_name = _("customer afterwards")
        verbose_name_plural = _("customers afterwards")
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "customer", "observed_on"], name="one_outcome_per_customer_and_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.observed_on}"
