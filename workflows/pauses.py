"""A pause of the rhythm: no promise is taken back by it, the next message says when the next word comes.

What customers were promised stays promised and is kept. From the next message to the tier on, the next word it names
is the end of the pause, so customers read of the pause before it begins.
"""

from datetime import datetime

from django.db import transaction

from incidents import audit
from incidents.enums import Tier, TimelineKind
from incidents.errors import Refusal
from incidents.models import Incident, User
from incidents.sentences import gettext as _
from workflows.models import RhythmPause


class CannotPause(Refusal):
    """The pause lacks its reason, or a time that is still to come."""


@transaction.atomic
def pause(incident: Incident, *, tier: int, until: datetime, reason: str, by: User, now: datetime) -> RhythmPause:
    """Let the next message to a tier name `until` as the next word; a pause before it ends."""
    if not reason.strip():
        raise CannotPause(
            _("Say why: customers accept a slower rhythm only with a reason, and the review asks for it.")
        )
    if until <= now:
        raise CannotPause(_("The pause would be over already: choose a later time."))
    Incident.objects.select_for_update(no_key=True).get(pk=incident.pk)
    RhythmPause.objects.filter(incident=incident, tier=tier, ended_at=None).update(ended_at=now, ended_by=by)
    made = RhythmPause.objects.create(
        incident=incident, tier=tier, until=until, reason=reason.strip(), made_by=by, made_at=now
    )
    facts = {"tier": Tier(tier).label, "time": f"{until:%Y-%m-%d %H:%M}", "reason": made.reason}
    text = _("Rhythm for %(tier)s paused until %(time)s UTC, from the next message on: %(reason)s") % facts
    _log(made, text, action="rhythm.paused", by=by, now=now)
    return made


@transaction.atomic
def resume(pause: RhythmPause, *, by: User, now: datetime) -> RhythmPause:
    """End a pause: the next message names the plan's rhythm again."""
    if not RhythmPause.objects.filter(pk=pause.pk, ended_at=None).update(ended_at=now, ended_by=by):
        raise CannotPause(_("This pause is over already."))
    pause.refresh_from_db()
    text = _("Rhythm for %s goes on.") % Tier(pause.tier).label
    _log(pause, text, action="rhythm.resumed", by=by, now=now)
    return pause


def until(incident: Incident, tier: int) -> datetime | None:
    """Return the end of the tier's pause, or None while there is none."""
    found = RhythmPause.objects.filter(incident=incident, tier=tier, ended_at=None).first()
    return found.until if found else None


def _log(pause: RhythmPause, text: str, *, action: str, by: User, now: datetime) -> None:
    data = {"tier": pause.tier, "until": pause.until.isoformat()}
    audit.tell(pause.incident, kind=TimelineKind.PLAN, text=text, by=by, now=now)
    audit.record(pause.incident, action=action, actor=by, now=now, data=data)
