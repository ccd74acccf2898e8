"""The screening of legal and contractual clocks: each one of the plan answered for each jurisdiction."""

from datetime import datetime

from django.utils.translation import gettext as _

from incidents import decisions
from incidents.enums import DecisionKind
from incidents.errors import Refusal
from incidents.models import Decision, Incident, User
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
    """Return every clock of the current plan with every jurisdiction of the incident: what must be answered."""
    plan = CommunicationPlan.objects.filter(incident=incident).exclude(state="superseded").first()
    clocks = plan.content.get("clock_refs", []) if plan else []
    return [(clock, jurisdiction) for clock in clocks for jurisdiction in incident.jurisdictions]


def screen_clocks(incident: Incident, *, answers: Answers, by: User, now: datetime, reason: str = "") -> Decision:
    """Record the answers (`{clock: {jurisdiction: "yes" | "no" | "unknown"}}`); unknown starts a clock like yes.

    Raises ScreeningIncomplete when a clock of the plan is not answered for a jurisdiction of the incident.
    """
    still_open = _open(questions(incident), answers)
    if still_open or not incident.jurisdictions:
        raise ScreeningIncomplete(still_open)
    running = sorted({clock for clock, places in answers.items() if set(places.values()) - {"no"}})
    outcome = _("%d clocks start") % len(running) if running else _("no clock applies")
    return decisions.decide(
        incident,
        key=CHECK,
        outcome=outcome,
        reason=reason or _("Screened for %s") % ", ".join(incident.jurisdictions),
        by=by,
        now=now,
        kind=DecisionKind.CHECK,
        data={"answers": answers, "running": running},
    )


def unanswered(incident: Incident) -> list[tuple[str, str]]:
    """Return the questions that the newest screening leaves open; all of them when nobody screened."""
    screening = decisions.latest(incident, kind=DecisionKind.CHECK, key=CHECK)
    return _open(questions(incident), screening.data.get("answers", {}) if screening else {})


def _open(asked: list[tuple[str, str]], answers: Answers) -> list[tuple[str, str]]:
    return [(clock, place) for clock, place in asked if answers.get(clock, {}).get(place) not in ANSWERS]
