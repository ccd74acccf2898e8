"""The memory of what was decided: one noun a file."""

from workflows.models.alert import Alert
from workflows.models.briefing import BriefAcknowledgement, QAEntry, StaffBrief
from workflows.models.case import Case
from workflows.models.claim import Claim
from workflows.models.clock import ClockRun
from workflows.models.hold_list import HoldList
from workflows.models.link import IncidentLink
from workflows.models.outreach import CalendarFeed, ContactAttempt, OutreachTask
from workflows.models.party import PlanParty
from workflows.models.pause import RhythmPause
from workflows.models.plan import CommunicationPlan, PlanAudience, StandingApproval, UpdateSlot
from workflows.models.playbook import Playbook, PlaybookVersion
from workflows.models.press import PostComment, PressConference, PressEnquiry, SocialPost
from workflows.models.review import Improvement, Review
from workflows.models.training import TrainingRecord

__all__ = [
    "Alert",
    "BriefAcknowledgement",
    "CalendarFeed",
    "Case",
    "Claim",
    "ClockRun",
    "CommunicationPlan",
    "ContactAttempt",
    "HoldList",
    "Improvement",
    "IncidentLink",
    "OutreachTask",
    "PlanAudience",
    "PlanParty",
    "Playbook",
    "PlaybookVersion",
    "PostComment",
    "PressConference",
    "PressEnquiry",
    "QAEntry",
    "Review",
    "RhythmPause",
    "SocialPost",
    "StaffBrief",
    "StandingApproval",
    "TrainingRecord",
    "UpdateSlot",
]
