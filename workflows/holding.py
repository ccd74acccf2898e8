"""The holding statement in minutes: drafted from known, unknown and next word at the declaration, then approved."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from incidents import decisions, facts
from incidents.enums import DecisionKind, FactStatus, Tier
from incidents.errors import Refusal
from incidents.models import FactSheet, Incident, User
from notifications.enums import EDITABLE, MessageKind
from notifications.models import Message
from workflows import approvals, declarations, releases

DECISION = "holding_statement"
KNOWN, UNKNOWN = "incident.known", "incident.unknown"
# The templates end the sentence themselves.
ENDINGS = " .。；;"


class BadStatement(Refusal):
    """The statement promises a word in the past, or one waits already."""


@dataclass(frozen=True)
class Statement:
    """What can be said now: texts per language, or nothing yet; to whom, and when the next word comes.

    Without an audience it goes to the affected customers where there is a list, else to the page alone. Without a
    time the next word follows the plan's rhythm.
    """

    known: Mapping[str, str] = field(default_factory=dict)
    unknown: Mapping[str, str] = field(default_factory=dict)
    audience: Mapping[str, Any] | None = None
    next_update_at: datetime | None = None
    is_submitted: bool = True


@dataclass(frozen=True)
class Spoken:
    """The drafted statement, if there is one, and what kept it from being drafted or submitted."""

    message: Message | None = None
    trouble: str = ""


def declare(
    incident: Incident,
    *,
    declaration: declarations.Declaration,
    statement: Statement | None,
    by: User,
    now: datetime,
) -> Spoken:
    """Declare, draft the holding statement and ask for its approval in one step.

    Trouble with the statement never keeps the incident from being declared: it is told instead.
    """
    declarations.declare(incident, declaration=declaration, by=by, now=now)
    return Spoken() if statement is None else prepare(incident, statement=statement, by=by, now=now)


def prepare(incident: Incident, *, statement: Statement, by: User, now: datetime) -> Spoken:
    """Draft the statement from what is known, and submit it unless told otherwise; trouble is told, nothing is lost."""
    try:
        message = draft(incident, statement=statement, by=by, now=now)
    except Refusal as refusal:
        return Spoken(trouble=str(refusal))
    if not statement.is_submitted:
        return Spoken(message)
    try:
        return Spoken(approvals.submit(message, by=by, now=now))
    except Refusal as refusal:
        return Spoken(message, trouble=str(refusal))


@transaction.atomic
def draft(incident: Incident, *, statement: Statement, by: User, now: datetime) -> Message:
    """Write known and unknown into the fact sheet, record the decision, and draft the text from that sheet."""
    if statement.next_update_at is not None and statement.next_update_at <= now:
        raise BadStatement(_("The next word is promised for a time that has passed."))
    waiting = incident.messages.filter(kind=MessageKind.HOLDING_STATEMENT, state__in=EDITABLE).first()
    if waiting is not None:
        raise BadStatement(_("%s waits already: edit it, or withdraw it first.") % waiting.reference)
    _put(incident, KNOWN, statement.known, status=FactStatus.VERIFIED, by=by, now=now)
    _put(incident, UNKNOWN, statement.unknown, status=FactStatus.REPORTED, by=by, now=now)
    if decisions.latest(incident, kind=DecisionKind.DECISION, key=DECISION) is None:
        reason = _("drafted while the facts emerge")
        decisions.decide(incident, key=DECISION, outcome="yes", reason=reason, by=by, now=now)
    spec = releases.Draft(
        MessageKind.HOLDING_STATEMENT,
        audience=dict(statement.audience or usual_audience(incident)),
        fact_sheet=_sheet(incident, by=by, now=now),
        next_update_at=statement.next_update_at,
    )
    return releases.draft(incident, draft=spec, by=by, now=now)


def usual_audience(incident: Incident) -> dict[str, Any]:
    """Return whom a statement goes to unless somebody says otherwise: who is affected, or the page for everybody."""
    if incident.is_embargoed or incident.impacts.exists():
        return {"tiers": list(Tier.values)}
    return {"page": True}


def _put(
    incident: Incident, key: str, texts: Mapping[str, str], *, status: FactStatus, by: User, now: datetime
) -> None:
    value = {language: text.strip().rstrip(ENDINGS) for language, text in texts.items() if text.strip(ENDINGS)}
    if value:
        facts.put(incident, change=facts.FactChange(key, value, status, str(by)), by=by, now=now)


def _sheet(incident: Incident, *, by: User, now: datetime) -> FactSheet:
    """Return the confirmed sheet where it still says what the facts say, else a new one that the approver confirms."""
    confirmed = facts.confirmed(incident)
    if confirmed is not None and facts.is_current(confirmed):
        return confirmed
    return facts.freeze(incident, by=by, now=now)
