"""What an incident costs: one record an item, corrected by a new record, never rewritten."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents.enums import CostKind
from incidents.models.incident import Incident


class CostItemQuerySet(models.QuerySet["CostItem"]):
    """Adjectives for cost items."""

    def standing(self) -> "CostItemQuerySet":
        """Return the items that no later record corrects."""
        return self.filter(correction=None)


class CostItem(models.Model):
    """One cost in one currency, known or estimated; `corrects` names the record that this one takes the place of."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="costs", verbose_name=_("incident"))
    kind = models.CharField(_("kind"), max_length=12, choices=CostKind)
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3)
    is_estimate = models.BooleanField(_("an estimate"), default=False)
    channel = models.CharField(_("channel"), max_length=20, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    corrects = models.OneToOneField(
        "self", models.PROTECT, related_name="correction", verbose_name=_("corrects"), null=True, blank=True
    )
    reason = models.CharField(_("reason of the correction"), max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))

    objects = CostItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("cost item")
        verbose_name_plural = _("cost items")
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="a_cost_is_not_negative"),
            models.CheckConstraint(condition=models.Q(currency__regex="^[A-Z]{3}$"), name="a_cost_has_a_currency"),
            models.CheckConstraint(
                condition=models.Q(channel="") | models.Q(kind=CostKind.CHANNEL), name="only_channel_costs_name_one"
            ),
            models.CheckConstraint(
                condition=models.Q(corrects=None) | ~models.Q(reason=""), name="a_cost_correction_has_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"
