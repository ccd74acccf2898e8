"""Remedies: for whom they are meant, and what is granted without their approver."""

from decimal import Decimal

import pytest

from incidents import feedback
from incidents.models import Incident, RemedyOption
from tests import factories, factories_updates
from tests.factories_incidents import NOW, person
from workflows import remedies

pytestmark = pytest.mark.django_db


@pytest.fixture
def incident() -> Incident:
    return factories.declared()


def option(incident: Incident) -> RemedyOption:
    found = incident.remedy_options.order_by("position").first()
    assert found is not None
    return found


def approved(chosen: RemedyOption) -> RemedyOption:
    holder = chosen.incident.team.get(role=chosen.approver_role).user
    return feedback.approve_remedy(chosen, by=holder, now=NOW)


def test_a_remedy_is_offered_to_those_it_is_meant_for(incident: Incident) -> None:
    mine = factories_updates.affected(incident, tier=2, attributes={"product": "loan"})
    wrong_tier = factories_updates.affected(incident, tier=3, attributes={"product": "loan"})
    wrong_segment = factories_updates.affected(incident, tier=2)
    limit = remedies.Limit(tier=2, segment={"attributes": {"product": ["loan"]}})
    remedies.limit(option(incident), limit=limit, by=person("wen"), now=NOW)
    offered = approved(option(incident))

    chosen = feedback.choose_remedy(offered, customer=mine, now=NOW)

    assert chosen.option == offered
    for customer in (wrong_tier, wrong_segment):
        with pytest.raises(feedback.NotOffered, match="not meant for you"):
            feedback.choose_remedy(offered, customer=customer, now=NOW)


def test_within_the_limit_anybody_grants_above_it_the_approver(incident: Incident) -> None:
    mine = factories_updates.affected(incident, tier=1)
    limits = (remedies.Limit(None, {}, Decimal(50), "eur"), remedies.Limit(1, {}, Decimal(200), "eur"))
    for limit in limits:
        remedies.limit(option(incident), limit=limit, by=person("wen"), now=NOW)
    offered = approved(option(incident))
    choice = feedback.choose_remedy(offered, customer=mine, now=NOW)

    granted = remedies.grant(choice, amount=Decimal(200), by=person("emma"), now=NOW)

    assert (granted.amount, granted.granted_by) == (Decimal(200), person("emma"))
    with pytest.raises(remedies.AboveLimit, match="granted by"):
        remedies.grant(choice, amount=Decimal(201), by=person("emma"), now=NOW)
    holder = incident.team.get(role=offered.approver_role).user
    assert remedies.grant(choice, amount=Decimal(999), by=holder, now=NOW).amount == Decimal(999)
    with pytest.raises(remedies.BadLimit):
        remedies.grant(choice, amount=Decimal(0), by=holder, now=NOW)


def test_limits_stand_once_the_remedy_is_approved(incident: Incident) -> None:
    row = remedies.limit(option(incident), limit=remedies.Limit(tier=1), by=person("wen"), now=NOW)
    with pytest.raises(remedies.BadLimit):
        remedies.limit(option(incident), limit=remedies.Limit(None, {}, Decimal(1)), by=person("wen"), now=NOW)
    approved(option(incident))

    with pytest.raises(remedies.RemedyApproved):
        remedies.unlimit(row, by=person("wen"), now=NOW)
    with pytest.raises(remedies.RemedyApproved):
        remedies.limit(option(incident), limit=remedies.Limit(tier=1), by=person("wen"), now=NOW)
