"""A customer's own values in a message: wording per language, so that no personal place is ever blank."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from incidents.enums import CommitmentKind, CommitmentState
from incidents.models import Commitment, Company, Customer, Impact, Incident
from incidents.models.commitment import CommitmentQuerySet
from notifications import bodies, rendering
from notifications.enums import MessageKind
from notifications.models import Delivery

TIERS = (1, 2, 3)


@dataclass(frozen=True)
class Wording:
    """What stands where a customer has no value of their own; keys as `freezing` looks them up."""

    defaults: dict[str, dict[str, str]]  # language → salutation, affected, contact, none, sample, sample_items
    by_group: dict[str, dict[str, str]]  # "language|tier|time zone" → open, status
    by_customer: dict[str, dict[str, str]]  # customer id → open, status


def wording(incident: Incident, *, content: bodies.Content, time_zones: Iterable[str]) -> Wording:
    """Return the wording of one message for every language it is written in."""
    languages = list(content["texts"])
    commitments = list(told(incident, kind=content["kind"]))
    general = [one for one in commitments if one.customer_id is None]
    return Wording(
        defaults={language: _defaults(language, content=content) for language in languages},
        by_group={
            f"{language}|{tier}|{zone}": summaries(
                [one for one in general if one.tier in (None, tier)], language=language, time_zone=zone
            )
            for zone in (time_zones if general else ())
            for language in languages
            for tier in TIERS
        },
        by_customer=_own(commitments, general=general, content=content),
    )


def told(incident: Incident, *, kind: str) -> CommitmentQuerySet:
    """Return the promises a text of this kind tells of: the next update has a sentence of its own.

    A resolution is the very end of the estimated time, so that it does not list the estimate as still to be kept.
    """
    made = Commitment.objects.filter(incident=incident).exclude(kind=CommitmentKind.NEXT_UPDATE)
    if kind == MessageKind.RESOLUTION:
        made = made.exclude(kind=CommitmentKind.ESTIMATE, state=CommitmentState.OPEN)
    return made.exclude(state=CommitmentState.WITHDRAWN).order_by("due_at", "pk")


def _defaults(language: str, *, content: bodies.Content) -> dict[str, str]:
    public = bodies.public_values(content, language)
    return {
        "salutation": rendering.phrase("salutation", language),
        "affected": public["customer.affected_items"],
        "contact": public["contact.person_name"],
        "none": rendering.phrase("none_open", language),
        "sample": rendering.phrase("test_recipient", language),
        "sample_items": rendering.phrase("sample_items", language),
    }


def sample_name(place: int, *, language: str) -> str:
    """Return the name of the n-th test recipient: what an exercise sends carries no customer's."""
    return rendering.phrase("test_recipient", language).format(number=place)


def sample_of(delivery: Delivery, *, language: str) -> str:
    """Return the name of the test recipient whom a copy of an exercise went to."""
    addresses = [address.strip().lower() for address in (Company.objects.first() or Company()).test_recipients]
    place = addresses.index(delivery.address.lower()) + 1 if delivery.address.lower() in addresses else 1
    return sample_name(place, language=language)


def _own(
    commitments: list[Commitment], *, general: list[Commitment], content: bodies.Content
) -> dict[str, dict[str, str]]:
    """Promises made to one customer alone, beside those made to everybody and to the customer's tier."""
    mine: dict[int, list[Commitment]] = defaultdict(list)
    for one in commitments:
        if one.customer_id is not None:
            mine[one.customer_id].append(one)
    if not mine:
        return {}
    tiers = dict(
        Impact.objects.filter(incident_id=commitments[0].incident_id, customer__in=mine).values_list(
            "customer_id", "tier"
        )
    )
    found: dict[str, dict[str, str]] = {}
    for customer in Customer.objects.filter(pk__in=mine):
        tier = tiers.get(customer.pk) or TIERS[-1]
        theirs = [*mine[customer.pk], *(one for one in general if one.tier in (None, tier))]
        found[str(customer.pk)] = summaries(
            [one for one in commitments if one in theirs],
            language=bodies.spoken_language(content, customer.language),
            time_zone=customer.time_zone,
        )
    return found


def summaries(commitments: Iterable[Commitment], *, language: str, time_zone: str) -> dict[str, str]:
    """Return promises in words: those still open (`open`), and all of them with how they stand (`status`)."""
    separator = rendering.phrase("commitment_separator", language)
    lines = [(one, _line(one, language=language, time_zone=time_zone)) for one in commitments]
    states = rendering.PHRASES["commitment_state"]
    status = [f"{line}: {states[one.state].get(language) or states[one.state]['en']}" for one, line in lines]
    still_open = [line for one, line in lines if one.state == CommitmentState.OPEN]
    return {"open": separator.join(still_open), "status": separator.join(status)}


def _line(commitment: Commitment, *, language: str, time_zone: str) -> str:
    text = str(commitment.text.get(language) or commitment.text.get("") or next(iter(commitment.text.values()), ""))
    if commitment.due_at is None:
        return text
    due = rendering.format_moment(commitment.due_at, language=language, time_zone=time_zone)
    return rendering.phrase("commitment_line", language).format(text=text, due=due)
