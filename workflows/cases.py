"""What we can learn from: earlier incidents like this one with their lessons, and the case library."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Case as Choose
from django.db.models import IntegerField, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from incidents import audit
from incidents.errors import Refusal
from incidents.models import Incident, User
from incidents.phases import Phase
from workflows import playbooks
from workflows.enums import CaseOutcome
from workflows.models import Case, Review

SHOWN = 3
_WEIGHTS = {"subtype": 4, "type": 3, "relationship_type": 2, "severity": 1}


class BadCase(Refusal):
    """The case lacks a title or a story, or its short name is taken."""


@dataclass(frozen=True)
class Words:
    """A case as it is told, texts per language."""

    outcome: CaseOutcome
    title: dict[str, str]
    story: dict[str, str]
    lessons: dict[str, str]
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Likeness:
    """An earlier incident, how like this one it is, and what its review learned."""

    incident: Incident
    score: int
    lessons: list[str]


def install(*, now: datetime) -> int:
    """Put the shipped cases into the library, and return how many were new; the company's own are left alone."""
    rows = [
        Case(
            key=item["id"],
            outcome=item["outcome"],
            title=item["title"],
            story=item["story"],
            lessons=item["lessons"],
            tags=item["tags"],
            is_shipped=True,
            created_at=now,
        )
        for item in playbooks.reference("cases")["cases"]
    ]
    before = Case.objects.count()
    Case.objects.bulk_create(rows, ignore_conflicts=True)
    return Case.objects.count() - before


def add(key: str, *, words: Words, by: User, now: datetime) -> Case:
    """Add a case of our own."""
    _refuse_gaps(words)
    try:
        with transaction.atomic():
            case = Case.objects.create(key=key, created_by=by, created_at=now, **_fields(words))
            audit.record(None, action="case.added", actor=by, now=now, data={"key": key})
    except IntegrityError:
        raise BadCase(_("There is a case “%s” already.") % key) from None
    return case


def edit(case: Case, *, words: Words, by: User, now: datetime) -> Case:
    """Tell a case of our own in other words; a shipped one stays as it came."""
    _refuse_gaps(words)
    if case.is_shipped:
        raise BadCase(_("This case comes with the product: add one of your own beside it."))
    with transaction.atomic():
        Case.objects.filter(pk=case.pk).update(**_fields(words))
        audit.record(None, action="case.edited", actor=by, now=now, data={"key": case.key})
    case.refresh_from_db()
    return case


def similar(incident: Incident, *, limit: int = SHOWN, within: QuerySet[Incident] | None = None) -> list[Likeness]:
    """Return earlier incidents of like kind, the likest first, of these the newest, with their reviews' lessons.

    `within` is what the reader may see; without it embargoed incidents are left out.
    """
    likeness = sum(
        (
            Choose(
                When(**{name: getattr(incident, name)}, then=Value(weight)),
                default=Value(0),
                output_field=IntegerField(),
            )
            for name, weight in _WEIGHTS.items()
            if getattr(incident, name)
        ),
        start=Value(0, output_field=IntegerField()),
    )
    kinds = Q(pk=None)
    for name in ("type", "subtype", "relationship_type"):
        if getattr(incident, name):
            kinds |= Q(**{name: getattr(incident, name)})
    seen = Incident.objects.filter(is_embargoed=False) if within is None else within
    past = seen.filter(kinds, is_drill=False).exclude(pk=incident.pk).exclude(phase=Phase.CANCELLED)
    found = past.annotate(likeness=likeness).order_by("-likeness", "-created_at")[:limit]
    lessons = dict(Review.objects.filter(incident__in=list(found)).values_list("incident", "lessons"))
    return [
        Likeness(one, one.likeness, [line for line in lessons.get(one.pk, "").splitlines() if line.strip()])
        for one in found
    ]


def told(incident: Incident, *, limit: int = SHOWN) -> list[Case]:
    """Return the cases of the library that share most with this incident."""
    wanted = {incident.type, incident.subtype, incident.relationship_type} - {""}
    return sorted(_sharing(wanted), key=lambda case: (-len(wanted & set(case.tags)), case.is_shipped, case.key))[:limit]


def methods() -> list[dict[str, Any]]:
    """Return the notes on method: title and text per language."""
    found: list[dict[str, Any]] = playbooks.reference("cases")["methods"]
    return found


def _sharing(tags: set[str]) -> QuerySet[Case]:
    shared = Q(pk=None)
    for tag in sorted(tags):
        shared |= Q(tags__contains=[tag])
    return Case.objects.filter(shared).order_by("key")


def _fields(words: Words) -> dict[str, Any]:
    return {
        "outcome": words.outcome,
        "title": words.title,
        "story": words.story,
        "lessons": words.lessons,
        "tags": [tag.strip() for tag in words.tags if tag.strip()],
    }


def _refuse_gaps(words: Words) -> None:
    if not any(words.title.values()) or not any(words.story.values()):
        raise BadCase(_("A case needs a title and what happened, in one language at least."))
