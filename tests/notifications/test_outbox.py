"""Waking staff: rows first, signed calls, a guard against our own network, and no end of patience."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx
import pytest
from django.core import mail
from standardwebhooks.webhooks import Webhook

from notifications import outbox, reach, secrets
from notifications.enums import NoticeMedium, NoticeState
from notifications.models import StaffNotice, WebhookEndpoint
from tests.factories_delivery import NOW, make_company, make_user

SECRET = "whsec_" + "QUJD" * 11


class Pager(BaseHTTPRequestHandler):
    """Answers with the server's `answers`, one after the other, and remembers what it heard."""

    def do_POST(self) -> None:
        server: Any = self.server
        body = self.rfile.read(int(self.headers["content-length"]))
        server.heard.append((dict(self.headers.items()), body))
        self.send_response(server.answers.pop(0) if server.answers else 200)
        self.send_header("location", "http://127.0.0.1:1/")
        self.end_headers()

    def log_message(self, format: str, *arguments: Any) -> None:
        """Quiet."""


@pytest.fixture
def pager() -> Iterator[Any]:
    server: Any = HTTPServer(("127.0.0.1", 0), Pager)
    server.heard, server.answers = [], []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def make_notice(**fields: Any) -> StaffNotice:
    defaults = {
        "key": f"k{StaffNotice.objects.count()}",
        "subject": "Approve\r\nBcc: M3",
        "body": "An update waits for you.",
        "medium": NoticeMedium.MAIL,
        "next_attempt_at": NOW,
        "created_at": NOW,
    }
    return StaffNotice.objects.create(**defaults | fields)


def make_call(pager: Any, **fields: Any) -> StaffNotice:
    url = f"http://127.0.0.1:{pager.server_port}/"
    endpoint = WebhookEndpoint.objects.create(name="pager", url=url, secret=secrets.encrypt(SECRET))
    return make_notice(medium=NoticeMedium.WEBHOOK, endpoint=endpoint, data={"message": 3}, **fields)


@pytest.mark.django_db
def test_a_person_is_mailed_once() -> None:
    user = make_user(email="mira@example.org")
    make_notice(user=user)

    sent = [outbox.send_due(now=NOW) for _ in range(2)]

    assert sent == [1, 0]
    assert [(one.to, one.subject) for one in mail.outbox] == [(["mira@example.org"], "Approve Bcc: M3")]
    assert StaffNotice.objects.get().state == NoticeState.SENT


@pytest.mark.django_db
def test_a_webhook_is_called_with_a_signature_that_holds(pager: Any) -> None:
    make_company(is_demonstration=True)
    moment = datetime.now(UTC)
    notice = make_call(pager, next_attempt_at=moment)

    sent = outbox.send_due(now=moment)

    [(headers, body)] = pager.heard
    assert sent == 1
    assert Webhook(SECRET).verify(body, {name.lower(): value for name, value in headers.items()}) == json.loads(body)
    assert json.loads(body)["data"] == {"message": 3}
    assert headers["webhook-id"] == str(notice.uid)


@pytest.mark.django_db
def test_a_failing_call_is_tried_again_later_then_told_as_failed(pager: Any) -> None:
    make_company(is_demonstration=True)
    notice = make_call(pager)
    pager.answers = [500] * outbox.MOST_ATTEMPTS
    now, calls = NOW, 0

    while notice.state == NoticeState.QUEUED:
        outbox.send_due(now=now)
        outbox.send_due(now=now)
        calls += 1
        notice.refresh_from_db()
        now = notice.next_attempt_at

    assert (notice.state, notice.attempts, len(pager.heard)) == (NoticeState.FAILED, calls, outbox.MOST_ATTEMPTS)
    assert notice.last_error == "the other side answered 500"


@pytest.mark.django_db
def test_a_redirect_is_not_followed(pager: Any) -> None:
    make_company(is_demonstration=True)
    make_call(pager)
    pager.answers = [302]

    assert (outbox.send_due(now=NOW), len(pager.heard)) == (0, 1)


@pytest.mark.django_db
def test_a_live_company_never_calls_its_own_network(pager: Any) -> None:
    make_company()
    make_call(pager)

    assert (outbox.send_due(now=NOW), pager.heard) == (0, [])
    assert "not a public web address" in StaffNotice.objects.get().last_error


@pytest.mark.django_db
def test_somebody_elses_lease_is_respected_until_it_ends() -> None:
    user = make_user(email="mira@example.org")
    make_notice(user=user, lease_until=NOW + timedelta(seconds=5))

    during, after = outbox.send_due(now=NOW), outbox.send_due(now=NOW + timedelta(seconds=6))

    assert (during, after) == (0, 1)


@pytest.mark.django_db
def test_one_bad_wake_up_does_not_stop_the_others() -> None:
    make_notice(user=make_user(email=""))
    make_notice(user=make_user(email="mira@example.org"))

    assert outbox.send_due(now=NOW) == 1


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "2130706433",
        "0x7f000001",
        "localhost",
        "[::1]",
        "[::ffff:169.254.169.254]",
        "169.254.169.254",
        "10.0.0.1",
        "192.168.1.1",
        "172.16.0.1",
        "100.64.0.1",
        "198.18.0.1",
        "224.0.0.1",
        "0.0.0.0",
        "[64:ff9b::7f00:1]",
        "[fe80::1]",
        "8.8.8.8:22",
    ],
)
def test_no_address_of_our_own_network_is_reached(host: str) -> None:
    with reach.client() as client, pytest.raises((reach.ForbiddenHost, httpx.ConnectError)):
        client.post(f"http://{host}/")


def test_a_stored_secret_is_not_the_secret_and_needs_our_key(settings: Any) -> None:
    stored = secrets.encrypt(SECRET)
    readable = secrets.decrypt(stored)
    settings.FIELD_ENCRYPTION_KEYS = ["A" * 43 + "="]

    with pytest.raises(secrets.Unreadable):
        secrets.decrypt(stored)

    assert (readable, SECRET in stored) == (SECRET, False)
