"""Wake-ups of staff: mails and signed webhooks, rows first, sent by the engine."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from notifications.enums import NoticeMedium, NoticeState


class WebhookEndpoint(models.Model):
    """An address of a chat or pager that is told of alerts; `secret` signs each call (Standard Webhooks)."""

    name = models.CharField(_("name"), max_length=80)
    url = models.URLField(_("address"), max_length=500)
    secret = models.CharField(_("signing secret (encrypted)"), max_length=400, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")

    def __str__(self) -> str:
        return self.name


class StaffNotice(models.Model):
    """One wake-up of one person by mail, or of one webhook; `key` makes raising the same one twice harmless."""

    key = models.CharField(_("key"), max_length=120, unique=True)
    uid = models.UUIDField(default=uuid.uuid4, editable=False)
    medium = models.CharField(_("medium"), max_length=8, choices=NoticeMedium)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="notices",
        verbose_name=_("person"),
        null=True,
        blank=True,
    )
    endpoint = models.ForeignKey(
        WebhookEndpoint, models.CASCADE, related_name="notices", verbose_name=_("webhook"), null=True, blank=True
    )
    address = models.EmailField(_("mailbox that belongs to no person here"), blank=True)
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("text"))
    data = models.JSONField(_("data"), default=dict, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=NoticeState, default=NoticeState.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt"))
    lease_until = models.DateTimeField(_("claimed until"), null=True, blank=True)
    created_at = models.DateTimeField(_("raised"))
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    last_error = models.CharField(_("last error"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("wake-up")
        verbose_name_plural = _("wake-ups")
        indexes = [
            models.Index(fields=["next_attempt_at"], condition=models.Q(state="queued"), name="staff_notices_waiting")
        ]

    def __str__(self) -> str:
        return self.subject
