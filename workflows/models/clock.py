"""Legal and contractual deadlines that run."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents.models import Incident
from incidents.phases import LIVE
from workflows.enums import ClockState


class ClockRunQuerySet(models.QuerySet["ClockRun"]):
    """Adjectives for clocks."""

    def running(self) -> "ClockRunQuerySet":
        """Return the clocks that nobody has met or stopped, of incidents that are not over."""
        return self.filter(state=ClockState.RUNNING, incident__phase__in=LIVE)

    def soonest(self) -> "ClockRunQuerySet":
        """Order by deadline; what has no number waits behind."""
        return self.order_by(models.F("due_at").asc(nulls_last=True), "pk")


class ClockRun(models.Model):
    """One clock of one incident in one place: met with a receipt, or stopped with a reason and a second person's word.

    `starts_at` is empty while the clock waits for another one to be met; `due_at` is empty while it waits and where
    neither the law nor the house has a number. `ticked` holds the numbers of the content items that were sent.
    """

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="clock_runs", verbose_name=_("incident"))
    clock = models.SlugField(_("clock"), max_length=60)
    jurisdiction = models.CharField(_("jurisdiction"), max_length=60)
    state = models.CharField(_("state"), max_length=8, choices=ClockState, default=ClockState.RUNNING)
    answer = models.CharField(_("answer of the screening"), max_length=8)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("owner"), null=True, blank=True
    )
    starts_at = models.DateTimeField(_("started"), null=True, blank=True)
    due_at = models.DateTimeField(_("deadline"), null=True, blank=True)
    is_house_target = models.BooleanField(_("the house's own target: the law has no number"), default=False)
    ticked = models.JSONField(_("content that was sent"), default=list, blank=True)
    note = models.TextField(_("note"), blank=True)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("done by"), null=True, blank=True
    )
    receipt = models.CharField(_("receipt"), max_length=300, blank=True)
    stop_reason = models.TextField(_("why it should stop"), blank=True)
    stop_asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("asked by"), null=True, blank=True
    )
    stopped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("stopped by"), null=True, blank=True
    )
    stopped_at = models.DateTimeField(_("stopped"), null=True, blank=True)
    created_at = models.DateTimeField(_("screened"))

    objects = ClockRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("legal clock")
        verbose_name_plural = _("legal clocks")
        constraints = [
            models.UniqueConstraint(fields=["incident", "clock", "jurisdiction"], name="one_run_per_clock_and_place"),
            models.CheckConstraint(
                condition=~models.Q(state=ClockState.DONE) | ~models.Q(receipt=""), name="a_clock_is_met_with_a_receipt"
            ),
            models.CheckConstraint(
                condition=~models.Q(state=ClockState.STOPPED)
                | (
                    ~models.Q(stop_reason="")
                    & models.Q(stop_asked_by__isnull=False, stopped_by__isnull=False)
                    & ~models.Q(stopped_by=models.F("stop_asked_by"))
                ),
                name="a_clock_is_stopped_by_another_person",
            ),
        ]
        indexes = [models.Index(fields=["due_at"], condition=models.Q(state="running"), name="clocks_running")]
        permissions = [("stop_clock", _("Can agree that a legal clock stops"))]

    def __str__(self) -> str:
        return f"{self.clock} · {self.jurisdiction}"

    def is_overdue(self, now: datetime) -> bool:
        """Whether the deadline has passed and nobody met it."""
        return self.state == ClockState.RUNNING and self.due_at is not None and self.due_at < now
