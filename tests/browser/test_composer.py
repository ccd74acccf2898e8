"""The composer says beside a text what the wording check makes of it, and keeps the text without that advice."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import override_settings
from playwright.sync_api import Page, expect

from crisiscomm.groups import GroupName, make_groups
from incidents import clock
from notifications import compose
from notifications.models import Message
from tests import factories, factories_updates
from tests.browser.test_crisis_room import confirm, log_in
from tests.factories_admin import member
from workflows import playbooks_loader

pytestmark = pytest.mark.browser
LANGUAGE, SAID_AS_CERTAIN = "en", "EN-OVP-03"
KEPT = "Your order is late. We tell you the new date today."


@pytest.fixture(autouse=True)
def company(committed: None) -> Iterator[None]:
    make_groups(using="default")
    playbooks_loader.install(now=clock.now())
    factories.company(is_demonstration=True)
    with override_settings(EMAIL_HOST="127.0.0.1", IS_SECOND_FACTOR_REQUIRED=False):
        yield


@pytest.mark.parametrize("size", ["desktop"], indirect=True)
def test_findings_appear_while_typing_and_the_text_is_kept_without_them(
    page: Page, live_server: Any, troubles: list[str]
) -> None:
    now = clock.now()
    message = factories_updates.drafted(factories_updates.speaking(now=now), now=now)
    log_in(page, live_server, member(GroupName.CRISIS_LEAD, "lea"), language=LANGUAGE)
    page.goto(f"/admin/notifications/message/{message.pk}/edit/")
    words = page.locator(f"fieldset[lang='{LANGUAGE}'] textarea").nth(1)
    advice = page.locator(f".rm-live[data-language='{LANGUAGE}']")
    expect(advice).not_to_be_empty()
    expect(advice).not_to_contain_text(SAID_AS_CERTAIN)

    words.fill("Everything will certainly be fine tomorrow.")

    expect(advice).to_contain_text(SAID_AS_CERTAIN)

    page.route("**/wording/", lambda route: route.abort())
    with page.expect_event("requestfailed"):
        words.fill(KEPT)
    confirm(page)

    assert f"/message/{message.pk}/change/" in page.url
    revision = compose.current(Message.objects.get(pk=message.pk))
    assert revision.number == 2
    assert revision.content["texts"][LANGUAGE]["sections"][1]["text"] == KEPT
    assert [line for line in troubles if "ERR_FAILED" not in line] == []
