"""Words of the deciding side: states of plans, slots, calls, briefs and alerts."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class PlaybookKind(models.TextChoices):
    """What a playbook is about: what happened to the company, or to the relationship."""

    INCIDENT_TYPE = "incident_type", _("Incident type")
    RELATIONSHIP_TYPE = "relationship_type", _("Relationship type")


class PlanState(models.TextChoices):
    """Where a communication plan stands."""

    DRAFT = "draft", _("Draft")
    APPROVED = "approved", _("Approved")
    SUPERSEDED = "superseded", _("Superseded")


class SlotState(models.TextChoices):
    """Where one promised update stands."""

    PROMISED = "promised", _("Promised")
    OPEN = "open", _("Being prepared")
    RELEASED = "released", _("Released")
    MISSED = "missed", _("Missed")
    WITHDRAWN = "withdrawn", _("Withdrawn by a later message")


class OutreachState(models.TextChoices):
    """Where a personal contact stands."""

    TO_DO = "to_do", _("To do")
    CLAIMED = "claimed", _("Somebody is on it")
    DONE = "done", _("Reached")
    UNREACHABLE = "unreachable", _("Unreachable, with a reason")
    CANCELLED = "cancelled", _("Cancelled")


class OutreachOrigin(models.TextChoices):
    """Why a personal contact exists."""

    PLAN = "plan", _("Planned first contact")
    FAILED_DELIVERY = "failed_delivery", _("A delivery failed")
    REQUEST = "request", _("Asked for")
    AFTERCARE = "aftercare", _("Care after the incident")


class AttemptResult(models.TextChoices):
    """How one try to reach a customer ended."""

    REACHED = "reached", _("Reached")
    NO_ANSWER = "no_answer", _("Nobody answered")
    CALL_BACK = "call_back", _("Asked to be called again")
    WRONG_ADDRESS = "wrong_address", _("Wrong number or address")
    REFUSED = "refused", _("Does not want to talk")


class TrainingTopic(models.TextChoices):
    """What members of staff are trained in."""

    CRISIS_COMMUNICATION = "crisis_communication", _("Crisis communication")
    HARD_CONVERSATIONS = "hard_conversations", _("Hard conversations")
    INCIDENT_BRIEF = "incident_brief", _("Brief of an incident")
    EXERCISE = "exercise", _("Exercise")
    MEDIA = "media", _("Media and social media")


class BriefState(models.TextChoices):
    """Where a staff brief or an answer of the Q&A bank stands."""

    DRAFT = "draft", _("Draft")
    APPROVED = "approved", _("Approved")
    SUPERSEDED = "superseded", _("Superseded")


class AlertKind(models.TextChoices):
    """What is late or stuck."""

    REPORT_WAITS = "report_waits", _("A report waits to be judged")
    FIRST_WORD_WAITS = "first_word_waits", _("The first word waits for your approval")
    APPROVAL_LATE = "approval_late", _("An approval is late")
    EMERGENCY_OPEN = "emergency_open", _("An emergency approval was opened")
    UPDATE_AT_RISK = "update_at_risk", _("A promised update will miss its time")
    UPDATE_MISSED = "update_missed", _("A promised update missed its time")
    FIRST_NOTICE_LATE = "first_notice_late", _("The first contact is late")
    SILENCE = "silence", _("Customers hear nothing for too long")
    COMMITMENT_LATE = "commitment_late", _("A commitment is overdue")
    QUESTION_LATE = "question_late", _("A question waits too long")
    DISTRESS = "distress", _("A customer in distress")
    THEME_UNANSWERED = "theme_unanswered", _("A theme without an answer")
    CONFIRMATION_LATE = "confirmation_late", _("A written confirmation is late")
    BRIEF_WAITING = "brief_waiting", _("A staff brief waits")
    DELIVERY_STUCK = "delivery_stuck", _("Deliveries need people")
    CORRECTION_WAITS = "correction_waits", _("A sent text needs a correction")
    WITHHOLDING_DUE = "withholding_due", _("A withheld fact is to be looked at again")
    PARTY_LATE = "party_late", _("A text for another audience is late")
    ENQUIRY_LATE = "enquiry_late", _("An enquiry of the press waits too long")
    POST_LATE = "post_late", _("A post was not posted")
    CLOCK_AT_RISK = "clock_at_risk", _("A legal deadline is near")
    CLOCK_MISSED = "clock_missed", _("A legal deadline has passed")


class Party(models.TextChoices):
    """Audiences that are no customers."""

    STAFF = "staff", _("Staff")
    PARTNERS = "partners", _("Partners")
    PRESS = "press", _("Press")
    REGULATORS = "regulators", _("Regulators")
    INVESTORS = "investors", _("Investors")


class PartyState(models.TextChoices):
    """Where the text for another audience stands; it follows from its message."""

    NOT_NEEDED = "not_needed", _("Not needed")
    TO_DRAFT = "to_draft", _("To be drafted")
    DRAFT = "draft", _("Draft")
    IN_REVIEW = "in_review", _("In review")
    APPROVED = "approved", _("Approved, to be handed over")
    HANDED_OVER = "handed_over", _("Handed over")


class ConferenceState(models.TextChoices):
    """Where a press conference stands."""

    PLANNED = "planned", _("Planned")
    APPROVED = "approved", _("Approved")
    HELD = "held", _("Held")
    CANCELLED = "cancelled", _("Cancelled")


class CaseOutcome(models.TextChoices):
    """What a case shows."""

    SUCCESS = "success", _("It went well")
    FAILURE = "failure", _("It went wrong")
    MIXED = "mixed", _("Both")


class LinkKind(models.TextChoices):
    """How two incidents belong together."""

    LINKED = "linked", _("Linked")
    MERGED = "merged", _("Merged")


class Truth(models.TextChoices):
    """What was found out about a claim of others."""

    UNVERIFIED = "unverified", _("Not verified yet")
    TRUE = "true", _("True")
    PARTLY_TRUE = "partly_true", _("Partly true")
    FALSE = "false", _("False")


class Stance(models.TextChoices):
    """How we answer a claim: it is denied or admitted, never both."""

    DENY = "deny", _("Deny, with evidence")
    INFORM = "inform", _("Only inform: it is open")
    REBUILD = "rebuild", _("Admit, apologise and put right")


class ClockState(models.TextChoices):
    """Where a legal clock stands."""

    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    STOPPED = "stopped", _("Stopped")
