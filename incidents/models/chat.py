"""Conversations of the online consultation, as the chat system hands them over."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents.enums import Mood
from incidents.models.customer import Customer
from incidents.models.incident import Incident


class ChatTranscript(models.Model):
    """One conversation, word for word; what was asked in it are entries of the feedback log."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="chat_transcripts", verbose_name=_("incident"))
    conversation = models.CharField(_("conversation"), max_length=120, help_text=_("The chat system's own number."))
    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="chat_transcripts", verbose_name=_("customer"), null=True, blank=True
    )
    address = models.CharField(
        _("address given in the chat"), max_length=254, blank=True, help_text=_("Kept where no one customer has it.")
    )
    transcript = models.TextField(_("transcript"), max_length=100_000)
    mood = models.CharField(_("mood"), max_length=8, choices=Mood, default=Mood.NEUTRAL)
    language = models.CharField(_("language"), max_length=2, blank=True)
    request_sha256 = models.CharField(_("digest of what was handed over"), max_length=64)
    received_at = models.DateTimeField(_("received"))
    filed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("filed by"))

    class Meta:
        verbose_name = _("chat transcript")
        verbose_name_plural = _("chat transcripts")
        constraints = [
            models.UniqueConstraint(fields=["incident", "conversation"], name="one_transcript_per_conversation")
        ]
        indexes = [models.Index(fields=["incident", "-received_at"])]

    def __str__(self) -> str:
        return self.conversation
