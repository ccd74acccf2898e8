"""What staff are told first, and the answers everybody gives."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents.models import FactSheet, Incident
from workflows.enums import BriefState


class StaffBrief(models.Model):
    """The line to take, drawn from one fact sheet; `content` is `{language: {subject, sections, do, do_not, …}}`.

    `quiz` is a list of `{question, right, wrong}`, each with texts per language; `wrong` is a list of them.
    """

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="briefs", verbose_name=_("incident"))
    version = models.PositiveIntegerField(_("version"))
    fact_sheet = models.ForeignKey(FactSheet, models.PROTECT, related_name="+", verbose_name=_("fact sheet"))
    content = models.JSONField(_("content"))
    quiz = models.JSONField(_("quiz"), default=list, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=BriefState, default=BriefState.DRAFT)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("written by"))
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("approved by"), null=True, blank=True
    )
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True)
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)
    created_at = models.DateTimeField(_("written"))

    class Meta:
        verbose_name = _("staff brief")
        verbose_name_plural = _("staff briefs")
        constraints = [
            models.UniqueConstraint(fields=["incident", "version"], name="one_brief_per_version"),
            models.CheckConstraint(
                condition=models.Q(approved_by=None) | ~models.Q(approved_by=models.F("author")),
                name="brief_approved_by_another_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.incident.reference} v{self.version}"


class BriefAcknowledgement(models.Model):
    """A member of front-line staff who must read a brief, and when they did."""

    brief = models.ForeignKey(StaffBrief, models.CASCADE, related_name="acknowledgements", verbose_name=_("brief"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="brief_acknowledgements", verbose_name=_("person")
    )
    asked_at = models.DateTimeField(_("asked"), null=True, blank=True)
    acknowledged_at = models.DateTimeField(_("acknowledged"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts at the quiz"), default=0)
    first_score = models.DecimalField(_("score at first"), max_digits=3, decimal_places=2, null=True, blank=True)

    class Meta:
        verbose_name = _("acknowledgement of a brief")
        verbose_name_plural = _("acknowledgements of briefs")
        constraints = [models.UniqueConstraint(fields=["brief", "user"], name="one_acknowledgement_per_person")]

    def __str__(self) -> str:
        return f"{self.brief_id} {self.user_id}"


class QAEntry(models.Model):
    """One approved answer; texts are per language, Liquid source of the playbook or edited."""

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="qa_entries", verbose_name=_("incident"))
    key = models.SlugField(_("key"), max_length=60)
    question = models.JSONField(_("question"), default=dict)
    answer = models.JSONField(_("answer"), default=dict)
    state = models.CharField(_("state"), max_length=10, choices=BriefState, default=BriefState.DRAFT)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("written by"), null=True, blank=True
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("approved by"), null=True, blank=True
    )
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True)
    fact_sheet = models.ForeignKey(
        FactSheet,
        models.PROTECT,
        related_name="+",
        verbose_name=_("approved with the fact sheet"),
        null=True,
        blank=True,
    )

    class Meta:
        verbose_name = _("Q&A entry")
        verbose_name_plural = _("Q&A bank")
        constraints = [
            models.UniqueConstraint(fields=["incident", "key"], name="one_answer_per_key"),
            models.CheckConstraint(
                condition=models.Q(approved_by=None) | ~models.Q(approved_by=models.F("author")),
                name="answer_approved_by_another_person",
            ),
        ]

    def __str__(self) -> str:
        return self.key
