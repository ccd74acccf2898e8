"""Puts a computed result of the review into words a manager reads, in the active language."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from notifications.enums import ChannelName
from workflows.scorecard.registry import Result


def worded(unit: str, result: Result) -> str:
    """Return one result in words a manager reads."""
    if result is None:
        return _("no data")
    if unit == "duration":
        return _worded_duration(result)
    if unit == "ratio":
        return _worded_ratio(result)
    if unit == "money":
        return _worded_money(result)
    if unit == "series":
        return ", ".join(f"{point['x']}: {point['y']:+.2f} ({point['n']})" for point in result["points"])
    return formats.number_format(round(result["value"], 2)) + (f" (n = {result['n']})" if "n" in result else "")


def percent(value: float) -> str:
    """Return a share of one as a percentage."""
    return f"{formats.number_format(round(value * 100, 1))} %"


def money(amount: str | Decimal, currency: str) -> str:
    """Return an amount with its currency, the thousands apart; without a currency the number alone."""
    return f"{formats.number_format(Decimal(amount), use_l10n=True, force_grouping=True)} {currency}".strip()


def sums(amounts: dict[str, str]) -> str:
    """Return amounts by currency one after another; nothing is converted."""
    return " + ".join(money(amount, currency) for currency, amount in amounts.items())


def _worded_ratio(result: dict[str, Any]) -> str:
    parts = "" if result.get("denominator") is None else f" ({result['numerator']}/{result['denominator']})"
    told = percent(result["value"]) + parts
    if result.get("of", 0) > (result.get("denominator") or 0):
        told += "; " + _("%(seen)d of %(all)d observed") % {"seen": result["denominator"], "all": result["of"]}
    others = result.get("unaffected")
    if others:
        words = _("unaffected %(share)s, difference %(points)s points")
        points = formats.number_format(round((result["value"] - others["value"]) * 100, 1))
        told += "; " + words % {"share": _worded_ratio(others), "points": points}
    return told


def _worded_money(result: dict[str, Any]) -> str:
    told = sums(result["amounts"])
    if result["each"]:
        told += "; " + _("%(sum)s each (n = %(n)d)") % {"sum": sums(result["each"]), "n": result["n"]}
    labels = dict(ChannelName.choices)
    own = [
        f"{labels.get(channel, channel)} {sums(one['each'])}"
        for channel, one in result.get("by_channel", {}).items()
        if channel
    ]
    return "; ".join([told, *own])


def _worded_duration(result: dict[str, Any]) -> str:
    if result["n"] == 1:
        return length(result["median"])
    if "mean" in result:
        named = _("mean %(mean)s, 90 %% within %(p90)s, worst %(worst)s")
    else:
        named = _("median %(median)s, 90 %% within %(p90)s, worst %(worst)s")
    return named % {
        "mean": length(result.get("mean", 0)),
        "median": length(result["median"]),
        "p90": length(result["p90"]),
        "worst": length(result["max"]),
    }


def length(seconds: float) -> str:
    """Return a length of time in its two largest units; below ten seconds with a decimal."""
    if abs(seconds) < 10:
        return _("%s s") % formats.number_format(round(seconds, 1))
    units = [(86400, _("%d d")), (3600, _("%d h")), (60, _("%d min")), (1, _("%d s"))]
    left = round(abs(seconds))
    parts: list[str] = []
    for size, words in units:
        if left >= size and len(parts) < 2:
            parts.append(words % (left // size))
            left %= size
    return ("-" if seconds < 0 else "") + " ".join(parts)


def moment(at: datetime | None) -> str:
    """Return a time in UTC as the active language writes it."""
    if at is None:
        return "-"
    return formats.date_format(timezone.localtime(at), "DATETIME_FORMAT") + " UTC"
