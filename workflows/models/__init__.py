"""The memory of what was decided: one noun a file."""

from workflows.models.alert import Alert
from workflows.models.briefing import BriefAcknowledgement, QAEntry, StaffBrief
from workflows.models.outreach import CalendarFeed, ContactAttempt, OutreachTask
from workflows.models.plan import CommunicationPlan, PlanAudience, StandingApproval, UpdateSlot
from workflows.models.playbook import Playbook, PlaybookVersion
from workflows.models.review import Improvement, Review
from workflows.models.training import TrainingRecord

__all__ = [
    "Alert",
    "BriefAcknowledgement",
    "CalendarFeed",
    "CommunicationPlan",
    "ContactAttempt",
    "Improvement",
    "OutreachTask",
    "PlanAudience",
    "Playbook",
    "PlaybookVersion",
    "QAEntry",
    "Review",
    "StaffBrief",
    "StandingApproval",
    "TrainingRecord",
    "UpdateSlot",
]
