"""How far a recall has come: customers notified, reached, who understood and acted, and units put right."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import gettext as _

from incidents import decisions
from incidents.enums import DecisionKind
from incidents.errors import Refusal
from incidents.models import Decision, Fact, Impact, Incident, RemedyChoice, User
from notifications.enums import REACHED, DeliveryStatus
from notifications.models import Delivery
from workflows.enums import OutreachState
from workflows.models import OutreachTask

PROGRESS = "recall_progress"
UNITS = "facts.units_affected"


class BadProgress(Refusal):
    """The number of units put right cannot be."""


@dataclass(frozen=True)
class Funnel:
    """Customers at each step, and units where they are counted."""

    affected: int
    notified: int
    reached: int
    understood: int
    acted: int
    corrected: int
    units_affected: int | None
    units_corrected: int | None

    @property
    def ratio(self) -> float:
        """The share put right: of units where they are counted, else of customers; of nothing, none."""
        if self.units_affected and self.units_corrected is not None:
            return self.units_corrected / self.units_affected
        return self.corrected / self.affected if self.affected else 0.0


def funnel(incident: Incident) -> Funnel:
    """Count the affected customers at each step, in one query, and read the units."""
    sent = Delivery.objects.filter(incident=incident, customer=OuterRef("customer"))
    spoken = OutreachTask.objects.filter(incident=incident, customer=OuterRef("customer"), state=OutreachState.DONE)
    choice = RemedyChoice.objects.filter(incident=incident, customer=OuterRef("customer"))
    steps = Impact.objects.filter(incident=incident).annotate(
        was_sent=Exists(sent),
        was_reached=Exists(sent.filter(status__in=REACHED)),
        has_read=Exists(sent.filter(status=DeliveryStatus.ACKNOWLEDGED)),
        was_spoken_to=Exists(spoken),
        has_chosen=Exists(choice),
        is_corrected=Exists(choice.filter(delivered_at__isnull=False)),
    )
    read = Q(has_read=True) | Q(was_spoken_to=True) | Q(has_chosen=True)
    counted = steps.aggregate(
        affected=Count("pk"),
        notified=_counted(Q(was_sent=True) | Q(was_spoken_to=True)),
        reached=_counted(Q(was_reached=True) | read),
        understood=_counted(read),
        acted=_counted(Q(has_chosen=True)),
        corrected=_counted(Q(is_corrected=True)),
    )
    return Funnel(**counted, units_affected=_units(incident), units_corrected=_corrected(incident))


def report_progress(incident: Incident, *, units_corrected: int, source: str, by: User, now: datetime) -> Decision:
    """Record how many units are put right up to now, and who counted them; sample checks are named in the source."""
    total = _units(incident)
    if units_corrected < 0 or (total is not None and units_corrected > total):
        raise BadProgress(
            _("Of %(total)s units, %(done)s cannot be put right.") % {"total": total, "done": units_corrected}
        )
    return decisions.decide(
        incident,
        key=PROGRESS,
        outcome=str(units_corrected),
        reason=source,
        by=by,
        now=now,
        kind=DecisionKind.CHECK,
        data={"units_corrected": units_corrected},
    )


def _counted(condition: Q) -> Count:
    return Count("pk", filter=condition)


def _units(incident: Incident) -> int | None:
    fact = Fact.objects.filter(incident=incident, key=UNITS).first()
    value = fact.value.get("") if fact else None
    return int(value) if isinstance(value, int) else None


def _corrected(incident: Incident) -> int | None:
    found = decisions.latest(incident, kind=DecisionKind.CHECK, key=PROGRESS)
    return int(found.data["units_corrected"]) if found else None
