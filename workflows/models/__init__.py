"""The memory of what was decided: one noun a file."""

from workflows.models.alert import Alert
from workflows.models.briefing import BriefAcknowledgement, QAEntry, StaffBrief
from workflows.models.outreach import OutreachTask
from workflows.models.plan import CommunicationPlan, PlanAudience, StandingApproval, UpdateSlot
from workflows.models.playbook import Playbook, PlaybookVersion
from workflows.models.review import Improvement, Review

__all__ = [
    "Alert",
    "BriefAcknowledgement",
    "CommunicationPlan",
    "Improvement",
    "OutreachTask",
    "PlanAudience",
    "Playbook",
    "PlaybookVersion",
    "QAEntry",
    "Review",
    "StaffBrief",
    "StandingApproval",
    "UpdateSlot",
]
