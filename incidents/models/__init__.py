"""The memory of incidents: one noun a file."""

from incidents.models.action import Action
from incidents.models.api_token import ApiRequest, ApiToken
from incidents.models.chat import ChatTranscript
from incidents.models.commitment import Commitment
from incidents.models.company import Company
from incidents.models.cost import CostItem
from incidents.models.customer import ContactPoint, Customer
from incidents.models.customer_file import CustomerFile
from incidents.models.exclusion import Exclusion
from incidents.models.fact import Fact, FactSheet, FactVersion, Unknown, Withholding
from incidents.models.feedback import Feedback, RemedyChoice, RemedyLimit, RemedyOption, SurveyResponse
from incidents.models.heartbeat import Heartbeat
from incidents.models.history import AuditEvent, Decision, Evidence, GateWaiver, PhaseTransition, TimelineEntry
from incidents.models.hotline import HotlineWait
from incidents.models.impact import Impact
from incidents.models.incident import Incident
from incidents.models.outcome import CustomerOutcome
from incidents.models.segment import Segment
from incidents.models.signal import Signal, SignalThreshold
from incidents.models.team import DutyShift, RosterEntry, TeamAssignment
from incidents.models.user import User

__all__ = [
    "Action",
    "ApiRequest",
    "ApiToken",
    "AuditEvent",
    "ChatTranscript",
    "Commitment",
    "Company",
    "ContactPoint",
    "CostItem",
    "Customer",
    "CustomerFile",
    "CustomerOutcome",
    "Decision",
    "DutyShift",
    "Evidence",
    "Exclusion",
    "Fact",
    "FactSheet",
    "FactVersion",
    "Feedback",
    "GateWaiver",
    "Heartbeat",
    "HotlineWait",
    "Impact",
    "Incident",
    "PhaseTransition",
    "RemedyChoice",
    "RemedyLimit",
    "RemedyOption",
    "RosterEntry",
    "Segment",
    "Signal",
    "SignalThreshold",
    "SurveyResponse",
    "TeamAssignment",
    "TimelineEntry",
    "Unknown",
    "User",
    "Withholding",
]
