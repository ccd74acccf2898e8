"""Words of the incident side: closed lists that the database, the screens and the interfaces share."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Severity(models.TextChoices):
    """Effect on people and customers, not on revenue only."""

    SEV1 = "SEV1", _("SEV1 Critical")
    SEV2 = "SEV2", _("SEV2 Major")
    SEV3 = "SEV3", _("SEV3 Moderate")
    SEV4 = "SEV4", _("SEV4 Minor")


class Tier(models.IntegerChoices):
    """Priority of a customer in one incident: 1 is reached first and in person."""

    ONE = 1, _("Tier 1 (high)")
    TWO = 2, _("Tier 2 (medium)")
    THREE = 3, _("Tier 3 (general)")


class Language(models.TextChoices):
    """Languages in which customers are written to."""

    EN = "en", _("English")
    ZH = "zh", _("Chinese")
    RU = "ru", _("Russian")


class Role(models.TextChoices):
    """Roles of a playbook; the roster maps them to people."""

    INCIDENT_LEAD = "incident_lead", _("Incident lead")
    COMMUNICATIONS_LEAD = "communications_lead", _("Communications lead")
    SUBJECT_OWNER = "subject_owner", _("Owner of the subject area")
    LEGAL_COUNSEL = "legal_counsel", _("Legal counsel")
    EXECUTIVE_SPONSOR = "executive_sponsor", _("Executive sponsor")
    SPOKESPERSON = "spokesperson", _("Spokesperson")
    ACCOUNT_MANAGER = "account_manager", _("Account manager")
    PRIVACY_OFFICER = "privacy_officer", _("Data protection officer")
    HR_LEAD = "hr_lead", _("Head of HR")
    FINANCE_LEAD = "finance_lead", _("Head of finance")


class ResponsibilityCluster(models.TextChoices):
    """Usual public attribution of responsibility (situational crisis communication theory)."""

    VICTIM = "victim", _("Victim cluster")
    ACCIDENTAL = "accidental", _("Accidental cluster")
    PREVENTABLE = "preventable", _("Preventable cluster")
    DEPENDS_ON_TRUTH = "depends_on_truth", _("Depends on verification")


class FactStatus(models.TextChoices):
    """How well a fact is known; `unknown` is an honest answer and counts as one."""

    UNKNOWN = "unknown", _("Marked unknown")
    REPORTED = "reported", _("Reported")
    ESTIMATED = "estimated", _("Estimated")
    VERIFIED = "verified", _("Verified")
    RETRACTED = "retracted", _("Retracted")


class Sensitivity(models.TextChoices):
    """Who inside the company may see a fact."""

    INTERNAL = "internal", _("Internal")
    RESTRICTED = "restricted", _("Restricted")


class Confidence(models.TextChoices):
    """How sure we are of an estimate."""

    HIGH = "high", _("High")
    MEDIUM = "medium", _("Medium")
    LOW = "low", _("Low")


class WithholdingReason(models.TextChoices):
    """Grounds on which a fact may be kept from customers; there is none for what affects them."""

    LEGAL = "legal", _("Legal duty or pending proceedings")
    PRIVACY = "privacy", _("Privacy of a person")
    SECURITY = "security", _("Security: telling it would do harm")
    INQUIRY = "inquiry", _("Would disturb an inquiry")
    TRADE_SECRET = "trade_secret", _("Secret of another party")


class ContactKind(models.TextChoices):
    """Kinds of address a customer can be reached at."""

    EMAIL = "email", _("E-mail")
    PHONE = "phone", _("Telephone")
    MESSENGER = "messenger", _("Messenger")


class ConsentBasis(models.TextChoices):
    """Why the company may write to this customer."""

    CONTRACT = "contract", _("Contract")
    CONSENT = "consent", _("Consent")
    LEGAL_DUTY = "legal_duty", _("Legal duty")


class Harm(models.TextChoices):
    """What the incident does to one customer; safety and legal rights outrank commercial value."""

    NONE = "none", _("None known")
    INCONVENIENCE = "inconvenience", _("Inconvenience")
    FINANCIAL = "financial", _("Financial loss")
    OPERATIONAL = "operational", _("Operations stop")
    LEGAL_RIGHT = "legal_right", _("Statutory right to notice")
    SAFETY = "safety", _("Risk to safety")


class Duty(models.TextChoices):
    """What outranks every rule about who hears what, and when; owed by the whole incident."""

    SAFETY_WARNING = "safety_warning", _("Safety warning: everybody at once")
    INDIVIDUAL_NOTICE = "individual_notice", _("Statutory notice: each person individually")
    MARKET_FIRST = "market_first", _("Market disclosure: before any customer")


class CommitmentKind(models.TextChoices):
    """What was promised."""

    NEXT_UPDATE = "next_update", _("Next update")
    ESTIMATE = "estimate", _("Estimate")
    REMEDY = "remedy", _("Remedy")
    PROMISE = "promise", _("Promise")


class CommitmentState(models.TextChoices):
    """How a promise stands."""

    OPEN = "open", _("Open")
    KEPT = "kept", _("Kept")
    BROKEN = "broken", _("Broken")
    RENEGOTIATED = "renegotiated", _("Renegotiated with the customer")
    WITHDRAWN = "withdrawn", _("Withdrawn before it was due")


class FeedbackKind(models.TextChoices):
    """What a customer wants from us."""

    QUESTION = "question", _("Question")
    COMPLAINT = "complaint", _("Complaint")
    URGENT_NEED = "urgent_need", _("Urgent need")
    PRAISE = "praise", _("Praise")
    OTHER = "other", _("Other")


class FeedbackState(models.TextChoices):
    """How an entry of the feedback log stands."""

    OPEN = "open", _("Open")
    ANSWERED = "answered", _("Answered")
    CLOSED = "closed", _("Closed")


class FeedbackSource(models.TextChoices):
    """The door by which feedback came in."""

    STAFF = "staff", _("Logged by staff")
    CUSTOMER_PAGE = "customer_page", _("Customer's own page")
    CALL = "call", _("Call")
    INTERFACE = "interface", _("Interface (API)")
    SOCIAL = "social", _("Comment under a post")
    CHAT = "chat", _("Online consultation (chat)")


class Mood(models.TextChoices):
    """Emotion of a customer as heard."""

    DISTRESS = "distress", _("In distress")
    ANGRY = "angry", _("Angry")
    WORRIED = "worried", _("Worried")
    NEUTRAL = "neutral", _("Neutral")
    CONTENT = "content", _("Content")


class Attitude(models.TextChoices):
    """How a member of staff came across to a customer, in the customer's eyes."""

    RESPECTFUL = "respectful", _("Respectful and helpful")
    INDIFFERENT = "indifferent", _("Indifferent")
    DISMISSIVE = "dismissive", _("Dismissive or rude")


class DecisionKind(models.TextChoices):
    """What a recorded decision is."""

    DECISION = "decision", _("Decision")
    CHECK = "check", _("Check done")
    CONFIRMATION = "confirmation", _("Confirmation")
    APPROVAL = "approval", _("Approval outside messages")
    ADMISSION = "admission", _("Responsibility")


class TimelineKind(models.TextChoices):
    """What a timeline entry tells of."""

    PHASE = "phase", _("Phase")
    FACT = "fact", _("Fact")
    AUDIENCE = "audience", _("Audience")
    PLAN = "plan", _("Plan")
    MESSAGE = "message", _("Message")
    DELIVERY = "delivery", _("Delivery")
    FEEDBACK = "feedback", _("Feedback")
    COMMITMENT = "commitment", _("Commitment")
    DECISION = "decision", _("Decision")
    ESCALATION = "escalation", _("Escalation")
    REVIEW = "review", _("Review")
    NOTE = "note", _("Note")


class CostKind(models.TextChoices):
    """What an incident costs."""

    REMEDY = "remedy", _("Compensation and remedies")
    LOGISTICS = "logistics", _("Logistics and replacement")
    STAFF_HOURS = "staff_hours", _("Staff hours")
    CHANNEL = "channel", _("Channels")
    AGENCY = "agency", _("Agencies and advisers")
    PENALTY = "penalty", _("Penalties")
    LOST_REVENUE = "lost_revenue", _("Lost revenue")
    OTHER = "other", _("Other cost")


class EscalatedTo(models.TextChoices):
    """Whom a customer turned to above or beside those who answer."""

    MANAGEMENT = "management", _("Management")
    AUTHORITY = "authority", _("An authority")
    COURT = "court", _("A court or lawyer")
    MEDIA = "media", _("The media")


class SignalKind(models.TextChoices):
    """Signs that something is wrong with customers."""

    COMPLAINT = "complaint", _("Complaints")
    DISSATISFACTION = "dissatisfaction", _("Dissatisfied ratings")
    DEPARTURE = "departure", _("Customers leaving")
    PUBLICITY = "publicity", _("Negative publicity")
    KEYWORD = "keyword", _("A keyword in posts or messages")
    SENTIMENT = "sentiment", _("Mood turning bad")
    TECHNICAL = "technical", _("Technical monitoring")


class ApiScope(models.TextChoices):
    """What another system may do; none of them approves or releases anything."""

    INCIDENTS_READ = "incidents:read", _("Read incidents and messages")
    INCIDENTS_WRITE = "incidents:write", _("Report incidents")
    INCIDENTS_DECLARE = "incidents:declare", _("Declare and dismiss incidents, draft holding statements")
    SIGNALS_WRITE = "signals:write", _("Post signals")
    FACTS_WRITE = "facts:write", _("Propose facts, actions and what to withhold")
    TRANSLATIONS_WRITE = "translations:write", _("Propose translations")
    HOLD_LIST_READ = "hold_list:read", _("Read whom campaigns leave in peace")
    FEEDBACK_READ = "feedback:read", _("Read feedback")
    FEEDBACK_WRITE = "feedback:write", _("Log and answer feedback")
    HOTLINE_WRITE = "hotline:write", _("Report the hotline's waiting time")
    DESK_READ = "desk:read", _("Read the line to take, answers and contacts")
    DESK_WRITE = "desk:write", _("Acknowledge briefs, claim and end contacts")
    AUDIENCE_READ = "audience:read", _("Count and sample customers by segment, read who is affected")
    AUDIENCE_WRITE = "audience:write", _("Keep segments, name affected and excluded customers")
    REVIEW_READ = "review:read", _("Read costs and what became of customers")
    REVIEW_WRITE = "review:write", _("Enter costs and what became of customers")
