"""Claims of others about the company: noted, verified one by one, and either denied or admitted."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from incidents import audit, decisions
from incidents.enums import TimelineKind
from incidents.errors import Refusal
from incidents.models import Evidence, Incident, User
from incidents.sentences import gettext as _
from workflows.enums import Stance, Truth
from workflows.models import Claim

# What is true is admitted, also where it is a part; only what is false may be denied.
FITTING: dict[Truth, frozenset[Stance]] = {
    Truth.UNVERIFIED: frozenset({Stance.INFORM}),
    Truth.TRUE: frozenset({Stance.REBUILD}),
    Truth.PARTLY_TRUE: frozenset({Stance.REBUILD}),
    Truth.FALSE: frozenset({Stance.DENY, Stance.INFORM}),
}


class BadClaim(Refusal):
    """The claim is empty, or its answer does not fit what is true."""


@dataclass(frozen=True)
class Finding:
    """What was found out about a claim, what proves it, and how it is answered."""

    truth: Truth
    stance: Stance
    evidence: str
    source: str


def note(incident: Incident, *, text: str, said_where: str, by: User, now: datetime) -> Claim:
    """Write down one claim as others make it."""
    if not text.strip():
        raise BadClaim(_("Write what is claimed, one claim at a time."))
    with transaction.atomic():
        claim = Claim.objects.create(
            incident=incident, text=text.strip(), said_where=said_where.strip(), noted_by=by, noted_at=now
        )
        audit.tell(incident, kind=TimelineKind.FACT, text=_("Claim noted: %s") % claim.text, by=by, now=now)
    return claim


def classify(claim: Claim, *, finding: Finding, by: User, now: datetime) -> Claim:
    """Say whether a claim is true, with what proves it, and how it is answered; a later word replaces this one."""
    truth, stance = Truth(finding.truth), Stance(finding.stance)
    if stance not in FITTING[truth]:
        fitting = " / ".join(str(one.label) for one in Stance if one in FITTING[truth])
        names = {"truth": truth.label, "stance": stance.label, "fitting": fitting}
        raise BadClaim(_("“%(stance)s” does not fit a claim that is: %(truth)s. Fitting: %(fitting)s.") % names)
    with transaction.atomic():
        locked = Claim.objects.select_for_update(of=("self",)).select_related("incident").get(pk=claim.pk)
        if truth != Truth.UNVERIFIED:
            decisions.add_evidence(
                locked.incident,
                subject=locked.subject,
                text=finding.evidence,
                source=finding.source,
                by=by,
                now=now,
            )
        locked.truth, locked.stance = truth, stance
        locked.classified_by, locked.classified_at = by, now
        locked.save(update_fields=["truth", "stance", "classified_by", "classified_at"])
        text = _("Claim “%(claim)s”: %(truth)s") % {"claim": locked, "truth": truth.label}
        audit.tell(locked.incident, kind=TimelineKind.DECISION, text=text, by=by, now=now)
        data = {"claim": locked.pk, "truth": truth, "stance": stance}
        audit.record(locked.incident, action="claim.classified", actor=by, now=now, data=data)
    claim.refresh_from_db()
    return claim


def unclassified(incident: Incident) -> list[Claim]:
    """Return the claims whose truth is open or unproven."""
    proven = set(Evidence.objects.filter(incident=incident).values_list("subject", flat=True))
    rows = Claim.objects.filter(incident=incident).order_by("pk")
    return [claim for claim in rows if claim.truth == Truth.UNVERIFIED or claim.subject not in proven]


def contradicted(incident: Incident) -> list[Claim]:
    """Return the claims without an answer, and those whose answer no longer fits what is true."""
    rows = Claim.objects.filter(incident=incident).order_by("pk")
    return [claim for claim in rows if not claim.stance or claim.stance not in FITTING[Truth(claim.truth)]]
