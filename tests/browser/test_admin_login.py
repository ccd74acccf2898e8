"""People log in, choose their language, enrol a second factor, see the first page, and log out, in a real browser."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from playwright.sync_api import Page

from crisiscomm.groups import GroupName
from incidents.models import User
from tests.factories_admin import member
from tests.factories_incidents import reported

pytestmark = pytest.mark.browser
PASSWORD = "seven grey geese fly north"

CANDIDATES = "[aria-labelledby=board-candidates]"
ONE_SIZE = pytest.mark.parametrize("size", ["phone"], indirect=True)  # what is not about the layout


def ida() -> User:
    user = member(GroupName.CRISIS_LEAD, "ida")
    user.set_password(PASSWORD)
    user.save()
    return user


def log_in(page: Page, password: str = PASSWORD) -> None:
    page.goto("/admin/")
    page.fill("[name=login]", "ida")
    page.fill("[name=password]", password)
    page.click("main button[type=submit]")


def overflow(page: Page) -> int:
    width: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return width


@ONE_SIZE
@pytest.mark.long
def test_the_first_page_opens_after_the_password(page: Page, troubles: list[str]) -> None:
    ida()
    incident = reported("Late bearings")

    log_in(page, "not the password")
    refused = page.inner_text(".errorlist")
    log_in(page)
    page.wait_for_selector(CANDIDATES)

    assert "not correct" in refused
    assert incident.reference in page.inner_text(CANDIDATES)
    assert troubles == []


@ONE_SIZE
@pytest.mark.long
def test_the_first_page_keeps_itself_true(page: Page, troubles: list[str]) -> None:
    ida()
    log_in(page)
    page.wait_for_selector("#board-live")

    incident = reported("Late bearings")
    page.wait_for_selector(CANDIDATES, timeout=10_000)

    assert incident.reference in page.inner_text(CANDIDATES)
    assert troubles == []


@pytest.mark.parametrize(
    ("language", "code"),
    [
        ("简体中文", "zh-hans"),
        *(pytest.param(*one, marks=pytest.mark.long) for one in (("Русский", "ru"), ("English", "en"))),
    ],
)
def test_the_language_is_chosen_before_the_password(page: Page, troubles: list[str], language: str, code: str) -> None:
    page.goto("/accounts/login/")

    page.click(f"text={language}")
    page.wait_for_selector(f"html[lang={code}]")

    assert overflow(page) <= 0
    assert troubles == []


@ONE_SIZE
def test_a_second_factor_is_enrolled_and_then_asked_for(page: Page, troubles: list[str]) -> None:
    user = ida()
    log_in(page)
    page.goto("/accounts/2fa/totp/activate/")
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    secret = page.input_value("#authenticator_secret")
    page.fill("[name=code]", code_of(secret))
    page.click("main button[type=submit]")
    page.wait_for_url("**/accounts/2fa/**")

    page.goto("/accounts/logout/")
    page.click("main button[type=submit]")
    log_in(page)
    page.wait_for_url("**/accounts/2fa/authenticate/**")
    page.goto("/admin/")

    assert "/accounts/" in page.url
    assert Authenticator.objects.get(user=user, type="totp").data["secret"] != secret
    assert troubles == []


@pytest.mark.parametrize(
    "place",
    [
        "/admin/",
        *(
            pytest.param(one, marks=pytest.mark.long)
            for one in ("/admin/incidents/customer/", "/admin/incidents/feedback/add/")
        ),
    ],
)
@ONE_SIZE
def test_pages_fit_the_screen(page: Page, troubles: list[str], place: str) -> None:
    ida()
    log_in(page)

    page.goto(place)
    page.wait_for_selector("#main")

    assert overflow(page) <= 0
    assert troubles == []


def code_of(secret: str) -> str:
    counter = next(iter(yield_hotp_counters_from_time()))
    return str(format_hotp_value(hotp_value(secret, counter)))
