"""Deliveries (the outbox), suppressions and what providers reported."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents.enums import ContactKind, Tier
from incidents.models import Customer, Incident
from notifications.enums import (
    REACHED,
    WAITING,
    ChannelName,
    DeliveryStatus,
    FailureCode,
    SuppressionReason,
)
from notifications.models.message import Message, MessageRevision


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Adjectives for deliveries."""

    def waiting(self) -> "DeliveryQuerySet":
        """Return the deliveries that still want to leave."""
        return self.filter(status__in=WAITING)

    def live(self) -> "DeliveryQuerySet":
        """Return the deliveries without a final status."""
        return self.filter(status__in=[*WAITING, DeliveryStatus.SENDING])

    def reached(self) -> "DeliveryQuerySet":
        """Return the deliveries that a receiving side accepted and did not bounce."""
        return self.filter(status__in=REACHED)


class Delivery(models.Model):
    """One message for one customer by one channel: the outbox row.

    `reference` is the opaque id shown outside (X-Delivery-Ref, Message-ID, signed links). `personal` is the frozen
    snapshot of this customer's own values (flat strings). Only freezing inserts rows, only `notifications.engine`
    and `notifications.inbound` change them, in guarded bulk updates.
    """

    reference = models.UUIDField(_("reference"), default=uuid.uuid4, editable=False)
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="deliveries", verbose_name=_("incident"))
    message = models.ForeignKey(
        Message, models.PROTECT, related_name="deliveries", verbose_name=_("message"), db_index=False
    )
    revision = models.ForeignKey(
        MessageRevision, models.PROTECT, related_name="+", verbose_name=_("revision"), db_index=False
    )
    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="deliveries", verbose_name=_("customer"), db_index=False
    )
    through = models.ForeignKey(
        Customer,
        models.PROTECT,
        related_name="+",
        verbose_name=_("told through"),
        null=True,
        blank=True,
        db_index=False,
        help_text=_("The customer whose copy of the same message serves this one too."),
    )
    channel = models.CharField(_("channel"), max_length=20, choices=ChannelName)
    tier = models.PositiveSmallIntegerField(_("tier"), choices=Tier)
    language = models.CharField(_("language"), max_length=2)
    rendition = models.CharField(
        _("sent later in"),
        max_length=2,
        blank=True,
        default="",
        help_text=_("The language, where it was approved after the message had left."),
    )
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    address = models.CharField(_("address"), max_length=320, blank=True)
    personal = models.JSONField(_("personal values"), default=dict)
    priority = models.PositiveSmallIntegerField(_("priority"), default=5)
    status = models.CharField(_("status"), max_length=12, choices=DeliveryStatus, default=DeliveryStatus.QUEUED)
    failure_code = models.CharField(_("reason"), max_length=20, choices=FailureCode, default="", blank=True)
    failure_detail = models.CharField(_("what the receiving side said"), max_length=300, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt"))
    lease_owner = models.CharField(_("claimed by"), max_length=80, blank=True)
    lease_until = models.DateTimeField(_("claimed until"), null=True, blank=True)
    created_at = models.DateTimeField(_("frozen"))
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True)
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)
    provider_id = models.CharField(_("receiving side's id"), max_length=200, blank=True)
    opened_at = models.DateTimeField(_("page opened by the customer"), null=True, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [
            models.UniqueConstraint(
                fields=["message", "customer", "channel", "rendition"], name="one_delivery_per_channel"
            ),
            models.UniqueConstraint(fields=["reference"], name="delivery_reference_is_unique"),
        ]
        indexes = [
            models.Index(
                fields=["message", "priority", "next_attempt_at", "id"],
                condition=models.Q(status__in=["queued", "retry"]),
                name="deliveries_waiting",
            ),
            models.Index(fields=["lease_until"], condition=models.Q(status="sending"), name="deliveries_in_flight"),
            models.Index(
                fields=["message"],
                condition=models.Q(status__in=["failed", "uncertain"]),
                name="deliveries_needing_people",
            ),
            models.Index(fields=["customer", "incident"], name="deliveries_of_customer"),
        ]

    def __str__(self) -> str:
        return str(self.reference)


class Suppression(models.Model):
    """An address that is not written to by the kinds it covers; `is_total` covers essential messages too."""

    kind = models.CharField(_("kind"), max_length=10, choices=ContactKind)
    address_hash = models.CharField(_("address digest"), max_length=64)
    reason = models.CharField(_("reason"), max_length=14, choices=SuppressionReason)
    is_total = models.BooleanField(_("covers every message"), default=False)
    created_at = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("suppression")
        verbose_name_plural = _("suppressions")
        constraints = [models.UniqueConstraint(fields=["kind", "address_hash"], name="one_suppression_per_address")]

    def __str__(self) -> str:
        return f"{self.kind} {self.address_hash[:8]}"


class ProviderEvent(models.Model):
    """What a receiving side reported, stored once by its own event id and worked off later."""

    channel = models.CharField(_("channel"), max_length=20)
    event_id = models.CharField(_("event id"), max_length=120)
    kind = models.CharField(_("kind"), max_length=20)
    delivery_reference = models.UUIDField(_("delivery"), null=True, blank=True)
    payload = models.JSONField(_("payload"), default=dict)
    received_at = models.DateTimeField(_("received"))
    processed_at = models.DateTimeField(_("worked off"), null=True, blank=True)

    class Meta:
        verbose_name = _("provider event")
        verbose_name_plural = _("provider events")
        constraints = [models.UniqueConstraint(fields=["channel", "event_id"], name="provider_event_once")]
        indexes = [
            models.Index(fields=["received_at"], condition=models.Q(processed_at=None), name="provider_events_waiting")
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.kind}"
