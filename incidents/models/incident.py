"""The incident: the central noun, kept small."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, FSMModelMixin, transition

from incidents.enums import ResponsibilityCluster, Severity
from incidents.phases import BACK, LIVE, Phase


class IncidentQuerySet(models.QuerySet["Incident"]):
    """Adjectives for incidents."""

    def live(self) -> "IncidentQuerySet":
        """Return the incidents that are neither closed nor cancelled."""
        return self.filter(phase__in=LIVE)

    def candidates(self) -> "IncidentQuerySet":
        """Return what was reported and waits for a person: neither declared nor dismissed."""
        return self.filter(phase=Phase.IDENTIFY, declared_at=None)

    def dismissed(self) -> "IncidentQuerySet":
        """Return the reports that were no incident; the reason stands in their phase change."""
        return self.filter(phase=Phase.CANCELLED, declared_at=None)


class Incident(FSMModelMixin, models.Model):
    """Something that went wrong and must be told; its phase changes only through `incidents.lifecycle`."""

    reference = models.CharField(_("reference"), max_length=20, unique=True)
    title = models.CharField(_("working title"), max_length=200)
    type = models.SlugField(_("incident type"), max_length=60, blank=True)
    subtype = models.SlugField(_("subtype"), max_length=60, blank=True)
    relationship_type = models.SlugField(_("relationship type"), max_length=60, blank=True)
    severity = models.CharField(_("severity"), max_length=4, choices=Severity, blank=True)
    responsibility_cluster = models.CharField(
        _("responsibility cluster"), max_length=20, choices=ResponsibilityCluster, blank=True
    )
    responsibility_accepted = models.BooleanField(_("responsibility accepted"), default=False)
    phase = FSMField(_("phase"), max_length=10, choices=Phase.choices, default=Phase.IDENTIFY, protected=True)
    impact_started_at = models.DateTimeField(_("impact started"), null=True, blank=True)
    detected_at = models.DateTimeField(_("detected"), null=True, blank=True)
    detection_source = models.CharField(_("detection source"), max_length=100, blank=True)
    declared_at = models.DateTimeField(_("declared"), null=True, blank=True)
    resolved_at = models.DateTimeField(_("resolved"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    phase_entered_at = models.DateTimeField(_("phase entered"))
    lead = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("lead"), null=True, blank=True, related_name="led"
    )
    jurisdictions = models.JSONField(_("jurisdictions"), default=list, blank=True)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, verbose_name=_("merged into"), null=True, blank=True, editable=False, related_name="+"
    )
    is_drill = models.BooleanField(_("exercise"), default=False)
    is_embargoed = models.BooleanField(
        _("embargoed"), default=False, help_text=_("Seen by its team and the people let in, by nobody else.")
    )
    insiders = models.ManyToManyField(
        settings.AUTH_USER_MODEL, verbose_name=_("let in besides the team"), related_name="+", blank=True
    )
    is_safety_warning = models.BooleanField(_("safety warning to all at once"), default=False)
    needs_individual_notice = models.BooleanField(_("statutory individual notice"), default=False)
    is_market_first = models.BooleanField(_("market disclosure first"), default=False)
    market_disclosed_at = models.DateTimeField(_("disclosed to the market"), null=True, blank=True)
    is_on_hold = models.BooleanField(_("sending stopped"), default=False)
    hold_reason = models.CharField(_("reason of the stop"), max_length=300, blank=True)
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("reported by"), null=True, related_name="reported"
    )
    created_at = models.DateTimeField(_("reported"))

    objects = IncidentQuerySet.as_manager()

    class Meta:
        verbose_name = _("incident")
        verbose_name_plural = _("incidents")
        indexes = [
            models.Index(fields=["phase", "-created_at"]),
            models.Index(fields=["is_embargoed"], condition=models.Q(is_embargoed=True), name="incidents_embargoed"),
        ]
        permissions = [
            ("declare_incident", _("Can declare an incident")),
            ("move_phase", _("Can move an incident to another phase")),
            ("waive_gate", _("Can waive a gate with a reason")),
            ("stop_sending", _("Can stop and resume sending")),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"

    @property
    def is_live(self) -> bool:
        """Whether the incident is neither closed nor cancelled."""
        return self.phase in LIVE

    @property
    def is_candidate(self) -> bool:
        """Whether it was only reported so far."""
        return self.phase == Phase.IDENTIFY and self.declared_at is None

    @transition(field=phase, source=Phase.IDENTIFY, target=Phase.ANALYZE)
    def start_analysis(self) -> None:
        """Forward: what happened is named."""

    @transition(field=phase, source=Phase.ANALYZE, target=Phase.PLAN)
    def start_planning(self) -> None:
        """Forward: the facts and the affected customers are known well enough."""

    @transition(field=phase, source=Phase.PLAN, target=Phase.EXECUTE)
    def start_execution(self) -> None:
        """Forward: the plan is approved and speaks."""

    @transition(field=phase, source=Phase.EXECUTE, target=Phase.FOLLOW_UP)
    def start_follow_up(self) -> None:
        """Forward: solved, and every affected customer was told."""

    @transition(field=phase, source=Phase.FOLLOW_UP, target=Phase.EVALUATE)
    def start_evaluation(self) -> None:
        """Forward: promises are kept and customers were asked."""

    @transition(field=phase, source=Phase.EVALUATE, target=Phase.CLOSED)
    def close(self) -> None:
        """Forward: reviewed; improvements have owners."""

    @transition(field=phase, source=[p.value for p in BACK[Phase.ANALYZE]], target=Phase.ANALYZE)
    def return_to_analysis(self) -> None:
        """Back: a new cause or a wider scope."""

    @transition(field=phase, source=[p.value for p in BACK[Phase.PLAN]], target=Phase.PLAN)
    def return_to_planning(self) -> None:
        """Back: the plan must change."""

    @transition(field=phase, source=[p.value for p in BACK[Phase.EXECUTE]], target=Phase.EXECUTE)
    def return_to_execution(self) -> None:
        """Back: a relapse."""

    @transition(field=phase, source=[p.value for p in BACK[Phase.IDENTIFY]], target=Phase.IDENTIFY)
    def return_to_identification(self) -> None:
        """Back: the type was wrong."""

    @transition(field=phase, source=[p.value for p in BACK[Phase.CANCELLED]], target=Phase.CANCELLED)
    def cancel(self) -> None:
        """Out: a false alarm."""
