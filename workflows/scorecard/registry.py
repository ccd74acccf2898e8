"""What a metric is, who computes which, and the shapes of results.

A result is None (no data) or a dictionary by unit:
duration `{"median", "p90", "max"}` in seconds with `n`; ratio `{"numerator", "denominator", "value"}`;
count and number `{"value"}` (and `n`); money `{"amounts", "each"}` by currency, with `n`; series
`{"points": [{"x", "y", "n"}]}`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.db import connection

from incidents.models import Incident

Result = dict[str, Any] | None
TIERS = (1, 2, 3)


@dataclass(frozen=True)
class Metric:
    """One metric of `metrics.yaml`: its id, unit, which way is better, names and formula."""

    id: str
    unit: str
    better: str
    name: dict[str, str]
    formula: str


@dataclass(frozen=True)
class Question:
    """What a computation is asked: an incident, the time of asking, and one tier or all of them."""

    incident: Incident
    now: datetime
    tier: int | None = None

    @property
    def parameters(self) -> dict[str, Any]:
        """The named parameters of every query of the scorecard."""
        return {"incident": self.incident.pk, "now": self.now, "tier": self.tier, "declared": self.incident.declared_at}


Computation = Callable[[Question], Result]
_computations: dict[str, tuple[Computation, bool]] = {}


def metric(identifier: str, *, by_tier: bool = False) -> Callable[[Computation], Computation]:
    """Register the computation of one metric; `by_tier` asks it for each tier as well."""

    def register(function: Computation) -> Computation:
        _computations[identifier] = (function, by_tier)
        return function

    return register


@cache
def definitions() -> tuple[Metric, ...]:
    """Return every metric of the review, computed or not, in the order of the data."""
    path = Path(__file__).resolve().parent.parent / "playbooks" / "metrics.yaml"
    loaded = yaml.safe_load(path.read_text(encoding="utf-8"))["metrics"]
    return tuple(Metric(m["id"], m["unit"], m["better"], m["name"], m["formula"]) for m in loaded)


def computed_ids() -> frozenset[str]:
    """Return the metrics that have a computation; the others say “no data”."""
    return frozenset(_computations)


def compute(incident: Incident, *, now: datetime) -> dict[str, Any]:
    """Return `{metric id: {"total": result, "tiers": {"1": result, …}}}` for every metric of the data."""
    return {definition.id: compute_one(definition.id, incident, now) for definition in definitions()}


def compute_one(identifier: str, incident: Incident, now: datetime) -> dict[str, Any]:
    """Return one metric in total and, where it is asked by tier, for each."""
    if identifier not in _computations:
        return {"total": None, "tiers": {}}
    function, by_tier = _computations[identifier]
    tiers = {str(tier): function(Question(incident, now, tier)) for tier in TIERS} if by_tier else {}
    return {"total": function(Question(incident, now)), "tiers": tiers}


def one_row(sql: str, question: Question, **more: Any) -> tuple[Any, ...]:
    """Run a query of one row with the question's named parameters."""
    with connection.cursor() as cursor:
        cursor.execute(sql, {**question.parameters, **more})
        row: tuple[Any, ...] = cursor.fetchone()
    return row


def all_rows(sql: str, question: Question, **more: Any) -> list[tuple[Any, ...]]:
    """Run a query of many rows with the question's named parameters."""
    with connection.cursor() as cursor:
        cursor.execute(sql, {**question.parameters, **more})
        return list(cursor.fetchall())


def durations(values_sql: str, question: Question, **more: Any) -> Result:
    """Summarise a query of one column `seconds`: median, 90th percentile and worst case."""
    sql = f"""
        SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds),
               percentile_cont(0.9) WITHIN GROUP (ORDER BY seconds), max(seconds), count(seconds)
        FROM ({values_sql}) AS measured
    """
    median, p90, worst, count = one_row(sql, question, **more)
    if not count:
        return None
    return {"median": float(median), "p90": float(p90), "max": float(worst), "n": count}


def single(seconds: float | None) -> Result:
    """Return a duration measured once."""
    if seconds is None:
        return None
    return {"median": seconds, "p90": seconds, "max": seconds, "n": 1}


def ratio(numerator: int | None, denominator: int | None) -> Result:
    """Return a share with its parts, or no data when there is nothing to divide by."""
    if not denominator:
        return None
    return {"numerator": numerator or 0, "denominator": denominator, "value": (numerator or 0) / denominator}


# Every contact that reached an affected customer: accepted mail, a finished call, and a publication for the tiers
# that a message addresses by publication alone.
CONTACTS = """
    contacts AS (
        SELECT i.customer_id, i.tier, m.id AS message_id, m.kind, d.accepted_at AS at
        FROM incidents_impact i
        JOIN notifications_delivery d ON d.customer_id = i.customer_id AND d.incident_id = i.incident_id
        JOIN notifications_message m ON m.id = d.message_id
        WHERE i.incident_id = %(incident)s AND d.status IN ('accepted', 'delivered', 'acknowledged')
        UNION ALL
        SELECT i.customer_id, i.tier, m.id, coalesce(m.kind, 'call'), o.finished_at
        FROM incidents_impact i
        JOIN workflows_outreachtask o ON o.customer_id = i.customer_id AND o.incident_id = i.incident_id
        LEFT JOIN notifications_message m ON m.id = o.message_id
        WHERE i.incident_id = %(incident)s AND o.state = 'done'
        UNION ALL
        SELECT i.customer_id, i.tier, m.id, m.kind, p.published_at
        FROM incidents_impact i
        JOIN notifications_message m ON m.incident_id = i.incident_id
        JOIN notifications_pagepost p ON p.message_id = m.id
        WHERE i.incident_id = %(incident)s
          AND m.channels -> i.tier::text ?| ARRAY['website_notice', 'official_statement', 'status_page', 'dark_site']
          AND NOT m.channels -> i.tier::text ?|
              ARRAY['email_personal', 'email_bulk', 'phone', 'video', 'in_person', 'sms', 'messenger']
    ),
    affected AS (
        SELECT customer_id, tier FROM incidents_impact
        WHERE incident_id = %(incident)s AND (%(tier)s::int IS NULL OR tier = %(tier)s::int)
    )
"""
