"""A strong objection: a reviewer's veto on one message, which stands until it is withdrawn or overruled."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from notifications.enums import ObjectionEnd
from notifications.models.message import Message, MessageRevision


class ObjectionQuerySet(models.QuerySet["Objection"]):
    """Adjectives for objections."""

    def standing(self) -> "ObjectionQuerySet":
        """Return those that were neither withdrawn nor overruled."""
        return self.filter(ended_at=None)


class Objection(models.Model):
    """While it stands nothing of the message is approved or leaves; a changed text does not end it."""

    message = models.ForeignKey(Message, models.PROTECT, related_name="objections", verbose_name=_("message"))
    revision = models.ForeignKey(MessageRevision, models.PROTECT, related_name="+", verbose_name=_("revision"))
    raised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="objections", verbose_name=_("objected by")
    )
    role = models.CharField(_("role"), max_length=24)
    reason = models.TextField(_("reason"))
    raised_at = models.DateTimeField(_("raised"))
    end = models.CharField(_("how it ended"), max_length=10, choices=ObjectionEnd, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("ended by"), null=True, blank=True
    )
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    end_reason = models.TextField(_("why it ended"), blank=True)

    objects = ObjectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("strong objection")
        verbose_name_plural = _("strong objections")
        constraints = [
            models.CheckConstraint(condition=~models.Q(reason=""), name="objection_has_a_reason"),
            models.CheckConstraint(
                condition=models.Q(ended_at=None, ended_by=None, end="", end_reason="")
                | models.Q(ended_at__isnull=False, ended_by__isnull=False)
                & ~models.Q(end="")
                & ~models.Q(end_reason=""),
                name="objection_ends_whole",
            ),
            models.CheckConstraint(
                condition=~models.Q(end="withdrawn") | models.Q(ended_by=models.F("raised_by")),
                name="objection_withdrawn_by_its_person",
            ),
            models.CheckConstraint(
                condition=~models.Q(end="overruled") | ~models.Q(ended_by=models.F("raised_by")),
                name="objection_overruled_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.raised_by}: {self.reason}"
