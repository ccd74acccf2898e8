"""What the system knows for a preparation sheet, field by field: from the record alone, nothing made up."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from incidents import customers, facts
from incidents.enums import CommitmentKind, Language, Tier
from incidents.models import Commitment, Company, Feedback, Impact, Incident, RemedyLimit, RemedyOption
from notifications.enums import ChannelName
from workflows import calling_hours, line_to_take, qa_bank, staff_texts
from workflows.enums import BriefState
from workflows.gates import in_reader_language
from workflows.line_to_take import LineToTake
from workflows.models import CommunicationPlan, OutreachTask

INTERIM = "incident.interim_measure"
QUESTIONS = 3
HISTORY = 3
# What changes with every look at the clock would make every look at the sheets a new one.
_OF_THE_MOMENT = "update.issued_at"


@dataclass(frozen=True)
class Offer:
    """An approved remedy with its limits; `customers` of a limit is None where it covers everybody of its tier."""

    option: RemedyOption
    limits: list[tuple[RemedyLimit, frozenset[int] | None]]

    def covering(self, impact: Impact) -> RemedyLimit | None:
        """Return the limit that covers a customer, as `feedback.limit_for` finds it."""
        mine = [
            limit
            for limit, members in self.limits
            if limit.tier in (None, impact.tier) and (members is None or impact.customer_id in members)
        ]
        return min(mine, key=lambda limit: (limit.tier is None, not limit.segment), default=None)


@dataclass(frozen=True)
class Shared:
    """What every sheet of an incident has in common."""

    fields: list[dict[str, Any]]
    line: LineToTake
    version: int | None
    offers: list[Offer]
    promises: list[Commitment]
    questions: list[str]
    language: str
    company: Company


@dataclass(frozen=True)
class Known:
    """What is known for one contact."""

    task: OutreachTask
    impact: Impact | None
    asked: list[Feedback]
    shared: Shared


def shared(incident: Incident, *, plan: CommunicationPlan, affected: Sequence[int], now: datetime) -> Shared:
    """Return what every sheet takes from the incident, in the language of the screen."""
    language = (get_language() or Language.EN).partition("-")[0]
    sheet = facts.confirmed(incident)
    template = plan.content["message_templates"].get("call_preparation_sheet", {})
    promised = Commitment.objects.unsettled().filter(incident=incident, kind=CommitmentKind.PROMISE)
    return Shared(
        fields=list(template.get("fields", [])),
        line=line_to_take.now_for(incident, language=language),
        version=sheet.version if sheet else None,
        offers=_offers(incident, affected, now=now),
        # Only a promise with a reason why it can be kept is made once more.
        promises=list(promised.exclude(feasibility_evidence="").order_by("due_at", "pk")),
        questions=_questions(incident, language=language, now=now),
        language=language,
        company=Company.objects.get(),
    )


def value(known: Known, key: str) -> list[str]:
    """Return what the record says for a field of the sheet, line by line; nothing where it is silent."""
    source = _SOURCES.get(key)
    return [line for line in source(known) if line] if source else []


def _profile(known: Known) -> list[str]:
    customer = known.task.customer
    lines = [f"{customer.name} ({customer.crm_id})", customer.region]
    if customer.account_manager is not None:
        lines.append(_("Account manager: %s") % customer.account_manager)
    if known.impact is not None and known.impact.tier is not None:
        lines.append(f"{Tier(known.impact.tier).label}: {known.impact.arithmetic}".rstrip(": "))
    return lines


def _preferred(known: Known) -> list[str]:
    customer = known.task.customer
    begin, end = calling_hours.hours(customer)
    wish = customer.preferred_channel
    way = ChannelName(wish).label if wish in ChannelName.values else known.task.get_channel_display()
    return [f"{way}, {begin:%H:%M}–{end:%H:%M} {customer.time_zone}"]


def _impact(known: Known) -> list[str]:
    impact = known.impact
    if impact is None:
        return []
    assumed = _("Degree and harm are assumed: ask.") if impact.is_defaulted else ""
    return [impact.affected_items, f"{impact.get_harm_display()} · {impact.get_degree_display()}", assumed]


def _items(known: Known) -> list[str]:
    return known.impact.affected_items.splitlines() if known.impact else []


def _facts(known: Known) -> list[str]:
    line, version = known.shared.line, known.shared.version
    sections = line.words.get("sections", [])
    taken = [part["text"] for part in sections if part.get("element") == "line_to_take"]
    said = [one for one in (*line.known, *line.recovery) if one.is_publishable]
    named = _("%(label)s: %(value)s (fact sheet v%(version)s)")
    return [
        *(_("Line to take: %s") % text for text in taken),
        *(named % {"label": one.label, "value": one.value, "version": version} for one in said),
        *(_("May be promised: %s") % _promise(one, known) for one in _promises(known)),
    ]


def _unknowns(known: Known) -> list[str]:
    line, company = known.shared.line, known.shared.company
    first = [at for tier, at in line.next_updates if tier == str(Tier.ONE.label)]
    lines = [one.label for one in line.unknown]
    if first:
        moment = staff_texts.moment(min(first), language=known.shared.language, company=company)
        lines.append(_("We say more with the next update: %s") % moment)
    return lines or [_("No line of the fact sheet is open.")]


def _options(known: Known) -> list[str]:
    if known.impact is None:
        return []
    lines = []
    for offer in known.shared.offers:
        limit = offer.covering(known.impact)
        if limit is not None or not offer.limits:
            lines.append(_offered(offer.option, limit))
    measure = [one for one in known.shared.line.recovery if one.key == INTERIM and one.is_publishable]
    return [*lines, *(f"{one.label}: {one.value}" for one in measure if one.value)]


def _red_lines(known: Known) -> list[str]:
    line = known.shared.line
    hidden = [one.label for one in (*line.known, *line.recovery) if not one.is_publishable]
    return [
        *line.words.get("do_not", []),
        *(_("Not for customers: %s") % label for label in hidden),
        _("No date, cause or promise beyond what stands on this sheet."),
    ]


def _history(known: Known) -> list[str]:
    return [_("Waits for an answer: %s") % entry.verbatim for entry in known.asked[:HISTORY]]


def _participants(known: Known) -> list[str]:
    return [str(known.task.owner)] if known.task.owner else []


def _promises(known: Known) -> list[Commitment]:
    tier = known.impact.tier if known.impact else None
    return [
        one
        for one in known.shared.promises
        if one.customer_id in (None, known.task.customer_id) and one.tier in (None, tier)
    ]


def _promise(promise: Commitment, known: Known) -> str:
    text = in_reader_language(promise.text)
    if promise.due_at is None:
        return text
    return (
        f"{text} – {staff_texts.moment(promise.due_at, language=known.shared.language, company=known.shared.company)}"
    )


def _offered(option: RemedyOption, limit: RemedyLimit | None) -> str:
    text = ": ".join(filter(None, [in_reader_language(option.name), in_reader_language(option.how_to_claim)]))
    if limit is None or limit.largest_amount is None:
        return text
    most = _("without its approver up to %(amount)s %(currency)s")
    return f"{text} ({most % {'amount': limit.largest_amount, 'currency': limit.currency}})"


def _offers(incident: Incident, affected: Sequence[int], *, now: datetime) -> list[Offer]:
    open_still = Q(claim_deadline=None) | Q(claim_deadline__gt=now)
    approved = incident.remedy_options.filter(open_still, approved_at__isnull=False).prefetch_related("limits")
    return [
        Offer(option, [(limit, _members(limit, affected)) for limit in sorted(option.limits.all(), key=_by_key)])
        for option in approved.order_by("position", "pk")
    ]


def _members(limit: RemedyLimit, affected: Sequence[int]) -> frozenset[int] | None:
    if not limit.segment:
        return None
    chosen = customers.matching(limit.segment).filter(pk__in=affected)
    return frozenset(chosen.order_by("pk").values_list("pk", flat=True))


def _by_key(limit: RemedyLimit) -> int:
    return limit.pk


def _questions(incident: Incident, *, language: str, now: datetime) -> list[str]:
    approved = incident.qa_entries.filter(state=BriefState.APPROVED).order_by("pk")
    known = qa_bank.values_of(incident, language=language, now=now)
    known = {name: text for name, text in known.items() if name != _OF_THE_MOMENT}
    shown = [(entry, qa_bank.shown(entry, language=language, values=known)) for entry in approved]
    gap = staff_texts.word("not_known", language)
    answered = sorted((pair for pair in shown if pair[1]), key=lambda pair: gap in pair[1])
    return [f"{in_reader_language(entry.question)} – {text}" for entry, text in answered[:QUESTIONS]]


_SOURCES: dict[str, Callable[[Known], list[str]]] = {
    "customer_profile": _profile,
    "preferred_channel": _preferred,
    "impact_on_this_customer": _impact,
    "facts_and_figures": _facts,
    "unknowns": _unknowns,
    "options_to_offer": _options,
    "expected_questions": lambda known: known.shared.questions,
    "red_lines": _red_lines,
    "history": _history,
    "participants": _participants,
    "installed_base": _items,
    "order_table": _items,
    "purchase_record": _items,
}
