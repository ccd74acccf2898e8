"""The telephone system and the chat system, as they speak to the interface."""

from typing import Any

import pytest
from django.test import Client

from incidents import clock
from incidents.enums import ApiScope
from incidents.models import ChatTranscript, Feedback, HotlineWait
from tests import factories_incidents as incidents
from tests.crisiscomm.test_api import BASE, call, token
from tests.factories import company
from tests.factories_admin import client_of
from tests.factories_customers import address

pytestmark = pytest.mark.django_db
CHAT = {"conversation": "chat-1", "transcript": "Customer: Where is it?", "questions": [{"verbatim": "Where is it?"}]}


def test_the_telephone_system_reports_and_the_contact_block_tells_it(client: Client) -> None:
    company(chat_url="https://chat.nordbahn.example/")
    body = {"seconds": 270, "source": "telephone system", "measured_at": clock.now().isoformat()}
    secret = token(ApiScope.HOTLINE_WRITE, ApiScope.INCIDENTS_READ)

    posted = [call(client, "POST", "/hotline/waiting-time", body, secret=secret) for _ in range(2)]
    read = call(client, "GET", "/hotline", secret=secret).json()

    assert [one.status_code for one in posted] == [201, 201]
    assert (HotlineWait.objects.count(), posted[0].json()["seconds"]) == (1, 270)
    assert (read["telephone"], read["chat_url"]) == ("+49 30 5550100", "https://chat.nordbahn.example/")
    assert (read["waiting_time"]["seconds"], read["waiting_time"]["source"]) == (270, "telephone system")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"seconds": -1, "source": "s"}, 422),
        ({"seconds": 1, "source": " "}, 422),
        ({"seconds": 1, "source": "s", "measured_at": "2099-01-01T00:00:00Z"}, 409),
    ],
)
def test_a_figure_that_cannot_be_is_refused(client: Client, body: dict[str, Any], status: int) -> None:
    company()

    response = call(client, "POST", "/hotline/waiting-time", body)

    assert (response.status_code, "error" in response.json(), HotlineWait.objects.count()) == (status, True, 0)


def test_a_chat_is_filed_once_by_its_own_number_without_a_key(client: Client) -> None:
    company()
    buyer = incidents.customer("C-7", account_manager=incidents.person("anna"))
    address(buyer, "ann@buyer.example")
    path = f"{BASE}/incidents/{incidents.reported().reference}/chats"
    headers = {"Authorization": f"Bearer {token(ApiScope.FEEDBACK_WRITE)}"}
    body = {**CHAT, "address": "ann@buyer.example", "mood": "worried", "language": "en"}

    answers = [client.post(path, body, "application/json", headers=headers) for _ in range(2)]
    changed = client.post(path, {**body, "mood": "angry"}, "application/json", headers=headers)

    assert [one.status_code for one in (*answers, changed)] == [201, 201, 409]
    assert answers[0].content == answers[1].content
    entry = answers[0].json()["entries"][0]
    assert (answers[0].json()["customer"], entry["owner"], entry["mood"]) == ("C-7", "anna", "worried")
    assert (ChatTranscript.objects.count(), Feedback.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"customer": "C-404"}, 404),
        ({"transcript": "x" * 100_001}, 422),
        ({"transcript": "a\x00b"}, 422),
        ({"questions": [{"verbatim": "Can I sue?"}]}, 409),
        ({"questions": [{"verbatim": "x"}] * 51}, 422),
        ({"answered": True}, 422),
    ],
)
def test_a_chat_that_does_not_fit_is_refused_with_a_sentence(
    client: Client, change: dict[str, Any], status: int
) -> None:
    path = f"/incidents/{incidents.reported().reference}/chats"

    response = call(client, "POST", path, {**CHAT, **change})

    assert (response.status_code, "error" in response.json(), ChatTranscript.objects.count()) == (status, True, 0)


@pytest.mark.parametrize("body", [b'{"conversation": "\xff"}', b"no JSON"])
def test_a_chat_in_another_encoding_is_refused(client: Client, body: bytes) -> None:
    path = f"{BASE}/incidents/{incidents.reported().reference}/chats"
    headers = {"Authorization": f"Bearer {token()}"}

    response = client.generic("POST", path, body, content_type="application/json", headers=headers)

    assert (response.status_code, "error" in response.json()) == (400, True)


def test_agents_read_the_chat_from_the_log(client: Client) -> None:
    incident = incidents.reported()
    call(client, "POST", f"/incidents/{incident.reference}/chats", {**CHAT, "address": "ann@buyer.example"})
    browser = client_of(incidents.person("root", is_staff=True, is_superuser=True))
    entry, row = Feedback.objects.get(), ChatTranscript.objects.get()

    logged = browser.get(f"/admin/incidents/feedback/{entry.pk}/change/").content.decode()
    page = browser.get(f"/admin/incidents/chattranscript/{row.pk}/change/").content.decode()

    assert f"/admin/incidents/chattranscript/{row.pk}/change/" in logged
    assert ("Customer: Where is it?" in page, "ann@buyer.example" in page) == (True, True)
