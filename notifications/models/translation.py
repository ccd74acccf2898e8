"""Who read a message's text in one language and found it right: append-only, bound to that very text."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents.enums import Language
from notifications.models.message import Message


class LanguageApproval(models.Model):
    """One language of one message approved: the digests name the text that was read and the source beside it."""

    message = models.ForeignKey(Message, models.PROTECT, related_name="language_approvals", verbose_name=_("message"))
    language = models.CharField(_("language"), max_length=2, choices=Language)
    text_sha256 = models.CharField(_("digest of the text"), max_length=64)
    source_sha256 = models.CharField(_("digest of the source text"), max_length=64)
    approver = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("approved by")
    )
    is_native = models.BooleanField(_("by a native reader"), default=False)
    approved_at = models.DateTimeField(_("approved"))

    class Meta:
        verbose_name = _("approved language")
        verbose_name_plural = _("approved languages")
        constraints = [
            models.UniqueConstraint(
                fields=["message", "language", "text_sha256", "source_sha256"], name="one_approval_per_language_text"
            )
        ]

    def __str__(self) -> str:
        return f"{self.message} {self.language}"
