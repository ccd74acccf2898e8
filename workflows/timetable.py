"""The order of the first words: staff, tier 1, tier 2, the public, each within its time; looked at, not enforced."""

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from django.utils.translation import gettext as _

from incidents.enums import Tier
from incidents.models import Incident
from notifications.enums import MessageKind
from notifications.models import Message, PagePost
from workflows import parties
from workflows.enums import Party, PartyState
from workflows.models import BriefAcknowledgement, CommunicationPlan

FIRST_WORDS = (MessageKind.HOLDING_STATEMENT, MessageKind.FIRST_NOTICE)


@dataclass(frozen=True)
class Step:
    """One step of the order: who, planned by when, told when."""

    name: str
    planned_by: datetime | None
    done_at: datetime | None

    def is_late(self, now: datetime) -> bool:
        """Whether it was or is later than planned."""
        return self.planned_by is not None and (self.done_at or now) > self.planned_by


def steps(plan: CommunicationPlan, *, cells: list[parties.Cell]) -> list[Step]:
    """Return the order with planned and true times; `cells` are the plan's matrix, which is dear to read."""
    incident = plan.incident
    windows = {row.tier: row.first_contact_interval for row in plan.audiences.all()}
    start = incident.declared_at
    by_tier = _first_words(incident)
    staff = next((cell for cell in cells if _is_staff(cell)), None)
    planned = {tier: start + length if start else None for tier, length in windows.items()}
    return [
        Step(str(Party.STAFF.label), staff.due_at if staff else None, _staff_told(incident, staff)),
        *(Step(str(Tier(tier).label), planned.get(tier), by_tier.get(tier)) for tier in (Tier.ONE, Tier.TWO)),
        Step(_("The public"), planned.get(Tier.THREE), _published(incident)),
    ]


def warnings(order: list[Step], *, now: datetime) -> list[str]:
    """Return what is wrong with the order, in sentences: later than planned, told or planned out of turn."""
    found = []
    for step in order:
        if step.is_late(now):
            found.append(_("%s: later than planned.") % step.name)
    for earlier, later in pairwise(order):
        names = {"earlier": earlier.name, "later": later.name}
        if earlier.planned_by and later.planned_by and earlier.planned_by > later.planned_by:
            found.append(_("Planned out of turn: %(earlier)s after %(later)s.") % names)
        if later.done_at and (earlier.done_at is None or earlier.done_at > later.done_at):
            found.append(_("Told out of turn: %(later)s before %(earlier)s.") % names)
    return found


def _is_staff(cell: parties.Cell) -> bool:
    return cell.row.party == Party.STAFF and cell.row.stage == MessageKind.FIRST_NOTICE


def _staff_told(incident: Incident, cell: parties.Cell | None) -> datetime | None:
    """Staff were told by the first brief they were given, or by the text handed over to them."""
    briefs = BriefAcknowledgement.objects.filter(brief__incident=incident).order_by("brief__approved_at")
    times = [briefs.values_list("brief__approved_at", flat=True).first()]
    if cell is not None and cell.state == PartyState.HANDED_OVER and cell.message is not None:
        times.append(cell.message.released_at)
    return min((time for time in times if time), default=None)


def _first_words(incident: Incident) -> dict[int, datetime]:
    """Return when each tier first heard from us."""
    released = Message.objects.filter(incident=incident, kind__in=FIRST_WORDS, released_at__isnull=False)
    heard: dict[int, datetime] = {}
    for message in released.order_by("released_at"):
        for tier in message.channels:
            if message.released_at is not None:
                heard.setdefault(int(tier), message.released_at)
    return heard


def _published(incident: Incident) -> datetime | None:
    post = PagePost.objects.filter(incident=incident).order_by("published_at").first()
    return post.published_at if post else None
