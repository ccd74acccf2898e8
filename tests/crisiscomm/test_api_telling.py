"""Facts, estimates, withholding, actions and translations by the interface: proposals, which people then approve."""

from typing import Any

import pytest
from django.test import Client

from incidents import facts
from incidents.models import Incident
from tests import factories_incidents as incidents
from tests import factories_messages as messages
from tests.crisiscomm.test_api import call

pytestmark = pytest.mark.django_db
LATER = "2099-01-01T00:00:00Z"


@pytest.fixture
def incident() -> Incident:
    found = incidents.reported()
    keys = {"incident.eta": "datetime", "incident.eta_confidence": "choice", "incident.actions_next": "text"}
    lines = [incidents.definition(key, kind=kind) for key, kind in keys.items()]
    facts.seed(found, definitions=[*lines, incidents.definition(), incidents.definition("facts.who")])
    incidents.put(found)
    return found


def ask(client: Client, incident: Incident, method: str, path: str, body: Any = None) -> Any:
    answer = call(client, method, f"/incidents/{incident.reference}{path}", body)
    assert answer.status_code < 300, answer.content
    return answer.json()


def test_an_estimate_is_proposed_and_its_history_read(client: Client, incident: Incident) -> None:
    body = {"expected_at": LATER, "confidence": "low", "source": "plant"}

    put = ask(client, incident, "PUT", "/estimate", body)

    assert [(one["confidence"], one["source"]) for one in put] == [("low", "plant")]
    assert ask(client, incident, "GET", "/estimates") == put
    versions = ask(client, incident, "GET", "/facts/incident.eta/history")
    assert [(one["version"], one["status"]) for one in versions] == [(1, "estimated")]


def test_withholding_is_asked_for_and_waits(client: Client, incident: Incident) -> None:
    body = {"reason": "privacy", "explanation": "A person would be recognised", "review_at": LATER}

    asked = ask(client, incident, "PUT", "/facts/facts.who/withholding", body)

    assert (asked["key"], asked["approved_at"]) == ("facts.who", None)
    assert ask(client, incident, "GET", "/withheld") == [asked]
    again = call(client, "PUT", f"/incidents/{incident.reference}/facts/facts.who/withholding", body)
    assert (again.status_code, "asked for already" in again.json()["error"]) == (409, True)


def test_responsibility_is_read_and_not_decided(client: Client, incident: Incident) -> None:
    read = ask(client, incident, "GET", "/responsibility")

    assert (read["is_accepted"], [one["outcome"] for one in read["stamps"]]) == (False, [None, None])


def test_an_action_becomes_a_fact(client: Client, incident: Incident) -> None:
    messages.company(languages=["en"])

    planned = ask(client, incident, "POST", "/actions", {"text": {"en": "New dies arrive"}, "due_at": LATER})
    told = incident.facts.get(key="incident.actions_next").value["en"]
    done = ask(client, incident, "PUT", f"/actions/{planned['id']}/done")

    assert told.startswith("New dies arrive (by 1 January 2099")
    assert [one["id"] for one in ask(client, incident, "GET", "/actions")] == [planned["id"]]
    assert done["done_at"] is not None


def test_a_fact_and_a_message_are_translated(client: Client, incident: Incident) -> None:
    messages.company()
    both = {"en": messages.values(), "ru": messages.values()}
    fact = ask(client, incident, "PUT", "/facts/incident.summary/texts/ru", {"text": "Линия стоит"})
    message = messages.message(incident, texts=dict.fromkeys(both, messages.text()), values=both)
    text = messages.text(cause="Причина: {{ incident.cause }}.")

    put = ask(client, incident, "PUT", f"/messages/{message.number}/texts/ru", text)
    lost = messages.text(cause="Причина известна.")
    refused = call(client, "PUT", f"/incidents/{incident.reference}/messages/{message.number}/texts/ru", lost)

    assert fact["value"] == {"en": "A line stands still", "ru": "Линия стоит"}
    assert [(one["language"], one["is_approved"]) for one in put] == [("en", True), ("ru", False)]
    assert ask(client, incident, "GET", f"/messages/{message.number}/languages") == put
    assert (refused.status_code, "The translation lost" in refused.json()["error"]) == (409, True)
