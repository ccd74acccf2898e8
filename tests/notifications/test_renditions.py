"""A language that was approved after its message left: the same text, to exactly those who got the fallback."""

import uuid
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from incidents.enums import Role
from incidents.models import Customer, TeamAssignment
from notifications import bodies, compose, engine, freezing, mime, renditions, translations
from notifications.enums import DeliveryStatus, MessageState
from notifications.models import Approval, ApprovalRequirement, Delivery, Message
from tests import factories_incidents as incidents
from tests import factories_messages as messages
from tests.crisiscomm.test_api import call, token
from tests.factories_admin import client_of
from tests.factories_delivery import make_customer, make_impact
from tests.factories_messages import NOW

pytestmark = pytest.mark.django_db
EN, RU = messages.text(), messages.text(cause="Причина: {{ incident.cause }}.")
NEW = messages.text(cause="Вот причина: {{ incident.cause }}.")
LATER = NOW + timedelta(minutes=10)


@pytest.fixture
def readers() -> dict[str, Customer]:
    """Two readers of Russian, one of them without an address, and one of English."""
    return {
        "ru": make_customer(language="ru"),
        "silent": make_customer(language="ru", address=None),
        "en": make_customer(language="en"),
    }


@pytest.fixture
def message(readers: dict[str, Customer]) -> Message:
    """A text in English and Russian that left in English alone, because nobody had read the Russian."""
    messages.company(languages=["en", "ru"])
    both = {"en": messages.values(), "ru": messages.values()}
    drafted = messages.message(texts={"en": EN, "ru": RU}, values=both)
    for customer in readers.values():
        make_impact(drafted.incident, customer)
    compose.edit(drafted, changes={"texts": {"en": EN, "ru": NEW}}, by=incidents.person("ruth"), now=NOW)
    return released(Message.objects.get(pk=drafted.pk))


def released(message: Message) -> Message:
    revision, role, approver = compose.current(message), Role.COMMUNICATIONS_LEAD, incidents.person("approver")
    TeamAssignment.objects.create(incident=message.incident, role=role, user=approver)
    ApprovalRequirement.objects.create(revision=revision, any_of=[role])
    message.submit()
    message.save()
    Approval.objects.create(revision=revision, sha256=revision.sha256, role=role, approver=approver, approved_at=NOW)
    for step in (message.approve, message.release):
        step()
        message.save()
    Message.objects.filter(pk=message.pk).update(released_at=NOW, languages=translations.spoken(message))
    found = Message.objects.select_related("current", "incident").get(pk=message.pk)
    freezing.freeze(found, now=NOW)
    accept(found)
    return found


def accept(message: Message) -> None:
    message.deliveries.waiting().update(status=DeliveryStatus.ACCEPTED, accepted_at=NOW, settled_at=NOW)
    engine.complete(now=NOW)
    message.refresh_from_db()


def digest(message: Message) -> str:
    return translations.state_of(message, "ru").text_sha256


def approve(message: Message) -> None:
    translations.approve(message, language="ru", sha256=digest(message), by=incidents.person("otto"), now=LATER)


def send(message: Message, sha256: str = "") -> int:
    by = incidents.person("lena")
    return renditions.send(message, language="ru", sha256=sha256 or digest(message), by=by, now=LATER)


def standing(message: Message) -> list[tuple[str, bool, int, int]]:
    return [(one.language, one.is_approved, one.in_fallback, one.sent) for one in renditions.late(message)]


def test_exactly_those_who_got_the_fallback_get_it_once(message: Message, readers: dict[str, Customer]) -> None:
    assert standing(message) == [("ru", False, 1, 0)]
    assert renditions.readers(message, language="ru") == [readers["ru"]]
    approve(message)

    counts = [send(message), send(message)]

    assert (counts, standing(message)) == ([1, 0], [("ru", True, 1, 1)])
    copy = Delivery.objects.get(message=message, rendition="ru")
    first = Delivery.objects.get(message=message, customer=readers["ru"], rendition="")
    assert (copy.customer, copy.status, copy.revision_id) == (readers["ru"], "queued", message.current_id)
    assert (renditions.readers(message, language="ru"), message.deliveries.count()) == ([], 4)
    assert Message.objects.get(pk=message.pk).frozen_count == 4
    assert ["Вот причина" in "".join(mime.group(one).text.pieces) for one in (first, copy)] == [False, True]


def test_the_same_hash_leaves_and_the_fallback_stays_what_it_was(message: Message) -> None:
    revision = compose.current(message)

    own = bodies.body(revision, language="ru", tier=3, time_zone="UTC", rendition="ru")
    fallback = bodies.body(revision, language="ru", tier=3, time_zone="UTC")

    assert ["Вот причина" in body.text for body in (own, fallback)] == [True, False]
    assert ["ниже приводится оригинал" in body.text for body in (own, fallback)] == [False, True]


def test_nothing_leaves_before_a_reader_approved_what_was_shown(message: Message) -> None:
    with pytest.raises(renditions.CannotSend, match="approves it first"):
        send(message)
    approve(message)
    with pytest.raises(renditions.CannotSend, match="as it was shown"):
        send(message, "0" * 64)

    assert not message.deliveries.exclude(rendition="").exists()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"expires_at": LATER}, "Newer word"),
        ({"is_stopped": True}, "Sending is stopped"),
        ({"needs_correction": True}, "correct it instead"),
        ({"languages": ["en", "ru"]}, "in this language already"),
    ],
)
def test_what_is_out_of_date_or_stopped_is_not_sent(message: Message, fields: dict[str, object], sentence: str) -> None:
    approve(message)
    Message.objects.filter(pk=message.pk).update(**fields)

    with pytest.raises(renditions.CannotSend, match=sentence):
        send(message)


def test_a_superseded_text_is_not_sent(message: Message) -> None:
    approve(message)
    message.supersede()
    message.save()

    with pytest.raises(renditions.CannotSend, match="Newer word"):
        send(message)
    assert message.state == MessageState.SUPERSEDED


def test_the_database_refuses_an_unapproved_language_and_another_reader(
    message: Message, readers: dict[str, Customer]
) -> None:
    def insert() -> None:
        freezing.freeze_rendition(message, language="ru", now=LATER)

    with pytest.raises(IntegrityError, match="guard.rendition"), transaction.atomic():
        insert()
    approve(message)
    insert()
    copy = Delivery.objects.get(message=message, rendition="ru")
    stranger = make_customer(language="ru")
    copy.pk, copy.reference, copy.customer = None, uuid.uuid4(), stranger
    with pytest.raises(IntegrityError, match="guard.rendition"), transaction.atomic():
        copy.save(force_insert=True)
    with pytest.raises(IntegrityError, match="guard.delivery"), transaction.atomic():
        Delivery.objects.filter(message=message, rendition="ru").update(rendition="")


def test_the_messages_page_shows_who_got_the_fallback_and_sends_by_one_button(
    message: Message, readers: dict[str, Customer]
) -> None:
    browser = client_of(incidents.person("root", is_staff=True, is_superuser=True))
    page = reverse("admin:notifications_message_change", args=[message.pk])
    door = reverse("admin:notifications_message_send_language", args=[message.pk])

    before = browser.get(page).content.decode()
    approve(message)
    after = browser.get(page).content.decode()
    asked = browser.get(f"{door}?language=ru").content.decode()
    browser.post(door, {"language": "ru", "sha256": digest(message)})
    done = browser.get(page).content.decode()

    assert "1 got the fallback, 0 have it since" in before
    assert (readers["ru"].crm_id in before, readers["silent"].crm_id in before.split("</section>")[0]) == (True, False)
    assert [door in html for html in (before, after, done)] == [False, True, False]
    assert "Вот причина" in asked
    assert (standing(message), "1 got the fallback, 1 have it since" in done) == ([("ru", True, 1, 1)], True)


def test_another_system_sends_it_once_if_its_person_may_release(message: Message, client: Client) -> None:
    approve(message)
    path = f"/incidents/{message.incident.reference}/messages/{message.number}/late-languages"
    body = {"text_sha256": digest(message)}
    secret = token()

    listed = call(client, "GET", path, secret=secret).json()
    refused = call(client, "POST", f"{path}/ru", body, secret=secret)
    incidents.person("robot").user_permissions.add(Permission.objects.get(codename="release_message"))
    sent = call(client, "POST", f"{path}/ru", body, secret=secret)
    again = call(client, "POST", f"{path}/ru", body, key="k-2", secret=secret)

    assert [(one["language"], one["in_fallback"], one["sent"]) for one in listed] == [("ru", 1, 0)]
    assert [one.status_code for one in (refused, sent, again)] == [403, 200, 200]
    assert (sent.json(), again.json()) == ({"count": 1}, {"count": 0})
