"""The review report as one document, shown as web page, PDF and JSON."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import fontpkg_noto_sans
import noto_cjk_sans_otc
import typst
from django.template.loader import render_to_string
from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _

from incidents.enums import Severity, Tier
from incidents.models import Feedback, Incident
from incidents.phases import Phase
from workflows import charts, scorecard
from workflows.models import Review, UpdateSlot
from workflows.scorecard import dialogue
from workflows.scorecard.registry import Question, Result

TEMPLATE = Path(__file__).resolve().parent / "typst" / "review.typ"
FONTS = [Path(package.__file__ or "").resolve().parent for package in (fontpkg_noto_sans, noto_cjk_sans_otc)]
# The phase names of the data are written per customer-text language.
DATA_LANGUAGES = {"zh-hans": "zh"}


def made(review: Review, *, kind: str) -> bytes:
    """Return the report as the bytes of a file; `kind` is html, pdf or json."""
    if kind == "pdf":
        return as_pdf(review)
    return (as_html(review) if kind == "html" else as_json(review)).encode()


def as_json(review: Review) -> str:
    """Return the raw figures: the metric table as computed, with the story of the incident."""
    document = build(review)
    document["raw_metrics"] = review.metrics
    document.pop("charts")
    return json.dumps(document, ensure_ascii=False, indent=2)


def as_html(review: Review) -> str:
    """Return the report as one self-contained page with inline SVG."""
    return render_to_string("review/report.html", build(review))


def as_pdf(review: Review) -> bytes:
    """Return the report as PDF; the fonts come along, so Chinese and Cyrillic read everywhere."""
    data = json.dumps(build(review), ensure_ascii=False)
    compiled = typst.compile(
        TEMPLATE, font_paths=FONTS, ignore_system_fonts=True, sys_inputs={"document": data}, format="pdf"
    )
    assert isinstance(compiled, bytes)
    return compiled


def build(review: Review) -> dict[str, Any]:
    """Return everything the report says, worded in the active language."""
    incident = review.incident
    table = [_row(metric, review.metrics.get(metric.id)) for metric in scorecard.definitions()]
    return {
        "language": translation.get_language() or "en",
        "title": _("Post-incident review"),
        "reference": incident.reference,
        "name": incident.title,
        "facts": _facts(incident, review),
        "summary": review.summary,
        "strengths": _lines(review.strengths),
        "lessons": _lines(review.lessons),
        "improvements": [_improvement(row) for row in review.improvements.select_related("owner").order_by("pk")],
        "metrics": [row for row in table if row["has_data"]],
        "no_data": [row["name"] for row in table if not row["has_data"]],
        "charts": _charts(incident, review),
        "phases": _phases(incident),
        "waivers": [
            {"gate": row.gate_id, "reason": row.reason, "by": str(row.by)}
            for row in incident.waivers.select_related("by").order_by("pk")
        ],
        "commitments": _commitments(incident),
        "voices": _voices(incident),
        "words": _words(),
    }


def _words() -> dict[str, str]:
    return {
        "summary": _("Summary"),
        "strengths": _("What went well"),
        "lessons": _("Lessons"),
        "improvements": _("Improvements"),
        "metrics": _("Metrics"),
        "metric": _("Metric"),
        "all": _("All"),
        "tier": _("Tier"),
        "no_data": _("No data"),
        "phases": _("Phases"),
        "waivers": _("Waivers"),
        "no_waivers": _("No gate was waived."),
        "commitments": _("Commitments"),
        "voices": _("In the customers' words"),
        "owner": _("Owner"),
        "due": _("Due"),
        "test": _("Verified by"),
        "page": _("Page"),
    }


def _facts(incident: Incident, review: Review) -> list[dict[str, str]]:
    people = ", ".join(str(person) for person in review.participants.order_by("username"))
    rows = {
        _("Severity"): str(Severity(incident.severity).label) if incident.severity else "-",
        _("Type"): " / ".join(part for part in (incident.type, incident.subtype, incident.relationship_type) if part),
        _("Detected"): moment(incident.detected_at),
        _("Declared"): moment(incident.declared_at),
        _("Resolved"): moment(incident.resolved_at),
        _("Affected customers"): formats.number_format(incident.impacts.count(), use_l10n=True, force_grouping=True),
        _("Led by"): str(incident.lead or "-"),
        _("Review held"): moment(review.held_at),
        _("Took part"): people or "-",
    }
    return [{"label": label, "value": value} for label, value in rows.items()]


def _row(metric: scorecard.Metric, computed: dict[str, Any] | None) -> dict[str, Any]:
    computed = computed or {"total": None, "tiers": {}}
    return {
        "id": metric.id,
        "name": metric.name.get(_data_language(), metric.name["en"]),
        "formula": metric.formula,
        "has_data": computed["total"] is not None,
        "total": worded(metric.unit, computed["total"]),
        "tiers": [worded(metric.unit, computed["tiers"].get(str(tier))) for tier in Tier.values]
        if computed["tiers"]
        else ["", "", ""],
    }


def worded(unit: str, result: Result) -> str:
    """Return one result in words a manager reads."""
    if result is None:
        return _("no data")
    if unit == "duration":
        return _worded_duration(result)
    if unit == "ratio":
        share = formats.number_format(round(result["value"] * 100, 1))
        parts = "" if result.get("denominator") is None else f" ({result['numerator']}/{result['denominator']})"
        return f"{share} %{parts}"
    if unit == "series":
        return ", ".join(f"{point['x']}: {point['y']:+.2f} ({point['n']})" for point in result["points"])
    return formats.number_format(round(result["value"], 2)) + (f" (n = {result['n']})" if "n" in result else "")


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


def _charts(incident: Incident, review: Review) -> list[dict[str, str]]:
    drawn = [_reach_chart(review), _rhythm_chart(incident), _survey_chart(incident, review)]
    return [chart for chart in drawn if chart["svg"]]


def _reach_chart(review: Review) -> dict[str, str]:
    tiers = review.metrics.get("reach_rate_by_tier", {}).get("tiers", {})
    rows = [
        charts.Bar(str(Tier(int(tier)).label), result["value"], worded("ratio", result))
        for tier, result in tiers.items()
        if result
    ]
    title = _("Customers reached, by tier")
    return {"title": title, "svg": charts.bars(title, rows, maximum=1.0) if rows else ""}


def _rhythm_chart(incident: Incident) -> dict[str, str]:
    title = _("Promised updates and when they were complete")
    slots = list(UpdateSlot.objects.filter(incident=incident, settled_at__isnull=False).order_by("tier", "number"))
    begun, ended = incident.declared_at, incident.closed_at or max((s.promised_at for s in slots), default=None)
    if not slots or begun is None or ended is None or ended <= begun:
        return {"title": title, "svg": ""}
    lanes: dict[str, list[charts.Mark]] = {}
    for slot in slots:
        place = min(max((slot.promised_at - begun) / (ended - begun), 0.0), 1.0)
        mark = charts.Mark(place, f"#{slot.number} {slot.get_state_display()}", is_late=slot.state == "missed")
        lanes.setdefault(str(slot.get_tier_display()), []).append(mark)
    return {"title": title, "svg": charts.lanes(title, lanes, start=moment(begun), end=moment(ended))}


def _survey_chart(incident: Incident, review: Review) -> dict[str, str]:
    title = _("Survey: mean answers from 1 to 5")
    items = dialogue.survey_items(Question(incident, review.computed_at or review.created_at))
    labels = {
        "informed_in_time": _("Told in good time"),
        "understood": _("Understood"),
        "believed": _("Believed"),
        "treated_with_respect": _("Treated with respect"),
        "remedy_fair": _("Remedy was fair"),
    }
    rows = [
        charts.Bar(
            labels[item["id"]], item["mean"], f"{formats.number_format(round(item['mean'], 1))} (n = {item['n']})"
        )
        for item in items
    ]
    return {"title": title, "svg": charts.bars(title, rows, maximum=5.0) if rows else ""}


def _phases(incident: Incident) -> list[dict[str, str]]:
    return [
        {"phase": str(Phase(step.target).label), "at": moment(step.at), "by": str(step.by), "reason": step.reason}
        for step in incident.transitions.select_related("by").order_by("pk")
    ]


def _commitments(incident: Incident) -> list[dict[str, str]]:
    language = _data_language()
    rows = incident.commitments.exclude(kind="next_update").select_related("owner").order_by("made_at", "pk")
    return [
        {
            "text": row.text.get(language) or str(row),
            "owner": str(row.owner or "-"),
            "due": moment(row.due_at),
            "state": str(row.get_state_display()),
        }
        for row in rows[:50]
    ]


def _voices(incident: Incident) -> list[dict[str, str]]:
    rows = Feedback.objects.filter(incident=incident).order_by("received_at", "pk")[:12]
    return [
        {"kind": str(row.get_kind_display()), "mood": str(row.get_mood_display()), "words": row.verbatim}
        for row in rows
    ]


def _improvement(row: Any) -> dict[str, str]:
    return {
        "text": row.text,
        "owner": str(row.owner or "-"),
        "due": formats.date_format(row.due_on) if row.due_on else "-",
        "test": row.test,
    }


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _data_language() -> str:
    active = translation.get_language() or "en"
    return DATA_LANGUAGES.get(active, active)
