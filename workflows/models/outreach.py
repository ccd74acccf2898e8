"""Personal contacts: calls, video meetings and visits."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents.enums import Mood
from incidents.models import Customer, Incident, RemedyOption
from notifications.enums import ChannelName
from notifications.models import Delivery, Message
from workflows.enums import AttemptResult, OutreachOrigin, OutreachState


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
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("who is on it"),
        null=True,
        blank=True,
    )
    claim_until = models.DateTimeField(_("claimed until"), null=True, blank=True)
    meets_at = models.DateTimeField(_("agreed for"), null=True, blank=True)
    minutes = models.PositiveSmallIntegerField(_("length (minutes)"), default=30, db_default=30)
    video_link = models.URLField(_("video link"), max_length=500, blank=True, default="", db_default="")
    place = models.CharField(_("place"), max_length=200, blank=True, default="", db_default="")
    attendees = models.TextField(_("who takes part"), blank=True, default="", db_default="")
    state = models.CharField(_("state"), max_length=12, choices=OutreachState, default=OutreachState.TO_DO)
    preparation = models.JSONField(_("preparation sheet"), default=dict, blank=True)
    is_prepared = models.BooleanField(_("prepared"), default=False)
    is_prefilled = models.BooleanField(_("prefilled"), default=False, db_default=False)
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("who prepared or looked at it"),
        null=True,
        blank=True,
    )
    prepared_at = models.DateTimeField(_("prepared at"), null=True, blank=True)
    outcome = models.TextField(_("outcome"), blank=True)
    concern = models.TextField(_("customer's concern"), blank=True)
    agreed_points = models.TextField(_("points agreed"), blank=True)
    mood = models.CharField(_("mood"), max_length=8, choices=Mood, blank=True, default="", db_default="")
    chosen_option = models.ForeignKey(
        RemedyOption, models.PROTECT, related_name="+", verbose_name=_("chosen option"), null=True, blank=True
    )
    report = models.TextField(_("report of the visit"), blank=True, default="", db_default="")
    confirmation_due_at = models.DateTimeField(_("written confirmation due"), null=True, blank=True)
    confirmed_at = models.DateTimeField(_("confirmed in writing"), null=True, blank=True)
    finished_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("finished by"), null=True, blank=True
    )
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("personal contact")
        verbose_name_plural = _("calls")
        constraints = [
            models.UniqueConstraint(
                fields=["message", "customer"],
                condition=models.Q(origin="plan"),
                name="one_planned_contact_per_message",
            ),
            models.UniqueConstraint(
                fields=["failed_delivery"], condition=~models.Q(failed_delivery=None), name="one_contact_per_failure"
            ),
            models.UniqueConstraint(
                fields=["incident", "customer", "due_at"],
                condition=models.Q(origin="aftercare"),
                name="one_aftercare_contact_per_date",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="unreachable") | ~models.Q(outcome=""), name="unreachable_has_a_reason"
            ),
        ]
        indexes = [
            models.Index(fields=["incident", "state", "due_at"]),
            models.Index(fields=["claim_until"], condition=models.Q(state="claimed"), name="contacts_claimed"),
            models.Index(
                fields=["confirmation_due_at"],
                condition=models.Q(state="done", confirmed_at=None) & ~models.Q(confirmation_due_at=None),
                name="contacts_to_confirm",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} #{self.pk}"


class ContactAttempt(models.Model):
    """One try to reach a customer in person, and how it ended."""

    task = models.ForeignKey(OutreachTask, models.CASCADE, related_name="attempts", verbose_name=_("personal contact"))
    result = models.CharField(_("result"), max_length=16, choices=AttemptResult)
    note = models.TextField(_("note"), blank=True)
    minutes = models.PositiveSmallIntegerField(_("length (minutes)"), null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("who tried"))
    at = models.DateTimeField(_("tried"))

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        indexes = [models.Index(fields=["task", "at"])]

    def __str__(self) -> str:
        return self.get_result_display()


class CalendarFeed(models.Model):
    """The calendar address of one person; only the digest of its secret part is kept."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="calendar_feed", verbose_name=_("person")
    )
    digest = models.CharField(_("digest"), max_length=64, unique=True)
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("calendar address")
        verbose_name_plural = _("calendar addresses")

    def __str__(self) -> str:
        return str(self.user)
