"""A crisis team clicks its way from the report to the released holding statement, and looks at every page."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client, override_settings
from playwright.sync_api import Page, expect

from crisiscomm.groups import GroupName, make_groups
from incidents import clock, feedback
from incidents.enums import Mood, Role
from incidents.models import Incident, TeamAssignment, User
from notifications.enums import MessageKind, MessageState
from notifications.models import Message
from tests import factories, factories_updates
from tests.factories_admin import member
from tests.factories_incidents import customer, person, roster
from workflows import briefings, outreach, playbooks_loader, qa_bank
from workflows.admin.base import Tab
from workflows.models import OutreachTask

pytestmark = pytest.mark.browser
Shoot = Callable[[str], None]


@pytest.fixture(autouse=True)
def company(committed: None) -> Iterator[None]:
    """The house as it stands after a migration, with mail that stays on this machine."""
    make_groups(using="default")
    playbooks_loader.install(now=clock.now())
    factories.company(is_demonstration=True)
    with override_settings(EMAIL_HOST="127.0.0.1", IS_SECOND_FACTOR_REQUIRED=False):
        yield


def log_in(page: Page, site: Any, user: User, *, language: str = "en") -> None:
    """Let the browser hold this person's session."""
    client = Client()
    client.force_login(user)
    wanted = {settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value}
    wanted[settings.LANGUAGE_COOKIE_NAME] = language
    page.context.clear_cookies()
    page.context.add_cookies([{"name": name, "value": value, "url": site.url} for name, value in wanted.items()])


def press(page: Page, door: str) -> None:
    """Press the button of a door by its name in its address."""
    with page.expect_navigation():
        page.locator(f"a.rm-door[href*='/{door}/']").first.click()


def confirm(page: Page) -> None:
    """Send the door's form."""
    with page.expect_navigation():
        page.locator("form[data-once] button[type=submit], form[data-once] button:not([type])").last.click()


def is_narrow_enough(page: Page) -> bool:
    """Whether nothing makes the page scroll sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def _report_and_declare(page: Page, shoot: Shoot) -> str:
    """Report and declare by clicks; return the room's address."""
    page.goto("/admin/incidents/incident/report/")
    shoot("report")
    page.locator("#id_title").fill("Press line stands still")
    page.locator("#id_impact_started_at").fill("2026-01-02T08:00")
    page.locator("#id_jurisdictions").fill("DE")
    confirm(page)
    shoot("declare")
    page.locator("#id_what").select_option("supply-chain-operations/supplier_failure")
    page.locator("label.rm-question:visible").nth(2).click()
    # Here the first word is drafted by hand, from the whole fact sheet.
    page.locator("#id_speaks").uncheck()
    confirm(page)
    return page.url


@pytest.mark.long
def test_a_team_reports_declares_and_speaks_by_clicks(
    page: Page, live_server: Any, troubles: list[str], shoot: Shoot
) -> None:
    lead = member(GroupName.CRISIS_LEAD, "lena")
    approver = member(GroupName.APPROVER, "tomas")
    roster(incident_lead=lead, communications_lead=approver, subject_owner=person("mira"))
    customer("C-1")
    log_in(page, live_server, lead)

    room = _report_and_declare(page, shoot)
    factories.tell_facts(Incident.objects.get(), now=clock.now())
    _confirm_the_facts(page, live_server, writer=lead, checker=approver)
    page.goto(room)
    press(page, "draft_message")
    page.locator("#id_kind").select_option("holding_statement")
    page.locator("#id_audience").select_option("page")
    shoot("draft")
    confirm(page)
    message = Message.objects.get()
    address = page.url
    press(page, "submit")
    confirm(page)
    shoot("message")

    log_in(page, live_server, approver)
    page.goto(address)
    _pass(page, "approve", shoot)
    log_in(page, live_server, lead)
    page.goto(address)
    _pass(page, "release", shoot)

    expect(page.locator(".cc-tag.cc-blue").first).to_be_visible()
    assert Message.objects.get(pk=message.pk).state in {MessageState.SENDING, MessageState.SENT}
    assert is_narrow_enough(page)
    assert troubles == []


def _pass(page: Page, door: str, shoot: Shoot) -> None:
    press(page, door)
    shoot(door)
    confirm(page)


def _confirm_the_facts(page: Page, live_server: Any, *, writer: User, checker: User) -> None:
    facts = f"{page.url.partition('?')[0]}?tab=facts"
    page.goto(facts)
    press(page, "freeze_facts")
    confirm(page)
    log_in(page, live_server, checker)
    page.goto(facts)
    press(page, "confirm")
    expect(page.locator(".cc-table")).to_be_visible()
    confirm(page)
    log_in(page, live_server, writer)


# The longest words on the narrowest screen are the hardest; the rest is for the long run.
EVERY_READER = [
    pytest.param(size, language, marks=() if (size, language) == ("phone", "ru") else pytest.mark.long)
    for size in ("phone", "desktop")
    for language in ("en", "zh-hans", "ru")
]


@pytest.mark.parametrize(("size", "language"), EVERY_READER, indirect=["size"])
def test_every_part_of_the_room_fits_and_complains_of_nothing(
    page: Page, live_server: Any, troubles: list[str], shoot: Shoot, language: str
) -> None:
    incident, message, task = scene()
    log_in(page, live_server, member(GroupName.CRISIS_LEAD, "lea"), language=language)
    room = f"/admin/incidents/incident/{incident.pk}/change/?tab="
    places = {f"room-{tab}": f"{room}{tab}" for tab in Tab}
    places["message-draft"] = f"/admin/notifications/message/{message.pk}/change/"
    places["compose"] = f"/admin/notifications/message/{message.pk}/edit/"
    places["call"] = f"/admin/workflows/outreachtask/{task.pk}/change/"
    places["sheet"] = f"/admin/workflows/outreachtask/{task.pk}/prepare/"
    places["outcome"] = f"/admin/workflows/outreachtask/{task.pk}/finish/"
    places["appointment"] = f"/admin/workflows/outreachtask/{task.pk}/arrange/"
    places["console"] = f"/admin/workflows/staffbrief/console/?incident={incident.pk}"
    places["console-customer"] = f"{places['console']}&customer={task.customer_id}"
    places["read-brief"] = f"/admin/workflows/staffbrief/{incident.briefs.get().pk}/acknowledge/"
    places["training"] = "/admin/workflows/trainingrecord/record/"
    for name in ("incidents/incident", "notifications/message", "workflows/outreachtask", "workflows/updateslot"):
        places[f"list-{name.replace('/', '-')}"] = f"/admin/{name}/"
    wide = []

    for name, address in places.items():
        page.goto(address)
        shoot(f"{name}-{language}")
        if not is_narrow_enough(page):
            wide.append(name)

    assert wide == []
    assert troubles == []


@pytest.mark.parametrize("size", ["phone"], indirect=True)
def test_the_preview_shows_the_mail_in_its_frame(
    page: Page, live_server: Any, troubles: list[str], shoot: Shoot
) -> None:
    _incident, message, _task = scene()
    log_in(page, live_server, member(GroupName.CRISIS_LEAD, "lea"))

    page.goto(f"/admin/notifications/message/{message.pk}/change/")

    expect(page.frame_locator(".rm-frame").locator("body")).to_contain_text("update 1")
    shoot("preview")
    assert troubles == []


def scene() -> tuple[Incident, Message, OutreachTask]:
    """An incident in the middle of speaking, with a draft, a brief, answers and calls."""
    now = clock.now()
    incident = factories_updates.told(tiers=(1, 2, 3), now=now)
    approver, reader = person("subject_owner"), member(GroupName.CRISIS_LEAD, "lea")
    brief = briefings.approve(briefings.draft_brief(incident, by=person("wen"), now=now), by=approver, now=now)
    TeamAssignment.objects.filter(incident=incident, role=Role.HR_LEAD).update(user=reader)
    briefings.publish(brief, by=approver, now=now)
    qa_bank.seed(incident)
    qa_bank.approve(incident.qa_entries.get(key="my_order"), by=person("communications_lead"), now=now)
    asked = feedback.Entry("When does my line run again?", theme="Date", mood=Mood.DISTRESS)
    feedback.log(incident, entry=asked, now=now)
    sent = incident.messages.get()
    outreach.prepare_contacts(incident, message=sent, now=now)
    task = OutreachTask.objects.filter(incident=incident).first()
    if task is None:
        from notifications.enums import ChannelName

        affected = incident.impacts.order_by("pk").first()
        assert affected is not None
        task = outreach.request(
            incident, customer=affected.customer, channel=ChannelName.PHONE, due_at=now, by=person("wen"), now=now
        )
    draft = factories_updates.drafted(incident, MessageKind.PROGRESS_UPDATE, now=now)
    return incident, draft, task
