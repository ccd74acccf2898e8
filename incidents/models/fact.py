"""Facts, written once, and the fact sheet revisions that a second person confirms."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents.enums import FactStatus, Sensitivity
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
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    version = models.PositiveIntegerField(_("version"), default=0)
    is_answered = models.BooleanField(_("answered"), default=False, help_text=_("Set, or marked unknown on purpose."))
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("changed by"), null=True, blank=True
    )
    updated_at = models.DateTimeField(_("changed"), null=True, blank=True)

    class Meta:
        verbose_name = _("fact")
        verbose_name_plural = _("facts")
        constraints = [models.UniqueConstraint(fields=["incident", "key"], name="one_fact_per_key")]

    def __str__(self) -> str:
        return self.key


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
