"""What outranks every rule about who hears what: taken from the record, written into drafts, asked at the release."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from incidents import decisions, duties
from incidents.enums import DecisionKind, Duty, Tier
from incidents.errors import Refusal
from incidents.models import Decision, Fact, Impact, Incident, User
from notifications.enums import MessageKind, OncePer
from notifications.models import Message
from notifications.recipients import DEFAULT_ONCE_PER
from workflows import clock_screening, playbooks
from workflows.models import CommunicationPlan, PlanAudience

FIRST_WORDS = frozenset({MessageKind.HOLDING_STATEMENT, MessageKind.FIRST_NOTICE})


class DutyFirst(Refusal):
    """The message would go against a duty that outranks every rule; `duty` says which."""

    def __init__(self, sentence: str, *, duty: Duty) -> None:
        super().__init__(sentence)
        self.duty = duty


def follow(incident: Incident, *, by: User | None, now: datetime) -> None:
    """Take up what the subtype, the facts and the screened clocks say is owed; what a person gave back stays so."""
    screening = decisions.latest(incident, kind=DecisionKind.CHECK, key=clock_screening.CHECK)
    running = set(screening.data.get("running", [])) if screening else set()
    confirmed = {fact.key for fact in Fact.objects.filter(incident=incident, type="boolean") if _is_yes(fact)}
    for name, causes in playbooks.reference("duties").items():
        duty = Duty(name)
        found = [
            *({incident.subtype} & set(causes["subtypes"])),
            *(confirmed & set(causes["facts"])),
            *(running & set(causes["clocks"])),
        ]
        if found and duty not in duties.of(incident) and not _was_given_back(incident, duty, screening):
            reason = _("follows from %s") % ", ".join(sorted(found))
            duties.owe(incident, duty=duty, reason=reason, by=by, now=now)
            incident.refresh_from_db(fields=[*duties.FIELDS.values()])


def channels(incident: Incident, row: PlanAudience) -> list[str]:
    """Return the channels of first words: where everybody is owed one, the tier is written to as well."""
    if duties.of(incident) & duties.TO_EVERYBODY:
        return list(dict.fromkeys([*row.first_channels, *row.update_channels]))
    return list(row.first_channels)


def audience(plan: CommunicationPlan, chosen: dict[str, Any]) -> dict[str, Any]:
    """Return the audience with what the plan says about copies; the usual way needs no words."""
    wanted = [
        way.value
        for way, is_wanted in ((OncePer.ADDRESS, plan.once_per_address), (OncePer.ACCOUNT, plan.once_per_account))
        if is_wanted
    ]
    if wanted == [*DEFAULT_ONCE_PER] or "page" in chosen:
        return chosen
    return {**chosen, "once_per": wanted}


def refuse(message: Message) -> None:
    """Raise DutyFirst when releasing this message now would go against a duty."""
    for refusal in _objections(message):
        raise refusal


def _objections(message: Message) -> Iterator[DutyFirst]:
    incident = message.incident
    owed = duties.of(incident) & duties.TO_EVERYBODY
    if duties.waits_for_the_market(incident):
        sentence = _("The market hears before any customer: record the disclosure under Audience, then release.")
        yield DutyFirst(sentence, duty=Duty.MARKET_FIRST)
    for duty in sorted(owed):
        if message.audience.get("excluding"):
            sentence = _("%s: nobody is left out. Let everybody in again, and have the text approved so.")
            yield DutyFirst(sentence % Duty(duty).label, duty=Duty(duty))
    if Duty.SAFETY_WARNING in owed and message.kind in FIRST_WORDS and "tiers" in message.audience:
        missing = _tiers_with_customers(incident) - set(message.audience["tiers"])
        if missing:
            sentence = _("A safety warning goes to everybody at once: it leaves out tier %s. Draft it for every tier.")
            yield DutyFirst(sentence % ", ".join(map(str, sorted(missing))), duty=Duty.SAFETY_WARNING)


def _tiers_with_customers(incident: Incident) -> set[int]:
    tiers = Impact.objects.filter(incident=incident).order_by("tier").values_list("tier", flat=True).distinct()
    return {tier or int(Tier.THREE) for tier in tiers}


def _is_yes(fact: Fact) -> bool:
    return str(fact.value.get("", "")).lower() in ("yes", "true", "1")


def _was_given_back(incident: Incident, duty: Duty, screening: Decision | None) -> bool:
    word = decisions.latest(incident, kind=DecisionKind.DECISION, key=f"duty.{duty}")
    return word is not None and (screening is None or word.at >= screening.at)
