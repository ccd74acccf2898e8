"""Metrics of what telling customers cost; amounts by currency, as text so that no cent is lost, never converted."""

from collections import defaultdict
from decimal import Decimal
from typing import Any

from incidents.enums import CostKind
from incidents.models import CostItem
from workflows.scorecard.registry import Question, Result, all_rows, metric

# The formula's words: staff hours x rate + channel fees + agency + remedies.
COMMUNICATION = (CostKind.STAFF_HOURS, CostKind.CHANNEL, CostKind.AGENCY, CostKind.REMEDY)
Sums = dict[str, Decimal]


@metric("communication_cost")
def communication_cost(question: Question) -> Result:
    """What communication and remedies cost, and per affected customer."""
    items = CostItem.objects.standing().filter(incident=question.incident, kind__in=COMMUNICATION)
    sums = _sums((row.currency, row.amount) for row in items)
    return _result(sums, count=question.incident.impacts.count()) if sums else None


@metric("channel_cost_per_ack")
def channel_cost_per_ack(question: Question) -> Result:
    """What channels cost per acknowledged contact, in all and for the channels whose own cost is recorded."""
    items = CostItem.objects.standing().filter(incident=question.incident, kind=CostKind.CHANNEL)
    spent: dict[str, list[tuple[str, Decimal]]] = defaultdict(list)
    for item in items:
        spent[item.channel].append((item.currency, item.amount))
    acknowledged = dict(all_rows(_ACKNOWLEDGED, question))
    count = sum(acknowledged.values())
    if not spent or not count:
        return None
    whole = _result(_sums([pair for pairs in spent.values() for pair in pairs]), count=count)
    own = {
        channel: _result(_sums(pairs), count=acknowledged[channel])
        for channel, pairs in sorted(spent.items())
        if acknowledged.get(channel)
    }
    return {**whole, "by_channel": own}


def _sums(pairs: Any) -> Sums:
    sums: Sums = {}
    for currency, amount in pairs:
        sums[currency] = sums.get(currency, Decimal(0)) + amount
    return dict(sorted(sums.items()))


def _result(sums: Sums, *, count: int) -> dict[str, Any]:
    each = {currency: str(round(amount / count, 2)) for currency, amount in sums.items()} if count else {}
    return {"amounts": {currency: str(amount) for currency, amount in sums.items()}, "each": each, "n": count}


_ACKNOWLEDGED = """
    SELECT channel, count(*) FROM (
        SELECT channel FROM notifications_delivery WHERE incident_id = %(incident)s AND status = 'acknowledged'
        UNION ALL
        SELECT channel FROM workflows_outreachtask WHERE incident_id = %(incident)s AND state = 'done'
    ) AS heard GROUP BY channel
"""
