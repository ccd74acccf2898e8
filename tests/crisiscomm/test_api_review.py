"""Costs and what became of customers, from other systems."""

from django.test import Client

from incidents.enums import ApiScope
from incidents.models import Incident
from tests import factories_incidents as incidents
from tests.crisiscomm.test_api import call, token


def test_costs_are_recorded_and_corrected_and_outcomes_told(client: Client, db: None) -> None:
    incident = incidents.reported()
    Incident.objects.filter(pk=incident.pk).update(declared_at=incidents.NOW)
    incidents.customer("K1")
    room = f"/incidents/{incident.reference}"
    secret = token(ApiScope.REVIEW_READ, ApiScope.REVIEW_WRITE)

    def send(method: str, path: str, body: object = None, key: str = "k") -> tuple[int, dict[str, object]]:
        answer = call(client, method, path, body, key=key, secret=secret)
        return answer.status_code, answer.json()

    cost = {"kind": "logistics", "amount": "12.50", "currency": "EUR"}
    made = send("POST", f"{room}/costs", cost, "k1")
    again = send("POST", f"{room}/costs", cost, "k1")
    fix = {**cost, "amount": "10", "reason": "a discount"}
    right = send("POST", f"/costs/{made[1]['id']}/correction", fix, "k2")
    twice = send("POST", f"/costs/{made[1]['id']}/correction", fix, "k3")
    odd = send("POST", f"{room}/costs", {**cost, "currency": "euro"}, "k4")
    listed = send("GET", f"{room}/costs")
    seen = {"observed_on": incidents.NOW.date().isoformat(), "is_customer": True, "orders": 2}
    told = {"outcomes": [{"crm_id": "K1", **seen}, {"crm_id": "K9", **seen}]}
    taken = send("POST", f"{room}/outcomes", told, "k5")
    unchanged = send("POST", f"{room}/outcomes", told, "k6")
    rows = send("GET", f"{room}/outcomes")

    assert (made[0], again, right[0], twice[0], odd[0]) == (201, made, 201, 409, 422)
    assert (right[1]["corrects"], right[1]["amount"], right[1]["reason"]) == (made[1]["id"], "10.00", "a discount")
    assert [one["id"] for one in listed[1]["items"]] == [right[1]["id"], made[1]["id"]]  # type: ignore[attr-defined]
    error = {"line": 2, "value": "K9", "message": "no customer has this id; import the customer first."}
    assert taken == (200, {"created": 1, "changed": 0, "unchanged": 0, "bad_lines": 1, "errors": [error]})
    assert (unchanged[1]["created"], unchanged[1]["unchanged"]) == (0, 1)
    assert rows[1]["items"] == [{"crm_id": "K1", **seen, "revenue": None, "currency": ""}]


def test_another_scope_reads_no_costs(client: Client, db: None) -> None:
    incident = incidents.reported()

    answer = call(client, "GET", f"/incidents/{incident.reference}/costs", secret=token(ApiScope.INCIDENTS_READ))

    assert answer.status_code == 403
