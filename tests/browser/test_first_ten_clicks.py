"""Somebody who never saw the product declares an incident and has an approved first word delivered: clicks counted."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client, override_settings
from playwright.sync_api import Locator, Page

from crisiscomm.groups import GroupName, make_groups
from crisiscomm.smtp_inbox import Inbox
from incidents import clock
from incidents.enums import ContactKind, Role
from incidents.models import ContactPoint, Incident, RosterEntry, User
from notifications import channels, engine
from notifications.enums import MessageState
from notifications.models import Message, PagePost
from tests import factories
from tests.factories_admin import member
from tests.factories_incidents import customer
from workflows import playbooks_loader

pytestmark = pytest.mark.browser
Shoot = Callable[[str], None]
ALLOWED = 9
SENT_BY = ["email_personal", "email_bulk"]
# Counts what people do with a finger or a mouse: every click in the page, and every choice in a list as one more.
COUNTER = """
window.addEventListener("click", (event) => { if (event.isTrusted) window.noteClick("click"); }, true);
window.addEventListener("change", (event) => { if (event.target.matches("select")) window.noteClick("choice"); }, true);
"""


@pytest.fixture
def size() -> str:
    """A phone, at night."""
    return "phone"


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    """A real mail server of our own."""
    server = Inbox().start()
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def house(committed: None, inbox: Inbox) -> Iterator[None]:
    """A company with customers, a duty roster and mail."""
    make_groups(using="default")
    playbooks_loader.install(now=clock.now())
    factories.company(is_demonstration=True)
    for number in (1, 2):
        address = f"c{number}@customer.example"
        found = customer(f"C-{number}")
        ContactPoint.objects.create(customer=found, kind=ContactKind.EMAIL, value=address, normalised=address)
    with override_settings(EMAIL_HOST="127.0.0.1", EMAIL_PORT=inbox.port, IS_SECOND_FACTOR_REQUIRED=False):
        yield


def log_in(page: Page, site: Any, user: User) -> None:
    """Let the browser hold this person's session."""
    client = Client()
    client.force_login(user)
    page.context.clear_cookies()
    wanted = {settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value}
    page.context.add_cookies([{"name": name, "value": value, "url": site.url} for name, value in wanted.items()])


def press(page: Page, what: Locator) -> None:
    """Press something that leads to another page."""
    with page.expect_navigation():
        what.click()


def test_an_approved_first_word_is_delivered_in_under_ten_clicks(
    page: Page, live_server: Any, inbox: Inbox, troubles: list[str], shoot: Shoot
) -> None:
    noted: list[str] = []
    page.context.expose_function("noteClick", lambda what: noted.append(what))  # noqa: PLW0108 - Playwright marks what it is given
    page.context.add_init_script(COUNTER)
    lead, speaker = member(GroupName.CRISIS_LEAD, "lena"), member(GroupName.CRISIS_LEAD, "tomas")
    RosterEntry.objects.create(role=Role.INCIDENT_LEAD, user=lead, deputy=speaker)
    RosterEntry.objects.create(role=Role.COMMUNICATIONS_LEAD, user=speaker, deputy=lead)

    log_in(page, live_server, lead)
    _report_and_declare(page, shoot)
    log_in(page, live_server, speaker)
    page.goto("/admin/")
    shoot("first-home")
    press(page, page.locator("#board-mine ~ ul a").first)
    shoot("first-approve")
    press(page, page.get_by_role("button", name="Approve and send"))
    _send_all()

    message = Message.objects.get()
    assert sorted((one["to"], one["subject"]) for one in inbox.accepted) == [
        ("c1@customer.example", f"Delivery warning: Press line stands still ({message.incident.reference})"),
        ("c2@customer.example", f"Delivery warning: Press line stands still ({message.incident.reference})"),
    ]
    assert (message.state, PagePost.objects.count()) == (MessageState.SENT, 1)
    assert Incident.objects.get().severity == "SEV1"
    assert troubles == []
    # Five clicks of the lead with two choices, two of the second person: nine in all.
    assert len(noted) <= ALLOWED, noted


def _report_and_declare(page: Page, shoot: Shoot) -> None:
    page.goto("/admin/")
    press(page, page.get_by_role("link", name="Report an incident"))
    page.locator("#id_title").fill("Press line stands still")
    press(page, page.get_by_role("button", name="Report"))
    page.locator("#id_what").select_option("supply-chain-operations/supplier_failure")
    page.locator("label.rm-question:visible").first.click()
    page.locator("#id_known").fill("The press line has stood still since eight o'clock.")
    page.locator("#id_audience").select_option("filter")
    shoot("first-declare")
    press(page, page.get_by_role("button", name="Declare"))
    shoot("first-room")


def _send_all() -> None:
    """Send what is frozen, as a sender does."""
    now = clock.now()
    engine.pump(channel_names=SENT_BY, worker="test", clock=lambda: now, seconds=5)
    channels.close_all()
