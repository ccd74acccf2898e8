"""Signals become a report from a threshold on, join the incident their like belong to, and never declare anything."""

from datetime import timedelta
from typing import Any

import pytest

from incidents import lifecycle, radar
from incidents.enums import Role, SignalKind
from incidents.models import AuditEvent, DutyShift, Incident, RosterEntry, Signal, SignalThreshold
from incidents.phases import Phase
from tests.factories_incidents import NOW, person, reported

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def noticed(count: int = 1, *, minutes: int = 0, **fields: Any) -> Signal:
    given = {"kind": SignalKind.COMPLAINT, "source": "hotline", "count": count, **fields}
    return radar.receive(radar.Observation(**given), by=person("robot"), now=NOW + minutes * MINUTE)


def test_too_few_signals_wait() -> None:
    assert noticed(9).incident is None
    assert radar.untied(Signal.objects.all(), since=NOW)[0]["total"] == 9


def test_a_threshold_makes_one_report_of_all_that_was_counted() -> None:
    first, last = noticed(6), noticed(4, minutes=59)

    first.refresh_from_db()
    incident = Incident.objects.get()
    assert (first.incident, last.incident) == (incident, incident)
    assert (incident.title, incident.detection_source, incident.is_candidate) == ("Complaints", "hotline", True)
    assert radar.untied(Signal.objects.all(), since=NOW) == []


def test_what_came_long_ago_does_not_count() -> None:
    noticed(6)

    assert noticed(4, minutes=60).incident is None


def test_a_signal_joins_the_live_incident_of_its_like() -> None:
    incident = noticed(10).incident

    assert noticed(1, minutes=1).incident == incident
    assert Incident.objects.count() == 1


def test_a_dismissed_report_blocks_nothing() -> None:
    incident = noticed(10).incident
    assert incident is not None
    lifecycle.dismiss(incident, reason="a joke", by=person(), now=NOW)

    assert noticed(1, minutes=1).incident is None
    assert noticed(10, minutes=2).incident not in {None, incident}


@pytest.mark.parametrize(
    ("kind", "count"), [(SignalKind.TECHNICAL, 1), (SignalKind.DEPARTURE, 5), (SignalKind.SENTIMENT, 10)]
)
def test_kinds_have_usual_thresholds(kind: SignalKind, count: int) -> None:
    assert noticed(count, kind=kind).incident is not None


def test_the_companys_thresholds_replace_the_usual_one() -> None:
    SignalThreshold.objects.create(kind="keyword", keyword="Leak", count=3, title="Somebody speaks of a leak")
    SignalThreshold.objects.create(kind="keyword", count=100, is_active=False)

    nothing = [
        noticed(50, kind=SignalKind.KEYWORD, keyword="price"),
        noticed(2, kind=SignalKind.KEYWORD, keyword="leak"),
    ]
    found = noticed(1, kind=SignalKind.KEYWORD, keyword="LEAK").incident

    assert [one.incident for one in nothing] == [None, None]
    assert found is not None
    assert (found.title, found.signals.count()) == ("Somebody speaks of a leak", 2)


def test_a_person_ties_a_signal_once_or_reports_it() -> None:
    incident, signal, other = reported(), noticed(), noticed()

    radar.attach(signal, incident=incident, by=person(), now=NOW)
    made = radar.report(other, by=person(), now=NOW)

    with pytest.raises(radar.AlreadyTied):
        radar.attach(signal, incident=made, by=person(), now=NOW)
    assert (signal.incident, other.incident, made.is_candidate) == (incident, made, True)
    assert AuditEvent.objects.filter(action="signal.attached").count() == 2


@pytest.mark.parametrize("fields", [{"source": " "}, {"count": 0}])
def test_a_signal_names_its_source_and_counts_something(fields: dict[str, Any]) -> None:
    with pytest.raises(radar.BadSignal):
        noticed(**fields)


def test_a_report_is_dismissed_for_a_reason_and_once() -> None:
    incident = reported()
    with pytest.raises(lifecycle.ReasonMissing):
        lifecycle.dismiss(incident, reason=" ", by=person(), now=NOW)

    step = lifecycle.dismiss(incident, reason="a test of the siren", by=person(), now=NOW)

    with pytest.raises(lifecycle.WrongPhase):
        lifecycle.dismiss(incident, reason="again", by=person(), now=NOW)
    assert (incident.phase, step.reason) == (Phase.CANCELLED, "a test of the siren")
    assert list(Incident.objects.dismissed()) == [incident]
    assert AuditEvent.objects.filter(incident=incident, action="incident.dismissed").count() == 1


def test_a_declared_incident_is_not_dismissed() -> None:
    from incidents.enums import Severity

    incident = lifecycle.declare(reported(), severity=Severity.SEV1, lead=person(), by=person(), now=NOW)

    with pytest.raises(lifecycle.WrongPhase, match="cancelled instead"):
        lifecycle.dismiss(incident, reason="no", by=person(), now=NOW)


def test_the_team_is_who_is_on_duty_now() -> None:
    lena, tomas, nina = person("lena"), person("tomas"), person("nina")
    RosterEntry.objects.create(role=Role.INCIDENT_LEAD, user=lena, deputy=nina)
    RosterEntry.objects.create(role=Role.SPOKESPERSON, user=lena, deputy=nina)
    for role, user, start in (
        (Role.INCIDENT_LEAD, tomas, -60),
        (Role.SPOKESPERSON, lena, -60),
        (Role.HR_LEAD, nina, 0),
    ):
        end = NOW + (start + 60) * MINUTE if start else NOW + 60 * MINUTE
        DutyShift.objects.create(role=role, user=user, starts_at=NOW + start * MINUTE, ends_at=end + MINUTE)
    DutyShift.objects.create(role=Role.HR_LEAD, user=lena, starts_at=NOW - 60 * MINUTE, ends_at=NOW)

    team = {seat.role: (seat.user, seat.deputy) for seat in reported().team.select_related("user", "deputy")}

    assert team == {"incident_lead": (tomas, lena), "spokesperson": (lena, nina), "hr_lead": (nina, None)}
