"""What one customer was told, promised, asked and chose, in one incident or all: the page one has while listening."""

from dataclasses import dataclass
from typing import TypeVar

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from incidents.enums import ContactKind, FeedbackState
from incidents.models import Commitment, ContactPoint, Customer, Feedback, Impact, Incident, RemedyChoice
from notifications.models import Delivery
from workflows.models import OutreachTask

FOUND_AT_MOST = 20
FEWEST_LETTERS, FEWEST_DIGITS = 2, 6
M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Told:
    """Everything between this customer and us, the newest first."""

    customer: Customer
    impacts: list[Impact]
    deliveries: list[Delivery]
    contacts: list[OutreachTask]
    promises: list[Commitment]
    waiting: list[Feedback]
    answered: list[Feedback]
    choices: list[RemedyChoice]


def find(words: str) -> list[Customer]:
    """Return customers by CRM id, part of the name, or whole address, best matches first."""
    wanted = words.strip()
    if len(wanted) < FEWEST_LETTERS:
        return []
    exact = Customer.objects.filter(Q(crm_id__iexact=wanted) | _has_address(wanted)).order_by("crm_id")
    found = list(exact[:FOUND_AT_MOST])
    alike = Customer.objects.filter(Q(crm_id__istartswith=wanted) | Q(name__icontains=wanted))
    others = alike.exclude(pk__in=[customer.pk for customer in found]).order_by("name", "pk")
    return found + list(others[: FOUND_AT_MOST - len(found)])


def told(customer: Customer, *, incident: Incident | None = None) -> Told:
    """Return what was said to this customer and what they said, in a constant number of queries."""
    impacts = list(_between(Impact.objects.all(), customer, incident).select_related("incident").order_by("-pk"))
    entries = _between(Feedback.objects.all(), customer, incident).select_related("incident", "owner")
    said = list(entries.order_by("-received_at", "-pk"))
    deliveries = _between(Delivery.objects.all(), customer, incident).select_related("message__incident")
    contacts = _between(OutreachTask.objects.all(), customer, incident)
    chosen = _between(RemedyChoice.objects.all(), customer, incident).select_related("option", "incident")
    return Told(
        customer=customer,
        impacts=impacts,
        deliveries=list(deliveries.order_by("-created_at", "-pk")),
        contacts=list(contacts.select_related("incident", "owner", "finished_by").order_by("-due_at", "-pk")),
        promises=_promises(customer, impacts),
        waiting=[entry for entry in said if entry.state == FeedbackState.OPEN],
        answered=[entry for entry in said if entry.state != FeedbackState.OPEN],
        choices=list(chosen.order_by("-chosen_at")),
    )


def _has_address(wanted: str) -> Q:
    address = Q(normalised__iexact=wanted) | Q(value__iexact=wanted)
    digits = "".join(letter for letter in wanted if letter.isdigit())
    if len(digits) >= FEWEST_DIGITS:
        address |= Q(kind=ContactKind.PHONE, normalised__endswith=digits.lstrip("0"))
    return Q(Exists(ContactPoint.objects.filter(address, customer=OuterRef("pk"))))


def _between(rows: QuerySet[M], customer: Customer, incident: Incident | None) -> QuerySet[M]:
    mine = rows.filter(customer=customer)
    return mine if incident is None else mine.filter(incident=incident)


def _promises(customer: Customer, impacts: list[Impact]) -> list[Commitment]:
    """Return what was promised to this customer alone, to the tier, or to everybody affected."""
    mine = Q(customer=customer)
    for impact in impacts:
        mine |= Q(Q(tier=None) | Q(tier=impact.tier), incident=impact.incident_id, customer=None)
    rows = Commitment.objects.filter(mine).select_related("incident", "owner")
    return list(rows.order_by("settled_at", "due_at", "pk"))
