"""Roles of one incident: who holds them, who stands in, and three people for all nine."""

import pytest

from incidents.enums import Role
from incidents.models import TeamAssignment, User
from tests import factories
from tests.factories_incidents import NOW, person, reported
from workflows import roster

pytestmark = pytest.mark.django_db


def three(**overrides: User) -> roster.TeamOfThree:
    people = {"lead": person("ada"), "communications": person("bo"), "adviser": person("cy")}
    return roster.TeamOfThree(**{**people, **overrides})


def test_holder_and_deputies_are_those_of_the_incident() -> None:
    incident = reported()
    TeamAssignment.objects.create(incident=incident, role=Role.LEGAL_COUNSEL, user=person("ada"), deputy=person("bo"))
    TeamAssignment.objects.create(incident=incident, role=Role.HR_LEAD, user=person("bo"))

    assert roster.holder(incident, Role.LEGAL_COUNSEL) == person("ada")
    assert roster.deputies(incident, Role.LEGAL_COUNSEL) == [person("bo")]
    assert roster.holder(incident, Role.SPOKESPERSON) is None
    assert roster.deputies(incident, Role.HR_LEAD) == []
    assert roster.people(incident) == [person("ada"), person("bo")]
    assert roster.roles_of(incident, person("bo")) == {Role.LEGAL_COUNSEL, Role.HR_LEAD}


def test_three_people_hold_every_role_and_nobody_stands_in_for_themselves() -> None:
    incident = reported()
    factories.team(incident)

    team = roster.apply_team_of_three(incident, people=three(), by=person("ada"), now=NOW)

    assert {assignment.role for assignment in team} == set(Role)
    assert {assignment.user for assignment in incident.team.all()} == {person("ada"), person("bo"), person("cy")}
    assert incident.team.filter(deputy=None).count() == 0
    assert [row.action for row in incident.audit_events.order_by("sequence")][-1] == "team.of_three"


@pytest.mark.parametrize("adviser", ["ada", "gone"])
def test_a_team_of_three_needs_three_people_who_can_log_in(adviser: str) -> None:
    incident = reported()
    person("gone", is_active=False)

    with pytest.raises(roster.TooFewPeople) as refused:
        roster.apply_team_of_three(incident, people=three(adviser=person(adviser)), by=person("ada"), now=NOW)

    assert str(refused.value) == "A team of three needs three different people who can log in."
    assert incident.team.count() == 0
