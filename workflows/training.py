"""The training log: who was trained in what, how it went, until when it holds, and who speaks without it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from incidents import audit
from incidents.errors import Refusal
from incidents.models import Incident, User
from notifications.models import Message
from workflows import briefings
from workflows.enums import TrainingTopic
from workflows.models import BriefAcknowledgement, TrainingRecord


class BadTraining(Refusal):
    """The training lies in the future, ended before it began, or its result is no share."""


@dataclass(frozen=True)
class Training:
    """One training of some people: what about, when, until when it holds, how it went."""

    topic: TrainingTopic
    trained_at: datetime
    expires_at: datetime | None = None
    score: Decimal | None = None
    note: str = ""
    incident: Incident | None = None


def record(people: list[User], *, training: Training, by: User, now: datetime) -> list[TrainingRecord]:
    """Keep who took part in a training or an exercise."""
    if not people or training.trained_at > now:
        raise BadTraining(_("Name who took part, and a day that is not still to come."))
    if training.expires_at is not None and training.expires_at <= training.trained_at:
        raise BadTraining(_("A training cannot end before it took place."))
    if training.score is not None and not 0 <= training.score <= 1:
        raise BadTraining(_("The result is a share between 0 and 1."))
    if training.topic == TrainingTopic.INCIDENT_BRIEF:
        raise BadTraining(_("The brief of an incident is recorded by reading it."))
    with transaction.atomic():
        rows = TrainingRecord.objects.bulk_create(
            TrainingRecord(
                user=person,
                topic=training.topic,
                incident=training.incident,
                trained_at=training.trained_at,
                expires_at=training.expires_at,
                score=training.score,
                note=training.note.strip(),
                recorded_by=by,
            )
            for person in people
        )
        data = {"topic": training.topic, "people": [person.pk for person in people]}
        audit.record(training.incident, action="training.recorded", actor=by, now=now, data=data)
    return rows


def untrained(incident: Incident, *, now: datetime) -> list[User]:
    """Return who speaks to customers in this incident without a standing training that holds."""
    people = briefings.front_line(incident)
    holding = TrainingRecord.objects.standing().valid(now).filter(user__in=people)
    trained = set(holding.values_list("user_id", flat=True))
    return [person for person in people if person.pk not in trained]


def share_before_first_contact(incident: Incident) -> tuple[int, int]:
    """Return how many of the front line had read a brief when the first message left, of how many were asked."""
    first = Message.objects.filter(incident=incident, released_at__isnull=False).order_by("released_at").first()
    asked = BriefAcknowledgement.objects.filter(brief__incident=incident, user__is_active=True)
    everybody = asked.values("user").distinct().count()
    if first is None:
        return 0, everybody
    return asked.filter(acknowledged_at__lte=first.released_at).values("user").distinct().count(), everybody
