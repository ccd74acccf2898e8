"""What one customer was told, promised, asked and chose, over all incidents: the page one has while listening."""

from dataclasses import dataclass
from typing import TypeVar

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from incidents import embargo
from incidents.enums import ContactKind, FeedbackState
from incidents.models import Commitment, ContactPoint, Customer, Feedback, Impact, RemedyChoice, User
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


def told(customer: Customer, *, to: User) -> Told:
    """Return what was said to this customer and what they said, as far as `to` may know; constant in queries.

    What an exercise says was said to nobody.
    """
    impacts = list(_between(Impact.objects.all(), customer, to).select_related("incident").order_by("-pk"))
    entries = _between(Feedback.objects.all(), customer, to).select_related("incident", "owner")
    said = list(entries.order_by("-received_at", "-pk"))
    deliveries = _between(Delivery.objects.all(), customer, to).select_related("message__incident")
    contacts = _between(OutreachTask.objects.all(), customer, to)
    chosen = _between(RemedyChoice.objects.all(), customer, to).select_related("option", "incident")
    return Told(
        customer=customer,
        impacts=impacts,
        deliveries=list(deliveries.order_by("-created_at", "-pk")),
        contacts=list(contacts.select_related("incident", "owner", "finished_by").order_by("-due_at", "-pk")),
        promises=_promises(customer, impacts, to),
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


def _between(rows: QuerySet[M], customer: Customer, to: User) -> QuerySet[M]:
    return embargo.visible(rows.filter(customer=customer, incident__is_drill=False), to=to)


def _promises(customer: Customer, impacts: list[Impact], to: User) -> list[Commitment]:
    """Return what was promised to this customer alone, to the tier, or to everybody affected."""
    mine = Q(customer=customer)
    for impact in impacts:
        mine |= Q(Q(tier=None) | Q(tier=impact.tier), incident=impact.incident_id, customer=None)
    real = Commitment.objects.filter(mine, incident__is_drill=False)
    rows = embargo.visible(real, to=to).select_related("incident", "owner")
    return list(rows.order_by("settled_at", "due_at", "pk"))
