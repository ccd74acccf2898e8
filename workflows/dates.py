"""Future dates in a text: each belongs to a promise or an estimate, or nobody keeps it."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from itertools import chain
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from incidents.models import Commitment
from incidents.phases import Enforcement
from notifications import bodies, compose, rendering, translations
from notifications.models import Message, MessageRevision
from workflows import playbooks

# An estimate named in a text becomes one when it is released; these are promises by their kind.
TRACKED = frozenset({"incident.eta", "update.next_due_at", "commitment.due_at", "remedy.claim_deadline"})
WRITTEN = re.compile(
    r"(?P<y1>20\d\d)-(?P<m1>\d\d?)-(?P<d1>\d\d?)"
    r"|(?P<y2>20\d\d)\s?年\s?(?P<m2>\d\d?)\s?月\s?(?P<d2>\d\d?)\s?日"
    r"|(?P<d3>\d\d?)\s(?P<m3>[^\W\d]+)\s(?P<y3>20\d\d)"
    r"|(?P<m4>[^\W\d]+)\s(?P<d4>\d\d?),\s?(?P<y4>20\d\d)"
)


def enforcement() -> Enforcement:
    """Return how strict the reference data is about a date nobody answers for."""
    return Enforcement(playbooks.reference("phrases")["future_dates"])


def untracked(message: Message, *, now: datetime) -> list[str]:
    """Return a sentence for each future date of the text without a promise or an estimate behind it."""
    revision = compose.current(message)
    zone = ZoneInfo(revision.content["time_zone"])
    made = Commitment.objects.unsettled().filter(incident=message.incident, due_at__isnull=False)
    kept = {due.astimezone(zone).date() for due in made.values_list("due_at", flat=True) if due}
    kept |= {moment.astimezone(zone).date() for moment in _named(revision, tracked=True)}
    found = chain(_facts(revision, zone=zone), _written(revision, languages=translations.spoken(message)))
    today = now.astimezone(zone).date()
    loose = dict.fromkeys((day, place) for day, place in found if day > today and day not in kept)
    return [
        _("%(date)s (%(place)s): no promise and no estimate stands behind this date. Note one, or take it out.")
        % {"date": day.isoformat(), "place": place}
        for day, place in loose
    ]


def _named(revision: MessageRevision, *, tracked: bool) -> Iterator[datetime]:
    content = revision.content
    for variable, moment in content["times"].items():
        if moment and (variable in TRACKED) == tracked:
            yield datetime.fromisoformat(moment)
    for promise in content["promises"].values() if tracked else ():
        if promise.get("next_update_at"):
            yield datetime.fromisoformat(promise["next_update_at"])


def _facts(revision: MessageRevision, *, zone: ZoneInfo) -> Iterator[tuple[date, str]]:
    content = revision.content
    for key in content["facts_used"]:
        moment = content["times"].get(key)
        if moment and key not in TRACKED:
            yield datetime.fromisoformat(moment).astimezone(zone).date(), rendering.label(key)


def _written(revision: MessageRevision, *, languages: list[str]) -> Iterator[tuple[date, str]]:
    """Dates in the words themselves, values left out: those are judged by their variable."""
    for language in languages:
        for source in bodies.sources(revision.content["texts"][language]):
            for found in WRITTEN.finditer(source):
                day = _day(found, language)
                if day is not None:
                    yield day, found.group()


def _day(found: re.Match[str], language: str) -> date | None:
    year, month, day = (next(filter(None, (found[f"{part}{n}"] for n in range(1, 5))), "") for part in "ymd")
    names = rendering.PHRASES["months"].get(language, rendering.PHRASES["months"]["en"])
    number = int(month) if month.isdigit() else next((n for n, name in enumerate(names, 1) if str(name) == month), 0)
    try:
        return date(int(year), number, int(day))
    except ValueError:
        return None
