"""Actions as customers read them: what was done and what is planned becomes two facts, in words and with dates."""

from collections.abc import Callable, Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from incidents import actions, facts
from incidents.enums import FactStatus, Language
from incidents.models import Action, Company, Incident, User
from notifications import rendering
from workflows import phrases

TAKEN, NEXT = "incident.actions_taken", "incident.actions_next"


def plan(incident: Incident, *, step: actions.Step, by: User, now: datetime) -> Action:
    """Plan an action, and tell it in the fact of planned actions."""
    with transaction.atomic():
        action = actions.plan(incident, step=step, by=by, now=now)
        write(incident, by=by, now=now)
    return action


def finish(action: Action, *, by: User, now: datetime) -> Action:
    """Say that an action is done; it moves from the planned actions to those taken."""
    with transaction.atomic():
        done = actions.finish(action, by=by, now=now)
        write(done.incident, by=by, now=now)
    return done


def drop(action: Action, *, by: User, now: datetime) -> Action:
    """Say that an action will not be done; customers are told of it no more."""
    with transaction.atomic():
        dropped = actions.drop(action, by=by, now=now)
        write(dropped.incident, by=by, now=now)
    return dropped


def write(incident: Incident, *, by: User, now: datetime) -> None:
    """Put the tellable actions into their two facts; what the team wrote by hand stays until the first action."""
    tellable = incident.actions.tellable().select_related("owner")
    if not tellable.exists():
        return
    _put(incident, TAKEN, tellable.done().order_by("done_at", "pk"), told=_done, by=by, now=now)
    _put(incident, NEXT, tellable.planned().order_by("due_at", "pk"), told=_planned, by=by, now=now)


def _put(  # noqa: PLR0913 - one fact from some rows
    incident: Incident, key: str, rows: Iterable[Action], *, told: Callable[[Action, str], str], by: User, now: datetime
) -> None:
    fact = incident.facts.filter(key=key).first()
    if fact is None:
        return
    steps = list(rows)
    value = {
        language: phrases.sentences([told(step, language) for step in steps], language=language)
        for language in Language.values
        if steps and all(step.text.get(language) for step in steps)
    }
    if value == fact.value and (value or fact.is_answered):
        return
    if steps and not value:
        # Nothing can be told in any one language: the team's own words stay.
        return
    status = (FactStatus.VERIFIED if key == TAKEN else FactStatus.ESTIMATED) if value else FactStatus.UNKNOWN
    change = facts.FactChange(key, value, status, _("list of actions"), is_news=True)
    facts.put(incident, change=change, by=by, now=now)


def _done(action: Action, language: str) -> str:
    return phrases.step("done", language=language, text=action.text[language])


def _planned(action: Action, language: str) -> str:
    company = Company.objects.first() or Company()
    due = rendering.format_moment(action.due_at, language=language, time_zone=company.time_zone)
    return phrases.step("planned", language=language, text=action.text[language], due=due)
