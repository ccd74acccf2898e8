"""The review report as one document, shown as web page, PDF and JSON."""

import json
from pathlib import Path
from typing import Any

import fontpkg_noto_sans
import noto_cjk_sans_otc
import typst
from django.template.loader import render_to_string
from django.utils import formats, translation
from django.utils.translation import gettext as _

from incidents.enums import Severity, Tier
from incidents.models import Feedback, Incident
from incidents.phases import Phase
from workflows import charts, playbooks_loader, reckoning
from workflows.figures import moment, worded
from workflows.gates import in_reader_language
from workflows.models import Review, UpdateSlot
from workflows.scorecard import dialogue
from workflows.scorecard.registry import Question

TEMPLATE = Path(__file__).resolve().parent / "typst" / "review.typ"
FONTS = [Path(package.__file__ or "").resolve().parent for package in (fontpkg_noto_sans, noto_cjk_sans_otc)]


def made(review: Review, *, kind: str) -> bytes:
    """Return the report as the bytes of a file; `kind` is html, pdf or json."""
    if kind == "pdf":
        return as_pdf(review)
    return (as_html(review) if kind == "html" else as_json(review)).encode()


def as_json(review: Review) -> str:
    """Return the raw figures: the metric table as computed, with the story of the incident."""
    document = build(review)
    document["raw_metrics"] = review.metrics
    # Pictures are for eyes.
    document.pop("charts")
    document["costs"].pop("charts")
    document["afterwards"].pop("chart")
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
    table = reckoning.rows(review)
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
        "pillars": reckoning.pillars(table),
        "goals": reckoning.goals(table),
        "others": reckoning.others(table),
        "costs": reckoning.costs(incident),
        "afterwards": reckoning.afterwards(review),
        "charts": _charts(incident, review),
        "phases": _phases(incident),
        "waivers": [
            {"gate": row.gate_id, "reason": row.reason, "by": str(row.by)}
            for row in incident.waivers.select_related("by").order_by("pk")
        ],
        "commitments": _commitments(incident),
        "voices": _voices(incident),
        "words": _words() | reckoning.words(),
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
        "pillars": _("How we did: the four pillars"),
        "goals": _("What came of it: the four goals"),
        "others": _("Other figures"),
        "target": _("Target"),
        "missed": _("missed"),
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
        _("Type"): playbooks_loader.classification(incident) or "-",
        _("Detected"): moment(incident.detected_at),
        _("Declared"): moment(incident.declared_at),
        _("Resolved"): moment(incident.resolved_at),
        _("Affected customers"): formats.number_format(incident.impacts.count(), use_l10n=True, force_grouping=True),
        _("Led by"): str(incident.lead or "-"),
        _("Review held"): moment(review.held_at),
        _("Took part"): people or "-",
    }
    return [{"label": label, "value": value} for label, value in rows.items()]


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
    rows = incident.commitments.exclude(kind="next_update").select_related("owner").order_by("made_at", "pk")
    return [
        {
            "text": in_reader_language(row.text),
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
