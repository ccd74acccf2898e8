"""Whether the number of affected customers that we say fits the list of those we know; a warning, never a gate."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from incidents import facts
from incidents.models import Exclusion, Fact, Impact, Incident
from notifications.models import Message
from workflows import gates, plans
from workflows.handled import PUBLIC

KEY = "incident.affected_count"


@dataclass(frozen=True)
class Scope:
    """What is said, how many the list holds, how many of them are left out, and whether others read a public word."""

    said: int
    listed: int
    left_out: int
    is_public: bool

    @property
    def is_explained(self) -> bool:
        """Whether the plan explains the difference: customers left out, or a tier told in public that no list has."""
        if self.said > self.listed:
            return self.is_public
        return self.said >= self.listed - self.left_out

    def __str__(self) -> str:
        figures = {"said": f"{self.said:,}", "listed": f"{self.listed:,}"}
        return _("We say that %(said)s are affected; the customer list holds %(listed)s.") % figures


def warning(incident: Incident) -> str:
    """Return both figures where the fact and the list differ by more than the plan explains, else an empty text."""
    fact = Fact.objects.filter(incident=incident, key=KEY).first()
    return _told(incident, fact.value.get(facts.SHARED) if fact is not None and gates.is_known(fact) else None)


def warning_for(message: Message) -> str:
    """Return the same for a message: what its own fact sheet says, which its words are checked against."""
    sheet = message.current.fact_sheet if message.current else None
    if sheet is None:
        return warning(message.incident)
    return _told(message.incident, (sheet.content.get(KEY, {}).get("value") or {}).get(facts.SHARED))


def _told(incident: Incident, said: object) -> str:
    # Without a list there is nothing to compare: that customers are missing is said elsewhere.
    listed = Impact.objects.filter(incident=incident).count()
    if not isinstance(said, int) or not listed:
        return ""
    left_out = Exclusion.objects.filter(incident=incident, lifted_at=None).count()
    found = Scope(said, listed, left_out, _is_told_in_public(incident))
    return "" if found.is_explained else str(found)


def _is_told_in_public(incident: Incident) -> bool:
    """Whether a tier hears from public channels alone and nobody of it is listed: the others are affected, unknown."""
    plan = plans.current(incident)
    if plan is None:
        return False
    listed = set(Impact.objects.filter(incident=incident).order_by().values_list("tier", flat=True).distinct())
    return any(row.tier not in listed and set(row.first_channels) <= PUBLIC for row in plan.audiences.all())
