"""Promises: made, kept, broken, renegotiated; a promise made is a promise tracked."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from incidents import audit, sentences
from incidents.enums import CommitmentKind, CommitmentState, TimelineKind
from incidents.errors import Refusal
from incidents.models import Commitment, Customer, Incident, User
from incidents.models.commitment import CommitmentQuerySet
from incidents.sentences import gettext as _


class BadCommitment(Refusal):
    """The promise lacks words, or is settled already."""


@dataclass(frozen=True)
class Promise:
    """What is promised: text per language, to whom (tier, customer, all), by when, by whom, why it can be kept."""

    text: dict[str, str]
    kind: CommitmentKind = CommitmentKind.PROMISE
    tier: int | None = None
    customer: Customer | None = None
    source_reference: str = ""
    owner: User | None = None
    due_at: datetime | None = None
    feasibility_evidence: str = ""


def promise(incident: Incident, *, promise: Promise, now: datetime) -> Commitment:
    """Record a promise; the same message, kind and tier promises once, however often this runs."""
    if not any(text.strip() for text in promise.text.values()):
        raise BadCommitment(_("A commitment needs its words: what exactly is promised?"))
    fields = {
        "text": promise.text,
        "owner": promise.owner,
        "due_at": promise.due_at,
        "feasibility_evidence": promise.feasibility_evidence,
        "made_at": now,
    }
    identity = {
        "incident": incident,
        "kind": promise.kind,
        "tier": promise.tier,
        "customer": promise.customer,
        "source_reference": promise.source_reference,
    }
    if promise.kind == CommitmentKind.PROMISE or promise.customer is not None:
        return Commitment.objects.create(**identity, **fields)
    commitment, _created = Commitment.objects.get_or_create(**identity, defaults=fields)
    return commitment


def settle(
    commitment: Commitment, *, state: CommitmentState, outcome: str, by: User | None, now: datetime
) -> Commitment:
    """End a promise: kept, broken, renegotiated or withdrawn, with how it went."""
    if not outcome.strip():
        raise BadCommitment(_("Say how the promise ended: the review shows it."))
    with transaction.atomic():
        locked = Commitment.objects.select_for_update(no_key=True).get(pk=commitment.pk)
        if locked.state != CommitmentState.OPEN:
            raise BadCommitment(_("This commitment is settled already: %s.") % locked.get_state_display())
        locked.state = state
        locked.outcome, locked.outcome_words = outcome.strip(), sentences.kept(outcome)
        locked.settled_at = now
        locked.save(update_fields=["state", "outcome", "outcome_words", "settled_at"])
        facts = {"state": CommitmentState(state).label, "what": sentences.one_of(locked.text), "how": outcome}
        text = sentences.pattern("%(state)s: %(what)s (%(how)s)") % facts
        audit.tell(locked.incident, kind=TimelineKind.COMMITMENT, text=text, by=by, now=now)
        audit.record(
            locked.incident, action="commitment.settled", actor=by, now=now, data={"id": locked.pk, "state": state}
        )
    commitment.refresh_from_db()
    return commitment


def open_for(incident: Incident, *, tier: int, customer: Customer | None = None) -> CommitmentQuerySet:
    """Return the open promises made to everybody, to this tier, or to this customer, earliest first."""
    mine = Q(customer=None) | Q(customer=customer) if customer else Q(customer=None)
    return (
        Commitment.objects.unsettled()
        .filter(mine, Q(tier=None) | Q(tier=tier), incident=incident)
        .order_by("due_at", "pk")
    )
