"""Clocks, claims, recalls and the hold list for other systems."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from incidents import api_tokens, clock
from incidents.enums import ApiScope
from incidents.models import Incident
from tests import factories
from tests import factories_incidents as make
from tests import factories_updates as updates
from workflows import clocks
from workflows.models import Claim

pytestmark = pytest.mark.django_db
NOW = make.NOW


@pytest.fixture
def incident() -> Incident:
    return factories.declared(jurisdictions=("EU",))


def call(method: str, path: str, body: Any = None, *, scope: ApiScope) -> Any:
    grant = api_tokens.Grant("robot", (scope,), clock.now() + timedelta(days=1), ())
    secret = api_tokens.issue(make.person("robot"), grant=grant, now=clock.now())
    headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": "k-1"}
    data = json.dumps(body) if body is not None else ""
    return Client().generic(method, f"/api/v1{path}", data, content_type="application/json", headers=headers)


def test_the_hold_list_names_customers_by_crm_id_alone(incident: Incident) -> None:
    for number in range(3):
        updates.affected(incident, name=f"T-{number}")

    first = call("GET", "/hold-list?limit=2", scope=ApiScope.HOLD_LIST_READ).json()
    rest = call("GET", f"/hold-list?limit=2&before={first['next_before']}", scope=ApiScope.HOLD_LIST_READ).json()
    one = call("GET", "/hold-list?crm_id=T-1", scope=ApiScope.HOLD_LIST_READ).json()
    refused = call("GET", "/hold-list", scope=ApiScope.INCIDENTS_READ)

    held = [{"crm_id": name, "incidents": [incident.reference]} for name in ("T-2", "T-1", "T-0")]
    assert first["items"] + rest["items"] == held
    assert (rest["next_before"], one["items"], refused.status_code) == (None, [held[1]], 403)
    assert "newsletter" in first["campaign_kinds"]


def test_clocks_are_listed_soonest_first(incident: Incident) -> None:
    for name in ("gdpr_33", "dora_initial"):
        clocks.start(incident, clock=name, place="EU", answer="yes", by=make.person(), now=NOW)

    found = call("GET", f"/incidents/{incident.reference}/clocks", scope=ApiScope.INCIDENTS_READ).json()

    assert [(one["clock"], one["state"], one["audience"]) for one in found] == [
        ("dora_initial", "running", "competent authority"),
        ("gdpr_33", "running", "supervisory authority"),
    ]


def test_a_claim_is_noted_once_and_verified_by_people(incident: Incident) -> None:
    body = {"text": "It burns", "said_where": "forum"}
    path = f"/incidents/{incident.reference}/claims"

    made = call("POST", path, body, scope=ApiScope.FACTS_WRITE)
    listed = call("GET", path, scope=ApiScope.INCIDENTS_READ).json()

    assert (made.status_code, made.json()["truth"], Claim.objects.count()) == (201, "unverified", 1)
    assert [one["text"] for one in listed] == ["It burns"]


def test_a_recalls_progress_is_reported(incident: Incident) -> None:
    path = f"/incidents/{incident.reference}/recall"
    made = call("POST", path, {"units_corrected": 7, "source": "depot"}, scope=ApiScope.FACTS_WRITE)
    read = call("GET", path, scope=ApiScope.INCIDENTS_READ)

    assert (made.status_code, made.json()["units_corrected"]) == (200, 7)
    assert read.json() == made.json()
