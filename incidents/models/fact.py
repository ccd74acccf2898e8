"""Facts, written once, and the fact sheet revisions that a second person confirms."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents.enums import FactStatus, Sensitivity, WithholdingReason
from incidents.models.incident import Incident


class Fact(models.Model):
    """One line of the fact sheet.

    `value` maps a language to its text (`{"en": …, "zh": …}`) for texts; a value that reads the same in every
    language (number, ISO 8601 date and time in UTC, yes/no, choice id) stands under the key `""`.
    """

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="facts", verbose_name=_("incident"))
    key = models.CharField(_("key"), max_length=80)
    type = models.CharField(_("type"), max_length=16)
    label = models.JSONField(_("label"), default=dict)
    value = models.JSONField(_("value"), default=dict, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=FactStatus, default=FactStatus.UNKNOWN)
    source = models.CharField(_("source"), max_length=200, blank=True)
    sensitivity = models.CharField(_("sensitivity"), max_length=10, choices=Sensitivity, default=Sensitivity.INTERNAL)
    is_publishable = models.BooleanField(_("may appear in a customer message"), default=True)
    needed_by = models.CharField(_("needed by"), max_length=10)
    affects_customer = models.BooleanField(
        _("affects customers"), default=False, help_text=_("Customers need it to act: it is never withheld.")
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    version = models.PositiveIntegerField(_("version"), default=0)
    corrected_in = models.PositiveIntegerField(
        _("last corrected in version"), default=0, help_text=_("What was told before that version was wrong.")
    )
    stale_languages = models.JSONField(_("translations behind their source"), default=list, blank=True)
    is_answered = models.BooleanField(_("answered"), default=False, help_text=_("Set, or marked unknown on purpose."))
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("changed by"), null=True, blank=True
    )
    updated_at = models.DateTimeField(_("changed"), null=True, blank=True)

    class Meta:
        verbose_name = _("fact")
        verbose_name_plural = _("facts")
        constraints = [
            models.UniqueConstraint(fields=["incident", "key"], name="one_fact_per_key"),
            models.CheckConstraint(
                condition=models.Q(affects_customer=False) | models.Q(is_publishable=True),
                name="what_affects_customers_is_never_withheld",
            ),
        ]

    def __str__(self) -> str:
        return self.key


class FactVersion(models.Model):
    """A value a fact once had: every change is kept, so that an estimate's history can be shown and measured."""

    fact = models.ForeignKey(Fact, models.PROTECT, related_name="versions", verbose_name=_("fact"))
    version = models.PositiveIntegerField(_("version"))
    value = models.JSONField(_("value"), default=dict, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=FactStatus)
    source = models.CharField(_("source"), max_length=200, blank=True)
    is_news = models.BooleanField(_("right when it was said"), default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("earlier value")
        verbose_name_plural = _("history of facts")
        constraints = [models.UniqueConstraint(fields=["fact", "version"], name="one_value_per_version")]

    def __str__(self) -> str:
        return f"{self.fact} v{self.version}"


class WithholdingQuerySet(models.QuerySet["Withholding"]):
    """Adjectives for withheld facts."""

    def in_force(self) -> "WithholdingQuerySet":
        """Return those approved and not lifted."""
        return self.filter(approved_at__isnull=False, lifted_at=None)

    def due_for_review(self, now: datetime) -> "WithholdingQuerySet":
        """Return those in force whose review date has come."""
        return self.in_force().filter(review_at__lte=now)


class Withholding(models.Model):
    """Why a fact is kept from customers, who asked, who else approved it, and when it is looked at again."""

    fact = models.ForeignKey(Fact, models.PROTECT, related_name="withholdings", verbose_name=_("fact"))
    reason = models.CharField(_("ground"), max_length=16, choices=WithholdingReason)
    explanation = models.TextField(_("why"))
    review_at = models.DateTimeField(_("looked at again"))
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("asked by"))
    asked_at = models.DateTimeField(_("asked"))
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("approved by"), null=True, blank=True
    )
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("lifted by"), null=True, blank=True
    )
    lifted_at = models.DateTimeField(_("lifted"), null=True, blank=True)

    objects = WithholdingQuerySet.as_manager()

    class Meta:
        verbose_name = _("withheld fact")
        verbose_name_plural = _("withheld facts")
        constraints = [
            models.UniqueConstraint(
                fields=["fact"], condition=models.Q(lifted_at=None), name="one_open_withholding_per_fact"
            ),
            models.CheckConstraint(
                condition=models.Q(approved_by=None) | ~models.Q(approved_by=models.F("asked_by")),
                name="withholding_approved_by_another_person",
            ),
            models.CheckConstraint(
                condition=models.Q(approved_by=None, approved_at=None)
                | models.Q(approved_by__isnull=False, approved_at__isnull=False),
                name="withholding_approval_is_whole",
            ),
            models.CheckConstraint(condition=~models.Q(explanation=""), name="withholding_has_a_reason"),
            models.CheckConstraint(
                condition=models.Q(review_at__gt=models.F("asked_at")), name="withholding_is_looked_at_again"
            ),
        ]
        indexes = [
            models.Index(
                fields=["review_at"],
                condition=models.Q(lifted_at=None, approved_at__isnull=False),
                name="withholdings_by_review",
            )
        ]
        permissions = [("approve_withholding", _("Can approve and review a withheld fact"))]

    def __str__(self) -> str:
        return f"{self.fact}: {self.get_reason_display()}"


class FactSheet(models.Model):
    """One revision of an incident's fact sheet: all facts as they stood, frozen; confirmed by a second person.

    `content` maps a key to `{"value": …, "status": …, "source": …, "is_publishable": …, "type": …}`.
    """

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="fact_sheets", verbose_name=_("incident"))
    version = models.PositiveIntegerField(_("version"))
    content = models.JSONField(_("content"))
    sha256 = models.CharField(_("digest"), max_length=64)
    change_note = models.JSONField(_("what changed"), default=dict, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("written by")
    )
    created_at = models.DateTimeField(_("written"))
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("confirmed by"), null=True
    )
    confirmed_at = models.DateTimeField(_("confirmed"), null=True)

    class Meta:
        verbose_name = _("fact sheet")
        verbose_name_plural = _("fact sheets")
        constraints = [
            models.UniqueConstraint(fields=["incident", "version"], name="one_fact_sheet_per_version"),
            models.CheckConstraint(
                condition=models.Q(confirmed_by=None) | ~models.Q(confirmed_by=models.F("created_by")),
                name="fact_sheet_confirmed_by_another_person",
            ),
            models.CheckConstraint(
                condition=models.Q(confirmed_by=None, confirmed_at=None)
                | models.Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
                name="fact_sheet_confirmation_is_whole",
            ),
        ]
        permissions = [("confirm_factsheet", _("Can confirm a fact sheet"))]

    def __str__(self) -> str:
        return f"v{self.version}"


class Unknown(models.Model):
    """An open question of the team, with an owner and a due time."""

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="unknowns", verbose_name=_("incident"))
    text = models.TextField(_("what is not known"))
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("owner"), null=True, blank=True
    )
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    resolved_at = models.DateTimeField(_("resolved"), null=True, blank=True)
    created_at = models.DateTimeField(_("noted"))

    class Meta:
        verbose_name = _("unknown")
        verbose_name_plural = _("unknowns")

    def __str__(self) -> str:
        return self.text
