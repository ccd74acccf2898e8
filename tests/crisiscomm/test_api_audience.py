"""Segments, affected and excluded customers, and the number of calls, for other systems."""

import pytest
from django.test import Client

from incidents import duties
from incidents.enums import ApiScope, Duty
from tests import factories_incidents as incidents
from tests.crisiscomm.test_api import call, token

pytestmark = pytest.mark.django_db


def test_segments_are_tried_kept_and_used(client: Client) -> None:
    incident = incidents.reported()
    incidents.customer("K1", region="DE")
    incidents.customer("K2", region="FR")
    room = f"/incidents/{incident.reference}"
    secret = token()

    def send(method: str, path: str, body: object = None, key: str = "k") -> object:
        answer = call(client, method, path, body, key=key, secret=secret)
        return answer.status_code, answer.json()

    wrong = send("POST", "/segments/preview", {"query": "colour = red"})
    tried = send("POST", "/segments/preview", {"query": "region = DE"})
    kept = send("POST", "/segments", {"name": "Germany", "query": "region = DE"}, "k1")
    added = send("POST", f"{room}/impacts", {"segment": "Germany"}, "k2")
    by_ids = send("POST", f"{room}/impacts", {"crm_ids": ["K2", "K9"]}, "k3")
    twice = send("POST", f"{room}/impacts", {"segment": "Germany", "query": "has_email"}, "k4")
    out = send("POST", f"{room}/exclusions", {"query": "region = FR", "reason": "in court"}, "k5")
    duties.owe(incident, duty=Duty.SAFETY_WARNING, reason="recall", by=None, now=incidents.NOW)
    refused = send("POST", f"{room}/exclusions", {"crm_ids": ["K1"], "reason": "in court"}, "k6")
    listed = send("GET", f"{room}/impacts")
    calls = send("GET", f"{room}/capacity")

    assert wrong[0] == refused[0] == twice[0] == 409  # type: ignore[index]
    assert "at character 1" in wrong[1]["error"]  # type: ignore[index]
    assert tried == (200, {"count": 1, "sample": [{"crm_id": "K1", "name": "Customer K1"}]})
    assert kept[0] == 201  # type: ignore[index]
    assert (added[1]["added"], by_ids[1]["unknown"], out[1]) == (1, ["K9"], {"added": 1})  # type: ignore[index]
    assert [one["crm_id"] for one in listed[1]["items"]] == ["K2", "K1"]  # type: ignore[index]
    assert (calls[1]["needed"], calls[1]["is_open"]) == (0, True)  # type: ignore[index]


def test_another_scope_does_not_read_customers(client: Client) -> None:
    secret = token(ApiScope.INCIDENTS_READ)

    answer = call(client, "POST", "/segments/preview", {"query": "has_email"}, secret=secret)

    assert answer.status_code == 403
