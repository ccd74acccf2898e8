"""What a customer sees and can do on a phone and at a desk."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from incidents import clock, commitments, feedback
from incidents.enums import CommitmentKind
from incidents.models import Feedback, RemedyChoice, RemedyOption, SurveyResponse
from notifications import surveys
from notifications.enums import DeliveryStatus, MessageKind
from notifications.models import Delivery, PagePost, Suppression
from tests import factories_incidents as incidents
from tests import factories_messages as messages
from tests import factories_public as public

pytestmark = pytest.mark.browser
Shoot = Callable[[str], None]
LANGUAGES = pytest.mark.parametrize("language", ["zh", "ru"])
REFUND = {"en": "Refund", "zh": "退款", "ru": "Возврат денег"}
HOURS = {"en": "8:00 to 18:00", "zh": "8:00 至 18:00", "ru": "с 8:00 до 18:00"}
WORDS = "<script>alert(1)</script> когда? 什么时候？"


def told(language: str) -> Delivery:
    """Return what a customer of this language was told; a remedy is offered and the next update is promised."""
    now = clock.now()
    messages.company(hotline="+49 30 5550100", contact_email="help@northwind.example", contact_hours=HOURS)
    incident = incidents.reported()
    message = public.released(incident, at=now)
    public.post(message, published_at=now, next_update_at=now + timedelta(hours=2))
    promise = commitments.Promise(
        text={"en": "Next update"}, kind=CommitmentKind.NEXT_UPDATE, due_at=now + timedelta(hours=2), tier=1
    )
    commitments.promise(incident, promise=promise, now=now)
    RemedyOption.objects.create(
        incident=incident, key="refund", name=REFUND, approver_role="incident_lead", approved_at=now
    )
    return public.delivery(message, public.customer(language=language))


def is_narrow_enough(page: Page) -> bool:
    """Whether nothing makes the page scroll sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


@LANGUAGES
def test_a_customer_asks_and_reads_the_answer(page: Page, troubles: list[str], shoot: Shoot, language: str) -> None:
    path = public.page_path(told(language))

    page.goto(path)
    shoot(f"portal-{language}")
    assert is_narrow_enough(page)
    page.locator("#kind-urgent_need").check()
    page.locator("#verbatim").fill(WORDS)
    page.locator("form[action$='/say/'] button").click()
    expect(page.locator(".thanks")).to_be_visible()
    entry = Feedback.objects.get()
    feedback.answer(entry, text="Tomorrow.\nBy noon.", by=incidents.person(), now=clock.now())
    page.goto(path)

    expect(page.locator("blockquote")).to_have_text(WORDS)
    expect(page.get_by_text("Tomorrow.")).to_be_visible()
    shoot(f"portal-answered-{language}")
    assert (entry.kind, troubles) == ("urgent_need", [])


def test_a_customer_chooses_and_confirms_by_keyboard(page: Page, troubles: list[str]) -> None:
    page.goto(public.page_path(told("en")))

    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.locator("form[action$='/read/'] button").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".thanks")).to_be_visible()
    page.locator("input[name=option]").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your choice: Refund")).to_be_visible()

    assert RemedyChoice.objects.count() == 1
    assert (Delivery.objects.get().status, troubles) == (DeliveryStatus.ACKNOWLEDGED, [])


def test_a_customer_answers_the_survey(
    page: Page, troubles: list[str], shoot: Shoot, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivery = told("ru")
    asked = [
        {"id": "clear", "scale": "1-5", "label": {"en": "Clear?", "zh": "说明是否清楚？", "ru": "Понятно ли?"}},
        {"id": "again", "scale": "0-10", "label": {"en": "Again?", "zh": "是否继续？", "ru": "Останетесь ли?"}},
        {"id": "kept", "scale": "yes/partly/no", "label": {"en": "Kept?", "zh": "都做到了吗？", "ru": "Выполнили?"}},
        {"id": "more", "scale": "text", "label": {"en": "More?", "zh": "还有什么？", "ru": "Что ещё?"}},
    ]
    monkeypatch.setattr(surveys, "_sources", [lambda incident: asked])
    public.released(delivery.incident, kind=MessageKind.FOLLOW_UP_SURVEY)

    page.goto(public.page_path(delivery) + "survey/")
    shoot("survey-ru")
    assert is_narrow_enough(page)
    page.locator("input[name=answer-clear][value='4']").check()
    page.locator("input[name=answer-again][value='10']").check()
    page.locator("#answer-more").fill("Danke")
    page.locator("button").click()
    expect(page.locator(".thanks")).to_be_visible()

    assert SurveyResponse.objects.get().answers == {"clear": 4, "again": 10, "more": "Danke"}
    assert troubles == []


@LANGUAGES
def test_the_public_page_reads_well(page: Page, troubles: list[str], shoot: Shoot, language: str) -> None:
    now, incident = clock.now(), told(language).incident
    PagePost.objects.update(superseded_at=now)
    public.post(public.released(incident), published_at=now, next_update_at=now + timedelta(hours=2))

    page.goto(f"/status/?lang={language}")
    shoot(f"status-{language}")
    narrow = [is_narrow_enough(page)]
    page.locator("article h3 a").first.click()
    expect(page.locator("article.corrected")).to_have_count(1)
    shoot(f"incident-{language}")

    assert ([*narrow, is_narrow_enough(page)], troubles) == ([True, True], [])


def test_leaving_takes_one_click(page: Page, troubles: list[str], shoot: Shoot) -> None:
    page.goto(public.unsubscribe_path(told("ru")))
    before = Suppression.objects.count()
    shoot("unsubscribe-ru")
    page.locator("button").click()
    expect(page.locator("[role=status]")).to_be_visible()

    assert (before, Suppression.objects.count(), troubles) == (0, 1, [])


def test_a_dead_link_says_so_in_three_languages(page: Page, shoot: Shoot) -> None:
    answer = page.goto("/c/nothing/")

    assert answer is not None
    expect(page.locator("section[lang]")).to_have_count(3)
    shoot("absent")
    assert answer.status == 404


def test_the_documentation_of_the_interface_opens(page: Page, troubles: list[str], shoot: Shoot) -> None:
    page.goto("/api/v1/docs")

    expect(page.locator(".opblock").first).to_be_visible()
    shoot("docs")
    assert troubles == []
