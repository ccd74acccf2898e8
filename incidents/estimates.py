"""The estimated time of resolution: always with its confidence, and with every estimate before it."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from incidents import facts
from incidents.enums import Confidence, FactStatus
from incidents.errors import Refusal
from incidents.models import FactVersion, Incident, User

TIME, CONFIDENCE = "incident.eta", "incident.eta_confidence"


class BadEstimate(Refusal):
    """An estimate lies ahead and says how sure we are."""


@dataclass(frozen=True)
class Estimate:
    """When it should be over, how sure we are, and who says so; `is_news`: the earlier one was right when told."""

    expected_at: datetime
    confidence: Confidence
    source: str
    is_news: bool = False


@dataclass(frozen=True)
class Estimated:
    """One estimate of the history; `expected_at` is None where there was none any more."""

    expected_at: datetime | None
    confidence: str
    source: str
    by: User
    at: datetime


def put(incident: Incident, *, estimate: Estimate, by: User, now: datetime) -> None:
    """Write time and confidence as one; the earlier ones stay in the history."""
    if estimate.expected_at <= now:
        raise BadEstimate(_("An estimate lies in the future: once it is over, record when it was solved."))
    values = {TIME: estimate.expected_at.isoformat(), CONFIDENCE: Confidence(estimate.confidence).value}
    with transaction.atomic():
        for key, value in values.items():
            change = facts.FactChange(
                key, {facts.SHARED: value}, FactStatus.ESTIMATED, estimate.source, is_news=estimate.is_news
            )
            facts.put(incident, change=change, by=by, now=now)


def history(incident: Incident) -> list[Estimated]:
    """Return every estimate there was, newest first."""
    versions = FactVersion.objects.filter(fact__incident=incident, fact__key__in=(TIME, CONFIDENCE))
    moments: dict[datetime, dict[str, FactVersion]] = {}
    for version in versions.select_related("fact", "by").order_by("at", "pk"):
        moments.setdefault(version.at, {})[version.fact.key] = version
    found: list[Estimated] = []
    expected, confidence = None, ""
    for at, changed in moments.items():
        if TIME in changed:
            expected = _moment(changed[TIME])
        if CONFIDENCE in changed:
            confidence = str(_shared(changed[CONFIDENCE]) or "")
        last = changed.get(TIME) or changed[CONFIDENCE]
        found.append(Estimated(expected, confidence, last.source, last.by, at))
    return [one for one in reversed(found) if one.expected_at is not None or len(found) > 1]


def _moment(version: FactVersion) -> datetime | None:
    value = _shared(version)
    return parse_datetime(str(value)) if value else None


def _shared(version: FactVersion) -> object:
    return None if version.status in facts.UNSAID else version.value.get(facts.SHARED)
