"""What one incident means for one customer, and the tier that follows from it."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from incidents.enums import Harm, Tier
from incidents.models.customer import SCORES, Customer
from incidents.models.incident import Incident


class Impact(models.Model):
    """One affected customer of one incident; `arithmetic` shows how the computed tier came about."""

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="impacts", verbose_name=_("incident"))
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="impacts", verbose_name=_("customer"))
    affected_items = models.TextField(_("affected items"), blank=True)
    harm = models.CharField(_("harm"), max_length=14, choices=Harm, default=Harm.INCONVENIENCE)
    degree = models.PositiveSmallIntegerField(_("degree affected"), choices=SCORES, default=2)
    is_defaulted = models.BooleanField(_("degree or harm defaulted"), default=False)
    score = models.PositiveSmallIntegerField(_("score"), default=0)
    computed_tier = models.PositiveSmallIntegerField(_("computed tier"), choices=Tier, null=True, blank=True)
    arithmetic = models.CharField(_("arithmetic"), max_length=200, blank=True)
    override_tier = models.PositiveSmallIntegerField(_("overriding tier"), choices=Tier, null=True, blank=True)
    override_reason = models.CharField(_("reason of the override"), max_length=300, blank=True)
    override_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("overridden by"),
        null=True,
        blank=True,
    )
    tier = models.GeneratedField(
        expression=Coalesce("override_tier", "computed_tier"),
        output_field=models.PositiveSmallIntegerField(_("tier"), choices=Tier, null=True),
        db_persist=True,
    )

    class Meta:
        verbose_name = _("affected customer")
        verbose_name_plural = _("affected customers")
        constraints = [
            models.UniqueConstraint(fields=["incident", "customer"], name="one_impact_per_customer"),
            models.CheckConstraint(
                condition=models.Q(override_tier=None) | ~models.Q(override_reason=""),
                name="tier_override_has_a_reason",
            ),
            models.CheckConstraint(
                condition=~models.Q(harm__in=[Harm.SAFETY, Harm.LEGAL_RIGHT])
                | models.Q(override_tier=None)
                | models.Q(override_tier=Tier.ONE),
                name="safety_and_legal_rights_stay_tier_1",
            ),
        ]
        indexes = [models.Index(fields=["incident", "tier"])]

    def __str__(self) -> str:
        return f"{self.customer_id} · {self.tier}"
