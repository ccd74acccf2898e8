"""The screening of legal and contractual clocks: each one of the plan answered for each jurisdiction."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from incidents import decisions
from incidents.enums import DecisionKind
from incidents.errors import Refusal
from incidents.models import Decision, Incident, User
from workflows import clock_data, clocks
from workflows.models import CommunicationPlan

CHECK = "clock_screening"
ANSWERS = ("yes", "no", "unknown")
Answers = dict[str, dict[str, str]]


class ScreeningIncomplete(Refusal):
    """Some clocks have no answer, or a word that is none; `open_questions` names clock and jurisdiction."""

    def __init__(self, open_questions: list[tuple[str, str]]) -> None:
        self.open_questions = open_questions
        named = ", ".join(f"{clock} / {jurisdiction}" for clock, jurisdiction in open_questions)
        super().__init__(_("Answer each clock with yes, no or unknown; still open: %s") % (named or "-"))


def questions(incident: Incident) -> list[tuple[str, str]]:
    """Return every clock of the current plan with each jurisdiction where it counts: what must be answered."""
    plan = CommunicationPlan.objects.filter(incident=incident).exclude(state="superseded").first()
    wanted = plan.content.get("clock_refs", []) if plan else []
    return [(clock, place) for clock in wanted for place in clock_data.places_of(clock, incident.jurisdictions)]


def screen_clocks(incident: Incident, *, answers: Answers, by: User, now: datetime, reason: str = "") -> Decision:
    """Record the answers (`{clock: {jurisdiction: "yes" | "no" | "unknown"}}`) and let clocks run, also for unknown.

    Raises ScreeningIncomplete when a clock of the plan is not answered for a jurisdiction of the incident.
    """
    still_open = _open(questions(incident), answers)
    if still_open or not incident.jurisdictions:
        raise ScreeningIncomplete(still_open)
    running = sorted({clock for clock, places in answers.items() if set(places.values()) - {"no"}})
    outcome = _("%d clocks start") % len(running) if running else _("no clock applies")
    reason = reason.strip() or _("Screened for %s") % ", ".join(incident.jurisdictions)
    with transaction.atomic():
        for clock, places in answers.items():
            _start_or_ask_stop(incident, clock, places, reason=reason, by=by, now=now)
        return decisions.decide(
            incident,
            key=CHECK,
            outcome=outcome,
            reason=reason,
            by=by,
            now=now,
            kind=DecisionKind.CHECK,
            data={"answers": answers, "running": running},
        )


def suggestion(incident: Incident, clock: str) -> str:
    """Return the answer a fact suggests, or nothing; a person still gives it."""
    known = clock_data.find(clock)
    fact = incident.facts.filter(key=known.fact, is_answered=True).first() if known and known.fact else None
    value = fact.value.get("") if fact is not None else None
    return {True: "yes", False: "no"}.get(value, "") if isinstance(value, bool) else ""


def unanswered(incident: Incident) -> list[tuple[str, str]]:
    """Return the questions that the newest screening leaves open; all of them when nobody screened."""
    screening = decisions.latest(incident, kind=DecisionKind.CHECK, key=CHECK)
    return _open(questions(incident), screening.data.get("answers", {}) if screening else {})


def _start_or_ask_stop(
    incident: Incident, clock: str, places: dict[str, str], *, reason: str, by: User, now: datetime
) -> None:
    """A running clock is not stopped by a new answer: its stop is asked for, and another person agrees."""
    for place, answer in places.items():
        if answer != "no":
            clocks.start(incident, clock=clock, place=place, answer=answer, by=by, now=now)
            continue
        for run in clocks.unsettled(incident).filter(clock=clock, jurisdiction=place, stop_reason=""):
            clocks.ask_stop(run, reason=reason, by=by, now=now)


def _open(asked: list[tuple[str, str]], answers: Answers) -> list[tuple[str, str]]:
    return [(clock, place) for clock, place in asked if answers.get(clock, {}).get(place) not in ANSWERS]
