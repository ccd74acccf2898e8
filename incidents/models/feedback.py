"""What customers say: questions, complaints, choices of remedy and survey answers."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents.enums import Attitude, EscalatedTo, FeedbackKind, FeedbackSource, FeedbackState, Mood, Tier
from incidents.models.chat import ChatTranscript
from incidents.models.customer import Customer
from incidents.models.incident import Incident


class FeedbackQuerySet(models.QuerySet["Feedback"]):
    """Adjectives for feedback."""

    def unanswered(self) -> "FeedbackQuerySet":
        """Return the entries that still wait for an answer."""
        return self.filter(state=FeedbackState.OPEN)


class Feedback(models.Model):
    """One entry of the feedback log, in the customer's own words."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="feedback", verbose_name=_("incident"))
    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="feedback", verbose_name=_("customer"), null=True, blank=True
    )
    kind = models.CharField(_("kind"), max_length=12, choices=FeedbackKind, default=FeedbackKind.QUESTION)
    source = models.CharField(_("came in by"), max_length=14, choices=FeedbackSource, default=FeedbackSource.STAFF)
    verbatim = models.TextField(_("in the customer's words"), max_length=5000)
    theme = models.CharField(_("theme"), max_length=80, blank=True)
    mood = models.CharField(_("mood"), max_length=8, choices=Mood, default=Mood.NEUTRAL)
    language = models.CharField(_("language"), max_length=2, blank=True)
    contact_person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("said about (member of staff)"),
        null=True,
        blank=True,
    )
    attitude = models.CharField(_("how they came across"), max_length=12, choices=Attitude, blank=True)
    escalated_to = models.CharField(_("turned to"), max_length=10, choices=EscalatedTo, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="owned_feedback",
        verbose_name=_("owner"),
        null=True,
        blank=True,
    )
    due_at = models.DateTimeField(_("answer due"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=FeedbackState, default=FeedbackState.OPEN)
    answer = models.TextField(_("answer"), blank=True, max_length=5000)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("answered by"), null=True, blank=True
    )
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    received_at = models.DateTimeField(_("received"))
    logged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("logged by"), null=True, blank=True
    )

    form_key = models.CharField(_("form it came by"), max_length=64, null=True, blank=True, unique=True)  # noqa: DJ001

    transcript = models.ForeignKey(
        ChatTranscript,
        models.PROTECT,
        related_name="entries",
        verbose_name=_("chat it was said in"),
        null=True,
        blank=True,
    )

    objects = FeedbackQuerySet.as_manager()

    class Meta:
        verbose_name = _("feedback entry")
        verbose_name_plural = _("feedback log")
        indexes = [
            models.Index(fields=["incident", "-received_at"]),
            models.Index(fields=["due_at"], condition=models.Q(state="open"), name="open_feedback_by_due"),
        ]

    def __str__(self) -> str:
        return self.verbatim[:60]


class RemedyOption(models.Model):
    """A remedy on offer in one incident; only an approved one reaches customers. Texts are per language."""

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="remedy_options", verbose_name=_("incident"))
    key = models.SlugField(_("key"), max_length=60)
    name = models.JSONField(_("name"), default=dict)
    how_to_claim = models.JSONField(_("how to claim"), default=dict, blank=True)
    claim_deadline = models.DateTimeField(_("claim by"), null=True, blank=True)
    approver_role = models.CharField(_("approver's role"), max_length=24)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("approved by"), null=True, blank=True
    )
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("remedy option")
        verbose_name_plural = _("remedy options")
        constraints = [models.UniqueConstraint(fields=["incident", "key"], name="one_remedy_option_per_key")]

    def __str__(self) -> str:
        return self.key


class RemedyLimit(models.Model):
    """For whom a remedy is meant, and up to which amount it is granted without its approver.

    `tier` empty means every tier; `segment` is a customer filter, empty means every customer. A remedy without any
    limit is meant for everybody affected.
    """

    option = models.ForeignKey(RemedyOption, models.CASCADE, related_name="limits", verbose_name=_("remedy"))
    tier = models.PositiveSmallIntegerField(_("tier"), choices=Tier, null=True, blank=True)
    segment = models.JSONField(_("segment"), default=dict, blank=True)
    largest_amount = models.DecimalField(
        _("granted without its approver up to"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    currency = models.CharField(_("currency"), max_length=3, blank=True)

    class Meta:
        verbose_name = _("limit of a remedy")
        verbose_name_plural = _("limits of remedies")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(largest_amount=None) | ~models.Q(currency=""), name="an_amount_has_a_currency"
            )
        ]

    def __str__(self) -> str:
        return f"{self.option_id} T{self.tier or '*'}"


class RemedyChoice(models.Model):
    """What one customer chose, what was granted, and when it was delivered."""

    option = models.ForeignKey(RemedyOption, models.PROTECT, related_name="choices", verbose_name=_("option"))
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="remedy_choices", verbose_name=_("incident"))
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="remedy_choices", verbose_name=_("customer"))
    chosen_at = models.DateTimeField(_("chosen"))
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2, null=True, blank=True)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("granted by"), null=True, blank=True
    )
    delivered_at = models.DateTimeField(_("delivered"), null=True, blank=True)

    class Meta:
        verbose_name = _("remedy choice")
        verbose_name_plural = _("remedy choices")
        constraints = [models.UniqueConstraint(fields=["incident", "customer"], name="one_remedy_choice_per_customer")]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.option_id}"


class SurveyResponse(models.Model):
    """One customer's answers after the incident; `answers` maps a question id to a number or text."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="survey_responses", verbose_name=_("incident"))
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="survey_responses", verbose_name=_("customer"))
    answers = models.JSONField(_("answers"))
    language = models.CharField(_("language"), max_length=2, blank=True)
    answered_at = models.DateTimeField(_("answered"))

    class Meta:
        verbose_name = _("survey response")
        verbose_name_plural = _("survey responses")
        constraints = [
            models.UniqueConstraint(fields=["incident", "customer"], name="one_survey_response_per_customer")
        ]

    def __str__(self) -> str:
        return f"{self.incident_id} {self.customer_id}"
