"""Words of the carrying side: kinds and states of messages, channels and outcomes of deliveries."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class MessageKind(models.TextChoices):
    """What a message is for."""

    HOLDING_STATEMENT = "holding_statement", _("Holding statement")
    FIRST_NOTICE = "first_notice", _("First notice")
    PROGRESS_UPDATE = "progress_update", _("Progress update")
    CORRECTION = "correction", _("Correction")
    RESOLUTION = "resolution", _("Resolution notice")
    LAST_WORD = "last_word", _("Last word after a false alarm")
    FOLLOW_UP_SURVEY = "follow_up_survey", _("Follow-up and survey")
    PARTY_NOTICE = "party_notice", _("Text for another audience")
    PRESS_RELEASE = "press_release", _("Press release")
    SOCIAL_POST = "social_post", _("Social media post")


# Kinds a customer may do without; all others are essential notices and carry no unsubscribe line.
OPTIONAL = frozenset({MessageKind.PROGRESS_UPDATE, MessageKind.FOLLOW_UP_SURVEY})

# What nobody was promised and nobody needs at night: it waits for the end of a customer's quiet hours.
CAN_WAIT = frozenset({MessageKind.FOLLOW_UP_SURVEY})

# Texts that people carry themselves: approved like any other, never frozen into deliveries.
HANDED_OVER = frozenset({MessageKind.PARTY_NOTICE, MessageKind.PRESS_RELEASE, MessageKind.SOCIAL_POST})


class MessageState(models.TextChoices):
    """Where a message stands between the first word and the last delivery."""

    DRAFT = "draft", _("Draft")
    IN_REVIEW = "in_review", _("In review")
    APPROVED = "approved", _("Approved")
    SCHEDULED = "scheduled", _("Scheduled")
    SENDING = "sending", _("Sending")
    SENT = "sent", _("Sent")
    CANCELLED = "cancelled", _("Cancelled")
    SUPERSEDED = "superseded", _("Superseded")
    EXPIRED = "expired", _("Expired")


EDITABLE = frozenset({MessageState.DRAFT, MessageState.IN_REVIEW, MessageState.APPROVED})
RELEASED = frozenset({MessageState.SENDING, MessageState.SENT})


class ChannelName(models.TextChoices):
    """Channels of the playbooks; which class carries one is said by settings.CRISISCOMM_CHANNELS."""

    IN_PERSON = "in_person", _("In-person visit")
    PHONE = "phone", _("Telephone call")
    VIDEO = "video", _("Video call")
    EMAIL_PERSONAL = "email_personal", _("Personal e-mail")
    EMAIL_BULK = "email_bulk", _("Bulk e-mail")
    SMS = "sms", _("SMS")
    MESSENGER = "messenger", _("Messenger")
    IN_APP = "in_app", _("In-app notice")
    WEBSITE_NOTICE = "website_notice", _("Website notice")
    STATUS_PAGE = "status_page", _("Status page")
    DARK_SITE = "dark_site", _("Dark site")
    SOCIAL_POST = "social_post", _("Social media post")
    OFFICIAL_STATEMENT = "official_statement", _("Official statement")
    PRESS_RELEASE = "press_release", _("Press release")
    PRESS_CONFERENCE = "press_conference", _("Press conference")
    HOTLINE = "hotline", _("Hotline")
    ONLINE_CHAT = "online_chat", _("Online chat")
    LETTER = "letter", _("Letter")


class DeliveryStatus(models.TextChoices):
    """The fate of one delivery; every row ends in exactly one final status."""

    QUEUED = "queued", _("Queued")
    SENDING = "sending", _("Sending")
    ACCEPTED = "accepted", _("Accepted")
    DELIVERED = "delivered", _("Delivered")
    ACKNOWLEDGED = "acknowledged", _("Acknowledged")
    RETRY = "retry", _("Waiting to be tried again")
    FAILED = "failed", _("Failed")
    UNCERTAIN = "uncertain", _("Uncertain")
    SUPPRESSED = "suppressed", _("Suppressed")
    SUPERSEDED = "superseded", _("Superseded")
    EXPIRED = "expired", _("Expired")
    CANCELLED = "cancelled", _("Cancelled")


WAITING = (DeliveryStatus.QUEUED, DeliveryStatus.RETRY)
REACHED = (DeliveryStatus.ACCEPTED, DeliveryStatus.DELIVERED, DeliveryStatus.ACKNOWLEDGED)


class FailureCode(models.TextChoices):
    """Why a delivery did not arrive, in our words; providers' words are translated at the edge."""

    NONE = "", _("None")
    NO_ADDRESS = "no_address", _("No address")
    INVALID_ADDRESS = "invalid_address", _("Invalid address")
    MAILBOX_UNKNOWN = "mailbox_unknown", _("Mailbox unknown")
    MAILBOX_FULL = "mailbox_full", _("Mailbox full")
    REJECTED = "rejected", _("Rejected by the receiving side")
    TEMPORARY = "temporary", _("Temporary failure")
    CONNECTION = "connection", _("No connection")
    UNKNOWN_OUTCOME = "unknown_outcome", _("The receiving side may or may not have it")
    SUPPRESSED = "suppressed", _("On the suppression list")
    STOPPED = "stopped", _("Stopped")
    LATE = "late", _("Too late: newer word exists")
    BOUNCED = "bounced", _("Bounced after acceptance")
    COMPLAINED = "complained", _("Marked as unwanted")
    EXCLUDED = "excluded", _("Left out, with a reason")
    DUPLICATE = "duplicate", _("Told through another customer's copy")
    EXERCISE = "exercise", _("Exercise: customers are not written to")
    NO_CONSENT = "no_consent", _("Written to for a legal duty alone")
    UNRENDERABLE = "unrenderable", _("Could not be written for this customer")
    COMBINED = "combined", _("Told by the update of a linked incident")


# On purpose nothing leaves, and nobody has to make up for it.
NOT_MEANT = (FailureCode.EXCLUDED, FailureCode.DUPLICATE, FailureCode.EXERCISE, FailureCode.NO_CONSENT)


class OncePer(models.TextChoices):
    """What two customers must share for one copy of a message to serve both."""

    ADDRESS = "address", _("Address")
    ACCOUNT = "account", _("Account or household")


class UncertainPolicy(models.TextChoices):
    """What happens to a delivery whose outcome cannot be known; chosen at approval."""

    HOLD = "hold", _("Hold and show to people")
    RESEND = "resend", _("Send again with the same Message-ID")


class SuppressionReason(models.TextChoices):
    """Why an address is not written to."""

    HARD_BOUNCE = "hard_bounce", _("Hard bounce")
    COMPLAINT = "complaint", _("Complaint")
    UNSUBSCRIBED = "unsubscribed", _("Unsubscribed from updates")
    MANUAL = "manual", _("Set by staff")


class ObjectionEnd(models.TextChoices):
    """How a strong objection ended."""

    WITHDRAWN = "withdrawn", _("Withdrawn")
    OVERRULED = "overruled", _("Overruled")


class NoticeMedium(models.TextChoices):
    """How staff are woken."""

    MAIL = "mail", _("E-mail")
    WEBHOOK = "webhook", _("Webhook")


class NoticeState(models.TextChoices):
    """Where a wake-up of staff stands."""

    QUEUED = "queued", _("Queued")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")
