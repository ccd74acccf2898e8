"""The company that speaks: the values every message of every incident shares."""

from datetime import timedelta

from django.core.validators import URLValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


def default_languages() -> list[str]:
    """Return the languages of a company that has not chosen yet; one is enough."""
    return ["en"]


def default_held_campaigns() -> list[str]:
    """Return what is kept back from affected customers until a company says otherwise."""
    return ["advertising", "newsletter", "upselling", "survey", "price_change", "dunning"]


class Company(models.Model):
    """The one row of company settings; texts are kept per language as `{"en": …, "zh": …, "ru": …}`."""

    name = models.JSONField(_("name"), default=dict)
    signatory_name = models.JSONField(_("signatory"), default=dict)
    signatory_title = models.JSONField(_("signatory's title"), default=dict)
    hotline = models.CharField(_("telephone"), max_length=40, blank=True)
    contact_email = models.EmailField(_("contact e-mail"), blank=True)
    chat_url = models.CharField(
        _("online consultation"),
        max_length=200,
        blank=True,
        validators=[URLValidator(schemes=["https"])],
        help_text=_("Address of the chat; it begins with https://."),
    )
    hotline_wait_is_fresh_for = models.DurationField(
        _("a waiting time is shown for"),
        default=timedelta(minutes=30),
        help_text=_("An older figure is not told to anybody."),
    )
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_until = models.TimeField(
        _("quiet until"),
        null=True,
        blank=True,
        help_text=_("On each customer's own clock: surveys wait, calm updates are not planned inside. Empty: never."),
    )
    contact_hours = models.JSONField(_("opening hours"), default=dict, blank=True)
    team_name = models.JSONField(_("customer team's name"), default=dict, blank=True)
    languages = models.JSONField(
        _("languages, in fallback order"), default=default_languages, help_text=_("The first one is the fallback.")
    )
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    sender_address = models.EmailField(_("sender address"), blank=True)
    reply_address = models.EmailField(
        _("reply mailbox"), blank=True, help_text=_("Replies of customers arrive here; somebody reads it.")
    )
    copy_addresses = models.JSONField(
        _("copies go to"),
        default=list,
        blank=True,
        help_text=_("Staff mailboxes that get a copy of every message, marked as a copy. One a line."),
    )
    is_demonstration = models.BooleanField(
        _("demonstration"), default=False, help_text=_("Sample company: mail can only go to this machine.")
    )
    contact_length = models.DurationField(
        _("length of a one-to-one contact"),
        default="00:20:00",
        help_text=_("Preparation, conversation and note together; says how many calls the team can hold."),
    )
    contact_hours_a_day = models.PositiveSmallIntegerField(_("hours a day one person can call"), default=8)
    test_recipients = models.JSONField(
        _("test recipients"),
        default=list,
        blank=True,
        help_text=_("The only addresses an exercise may write to."),
    )
    survey_minutes = models.PositiveSmallIntegerField(_("survey length (minutes)"), default=3)
    held_campaigns = models.JSONField(
        _("campaigns kept back from affected customers"),
        default=default_held_campaigns,
        blank=True,
        help_text=_("Names your marketing systems know; the hold list names them for each affected customer."),
    )
    brief_callback_within = models.DurationField(_("call back within"), default="04:00:00")

    call_attempts = models.PositiveSmallIntegerField(
        _("attempts before another way"),
        default=3,
        help_text=_("After so many calls in vain the customer is told another way."),
    )
    theme_alarm_count = models.PositiveSmallIntegerField(_("open questions of one theme that wake the lead"), default=5)

    class Meta:
        verbose_name = _("company")
        verbose_name_plural = _("company")
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="company_is_one_row"),
            models.CheckConstraint(
                condition=models.Q(quiet_from=None, quiet_until=None)
                | models.Q(quiet_from__isnull=False, quiet_until__isnull=False),
                name="quiet_hours_have_begin_and_end",
            ),
            models.CheckConstraint(
                condition=models.Q(chat_url="") | models.Q(chat_url__startswith="https://"), name="chat_is_https"
            ),
        ]

    def __str__(self) -> str:
        return str(self.name.get(self.fallback_language) or next(iter(self.name.values()), "") or "-")

    @property
    def fallback_language(self) -> str:
        """The language used where a text is missing in the customer's own."""
        return str(self.languages[0]) if self.languages else "en"
