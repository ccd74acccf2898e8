"""Responsibility is accepted by the executive sponsor and legal counsel together, and by nobody else."""

import pytest
from django.db import IntegrityError, transaction

from incidents import decisions, responsibility
from incidents.enums import DecisionKind, Role
from incidents.models import Decision, Incident, TeamAssignment, User
from tests.factories_incidents import NOW, person, reported

pytestmark = pytest.mark.django_db
SPONSOR, COUNSEL = responsibility.ROLES


def incident(*, sponsor: str = "sam", counsel: str = "cora") -> Incident:
    made = reported()
    for role, name in ((SPONSOR, sponsor), (COUNSEL, counsel)):
        TeamAssignment.objects.create(incident=made, role=role, user=person(name), deputy=person("dora"))
    return made


def say(made: Incident, role: Role, by: User, *, accepted: bool = True) -> bool:
    done = responsibility.decide(made, role=role, is_accepted=accepted, reason="the log shows it", by=by, now=NOW)
    return done.responsibility_accepted


def test_both_accept_and_either_takes_it_back() -> None:
    made = incident()

    said = [say(made, SPONSOR, person("sam")), say(made, COUNSEL, person("cora"))]
    taken_back = say(made, SPONSOR, person("sam"), accepted=False)

    assert (said, taken_back, Incident.objects.get().responsibility_accepted) == ([False, True], False, False)
    assert [stamp.outcome for stamp in responsibility.stamps(made).values() if stamp] == ["declined", "accepted"]


def test_one_person_never_accepts_in_both_roles() -> None:
    made = incident(sponsor="sam", counsel="sam")
    say(made, SPONSOR, person("sam"))

    with pytest.raises(responsibility.NotYours, match="another person"):
        say(made, COUNSEL, person("sam"))
    assert say(made, COUNSEL, person("dora"))


def test_others_and_a_stamp_without_reason_are_refused() -> None:
    made = incident()

    with pytest.raises(responsibility.NotYours, match="Only the executive sponsor"):
        say(made, SPONSOR, person("cora"))
    with pytest.raises(responsibility.ReasonMissing):
        responsibility.decide(made, role=SPONSOR, is_accepted=True, reason=" ", by=person("sam"), now=NOW)
    with pytest.raises(decisions.Incomplete, match="two people"):
        decisions.decide(
            made,
            key="responsibility",
            outcome="accepted",
            reason="x",
            by=person("sam"),
            now=NOW,
            kind=DecisionKind.ADMISSION,
        )


def test_the_database_refuses_an_admission_without_the_two() -> None:
    made = incident()
    say(made, SPONSOR, person("sam"))

    with pytest.raises(IntegrityError, match=r"guard\.admission"), transaction.atomic():
        Incident.objects.update(responsibility_accepted=True)
    with pytest.raises(IntegrityError, match=r"guard\.admission"), transaction.atomic():
        Decision.objects.create(
            incident=made,
            kind=DecisionKind.ADMISSION,
            key="responsibility",
            outcome="accepted",
            reason="x",
            data={"role": COUNSEL.value},
            by=person("sam"),
            at=NOW,
        )


def test_the_database_refuses_an_admission_by_one_person_in_both_roles() -> None:
    made = incident(sponsor="sam", counsel="sam")
    for role in (SPONSOR, COUNSEL):
        Decision.objects.create(
            incident=made,
            kind=DecisionKind.ADMISSION,
            key="responsibility",
            outcome="accepted",
            reason="x",
            data={"role": role.value},
            by=person("sam"),
            at=NOW,
        )

    with pytest.raises(IntegrityError, match=r"guard\.admission"), transaction.atomic():
        Incident.objects.update(responsibility_accepted=True)
