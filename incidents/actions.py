"""What the company does about an incident: planned with an owner and a date, done, or dropped."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from incidents import audit
from incidents.enums import TimelineKind
from incidents.errors import Refusal
from incidents.models import Action, Incident, User
from incidents.sentences import gettext as _


class BadAction(Refusal):
    """An action has words, an owner and a date, and ends once."""


@dataclass(frozen=True)
class Step:
    """An action: words per language, who does it, by when, and whether customers may be told."""

    text: dict[str, str]
    owner: User
    due_at: datetime
    is_told: bool = True


def plan(incident: Incident, *, step: Step, by: User, now: datetime) -> Action:
    """Write an action down."""
    text = {language: words.strip() for language, words in step.text.items() if words.strip()}
    if not text:
        raise BadAction(_("Say what is done, at least in one language."))
    with transaction.atomic():
        action = Action.objects.create(
            incident=incident, text=text, owner=step.owner, due_at=step.due_at, is_told=step.is_told, created_at=now
        )
        _log(action, name="action.planned", words=_("Planned: %(what)s (%(owner)s)"), by=by, now=now)
    return action


def finish(action: Action, *, by: User, now: datetime) -> Action:
    """Say that an action is done."""
    with transaction.atomic():
        locked = _open(action)
        locked.done_at = now
        locked.save(update_fields=["done_at"])
        _log(locked, name="action.done", words=_("Done: %(what)s (%(owner)s)"), by=by, now=now)
    return locked


def drop(action: Action, *, by: User, now: datetime) -> Action:
    """Say that an action will not be done."""
    with transaction.atomic():
        locked = _open(action)
        locked.dropped_at = now
        locked.save(update_fields=["dropped_at"])
        _log(locked, name="action.dropped", words=_("Will not be done: %(what)s (%(owner)s)"), by=by, now=now)
    return locked


def _open(action: Action) -> Action:
    locked = (
        Action.objects.select_for_update(no_key=True, of=("self",))
        .select_related("incident", "owner")
        .get(pk=action.pk)
    )
    if locked.done_at is not None or locked.dropped_at is not None:
        raise BadAction(_("This action is over already."))
    return locked


def _log(action: Action, *, name: str, words: str, by: User, now: datetime) -> None:
    text = words % {"what": action, "owner": action.owner}
    audit.tell(action.incident, kind=TimelineKind.NOTE, text=text, by=by, now=now)
    audit.record(action.incident, action=name, actor=by, now=now, data={"action": action.pk})
