"""Four thousand are said to be affected and the list holds fewer: both figures are shown, and nothing is blocked."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from incidents import exclusions, facts, lifecycle
from incidents.enums import FactStatus
from incidents.models import Incident
from tests import factories
from tests import factories_updates as updates
from tests.factories_incidents import NOW, person
from workflows import plans, scope
from workflows.models import PlanAudience

pytestmark = pytest.mark.django_db
SENTENCE = "We say that 4,000 are affected; the customer list holds 3."


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[Incident]:
    """An incident in execution with three customers, whose fact sheet says three."""
    with django_db_blocker.unblock(), updates.once(lambda: updates.speaking(tiers=(1, 2, 3))) as incident:
        yield incident


@pytest.fixture
def incident(world: Incident, db: None) -> Incident:
    return Incident.objects.get(pk=world.pk)


def say(incident: Incident, count: int) -> None:
    change = facts.FactChange(scope.KEY, {facts.SHARED: count}, FactStatus.VERIFIED, "plant")
    facts.put(incident, change=change, by=person("subject_owner"), now=NOW)


@pytest.mark.parametrize(("said", "sentence"), [(3, ""), (4000, SENTENCE), (2, SENTENCE.replace("4,000", "2"))])
def test_both_figures_are_told_where_they_differ(incident: Incident, said: int, sentence: str) -> None:
    say(incident, said)

    assert scope.warning(incident) == sentence


def test_customers_left_out_explain_the_difference(incident: Incident) -> None:
    say(incident, 2)
    customer = incident.impacts.get(computed_tier=3).customer
    customer.region = "north"
    customer.save()

    exclusions.exclude(incident, spec={"region": ["north"]}, reason="sold", by=person("incident_lead"), now=NOW)

    assert scope.warning(incident) == ""


def test_a_tier_told_in_public_alone_explains_more_than_the_list(incident: Incident) -> None:
    say(incident, 4000)

    PlanAudience.objects.filter(plan=plans.required(incident), tier=3).update(first_channels=["website_notice"])
    listed = scope.warning(incident)
    incident.impacts.filter(computed_tier=3).delete()

    assert (listed, scope.warning(incident)) == (SENTENCE, "")


@pytest.mark.parametrize("status", [FactStatus.UNKNOWN, FactStatus.RETRACTED])
def test_a_number_that_does_not_stand_is_not_compared(incident: Incident, status: FactStatus) -> None:
    incident.facts.filter(key=scope.KEY).update(value={facts.SHARED: 4000}, status=status)

    assert scope.warning(incident) == ""


def test_without_a_list_there_is_nothing_to_compare(incident: Incident) -> None:
    say(incident, 4000)
    incident.impacts.all().delete()

    assert scope.warning(incident) == ""


def test_it_is_shown_where_people_look_and_keeps_nothing_shut(incident: Incident, admin_client: Client) -> None:
    before = [one.id for one in lifecycle.blockers(incident, now=NOW)]
    say(incident, 4000)
    factories.fact_sheet(incident)
    message = updates.drafted(incident)
    room = reverse("admin:incidents_incident_change", args=[incident.pk])
    pages = [f"{room}?tab=facts", f"{room}?tab=plan", reverse("admin:notifications_message_change", args=[message.pk])]
    pages.append(reverse("admin:notifications_message_edit", args=[message.pk]))

    shown = [SENTENCE in admin_client.get(page).content.decode() for page in pages]

    assert shown == [True, True, True, True]
    assert scope.warning_for(message) == SENTENCE
    assert [one.id for one in lifecycle.blockers(incident, now=NOW)] == before
