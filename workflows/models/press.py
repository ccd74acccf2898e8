"""The press and the networks: enquiries, conferences, posts and what people comment under them."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents.models import Feedback, Incident
from notifications.models import Message
from workflows.enums import ConferenceState


class PressConference(models.Model):
    """A press conference: when, where, who speaks, and the approved statement that is read out."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="conferences", verbose_name=_("incident"))
    held_at = models.DateTimeField(_("time"))
    place = models.CharField(_("place"), max_length=200)
    speaker = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("who speaks")
    )
    statement = models.ForeignKey(
        Message, models.PROTECT, related_name="+", verbose_name=_("statement"), null=True, blank=True
    )
    state = models.CharField(_("state"), max_length=10, choices=ConferenceState, default=ConferenceState.PLANNED)
    planned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("planned by")
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("approved by"), null=True, blank=True
    )
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True)
    record = models.TextField(_("record"), blank=True, help_text=_("What was said beyond the statement."))
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("press conference")
        verbose_name_plural = _("press conferences")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(approved_by=None) | ~models.Q(approved_by=models.F("planned_by")),
                name="conference_approved_by_another_person",
            )
        ]

    def __str__(self) -> str:
        return f"{self.incident.reference} {self.place}"


class PressEnquiry(models.Model):
    """One question of the press: who of which medium asked what, by when they need the answer, and what they got."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="enquiries", verbose_name=_("incident"))
    conference = models.ForeignKey(
        PressConference,
        models.PROTECT,
        related_name="questions",
        verbose_name=_("asked at the conference"),
        null=True,
        blank=True,
    )
    who = models.CharField(_("who asks"), max_length=200)
    outlet = models.CharField(_("medium"), max_length=200, blank=True)
    contact = models.CharField(_("how to reach them"), max_length=200, blank=True)
    question = models.TextField(_("question"), max_length=5000)
    due_at = models.DateTimeField(_("their deadline"), null=True, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("owner"), null=True, blank=True
    )
    answer = models.TextField(_("answer"), max_length=5000, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("answered by"), null=True, blank=True
    )
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    logged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("logged by"), null=True, blank=True
    )
    received_at = models.DateTimeField(_("received"))

    class Meta:
        verbose_name = _("press enquiry")
        verbose_name_plural = _("press enquiries")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(answered_at=None) | ~models.Q(answer=""), name="answered_enquiry_has_an_answer"
            )
        ]
        indexes = [models.Index(fields=["due_at"], condition=models.Q(answered_at=None), name="open_enquiries_by_due")]

    def __str__(self) -> str:
        return f"{self.who} ({self.outlet})" if self.outlet else self.who


class SocialPost(models.Model):
    """A post for one network: its approved text is a message; people post it by hand and note the link here."""

    message = models.OneToOneField(Message, models.PROTECT, related_name="social_post", verbose_name=_("text"))
    network = models.CharField(_("network"), max_length=20)
    post_at = models.DateTimeField(_("to be posted"), null=True, blank=True)
    poster = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("who posts it"),
        null=True,
        blank=True,
    )
    posted_at = models.DateTimeField(_("posted"), null=True, blank=True)
    posted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("posted by"), null=True, blank=True
    )
    link = models.CharField(_("link"), max_length=500, blank=True)
    answer_within = models.DurationField(_("answer comments within"))

    class Meta:
        verbose_name = _("social media post")
        verbose_name_plural = _("social media posts")
        indexes = [models.Index(fields=["post_at"], condition=models.Q(posted_at=None), name="posts_waiting")]

    def __str__(self) -> str:
        return f"{self.network}: {self.message}"


class PostComment(models.Model):
    """A comment under a post; question, owner, time limit and answer are kept by the feedback log."""

    post = models.ForeignKey(SocialPost, models.PROTECT, related_name="comments", verbose_name=_("post"))
    feedback = models.OneToOneField(Feedback, models.PROTECT, related_name="comment", verbose_name=_("comment"))
    author_name = models.CharField(_("name on the network"), max_length=80, blank=True)

    class Meta:
        verbose_name = _("comment under a post")
        verbose_name_plural = _("comments under posts")

    def __str__(self) -> str:
        return f"{self.post_id} #{self.feedback_id}"
