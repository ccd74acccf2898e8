"""The memory of what was carried: one noun a file."""

from notifications.models.delivery import Delivery, ProviderEvent, Suppression
from notifications.models.emergency import EmergencyApproval
from notifications.models.message import Approval, ApprovalRequirement, Message, MessageRevision
from notifications.models.notice import StaffNotice, WebhookEndpoint
from notifications.models.objection import Objection
from notifications.models.page import PagePost
from notifications.models.request_count import RequestCount
from notifications.models.translation import LanguageApproval

__all__ = [
    "Approval",
    "ApprovalRequirement",
    "Delivery",
    "EmergencyApproval",
    "LanguageApproval",
    "Message",
    "MessageRevision",
    "Objection",
    "PagePost",
    "ProviderEvent",
    "RequestCount",
    "StaffNotice",
    "Suppression",
    "WebhookEndpoint",
]
