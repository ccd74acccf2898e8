"""Personal contacts: calls, video meetings and visits."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents.models import Customer, Incident
from notifications.enums import ChannelName
from notifications.models import Delivery, Message
from workflows.enums import OutreachOrigin, OutreachState


class OutreachTask(models.Model):
    """One personal contact with one customer, with its preparation sheet, outcome and written confirmation."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="outreach", verbose_name=_("incident"))
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="outreach", verbose_name=_("customer"))
    origin = models.CharField(_("origin"), max_length=16, choices=OutreachOrigin)
    channel = models.CharField(_("channel"), max_length=20, choices=ChannelName)
    message = models.ForeignKey(
        Message, models.PROTECT, related_name="outreach", verbose_name=_("message"), null=True, blank=True
    )
    failed_delivery = models.ForeignKey(
        Delivery, models.PROTECT, related_name="outreach", verbose_name=_("failed delivery"), null=True, blank=True
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="outreach",
        verbose_name=_("owner"),
        null=True,
        blank=True,
    )
    due_at = models.DateTimeField(_("due"))
    state = models.CharField(_("state"), max_length=12, choices=OutreachState, default=OutreachState.TO_DO)
    preparation = models.JSONField(_("preparation sheet"), default=dict, blank=True)
    is_prepared = models.BooleanField(_("prepared"), default=False)
    outcome = models.TextField(_("outcome"), blank=True)
    concern = models.TextField(_("customer's concern"), blank=True)
    agreed_points = models.TextField(_("points agreed"), blank=True)
    finished_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("finished by"), null=True, blank=True
    )
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("personal contact")
        verbose_name_plural = _("call desk")
        constraints = [
            models.UniqueConstraint(
                fields=["message", "customer"],
                condition=models.Q(origin="plan"),
                name="one_planned_contact_per_message",
            ),
            models.UniqueConstraint(
                fields=["failed_delivery"], condition=~models.Q(failed_delivery=None), name="one_contact_per_failure"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="unreachable") | ~models.Q(outcome=""), name="unreachable_has_a_reason"
            ),
        ]
        indexes = [models.Index(fields=["incident", "state", "due_at"])]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} #{self.pk}"
