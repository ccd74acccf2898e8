"""The customer's own page: only their own, nothing changed by looking, every write checked."""

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from incidents import clock, commitments, feedback, hotline
from incidents.enums import CommitmentKind, FeedbackSource
from incidents.models import Customer, Feedback, Incident, RemedyChoice, RemedyOption, SurveyResponse
from notifications import rendering, surveys, throttle, tokens
from notifications.enums import DeliveryStatus, MessageKind
from notifications.models import Delivery
from notifications.page_words import WORDS
from notifications.tokens import Purpose
from tests import factories_incidents as incidents
from tests import factories_messages as messages
from tests import factories_public as public

pytestmark = pytest.mark.django_db

SCRIPTS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "<svg/onload=alert(1)>",
    "{{ 7*7 }}{% debug %}",
    "javascript:alert(1)",
    "</textarea><script>alert(1)</script>",
)


@pytest.fixture
def delivery() -> Delivery:
    """What one customer was sent about one incident."""
    messages.company(hotline="0800 555 0100", contact_email="help@northwind.example")
    return public.delivery(public.released(incidents.reported()), public.customer())


def proof_in(html: str) -> str:
    found = re.search(r'name="proof" value="(\w+)"', html)
    assert found is not None
    return found.group(1)


def send(client: Client, delivery: Delivery, name: str, **form: str) -> Any:
    """Open the page as a browser does, fill in one of its forms and send it."""
    path = public.page_path(delivery)
    html = client.get(path).content.decode()
    return client.post(f"{path}{name}/", {"proof": proof_in(html), **form})


def text(response: Any) -> str:
    return str(response.content.decode())


@pytest.mark.parametrize(
    ("language", "tag", "title", "time"),
    [
        ("en", "en", "Late bearings", "22 November 2026, 09:00 (Europe/London)"),
        ("zh", "zh-Hans", "轴承延迟交付", "2026年11月22日 17:00（北京时间）"),
        ("ru", "ru", "Задержка подшипников", "22 ноября 2026 г., 12:00 (московское время)"),
    ],
)
def test_the_page_speaks_the_customers_language_and_time(
    client: Client, language: str, tag: str, title: str, time: str
) -> None:
    messages.company()
    delivery = public.delivery(public.released(incidents.reported()), public.customer(language=language))

    html = text(client.get(public.page_path(delivery)))

    assert f'<html lang="{tag}">' in html
    assert f"<h1>{title}</h1>" in html
    assert time in html
    assert "order 7" in html
    assert delivery.address not in html


def test_the_page_stays_private(client: Client, delivery: Delivery) -> None:
    response = client.get(public.page_path(delivery))

    names = ("Referrer-Policy", "X-Robots-Tag", "Cache-Control")
    assert [response[name] for name in names] == ["no-referrer", "noindex, nofollow", "private, no-store"]
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert response.cookies == {}
    assert "<script" not in text(response)


def test_every_word_stands_in_every_language() -> None:

    assert [
        name for name, texts in WORDS.items() if sorted(texts) != ["en", "ru", "zh"] or not all(texts.values())
    ] == []


def test_unknown_foreign_garbled_and_expired_links_look_the_same(client: Client, delivery: Delivery) -> None:
    Incident.objects.filter(pk=delivery.incident_id).update(closed_at=clock.now() - timedelta(days=31))
    token = public.page_path(delivery).split("/")[2]
    paths = [
        public.page_path(delivery),
        f"/c/{tokens.sign(Purpose.PAGE, uuid.uuid4())}/",
        f"/c/{tokens.sign(Purpose.UNSUBSCRIBE, delivery.reference)}/",
        f"/c/{token[:-1]}/",
        "/c/x/",
    ]

    responses = [client.get(path) for path in paths]

    assert {response.status_code for response in responses} == {404}
    assert len({response.content for response in responses}) == 1
    assert all(tag in text(responses[0]) for tag in ('lang="en"', 'lang="zh-Hans"', 'lang="ru"'))


def test_a_link_lives_for_thirty_days_after_the_incident(client: Client, delivery: Delivery) -> None:
    Incident.objects.filter(pk=delivery.incident_id).update(closed_at=clock.now() - timedelta(days=29))

    assert client.get(public.page_path(delivery)).status_code == 200


def test_an_erased_customer_has_no_page(client: Client, delivery: Delivery) -> None:
    Customer.objects.update(is_active=False)

    assert client.get(public.page_path(delivery)).status_code == 404


def test_looking_changes_nothing(client: Client, delivery: Delivery) -> None:
    before = (list(Delivery.objects.values()), Feedback.objects.count(), RemedyChoice.objects.count())
    path = public.page_path(delivery)

    statuses = [client.get(path + name).status_code for name in ("", "survey/", "say/", "choose/", "read/")]

    assert statuses == [200, 200, 405, 405, 405]
    assert (list(Delivery.objects.values()), Feedback.objects.count(), RemedyChoice.objects.count()) == before


def test_a_question_is_logged_in_the_customers_words(client: Client, delivery: Delivery) -> None:
    response = send(client, delivery, "say", kind="complaint", verbatim="Where is it?", mood="angry")

    assert response["Location"] == f"{public.page_path(delivery)}?done=said"
    logged = Feedback.objects.values("customer", "incident", "kind", "mood", "verbatim", "language", "source").get()
    assert logged == {
        "customer": delivery.customer_id,
        "incident": delivery.incident_id,
        "kind": "complaint",
        "mood": "angry",
        "verbatim": "Where is it?",
        "language": "en",
        "source": FeedbackSource.CUSTOMER_PAGE,
    }
    assert "Thank you." in text(client.get(response["Location"]))


def test_a_form_sent_twice_is_one_entry_and_the_next_form_another(client: Client, delivery: Delivery) -> None:
    for number in ("first", "first", "second"):
        send(client, delivery, "say", kind="question", verbatim="Where is it?", form=number)

    assert Feedback.objects.count() == 2


def test_an_answer_is_shown_to_the_one_who_asked(client: Client, delivery: Delivery) -> None:
    send(client, delivery, "say", kind="question", verbatim="Where is it?")
    feedback.answer(Feedback.objects.get(), text="On its way.", by=incidents.person(), now=public.NOW)
    other = public.delivery(delivery.message, public.customer("C-2"))

    assert "On its way." in text(client.get(public.page_path(delivery)))
    foreign = text(client.get(public.page_path(other)))
    assert ("On its way." in foreign, "Where is it?" in foreign) == (False, False)


@pytest.mark.parametrize("words", SCRIPTS)
def test_markup_in_an_entry_stays_text(client: Client, delivery: Delivery, words: str) -> None:
    send(client, delivery, "say", kind="question", verbatim=words)

    html = text(client.get(public.page_path(delivery)))
    assert Feedback.objects.get().verbatim == words
    assert "<script" not in html
    assert "<img" not in html
    assert "<svg" not in html
    assert "49" not in html.split("blockquote")[1]


@pytest.mark.parametrize(
    ("form", "status", "sentence"),
    [
        ({"kind": "question", "verbatim": "  "}, 409, "the entry is empty"),
        ({"kind": "question", "verbatim": "x" * 5001}, 409, "5000 fit"),
        ({"kind": "praise", "verbatim": "x"}, 409, "choose one of the options"),
        ({"verbatim": "x"}, 409, "choose one of the options"),
        ({"kind": "question", "verbatim": "x", "proof": "forged"}, 403, "send it again"),
    ],
)
def test_an_entry_that_cannot_be_taken_says_why(
    client: Client, delivery: Delivery, form: dict[str, str], status: int, sentence: str
) -> None:
    response = send(client, delivery, "say", **form)

    assert (response.status_code, Feedback.objects.count()) == (status, 0)
    assert sentence in text(response)


def test_a_refused_entry_is_not_lost(client: Client, delivery: Delivery) -> None:
    response = send(client, delivery, "say", kind="question", verbatim="My long text", proof="old")

    assert ">My long text</textarea>" in text(response)


def test_another_page_cannot_send_the_form(client: Client, delivery: Delivery) -> None:
    path = public.page_path(delivery)
    form = {"proof": proof_in(text(client.get(path))), "kind": "question", "verbatim": "x"}

    response = client.post(f"{path}say/", form, headers={"Sec-Fetch-Site": "cross-site"})

    assert (response.status_code, Feedback.objects.count()) == (403, 0)


def test_the_proof_of_one_customer_opens_no_other_form(client: Client, delivery: Delivery) -> None:
    other = public.delivery(delivery.message, public.customer("C-2"))
    proof = proof_in(text(client.get(public.page_path(other))))

    assert send(client, delivery, "say", kind="question", verbatim="x", proof=proof).status_code == 403


def test_writing_is_limited_by_link(client: Client, delivery: Delivery, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "PER_LINK", throttle.Limit("link", 2, timedelta(minutes=15)))

    statuses = [send(client, delivery, "say", kind="question", verbatim=str(n)).status_code for n in range(3)]

    assert (statuses, Feedback.objects.count()) == ([302, 302, 429], 2)


def test_reading_is_acknowledged_once(client: Client, delivery: Delivery) -> None:
    Delivery.objects.update(status=DeliveryStatus.UNCERTAIN)

    response = send(client, delivery, "read")

    delivery.refresh_from_db()
    assert response["Location"] == f"{public.page_path(delivery)}?done=read"
    assert (delivery.status, delivery.opened_at is not None) == (DeliveryStatus.ACKNOWLEDGED, True)
    assert "You have confirmed" in text(client.get(public.page_path(delivery)))


def test_acknowledging_touches_no_other_customer_and_no_failure(client: Client, delivery: Delivery) -> None:
    other = public.delivery(delivery.message, public.customer("C-2"))
    Delivery.objects.filter(pk=delivery.pk).update(status=DeliveryStatus.FAILED)

    path = public.page_path(delivery)
    client.post(f"{path}read/", {"proof": proof_in(text(client.get(path)))})

    statuses = dict(Delivery.objects.values_list("pk", "status"))
    assert statuses == {delivery.pk: DeliveryStatus.FAILED, other.pk: DeliveryStatus.ACCEPTED}


def remedy(incident: Incident, key: str, **fields: Any) -> RemedyOption:
    """Return a remedy on offer; approved unless said otherwise."""
    defaults = {"name": {"en": key}, "approver_role": "incident_lead", "approved_at": public.NOW}
    return RemedyOption.objects.create(incident=incident, key=key, **{**defaults, **fields})


def test_an_approved_remedy_can_be_chosen_and_changed(client: Client, delivery: Delivery) -> None:
    refund, repair = remedy(delivery.incident, "refund"), remedy(delivery.incident, "repair")

    send(client, delivery, "choose", option=str(refund.pk))
    response = send(client, delivery, "choose", option=str(repair.pk))

    assert response["Location"] == f"{public.page_path(delivery)}?done=chosen"
    assert list(RemedyChoice.objects.values_list("option", "customer")) == [(repair.pk, delivery.customer_id)]


def test_what_is_not_on_offer_is_neither_shown_nor_taken(client: Client, delivery: Delivery) -> None:
    secret = remedy(delivery.incident, "secret", approved_at=None)
    late = remedy(delivery.incident, "late", claim_deadline=clock.now() - timedelta(days=1))
    foreign = remedy(incidents.reported("Other"), "foreign")

    responses = [send(client, delivery, "choose", option=str(one.pk)) for one in (secret, late, foreign)]

    assert [response.status_code for response in responses] == [409, 409, 409]
    assert not RemedyChoice.objects.exists()
    assert not any(name in text(responses[0]) for name in ("secret", ">late", "foreign"))


def test_the_next_update_is_the_open_promise(client: Client, delivery: Delivery) -> None:
    now = clock.now()
    promise = commitments.Promise(
        text={"en": "Next update"}, kind=CommitmentKind.NEXT_UPDATE, tier=1, due_at=now + timedelta(hours=2)
    )
    commitments.promise(delivery.incident, promise=promise, now=now)
    other_tier = commitments.Promise(
        text={"en": "Next update"}, kind=CommitmentKind.NEXT_UPDATE, tier=2, due_at=now + timedelta(hours=1)
    )
    commitments.promise(delivery.incident, promise=other_tier, now=now)

    html = text(client.get(public.page_path(delivery)))

    moment = messages_time(now + timedelta(hours=2))
    assert f'<p class="moment">{moment}</p>' in html


def test_a_late_update_is_admitted(client: Client, delivery: Delivery) -> None:
    now = clock.now()
    promise = commitments.Promise(
        text={"en": "Next update"}, kind=CommitmentKind.NEXT_UPDATE, tier=1, due_at=now - timedelta(minutes=5)
    )
    commitments.promise(delivery.incident, promise=promise, now=now)

    assert "is late" in text(client.get(public.page_path(delivery)))


def messages_time(moment: Any) -> str:
    return rendering.format_moment(moment, language="en", time_zone="Europe/London")


def test_a_corrected_message_says_so(client: Client, delivery: Delivery) -> None:
    correction = public.released(delivery.incident, at=public.NOW + timedelta(hours=1))
    type(correction).objects.filter(pk=correction.pk).update(corrects=delivery.message)
    public.delivery(correction, delivery.customer)

    html = text(client.get(public.page_path(delivery)))

    assert html.count("This message has been corrected") == 1
    assert html.index("/M2") < html.index("This message has been corrected") < html.index("order 7", html.index("/M1"))


@pytest.fixture
def questions(monkeypatch: pytest.MonkeyPatch) -> None:
    """A survey of its own, whatever the playbooks ask."""
    asked = [
        {"id": "clear", "scale": "1-5", "label": {"en": "Was it clear?"}},
        {"id": "kept", "scale": "yes/partly/no", "label": {"en": "Did we keep our promises?"}},
        {"id": "more", "scale": "text", "label": {"en": "Anything else?"}},
    ]
    monkeypatch.setattr(surveys, "_sources", [lambda incident: asked])


@pytest.mark.usefixtures("questions")
def test_the_survey_opens_when_it_was_sent(client: Client, delivery: Delivery) -> None:
    path = public.page_path(delivery)
    before = (text(client.get(path)), text(client.get(f"{path}survey/")))
    public.released(delivery.incident, kind=MessageKind.FOLLOW_UP_SURVEY)
    after = (text(client.get(path)), text(client.get(f"{path}survey/")))

    assert ["How did we do?" in before[0], "Was it clear?" in before[1]] == [False, False]
    assert ["How did we do?" in after[0], "Was it clear?" in after[1]] == [True, True]


@pytest.mark.usefixtures("questions")
def test_answers_are_taken_once_and_only_where_they_fit(client: Client, delivery: Delivery) -> None:
    public.released(delivery.incident, kind=MessageKind.FOLLOW_UP_SURVEY)
    form = {"answer-clear": "4", "answer-kept": "maybe", "answer-more": SCRIPTS[0], "answer-foreign": "1"}

    first = send(client, delivery, "survey", **form)
    second = send(client, delivery, "survey", **form)

    assert (first.status_code, second.status_code) == (302, 409)
    assert list(SurveyResponse.objects.values_list("answers", "customer", "language")) == [
        ({"clear": 4, "more": SCRIPTS[0]}, delivery.customer_id, "en")
    ]
    assert "Your answers are with us" in text(client.get(f"{public.page_path(delivery)}survey/"))


@pytest.mark.usefixtures("questions")
def test_an_empty_survey_is_refused(client: Client, delivery: Delivery) -> None:
    public.released(delivery.incident, kind=MessageKind.FOLLOW_UP_SURVEY)

    response = send(client, delivery, "survey")

    assert (response.status_code, SurveyResponse.objects.count()) == (409, 0)


def test_the_contact_block_tells_chat_and_waiting_time_with_its_time(client: Client, delivery: Delivery) -> None:
    messages.company(chat_url="https://chat.northwind.example/", hotline_wait_is_fresh_for=timedelta(minutes=30))
    now = clock.now()
    path = public.page_path(delivery)

    def pages() -> list[str]:
        return [text(client.get(page)) for page in (path, "/status/")]

    hotline.report(
        hotline.Figure(timedelta(minutes=9), now - timedelta(minutes=31), "system"), by=incidents.person(), now=now
    )
    stale = pages()
    hotline.report(hotline.Figure(timedelta(minutes=7), now, "system"), by=incidents.person(), now=now)
    fresh = pages()

    assert ["about 7 min, measured " in html for html in fresh] == [True, True]
    assert ["about" in html and " min, measured" in html for html in stale] == [False, False]
    assert ['href="https://chat.northwind.example/"' in html for html in fresh] == [True, True]
