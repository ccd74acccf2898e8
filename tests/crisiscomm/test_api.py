"""The interface of other systems: scopes, refusals, requests that happen once, and a contract that is current."""

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from crisiscomm.api import api
from incidents import api_tokens, clock, facts
from incidents.enums import ApiScope, FeedbackSource
from incidents.models import ApiToken, Fact, Feedback, Incident, User
from tests import factories_incidents as incidents
from tests import factories_messages as messages
from tests import factories_public as public
from tests.architecture.sources import ROOT

pytestmark = pytest.mark.django_db
BASE = "/api/v1"


def token(*scopes: ApiScope, days: int = 1, networks: tuple[str, ...] = ()) -> str:
    """Return a token with these scopes, or with all."""
    now = clock.now()
    grant = api_tokens.Grant("robot", scopes or tuple(ApiScope), now + timedelta(days=days), networks)
    return api_tokens.issue(incidents.person("robot"), grant=grant, now=now)


def call(client: Client, method: str, path: str, body: Any = None, *, key: str = "k-1", secret: str = "") -> Any:
    """Send one request as another system does."""
    headers = {"Authorization": f"Bearer {secret or token()}", "Idempotency-Key": key}
    data = json.dumps(body) if body is not None else ""
    return client.generic(method, BASE + path, data, content_type="application/json", headers=headers)


@pytest.fixture
def incident() -> Incident:
    """A reported incident with one line on its fact sheet."""
    found = incidents.reported()
    facts.seed(found, definitions=[incidents.definition(), incidents.definition("secret", sensitivity="restricted")])
    return found


def test_incidents_are_listed_newest_first_in_pages(client: Client) -> None:
    references = [incidents.reported(f"Number {number}").reference for number in range(3)]
    secret = token()

    first = call(client, "GET", "/incidents?limit=2", secret=secret).json()
    second = call(client, "GET", f"/incidents?limit=2&before={first['next_before']}", secret=secret).json()

    assert [one["reference"] for one in first["items"] + second["items"]] == references[::-1]
    assert second["next_before"] is None


def test_an_incident_is_reported_once_for_its_key(client: Client) -> None:
    secret = token()
    body = {"title": "Line stands still", "detected_at": "2026-11-22T09:00:00Z"}

    answers = [call(client, "POST", "/incidents", body, secret=secret) for _ in range(2)]
    other = call(client, "POST", "/incidents", body, key="k-2", secret=secret)

    assert [answer.status_code for answer in (*answers, other)] == [201, 201, 201]
    assert answers[0].json() == answers[1].json()
    assert (answers[0].json()["phase"], Incident.objects.count()) == ("identify", 2)
    assert set(Incident.objects.values_list("reported_by__username", flat=True)) == {"robot"}


def test_a_key_is_not_taken_for_another_request(client: Client) -> None:
    secret = token()
    call(client, "POST", "/incidents", {"title": "One"}, secret=secret)

    response = call(client, "POST", "/incidents", {"title": "Two"}, secret=secret)

    assert (response.status_code, Incident.objects.count()) == (409, 1)
    assert "use a new one" in response.json()["error"]


def test_a_fact_is_proposed_not_confirmed(client: Client, incident: Incident) -> None:
    body = {"value": {"en": "A line stands still"}, "status": "reported", "source": "line controller"}

    response = call(client, "PUT", f"/incidents/{incident.reference}/facts/incident.summary", body)

    assert (response.status_code, response.json()["value"]) == (200, {"en": "A line stands still"})
    assert Fact.objects.values_list("status", "updated_by__username").get(key="incident.summary") == (
        "reported",
        "robot",
    )
    assert facts.confirmed(incident) is None


def test_restricted_facts_stay_inside(client: Client, incident: Incident) -> None:
    listed = call(client, "GET", f"/incidents/{incident.reference}/facts").json()

    assert [one["key"] for one in listed] == ["incident.summary"]


def test_a_refusal_is_told_in_its_sentence(client: Client, incident: Incident) -> None:
    body = {"value": {"en": "x"}, "status": "reported", "source": "line"}

    response = call(client, "PUT", f"/incidents/{incident.reference}/facts/unheard.of", body)

    assert (response.status_code, response.json()) == (
        409,
        {"error": "This incident's fact sheet has no line “unheard.of”."},
    )


def test_feedback_is_logged_listed_and_answered_once(client: Client, incident: Incident) -> None:
    customer, secret = public.customer(), token()
    path = f"/incidents/{incident.reference}/feedback"
    body = {"verbatim": "<b>Where</b> is it?", "kind": "complaint", "customer": customer.crm_id, "mood": "angry"}

    logged = call(client, "POST", path, body, secret=secret).json()
    answer = f"/feedback/{logged['id']}/answer"
    answered = [call(client, "POST", answer, {"text": "On its way."}, key="a", secret=secret) for _ in range(2)]
    again = call(client, "POST", answer, {"text": "Again."}, key="b", secret=secret)
    listed = call(client, "GET", f"{path}?state=answered", secret=secret).json()

    assert [one.status_code for one in (*answered, again)] == [200, 200, 409]
    assert [(one["customer"], one["verbatim"], one["answer"]) for one in listed["items"]] == [
        ("C-1", "<b>Where</b> is it?", "On its way.")
    ]
    assert Feedback.objects.get().source == FeedbackSource.INTERFACE


def test_messages_and_blockers_are_read(client: Client, incident: Incident) -> None:
    messages.company()
    message = public.released(incident)
    path = f"/incidents/{incident.reference}"

    listed = call(client, "GET", f"{path}/messages").json()["items"]
    detail = call(client, "GET", f"{path}/messages/{message.number}").json()
    blockers = call(client, "GET", f"{path}/blockers")

    assert [one["reference"] for one in listed] == [message.reference]
    assert (detail["sha256"], sorted(detail["languages"])) == (message.current.sha256, ["en", "ru", "zh"])  # type: ignore[union-attr]
    assert (blockers.status_code, type(blockers.json())) == (200, list)


def test_approvals_and_promised_updates_are_read(client: Client, incident: Incident) -> None:
    messages.company()
    message = public.released(incident)

    approvals = call(client, "GET", f"/incidents/{incident.reference}/messages/{message.number}/approvals").json()
    lists = [call(client, "GET", path).json() for path in ("/approvals/mine", "/updates")]

    assert (approvals["sha256"], len(approvals["given"]), approvals["missing"]) == (message.current.sha256, 1, [])  # type: ignore[union-attr]
    assert lists == [[], []]


OPERATIONS = [
    ("GET", "/incidents", ApiScope.INCIDENTS_READ),
    ("POST", "/incidents", ApiScope.INCIDENTS_WRITE),
    ("GET", "/incidents/INC-2026-0001", ApiScope.INCIDENTS_READ),
    ("GET", "/incidents/INC-2026-0001/facts", ApiScope.INCIDENTS_READ),
    ("PUT", "/incidents/INC-2026-0001/facts/a", ApiScope.FACTS_WRITE),
    ("GET", "/incidents/INC-2026-0001/feedback", ApiScope.FEEDBACK_READ),
    ("POST", "/incidents/INC-2026-0001/feedback", ApiScope.FEEDBACK_WRITE),
    ("POST", "/feedback/1/answer", ApiScope.FEEDBACK_WRITE),
    ("GET", "/incidents/INC-2026-0001/messages", ApiScope.INCIDENTS_READ),
    ("GET", "/incidents/INC-2026-0001/messages/1", ApiScope.INCIDENTS_READ),
    ("GET", "/incidents/INC-2026-0001/blockers", ApiScope.INCIDENTS_READ),
    ("POST", "/incidents/INC-2026-0001/dismissal", ApiScope.INCIDENTS_DECLARE),
    ("POST", "/incidents/INC-2026-0001/declaration", ApiScope.INCIDENTS_DECLARE),
    ("POST", "/incidents/INC-2026-0001/holding-statement", ApiScope.INCIDENTS_DECLARE),
    ("GET", "/severity-questions?type=financial", ApiScope.INCIDENTS_READ),
    ("GET", "/signals", ApiScope.INCIDENTS_READ),
    ("POST", "/incidents/INC-2026-0001/chats", ApiScope.FEEDBACK_WRITE),
    ("GET", "/incidents/INC-2026-0001/messages/1/late-languages", ApiScope.INCIDENTS_READ),
    ("POST", "/incidents/INC-2026-0001/messages/1/late-languages/ru", ApiScope.TRANSLATIONS_WRITE),
    ("GET", "/hotline", ApiScope.INCIDENTS_READ),
    ("POST", "/hotline/waiting-time", ApiScope.HOTLINE_WRITE),
    ("POST", "/signals", ApiScope.SIGNALS_WRITE),
    ("GET", "/duty", ApiScope.INCIDENTS_READ),
    ("GET", "/incidents/INC-2026-0001/facts/a/history", ApiScope.INCIDENTS_READ),
    ("PUT", "/incidents/INC-2026-0001/facts/a/texts/ru", ApiScope.TRANSLATIONS_WRITE),
    ("PUT", "/incidents/INC-2026-0001/facts/a/withholding", ApiScope.FACTS_WRITE),
    ("GET", "/incidents/INC-2026-0001/withheld", ApiScope.INCIDENTS_READ),
    ("GET", "/incidents/INC-2026-0001/estimates", ApiScope.INCIDENTS_READ),
    ("PUT", "/incidents/INC-2026-0001/estimate", ApiScope.FACTS_WRITE),
    ("GET", "/incidents/INC-2026-0001/responsibility", ApiScope.INCIDENTS_READ),
    ("GET", "/incidents/INC-2026-0001/actions", ApiScope.INCIDENTS_READ),
    ("POST", "/incidents/INC-2026-0001/actions", ApiScope.FACTS_WRITE),
    ("PUT", "/incidents/INC-2026-0001/actions/1/done", ApiScope.FACTS_WRITE),
    ("GET", "/incidents/INC-2026-0001/messages/1/languages", ApiScope.INCIDENTS_READ),
    ("PUT", "/incidents/INC-2026-0001/messages/1/texts/ru", ApiScope.TRANSLATIONS_WRITE),
    ("GET", "/incidents/INC-2026-0001/messages/1/approvals", ApiScope.INCIDENTS_READ),
    ("GET", "/approvals/mine", ApiScope.INCIDENTS_READ),
    ("GET", "/updates", ApiScope.INCIDENTS_READ),
    ("GET", "/incidents/INC-2026-0001/line-to-take", ApiScope.DESK_READ),
    ("GET", "/incidents/INC-2026-0001/answers", ApiScope.DESK_READ),
    ("POST", "/incidents/INC-2026-0001/brief/read", ApiScope.DESK_WRITE),
    ("GET", "/incidents/INC-2026-0001/sheets", ApiScope.DESK_READ),
    ("POST", "/incidents/INC-2026-0001/sheets/looked-at", ApiScope.DESK_WRITE),
    ("GET", "/incidents/INC-2026-0001/contacts", ApiScope.DESK_READ),
    ("POST", "/incidents/INC-2026-0001/contacts", ApiScope.DESK_WRITE),
    ("POST", "/contacts/next", ApiScope.DESK_WRITE),
    ("POST", "/contacts/1/outcome", ApiScope.DESK_WRITE),
    ("GET", "/customers/C-1/told", ApiScope.DESK_READ),
    ("GET", "/segments", ApiScope.AUDIENCE_READ),
    ("POST", "/segments", ApiScope.AUDIENCE_WRITE),
    ("POST", "/segments/preview", ApiScope.AUDIENCE_READ),
    ("GET", "/incidents/INC-2026-0001/impacts", ApiScope.AUDIENCE_READ),
    ("POST", "/incidents/INC-2026-0001/impacts", ApiScope.AUDIENCE_WRITE),
    ("POST", "/incidents/INC-2026-0001/exclusions", ApiScope.AUDIENCE_WRITE),
    ("GET", "/incidents/INC-2026-0001/capacity", ApiScope.AUDIENCE_READ),
    ("GET", "/incidents/INC-2026-0001/clocks", ApiScope.INCIDENTS_READ),
    ("GET", "/incidents/INC-2026-0001/claims", ApiScope.INCIDENTS_READ),
    ("POST", "/incidents/INC-2026-0001/claims", ApiScope.FACTS_WRITE),
    ("GET", "/incidents/INC-2026-0001/recall", ApiScope.INCIDENTS_READ),
    ("POST", "/incidents/INC-2026-0001/recall", ApiScope.FACTS_WRITE),
    ("GET", "/hold-list", ApiScope.HOLD_LIST_READ),
    ("GET", "/incidents/INC-2026-0001/plan", ApiScope.INCIDENTS_READ),
    ("GET", "/incidents/INC-2026-0001/learning", ApiScope.INCIDENTS_READ),
    ("GET", "/incidents/INC-2026-0001/press-enquiries", ApiScope.INCIDENTS_READ),
    ("POST", "/incidents/INC-2026-0001/press-enquiries", ApiScope.INCIDENTS_WRITE),
    ("POST", "/incidents/INC-2026-0001/press-enquiries/1/answer", ApiScope.INCIDENTS_WRITE),
    ("POST", "/incidents/INC-2026-0001/links", ApiScope.INCIDENTS_WRITE),
    ("GET", "/incidents/INC-2026-0001/costs", ApiScope.REVIEW_READ),
    ("POST", "/incidents/INC-2026-0001/costs", ApiScope.REVIEW_WRITE),
    ("POST", "/costs/1/correction", ApiScope.REVIEW_WRITE),
    ("GET", "/incidents/INC-2026-0001/outcomes", ApiScope.REVIEW_READ),
    ("POST", "/incidents/INC-2026-0001/outcomes", ApiScope.REVIEW_WRITE),
]


def test_every_operation_is_listed_here_and_none_approves() -> None:
    paths = api.get_openapi_schema()["paths"]

    names = sorted(operation["operationId"] for methods in paths.values() for operation in methods.values())
    assert len(names) == len(OPERATIONS)
    assert not any(word in name for name in names for word in ("approve", "release", "confirm", "move", "waive"))


@pytest.mark.parametrize(("method", "path", "scope"), OPERATIONS)
def test_an_operation_needs_its_scope(client: Client, method: str, path: str, scope: ApiScope) -> None:
    others = [one for one in ApiScope if one != scope]

    response = call(client, method, path, {}, secret=token(*others))

    assert (response.status_code, response.json()) == (
        403,
        {"error": f"This token does not have the scope {scope}."},
    )


@pytest.mark.parametrize("header", ["", "Bearer ", "Bearer wrong", "Basic x", "Bearer \udcff"])
def test_without_a_valid_token_nothing_is_told(client: Client, header: str) -> None:
    response = client.get(f"{BASE}/incidents", headers={"Authorization": header})

    assert (response.status_code, list(response.json())) == (401, ["error"])
    assert response["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "change", [{"is_active": False}, {"expires_at": public.NOW - timedelta(days=3650)}, {"networks": ["192.0.2.0/24"]}]
)
def test_a_token_that_no_longer_holds_is_refused(client: Client, change: dict[str, Any]) -> None:
    secret = token()
    ApiToken.objects.update(**change)

    assert call(client, "GET", "/incidents", secret=secret).status_code == 401


def test_a_token_ends_with_the_person_it_acts_as(client: Client) -> None:
    secret = token(networks=("127.0.0.0/8",))
    before = call(client, "GET", "/incidents", secret=secret).status_code
    User.objects.filter(username="robot").update(is_active=False)

    assert (before, call(client, "GET", "/incidents", secret=secret).status_code) == (200, 401)


def test_the_token_itself_is_not_kept() -> None:
    secret = token()

    stored = ApiToken.objects.values().get()
    assert secret not in str(stored)
    assert len(stored["digest"]) == 64


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"title": "x", "severity": "SEV1"}, "body.body.severity"),
        ({"title": " "}, "body.body.title"),
        ({"title": "x\u0000"}, "body.body.title"),
        ({"title": "x\ud800"}, "body.body.title"),
        ({"title": "x", "detected_at": "2026-11-22T09:00:00"}, "body.body.detected_at"),
        ({}, "body.body.title"),
    ],
)
def test_what_does_not_fit_is_named(client: Client, body: dict[str, str], field: str) -> None:
    response = call(client, "POST", "/incidents", body)

    assert (response.status_code, Incident.objects.count()) == (422, 0)
    assert response.json()["fields"][0].startswith(f"{field}:")


def test_a_zone_no_place_has_is_understood(client: Client) -> None:
    response = call(client, "POST", "/incidents", {"title": "x", "detected_at": "2026-11-22T20:26:00+20:26"})

    assert response.json()["detected_at"] == "2026-11-22T00:00:00Z"


def test_a_post_needs_its_key(client: Client) -> None:
    response = call(client, "POST", "/incidents", {"title": "x"}, key="")

    assert (response.status_code, response.json()["fields"][0].split(":")[0]) == (422, "header.Idempotency-Key")


@pytest.mark.parametrize("path", ["/incidents/INC-2026-9999", "/incidents/INC-2026-9999/facts", "/nowhere"])
def test_what_is_not_there_is_told_as_json(client: Client, path: str) -> None:
    response = call(client, "GET", path)

    assert (response.status_code, response.json()) == (404, {"error": "Not found."})


def test_the_documentation_asks_no_foreign_host(client: Client) -> None:
    html = client.get(f"{BASE}/docs").content.decode()

    assert "/static/ninja/swagger-ui-bundle.js" in html
    assert "//cdn" not in html
    assert client.get(f"{BASE}/openapi.json").json()["info"]["title"] == "CrisisComm"


def test_the_committed_contract_is_current() -> None:
    committed = json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))

    assert json.loads(json.dumps(api.get_openapi_schema(), default=str)) == committed


def test_the_command_prints_a_token_that_works_once(client: Client) -> None:
    incidents.person("robot")
    out = StringIO()
    call_command("create_api_token", "robot", "--scope", "incidents:read", "--days", "2", stdout=out)

    assert call(client, "GET", "/incidents", secret=out.getvalue().strip()).status_code == 200
    assert call(client, "POST", "/incidents", {"title": "x"}, secret=out.getvalue().strip()).status_code == 403


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("nobody", "--scope", "incidents:read"), "no active user"),
        (("robot", "--scope", "incidents:read", "--days", "0"), "ends in the future"),
        (("robot", "--scope", "incidents:read", "--network", "home"), "is no network"),
    ],
)
def test_the_command_says_what_is_wrong(arguments: tuple[str, ...], sentence: str) -> None:
    incidents.person("robot")

    with pytest.raises(CommandError, match=sentence):
        call_command("create_api_token", *arguments)
