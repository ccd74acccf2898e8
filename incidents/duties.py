"""What outranks every rule about who hears what, and when: safety, a legal right to notice, the market's turn.

A duty is taken up by a person or by what the record says (`workflows.owed`), and given back only with a reason. While
it stands, audiences and freezing obey it, and the database refuses what would go against it.
"""

from datetime import datetime

from django.db import transaction

from incidents import audit, decisions
from incidents.enums import Duty, TimelineKind
from incidents.errors import Refusal
from incidents.models import Exclusion, Incident, User
from incidents.sentences import gettext as _

FIELDS = {
    Duty.SAFETY_WARNING: "is_safety_warning",
    Duty.INDIVIDUAL_NOTICE: "needs_individual_notice",
    Duty.MARKET_FIRST: "is_market_first",
}
# Under these nobody is left out, and nobody's copy stands for another's.
TO_EVERYBODY = frozenset({Duty.SAFETY_WARNING, Duty.INDIVIDUAL_NOTICE})
DISCLOSURE = "market_disclosure_made"


class NoReason(Refusal):
    """A duty is never given back in silence."""


def of(incident: Incident) -> frozenset[Duty]:
    """Return the duties the incident owes."""
    return frozenset(duty for duty, field in FIELDS.items() if getattr(incident, field))


def owe(incident: Incident, *, duty: Duty, reason: str, by: User | None, now: datetime) -> bool:
    """Take a duty up; whoever was left out hears again. Returns whether it is new; twice is harmless."""
    if not reason.strip():
        raise NoReason(_("Say why: the timeline and the review show it."))
    with transaction.atomic():
        locked = Incident.objects.select_for_update(no_key=True).get(pk=incident.pk)
        if duty in of(locked):
            return False
        if duty in TO_EVERYBODY:
            Exclusion.objects.filter(incident=incident, lifted_at=None).update(lifted_at=now)
        _set(incident, duty, is_owed=True)
        _tell(incident, _("Owed from now on: %(duty)s (%(reason)s)"), duty, reason, by=by, now=now)
    return True


def give_back(incident: Incident, *, duty: Duty, reason: str, by: User, now: datetime) -> None:
    """Withdraw a duty that was taken up by mistake; the reason is kept as a decision."""
    with transaction.atomic():
        decisions.decide(incident, key=f"duty.{duty}", outcome=_("not owed"), reason=reason, by=by, now=now)
        _set(incident, duty, is_owed=False)
        _tell(incident, _("No longer owed: %(duty)s (%(reason)s)"), duty, reason, by=by, now=now)


def record_disclosure(incident: Incident, *, at: datetime, evidence: str, by: User, now: datetime) -> None:
    """Write down when the market was told and where that can be read; from then on customers may hear."""
    if at > now:
        raise NoReason(_("This time has not come: record the disclosure when it was made."))
    with transaction.atomic():
        source = _("market disclosure")
        decisions.add_evidence(incident, subject=DISCLOSURE, text=evidence, source=source, by=by, now=now)
        Incident.objects.filter(pk=incident.pk).update(market_disclosed_at=at)
        incident.refresh_from_db(fields=["market_disclosed_at"])


def waits_for_the_market(incident: Incident) -> bool:
    """Whether customers may not hear yet; a danger to people waits for nobody."""
    return incident.is_market_first and incident.market_disclosed_at is None and not incident.is_safety_warning


def _set(incident: Incident, duty: Duty, *, is_owed: bool) -> None:
    Incident.objects.filter(pk=incident.pk).update(**{FIELDS[duty]: is_owed})
    incident.refresh_from_db(fields=[FIELDS[duty]])


def _tell(  # noqa: PLR0913 - one line of the story
    incident: Incident, words: str, duty: Duty, reason: str, *, by: User | None, now: datetime
) -> None:
    told = words % {"duty": Duty(duty).label, "reason": reason.strip()}
    audit.tell(incident, kind=TimelineKind.DECISION, text=told, by=by, now=now)
    data = {"duty": str(duty), "is_owed": getattr(incident, FIELDS[duty]), "reason": reason.strip()}
    audit.record(incident, action="incident.duty", actor=by, now=now, data=data)
