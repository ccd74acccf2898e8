"""Incidents of one cause: linked while both go on, so that a customer hit by both gets one update that names both.

An update of a linked incident says what the other's confirmed facts tell, and names a next time that holds for both.
When the other's turn comes, a customer who got such an update is not written to again, as long as its time is still
to come and the other's facts are the ones it told. Everybody else gets the other's own update: no promise is lost.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from incidents import audit, facts
from incidents.enums import FactStatus, TimelineKind
from incidents.errors import Refusal
from incidents.models import FactSheet, Incident, User
from incidents.sentences import gettext as _
from notifications import bodies, rendering
from notifications.enums import RELEASED, MessageKind
from notifications.models import Message
from workflows import playbooks
from workflows.enums import LinkKind, SlotState
from workflows.models import IncidentLink, UpdateSlot

VARIABLE, SOURCES = "update.linked", "update.linked_sources"
# What an update tells of the other incident, in this order.
_TOLD = ("incident.known", "incident.actions_taken")
_UNSAID = frozenset({FactStatus.RETRACTED, FactStatus.UNKNOWN})
_LOOKED_AT = 50


class CannotLink(Refusal):
    """The two incidents cannot be linked, or the link cannot be taken back."""


@dataclass(frozen=True)
class Linked:
    """What the updates of an incident say of those linked with it, per language, and which fact sheets that tells."""

    texts: dict[str, str]
    sources: str


def link(incident: Incident, *, other: Incident, reason: str, by: User, now: datetime) -> IncidentLink:
    """Link two live incidents of one cause."""
    refuse_pair(incident, other, reason=reason)
    first, second = sorted((incident, other), key=lambda one: one.pk)
    try:
        with transaction.atomic():
            made = IncidentLink.objects.create(
                incident=first, other=second, kind=LinkKind.LINKED, reason=reason.strip(), by=by, at=now
            )
            tell_both(made, action="incident.linked", text=_("Linked: %(pair)s (%(reason)s)"), by=by, now=now)
    except IntegrityError:
        raise CannotLink(_("These two are linked already.")) from None
    return made


def unlink(made: IncidentLink, *, reason: str, by: User, now: datetime) -> IncidentLink:
    """Take a link back; each incident speaks for itself again, by the earliest time an update named for both."""
    if not reason.strip():
        raise CannotLink(_("Say why these two no longer belong together."))
    with transaction.atomic():
        locked = (
            IncidentLink.objects.select_for_update(of=("self",)).select_related("incident", "other").get(pk=made.pk)
        )
        if locked.kind == LinkKind.MERGED or locked.ended_at is not None:
            raise CannotLink(_("A merge is not taken back, and a link only once."))
        for one, two in ((locked.incident, locked.other), (locked.other, locked.incident)):
            _speak_for_itself(one, told_by=two, now=now)
        locked.ended_at, locked.ended_by = now, by
        locked.save(update_fields=["ended_at", "ended_by"])
        text = _("No longer linked: %(pair)s (%(reason)s)")
        tell_both(locked, action="incident.unlinked", text=text, by=by, now=now, reason=reason.strip())
    return locked


def linked(incident: Incident) -> list[Incident]:
    """Return the live incidents this one is linked with now."""
    links = IncidentLink.objects.standing().of(incident).filter(kind=LinkKind.LINKED)
    pairs = links.select_related("incident", "other").order_by("pk")
    others = [one.other if one.incident_id == incident.pk else one.incident for one in pairs]
    return [other for other in others if other.is_live and other.resolved_at is None]


def status(incident: Incident, *, languages: list[str]) -> Linked | None:
    """Return what an update says of the linked incidents, or None; every language says it or none does."""
    texts: dict[str, list[str]] = {language: [] for language in languages}
    sources = []
    for other in linked(incident):
        if other.is_embargoed:
            continue
        sheet = facts.confirmed(other)
        words = {language: _told(sheet, language) for language in languages}
        if sheet is None or not all(words.values()):
            continue
        phrase = playbooks.reference("parties")["linked"]
        for language, said in words.items():
            texts[language].append(phrase[language].format(reference=other.reference, status=said))
        sources.append(source_of(other, sheet))
    if not sources:
        return None
    return Linked({language: " ".join(said) for language, said in texts.items()}, ",".join(sources))


def covering(message: Message, *, now: datetime) -> list[int]:
    """Return the updates of linked incidents that told what this update would tell, with a next time still to come."""
    if message.kind != MessageKind.PROGRESS_UPDATE:
        return []
    sheet = facts.confirmed(message.incident)
    if sheet is None:
        return []
    return [
        update.pk
        for update in _updates(linked(message.incident))
        if _covers(update, source_of(message.incident, sheet)) and _is_awaited(update, now=now)
    ]


def source_of(incident: Incident, sheet: FactSheet) -> str:
    """Name a fact sheet of an incident."""
    return f"{incident.reference}:{sheet.version}"


def refuse_pair(incident: Incident, other: Incident, *, reason: str) -> None:
    """Raise CannotLink unless these are two live incidents of the same world, and there is a reason."""
    if incident.pk == other.pk:
        raise CannotLink(_("An incident cannot be linked with itself."))
    if not reason.strip():
        raise CannotLink(_("Say why these two belong together: the timeline and the review show it."))
    if not (incident.is_live and other.is_live):
        raise CannotLink(_("Both incidents must still be open."))
    if incident.is_drill != other.is_drill:
        raise CannotLink(_("An exercise and a real incident are never joined."))


def tell_both(made: IncidentLink, *, action: str, text: str, by: User, now: datetime, reason: str = "") -> None:
    """Write into both timelines and both trails what happened to the two; readers of one learn no embargoed name."""
    for one, two in ((made.incident, made.other), (made.other, made.incident)):
        is_secret = two.is_embargoed and not one.is_embargoed
        pair = f"{one.reference} – {_('an incident under embargo')}" if is_secret else str(made)
        words = text % {"pair": pair, "reason": "–" if is_secret else reason or made.reason}
        data: dict[str, Any] = {"incident": made.incident.reference, "other": made.other.reference}
        audit.tell(one, kind=TimelineKind.DECISION, text=words, by=by, now=now)
        audit.record(one, action=action, actor=by, now=now, data={} if is_secret else data)


def _told(sheet: FactSheet | None, language: str) -> str:
    lines = sheet.content if sheet else {}
    said = [
        str(line["value"].get(language, "")).strip()
        for key in _TOLD
        if (line := lines.get(key)) and line["is_publishable"] and line["status"] not in _UNSAID
    ]
    return "; ".join(words for words in said if words)


def _updates(incidents: list[Incident]) -> list[Message]:
    rows = Message.objects.filter(
        incident__in=incidents, kind=MessageKind.PROGRESS_UPDATE, state__in=RELEASED, needs_correction=False
    )
    return list(rows.select_related("current").order_by("-released_at", "-pk")[:_LOOKED_AT])


def _covers(update: Message, source: str) -> bool:
    """Whether every language of the update printed what this source tells."""
    assert update.current is not None
    content = update.current.content
    return all(
        source in content["values"].get(language, {}).get(SOURCES, "").split(",")
        and any(
            use.variable == VARIABLE and use.is_printed
            for part in bodies.sources(text)
            for use in rendering.analyse(part)
        )
        for language, text in content["texts"].items()
    )


def _is_awaited(update: Message, *, now: datetime) -> bool:
    times = [datetime.fromisoformat(one["next_update_at"]) for one in update.promises.values()]
    return bool(times) and min(times) > now


def _speak_for_itself(incident: Incident, *, told_by: Incident, now: datetime) -> None:
    """Begin the promised updates at once that would come later than an update of the other named for both."""
    sheet = facts.confirmed(incident)
    if sheet is None:
        return
    named = [
        datetime.fromisoformat(one["next_update_at"])
        for update in _updates([told_by])
        if _covers(update, source_of(incident, sheet)) and _is_awaited(update, now=now)
        for one in update.promises.values()
    ]
    if named:
        waiting = UpdateSlot.objects.filter(incident=incident, state=SlotState.PROMISED, promised_at__gt=min(named))
        waiting.filter(opens_at__gt=now).update(opens_at=now)
