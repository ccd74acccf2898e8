"""A door changes nothing on GET, checks who asks, tells every refusal and keeps what was written."""

import pytest
from django.test import Client
from django.urls import reverse

from crisiscomm.groups import GroupName
from incidents import commitments
from incidents.enums import CommitmentState
from incidents.models import AuditEvent, Commitment
from tests.factories_admin import client_of, member
from tests.factories_incidents import NOW, reported

pytestmark = pytest.mark.django_db
ENDED = {"state": CommitmentState.KEPT.value, "outcome": "Spare parts arrived"}


@pytest.fixture
def commitment() -> Commitment:
    return commitments.promise(reported(), promise=commitments.Promise({"en": "Parts on Friday"}), now=NOW)


def address(commitment: Commitment, query: str = "") -> str:
    return reverse("admin:incidents_commitment_settle", args=[commitment.pk]) + query


def state_of(commitment: Commitment) -> str:
    return Commitment.objects.get(pk=commitment.pk).state


def test_a_door_asks_first(commitment: Commitment) -> None:
    client = client_of(member(GroupName.ACCOUNT_MANAGER))

    page = client.get(address(commitment), ENDED)

    assert page.status_code == 200
    words = " ".join(page.content.decode().split())
    assert "Parts on Friday" in words
    assert '<button type="submit" class="cc-button">Settle</button>' in words
    assert state_of(commitment) == CommitmentState.OPEN


def test_a_door_does_one_thing_and_leads_back(commitment: Commitment) -> None:
    client = client_of(member(GroupName.ACCOUNT_MANAGER))

    page = client.post(address(commitment), ENDED, follow=True)

    assert page.redirect_chain == [(reverse("admin:incidents_commitment_change", args=[commitment.pk]), 302)]
    assert [str(message) for message in page.context["messages"]] == ["The commitment is settled."]
    assert state_of(commitment) == CommitmentState.KEPT


def test_a_door_told_twice_refuses_and_keeps_the_words(commitment: Commitment) -> None:
    client = client_of(member(GroupName.ACCOUNT_MANAGER))
    client.post(address(commitment), ENDED)

    page = client.post(address(commitment), ENDED)

    assert page.status_code == 200
    assert page.context["form"].non_field_errors() == ["This commitment is settled already: Kept."]
    assert "Spare parts arrived" in page.content.decode()
    assert AuditEvent.objects.filter(action="commitment.settled").count() == 1


@pytest.mark.parametrize("group", [GroupName.VIEWER, GroupName.APPROVER, GroupName.SUPPORT_AGENT])
def test_a_door_is_closed_to_who_may_not(commitment: Commitment, group: GroupName) -> None:
    client = client_of(member(group))

    page = client.post(address(commitment), ENDED)

    assert page.status_code == 403
    assert state_of(commitment) == CommitmentState.OPEN


def test_a_door_wants_the_token_of_its_own_page(commitment: Commitment) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(member(GroupName.ACCOUNT_MANAGER))

    page = client.post(address(commitment), ENDED)

    assert page.status_code == 403
    assert state_of(commitment) == CommitmentState.OPEN


@pytest.mark.parametrize(("wanted", "place"), [("/admin/", "/admin/"), ("https://evil.example/", None)])
def test_a_door_leads_to_a_place_of_this_site_only(commitment: Commitment, wanted: str, place: str | None) -> None:
    client = client_of(member(GroupName.ACCOUNT_MANAGER))

    page = client.post(address(commitment, f"?next={wanted}"), ENDED)

    assert page.headers["Location"] == (place or reverse("admin:incidents_commitment_change", args=[commitment.pk]))


def test_a_button_shows_where_its_door_applies(commitment: Commitment) -> None:
    page = reverse("admin:incidents_commitment_change", args=[commitment.pk])
    manager, viewer = client_of(member(GroupName.ACCOUNT_MANAGER)), client_of(member(GroupName.VIEWER))

    before = [address(commitment) in who.get(page).content.decode() for who in (manager, viewer)]
    manager.post(address(commitment), ENDED)
    after = [address(commitment) in who.get(page).content.decode() for who in (manager, viewer)]

    assert (before, after) == ([True, False], [False, False])


def test_a_door_to_nothing_is_not_found() -> None:
    client = client_of(member(GroupName.ACCOUNT_MANAGER))

    assert client.post(reverse("admin:incidents_commitment_settle", args=[404]), ENDED).status_code == 404
