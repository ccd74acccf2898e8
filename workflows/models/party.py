"""Who else must hear it: audiences that are no customers, each with a text of its own at each stage."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents.enums import Role
from notifications.enums import ChannelName, MessageKind
from workflows.enums import Party
from workflows.models.plan import CommunicationPlan

STAGES = [
    (kind.value, kind.label) for kind in (MessageKind.FIRST_NOTICE, MessageKind.PROGRESS_UPDATE, MessageKind.RESOLUTION)
]


class PlanParty(models.Model):
    """One cell of the plan's matrix: a party at a stage, by which channel, whose work, and due when.

    `due_interval` counts from the declaration; a stage without one is due with the customers' message of that stage.
    The text is a message whose audience names party and stage; where it stands follows from that message.
    """

    plan = models.ForeignKey(CommunicationPlan, models.CASCADE, related_name="parties", verbose_name=_("plan"))
    party = models.CharField(_("audience"), max_length=12, choices=Party)
    stage = models.CharField(_("stage"), max_length=24, choices=STAGES)
    channel = models.CharField(_("channel"), max_length=20, choices=ChannelName)
    owner_role = models.CharField(_("owner's role"), max_length=24, choices=Role)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("owner"), null=True, blank=True
    )
    due_interval = models.DurationField(_("due after the declaration"), null=True, blank=True)
    is_needed = models.BooleanField(_("needed"), default=True)
    reason = models.CharField(_("why it is not needed"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("other audience of the plan")
        verbose_name_plural = _("other audiences of the plan")
        constraints = [models.UniqueConstraint(fields=["plan", "party", "stage"], name="one_cell_per_party_and_stage")]

    def __str__(self) -> str:
        return f"{self.get_party_display()}: {self.get_stage_display()}"
