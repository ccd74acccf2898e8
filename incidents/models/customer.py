"""Customers and the addresses they are reached at."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents.enums import ConsentBasis, ContactKind, Language

SCORES = [(1, _("low")), (2, _("medium")), (3, _("high"))]


class Customer(models.Model):
    """One customer as the CRM knows it; `defaulted` names the fields we filled because the source was silent."""

    crm_id = models.CharField(_("CRM id"), max_length=80, unique=True)
    name = models.CharField(_("name"), max_length=200)
    salutation = models.CharField(_("salutation"), max_length=200, blank=True)
    language = models.CharField(_("language"), max_length=2, choices=Language, default=Language.EN)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    region = models.CharField(_("region"), max_length=80, blank=True)
    importance = models.PositiveSmallIntegerField(_("importance"), choices=SCORES, default=2)
    closeness = models.PositiveSmallIntegerField(_("closeness"), choices=SCORES, default=2)
    account_key = models.CharField(_("account or household"), max_length=80, blank=True)
    account_manager = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        related_name="customers",
        verbose_name=_("account manager"),
        null=True,
        blank=True,
    )
    preferred_channel = models.CharField(_("preferred channel"), max_length=20, blank=True)
    call_from = models.TimeField(_("call from"), null=True, blank=True)
    call_until = models.TimeField(_("call until"), null=True, blank=True)
    consent_basis = models.CharField(
        _("consent basis"), max_length=12, choices=ConsentBasis, default=ConsentBasis.CONTRACT
    )
    attributes = models.JSONField(_("attributes"), default=dict, blank=True)
    defaulted = models.JSONField(_("defaulted fields"), default=list, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created"))
    updated_at = models.DateTimeField(_("changed"))

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(importance__range=(1, 3), closeness__range=(1, 3)), name="customer_scores_in_range"
            ),
            models.CheckConstraint(
                condition=models.Q(call_from=None, call_until=None) | models.Q(call_from__lt=models.F("call_until")),
                name="call_hours_in_order",
            ),
        ]
        indexes = [models.Index(fields=["account_key"])]
        permissions = [
            ("import_customers", _("Can import customers")),
            ("export_customers", _("Can export all customers")),
            ("see_addresses", _("Can see addresses in full")),
        ]

    def __str__(self) -> str:
        return self.name


class ContactPoint(models.Model):
    """One address of a customer; `normalised` is what duplicates and suppressions are matched by."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="contact_points", verbose_name=_("customer"))
    kind = models.CharField(_("kind"), max_length=10, choices=ContactKind)
    value = models.CharField(_("address"), max_length=320)
    normalised = models.CharField(_("normalised"), max_length=320)
    is_primary = models.BooleanField(_("primary"), default=True)

    class Meta:
        verbose_name = _("contact point")
        verbose_name_plural = _("contact points")
        constraints = [
            models.UniqueConstraint(fields=["customer", "kind", "normalised"], name="contact_point_once_per_customer"),
            models.UniqueConstraint(
                fields=["customer", "kind"], condition=models.Q(is_primary=True), name="one_primary_contact_per_kind"
            ),
        ]
        indexes = [models.Index(fields=["kind", "normalised"])]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} #{self.pk}"
