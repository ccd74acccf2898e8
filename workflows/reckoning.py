"""What the review reckons up: the figures by pillar and by goal, the cost, and what became of the customers."""

from collections.abc import Iterable
from typing import Any

from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from incidents import costs as costing
from incidents.enums import CostKind, Tier
from incidents.models import CostItem, Incident
from notifications.enums import ChannelName
from workflows import charts, scorecard
from workflows.figures import money, percent, sums, worded
from workflows.gates import in_reader_language
from workflows.models import Review
from workflows.scorecard.grouping import Group, shipped

Row = dict[str, Any]
GROUPS = {
    "affected": gettext_lazy("Affected customers"),
    "unaffected": gettext_lazy("Customers not affected"),
    "informed": gettext_lazy("Told in time"),
    "uninformed": gettext_lazy("Not told in time"),
    "silence_within": gettext_lazy("Silence within the rhythm"),
    "silence_double": gettext_lazy("Silence up to twice that"),
    "silence_longer": gettext_lazy("Silence beyond that"),
    "silence_unknown": gettext_lazy("One contact or none"),
}


def words() -> dict[str, str]:
    """Return the headings of the cost and of the customers afterwards."""
    return {
        "costs": _("What it cost"),
        "no_costs": _("No cost was recorded."),
        "what": _("What"),
        "amount": _("Amount"),
        "basis": _("Actual or estimate"),
        "note": _("Note"),
        "by": _("By"),
        "total": _("Total"),
        "known": _("Actual"),
        "estimated": _("Estimated"),
        "afterwards": _("What became of the customers"),
        "group": _("Customers"),
        "stayed": _("Still customers"),
        "bought": _("Ordered again"),
        "revenue": _("Revenue each"),
        "silence": _("Silence: the longest time between two contacts, against the rhythm promised to the tier."),
    }


def rows(review: Review) -> list[Row]:
    """Return every figure in words, in the order of the data."""
    return [_row(metric, review.metrics.get(metric.id)) for metric in scorecard.definitions()]


def pillars(table: list[Row]) -> list[Row]:
    """Return the four pillars, each with how it stands in one line and its figures."""
    return [_grouped(group, table) for group in shipped().pillars]


def goals(table: list[Row]) -> list[Row]:
    """Return the four goals, each with how it stands in one line and its figures."""
    return [_grouped(group, table) for group in shipped().goals]


def others(table: list[Row]) -> Row:
    """Return the figures that stand under no pillar and no goal."""
    named = {name for group in (*shipped().pillars, *shipped().goals) for name in group.metrics}
    return _parted([row for row in table if row["id"] not in named])


def costs(incident: Incident) -> Row:
    """Return the cost items that stand, and their sums by currency with a picture of each."""
    items = list(
        CostItem.objects.standing().filter(incident=incident).select_related("by", "corrects").order_by("at", "pk")
    )
    totals = costing.totals(items)
    return {
        "items": [_cost(item) for item in items],
        "totals": [
            {
                "currency": total.currency,
                "total": money(total.all, total.currency),
                "known": money(total.known, total.currency),
                "estimated": money(total.estimated, total.currency),
            }
            for total in totals
        ],
        "raw": {
            total.currency: {
                "known": str(total.known),
                "estimated": str(total.estimated),
                "by_kind": {kind: str(amount) for kind, amount in total.by_kind.items()},
            }
            for total in totals
        },
        "charts": [_cost_chart(total) for total in totals],
    }


def afterwards(review: Review) -> Row:
    """Return the groups of customers compared, and a picture of who stayed; no rows where nobody was observed."""
    found = review.afterwards
    if not found:
        return {"line": _("no data"), "rows": [], "chart": {}}
    compared = [(name, found["groups"][name]) for name in GROUPS if name in found["groups"]]
    title = _("Still customers")
    bars = [
        charts.Bar(str(GROUPS[name]), group["stayed"] / group["observed"], _share(group, "stayed", "observed"))
        for name, group in compared
    ]
    return {
        "line": _as_of(found),
        "rows": [
            {
                "id": name,
                "name": str(GROUPS[name]),
                "stayed": _share(group, "stayed", "observed"),
                "bought": _share(group, "bought", "asked"),
                "revenue": sums(group["revenue"]) if "revenue" in group else _("no data"),
            }
            for name, group in compared
        ],
        "chart": {"title": title, "svg": charts.bars(title, bars, maximum=1.0)},
    }


def _as_of(found: Row) -> str:
    day = parse_date(found["newest"])
    words = {"day": date_format(day) if day else found["newest"], "days": found["days"]}
    if found["is_early"]:
        return _("As last observed, up to %(day)s (day %(days)d); the figures at 90 days come later.") % words
    return _("At 90 days; the newest observation is of %(day)s (day %(days)d).") % words


def _share(group: Row, part: str, whole: str) -> str:
    if not group[whole]:
        return _("no data")
    return f"{percent(group[part] / group[whole])} ({group[part]}/{group[whole]})"


def _row(metric: scorecard.Metric, computed: Row | None) -> Row:
    computed = computed or {"total": None, "tiers": {}}
    target = shipped().targets.get(metric.id)
    tiers = [worded(metric.unit, computed["tiers"].get(str(tier))) for tier in Tier.values]
    return {
        "id": metric.id,
        "name": in_reader_language(metric.name),
        "formula": metric.formula,
        "has_data": computed["total"] is not None,
        "total": worded(metric.unit, computed["total"]),
        "tiers": tiers if computed["tiers"] else ["", "", ""],
        "target": percent(target) if target is not None and metric.unit == "ratio" else "",
        "has_missed": _has_missed(metric, computed["total"], target),
    }


def _has_missed(metric: scorecard.Metric, result: Row | None, target: float | None) -> bool | None:
    """Whether the figure misses its target; None where it has no data or no target."""
    if result is None or target is None:
        return None
    value = float(result["value"])
    return value < target if metric.better == "higher" else value > target


def _grouped(group: Group, table: list[Row]) -> Row:
    by_id = {row["id"]: row for row in table}
    own = [by_id[name] for name in group.metrics]
    return {"id": group.id, "name": in_reader_language(group.name), "line": _line(own), **_parted(own)}


def _parted(own: list[Row]) -> Row:
    return {
        "metrics": [row for row in own if row["has_data"]],
        "no_data": [row["name"] for row in own if not row["has_data"]],
    }


def _line(own: list[Row]) -> str:
    """Say how a group stands: how many figures have data, and which of them missed a target; no grade."""
    known = sum(1 for row in own if row["has_data"])
    words = ngettext("%(known)d of %(all)d figure has data", "%(known)d of %(all)d figures have data", len(own))
    return f"{words % {'known': known, 'all': len(own)}}; {_judged(own)}."


def _judged(own: list[Row]) -> str:
    judged = [row for row in own if row["has_missed"] is not None]
    missed = [f"{row['name']} {row['total']}" for row in judged if row["has_missed"]]
    if missed:
        return _("missed their target: %s") % ", ".join(missed)
    if not judged:
        return _("none of these has a target")
    words = ngettext("the one with a target met it", "all %(count)d with a target met it", len(judged))
    return words % {"count": len(judged)}


def _cost(item: CostItem) -> Row:
    before = item.corrects
    corrected = ""
    if before is not None:
        words = _("corrected from %(before)s: %(reason)s")
        corrected = words % {"before": money(before.amount, before.currency), "reason": item.reason}
    channel = str(ChannelName(item.channel).label) if item.channel in ChannelName.values else item.channel
    return {
        "id": item.pk,
        "kind": " · ".join(filter(None, (str(CostKind(item.kind).label), channel))),
        "amount": money(item.amount, item.currency),
        "basis": _("estimate") if item.is_estimate else _("actual"),
        "note": "; ".join(filter(None, (item.note, corrected))),
        "by": str(item.by),
        "on": date_format(item.at, "DATE_FORMAT"),
    }


def _cost_chart(total: costing.Total) -> dict[str, str]:
    title = _("Cost in %s") % total.currency
    spent: Iterable[tuple[str, Any]] = sorted(total.by_kind.items(), key=lambda pair: -pair[1])
    bars = [
        charts.Bar(str(CostKind(kind).label), float(amount), money(amount, total.currency)) for kind, amount in spent
    ]
    return {"title": title, "svg": charts.bars(title, bars)}
