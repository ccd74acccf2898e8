"""Who does what: the duty roster of the company and the team of one incident."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents.enums import Role
from incidents.models.incident import Incident


class RosterEntry(models.Model):
    """Who holds a role now, and who stands in; copied into an incident's team when it is reported."""

    role = models.CharField(_("role"), max_length=24, choices=Role, unique=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("person"))
    deputy = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("deputy"), null=True, blank=True
    )

    class Meta:
        verbose_name = _("roster entry")
        verbose_name_plural = _("duty roster")
        constraints = [
            models.CheckConstraint(condition=~models.Q(deputy=models.F("user")), name="roster_deputy_is_another_person")
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()}: {self.user}"


class DutyShiftQuerySet(models.QuerySet["DutyShift"]):
    """Adjectives for shifts."""

    def running(self, now: datetime) -> "DutyShiftQuerySet":
        """Return the shifts that have begun and not ended."""
        return self.filter(starts_at__lte=now, ends_at__gt=now)


class DutyShift(models.Model):
    """Who is on duty for a role from when to when; outside of shifts the roster's holder is."""

    role = models.CharField(_("role"), max_length=24, choices=Role)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("person"))
    deputy = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("deputy"), null=True, blank=True
    )
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))

    objects = DutyShiftQuerySet.as_manager()

    class Meta:
        verbose_name = _("shift")
        verbose_name_plural = _("shifts")
        indexes = [models.Index(fields=["ends_at", "role"])]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="shift_ends_after_start"
            ),
            models.CheckConstraint(condition=~models.Q(deputy=models.F("user")), name="shift_deputy_is_another_person"),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()}: {self.user}"


class TeamAssignment(models.Model):
    """One role in one incident, with its holder and deputy; approvals are checked against it by the database."""

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="team", verbose_name=_("incident"))
    role = models.CharField(_("role"), max_length=24, choices=Role)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="assignments", verbose_name=_("person")
    )
    deputy = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="deputy_assignments",
        verbose_name=_("deputy"),
        null=True,
        blank=True,
    )

    class Meta:
        verbose_name = _("team member")
        verbose_name_plural = _("team")
        constraints = [
            models.UniqueConstraint(fields=["incident", "role"], name="one_holder_per_role"),
            models.CheckConstraint(condition=~models.Q(deputy=models.F("user")), name="team_deputy_is_another_person"),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()}: {self.user}"
