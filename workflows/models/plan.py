"""The communication plan of one incident: a frozen copy of its playbooks, and who hears what, how and when."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents.enums import Tier
from incidents.models import Incident
from workflows.enums import PlanState, SlotState
from workflows.models.playbook import PlaybookVersion


class CommunicationPlan(models.Model):
    """A frozen copy of the playbook(s) for one incident, edited for it and approved by another person.

    `content` is the merged playbook copy (gates, approvals, facts, templates, matrix, remedies …); gates and
    templates of the incident are read from here only.
    """

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="plans", verbose_name=_("incident"))
    version = models.PositiveIntegerField(_("version"))
    state = models.CharField(_("state"), max_length=10, choices=PlanState, default=PlanState.DRAFT)
    playbook = models.ForeignKey(PlaybookVersion, models.PROTECT, related_name="+", verbose_name=_("playbook"))
    relationship_playbook = models.ForeignKey(
        PlaybookVersion,
        models.PROTECT,
        related_name="+",
        verbose_name=_("relationship playbook"),
        null=True,
        blank=True,
    )
    content = models.JSONField(_("frozen playbook"))
    objective = models.TextField(_("objective"), blank=True)
    key_messages = models.TextField(_("key messages"), blank=True, help_text=_("One a line."))
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("owner"), null=True, blank=True
    )
    grants_standing_approval = models.BooleanField(
        _("approves progress updates beforehand"),
        default=False,
        help_text=_(
            "Updates rendered only from the approved template and the confirmed fact sheet go out by themselves."
        ),
    )
    allows_no_change_update = models.BooleanField(
        _("without a standing approval, the “no change” text goes out rather than silence"), default=True
    )
    once_per_address = models.BooleanField(_("one copy for each address"), default=True)
    once_per_account = models.BooleanField(_("one copy for each account or household"), default=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("drafted by"), null=True, blank=True
    )
    created_at = models.DateTimeField(_("drafted"))
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("approved by"), null=True, blank=True
    )
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True)
    change_reason = models.TextField(_("why it changed"), blank=True)

    class Meta:
        verbose_name = _("communication plan")
        verbose_name_plural = _("communication plans")
        constraints = [
            models.UniqueConstraint(fields=["incident", "version"], name="one_plan_per_version"),
            models.UniqueConstraint(
                fields=["incident"], condition=~models.Q(state="superseded"), name="one_current_plan_per_incident"
            ),
            models.CheckConstraint(
                condition=models.Q(approved_by=None) | ~models.Q(approved_by=models.F("created_by")),
                name="plan_approved_by_another_person",
            ),
        ]
        permissions = [("approve_plan", _("Can approve a communication plan"))]

    def __str__(self) -> str:
        return f"{self.incident.reference} v{self.version}"


class PlanAudience(models.Model):
    """One tier's row of the plan: channels for first contact and updates, cadence, owner. Intervals are durations."""

    plan = models.ForeignKey(CommunicationPlan, models.CASCADE, related_name="audiences", verbose_name=_("plan"))
    tier = models.PositiveSmallIntegerField(_("tier"), choices=Tier)
    first_channels = models.JSONField(_("first contact, in order"))
    update_channels = models.JSONField(_("updates"))
    fallback_channels = models.JSONField(_("fallback"), default=list, blank=True)
    first_contact_interval = models.DurationField(_("first contact within"))
    update_interval = models.DurationField(_("update every"))
    written_confirmation_interval = models.DurationField(_("written confirmation within"), null=True, blank=True)
    survey_interval = models.DurationField(_("survey after resolution"), null=True, blank=True)
    check_interval = models.DurationField(_("first check after resolution"), null=True, blank=True)
    aftercare = models.JSONField(
        _("care after the resolution"),
        default=list,
        blank=True,
        help_text=_("When each customer is asked how they are, counted from the resolution (P30D)."),
    )
    needs_prep_sheet = models.BooleanField(_("preparation sheet required"), default=False)
    owner_role = models.CharField(_("owner's role"), max_length=24)

    class Meta:
        verbose_name = _("audience of the plan")
        verbose_name_plural = _("audiences of the plan")
        constraints = [models.UniqueConstraint(fields=["plan", "tier"], name="one_plan_audience_per_tier")]

    def __str__(self) -> str:
        return self.get_tier_display()


class UpdateSlot(models.Model):
    """One promised update of one tier: unique number, the promised time, and when work on it must begin."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="slots", verbose_name=_("incident"))
    tier = models.PositiveSmallIntegerField(_("tier"), choices=Tier)
    number = models.PositiveIntegerField(_("number"))
    promised_at = models.DateTimeField(_("promised"))
    opens_at = models.DateTimeField(_("work begins"))
    state = models.CharField(_("state"), max_length=10, choices=SlotState, default=SlotState.PROMISED)
    promised_to = models.PositiveIntegerField(_("promised to (customers)"), default=0)
    promised_in = models.ForeignKey(
        "notifications.Message",
        models.PROTECT,
        related_name="promised_slots",
        verbose_name=_("promised in"),
        null=True,
        blank=True,
    )
    message = models.ForeignKey(
        "notifications.Message", models.PROTECT, related_name="slots", verbose_name=_("message"), null=True, blank=True
    )
    opened_at = models.DateTimeField(_("opened"), null=True, blank=True)
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)

    class Meta:
        verbose_name = _("promised update")
        verbose_name_plural = _("promised updates")
        constraints = [models.UniqueConstraint(fields=["incident", "tier", "number"], name="one_slot_per_number")]
        indexes = [
            models.Index(fields=["opens_at"], condition=models.Q(state="promised"), name="slots_waiting"),
            models.Index(fields=["promised_at"], condition=models.Q(state="open"), name="slots_open"),
        ]

    def __str__(self) -> str:
        return f"{self.incident_id} T{self.tier} #{self.number}"


class StandingApproval(models.Model):
    """What the plan's approver allowed beforehand: updates from exactly this template and any confirmed fact sheet."""

    plan = models.ForeignKey(
        CommunicationPlan, models.PROTECT, related_name="standing_approvals", verbose_name=_("plan")
    )
    message_kind = models.CharField(_("kind"), max_length=24)
    template_sha256 = models.CharField(_("template's digest"), max_length=64)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("granted by")
    )
    granted_at = models.DateTimeField(_("granted"))
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        verbose_name = _("standing approval")
        verbose_name_plural = _("standing approvals")

    def __str__(self) -> str:
        return f"{self.plan} {self.message_kind}"
