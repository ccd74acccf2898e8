"""A merged incident keeps its history and leads its readers to where it goes on, unless that is not theirs to know."""

import pytest
from django.test import Client

from incidents.enums import Language
from incidents.models import Customer, Incident
from notifications import page_words, public_page
from notifications.models import Delivery
from tests import factories_incidents as incidents
from tests import factories_messages as messages
from tests import factories_public as public

pytestmark = pytest.mark.django_db
TAGS = [("en", "en"), ("zh", "zh-Hans"), ("ru", "ru")]


@pytest.fixture
def stays() -> Incident:
    messages.company()
    return incidents.reported("stays")


@pytest.fixture
def goes(stays: Incident) -> Incident:
    """A published incident that was merged into the other."""
    found = incidents.reported("goes")
    public.post(public.released(found))
    Incident.objects.filter(pk=found.pk).update(merged_into=stays)
    found.refresh_from_db()
    return found


@pytest.fixture
def customer() -> Customer:
    return public.customer()


def sent(incident: Incident, customer: Customer) -> Delivery:
    return public.delivery(incident.messages.first() or public.released(incident), customer)


def sentence(language: str, incident: Incident) -> str:
    return page_words.words(Language(language))["merged_into"].format(reference=incident.reference)


@pytest.mark.parametrize(("language", "tag"), TAGS)
def test_the_public_page_leads_to_the_incident_that_speaks_now(
    client: Client, stays: Incident, goes: Incident, language: str, tag: str
) -> None:
    public.post(public.released(stays))

    page = client.get(f"/status/{goes.reference}/?lang={tag}").content.decode()

    assert sentence(language, stays) in page
    assert f'href="/status/{stays.reference}/?lang={language}"' in page
    assert 'class="text"' in page


@pytest.mark.parametrize("change", [{"is_embargoed": True}, {"is_drill": True}, {}])
def test_what_is_not_public_is_not_named(
    client: Client, stays: Incident, goes: Incident, change: dict[str, bool]
) -> None:
    if change:
        public.post(public.released(stays))
        Incident.objects.filter(pk=stays.pk).update(**change)

    page = client.get(f"/status/{goes.reference}/").content.decode()

    assert stays.reference not in page
    assert 'class="text"' in page


def test_a_chain_of_merges_leads_to_its_end(stays: Incident, goes: Incident) -> None:
    last = incidents.reported("last")
    for incident in (stays, last):
        public.post(public.released(incident))
    Incident.objects.filter(pk=stays.pk).update(merged_into=last)

    found = public_page.find(goes.reference)

    assert found is not None
    assert (found.merged_into, found.is_live) == (last.reference, False)


def test_a_merged_incident_is_history_on_the_overview(client: Client, stays: Incident, goes: Incident) -> None:
    public.post(public.released(stays))

    body = client.get("/status/api/v2/incidents.json").json()["incidents"]
    live = client.get("/status/api/v2/incidents/unresolved.json").json()["incidents"]

    assert {one["id"]: one.get("merged_into") for one in body} == {
        stays.reference: None, goes.reference: stays.reference
    }  # fmt: skip
    assert [one["id"] for one in live] == [stays.reference]


def test_a_customer_is_led_to_the_own_page_of_the_other_incident(
    client: Client, stays: Incident, goes: Incident, customer: Customer
) -> None:
    before, after = sent(goes, customer), sent(stays, customer)

    page = client.get(public.page_path(before)).content.decode()

    assert sentence("en", stays) in page
    assert public.page_path(after) in page
    assert goes.reference in page
    assert client.get(public.page_path(after)).content.decode().count(sentence("en", stays)) == 0


def test_a_customer_not_yet_told_there_is_led_to_the_public_page(
    client: Client, stays: Incident, goes: Incident, customer: Customer
) -> None:
    before = sent(goes, customer)
    silent = client.get(public.page_path(before)).content.decode()
    public.post(public.released(stays))

    page = client.get(public.page_path(before)).content.decode()

    assert stays.reference not in silent
    assert f"/status/{stays.reference}/" in page


def test_a_customer_does_not_learn_of_an_embargoed_incident(
    client: Client, stays: Incident, goes: Incident, customer: Customer
) -> None:
    before = sent(goes, customer)
    sent(stays, customer)
    Incident.objects.filter(pk=stays.pk).update(is_embargoed=True)

    assert stays.reference not in client.get(public.page_path(before)).content.decode()
