"""Spliced mails are what the standard library would have built, and nothing in them can begin a header."""

import base64
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications import bodies, freezing, mime, rendering, tokens
from notifications.enums import DeliveryStatus, MessageKind
from notifications.models import Delivery
from tests.factories_delivery import NOW, TEXTS, make_company, make_customer, make_impact, make_incident, make_released

PERSONAL_SUBJECT = {
    language: text | {"subject": "{{ customer.salutation }} – {{ incident.reference }}"}
    for language, text in TEXTS.items()
}


def make_delivery(**fields: object) -> Delivery:
    make_company()
    incident = make_incident()
    make_impact(incident, make_customer(language="zh", salutation="尊敬的王女士"), computed_tier=1)
    message = make_released(incident, **fields)  # type: ignore[arg-type]
    freezing.freeze(message, now=NOW)
    return message.deliveries.get()


def parsed(delivery: Delivery, *, thread: tuple[str, ...] = ()) -> EmailMessage:
    return message_from_bytes(mime.build(delivery, thread=thread, now=NOW), policy=policy.default)


def contents(mail: EmailMessage) -> tuple[str, str]:
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert isinstance(text, EmailMessage)
    assert isinstance(html, EmailMessage)
    return text.get_content(), html.get_content()


@pytest.mark.django_db
def test_a_spliced_mail_reads_like_one_of_the_standard_library() -> None:
    delivery = make_delivery()
    revision = delivery.revision
    body = bodies.splice(bodies.body(revision, language="zh", tier=1, time_zone="UTC"), mime._values(delivery))
    reference = EmailMessage(policy=policy.default)
    reference["Subject"] = body.subject
    reference["From"] = '"示例公司" <crisis@example.org>'
    reference["Reply-To"] = "help@example.org"
    reference["To"] = delivery.address
    reference.set_content(body.text)
    reference.add_alternative(body.html, subtype="html")

    mail = parsed(delivery)

    assert mail.defects == []
    for name in ("Subject", "From", "Reply-To", "To"):
        assert str(mail[name]) == str(reference[name])
    assert [one.strip() for one in contents(mail)] == [one.strip() for one in contents(reference)]
    assert mail.get_content_type() == "multipart/alternative"


@pytest.mark.django_db
def test_every_mail_carries_the_agreed_headers() -> None:
    delivery = make_delivery()

    mail = parsed(delivery)

    assert str(mail["Message-ID"]) == f"<{delivery.reference}@example.org>"
    assert {name: str(mail[name]) for name in ("X-Delivery-Ref", "Auto-Submitted", "Content-Language")} == {
        "X-Delivery-Ref": str(delivery.reference),
        "Auto-Submitted": "auto-generated",
        "Content-Language": "zh",
    }
    assert str(mail["X-Auto-Response-Suppress"]) == "All"
    assert mail["Date"].datetime == NOW
    assert mail["List-Unsubscribe"] is None
    assert mail["In-Reply-To"] is None


@pytest.mark.django_db
@pytest.mark.parametrize("kind", [MessageKind.PROGRESS_UPDATE, MessageKind.FOLLOW_UP_SURVEY])
def test_only_what_one_may_opt_out_of_says_how(kind: MessageKind) -> None:
    delivery = make_delivery(kind=kind)
    raw = mime.build(delivery, thread=(), now=NOW).decode("ascii")

    url = tokens.unsubscribe_url(delivery.reference)
    assert f"\r\nList-Unsubscribe: <{url}>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in raw


@pytest.mark.django_db
def test_the_same_facts_stand_in_both_parts() -> None:
    delivery = make_delivery()

    text, html = contents(parsed(delivery))

    for value in ("尊敬的王女士", "全部未完成订单", tokens.portal_url(delivery.reference)):
        assert value in text
        assert value in html
    for part in (text, html):
        assert rendering.MARKER_OPEN not in part
        assert rendering.MARKER_CLOSE not in part


@pytest.mark.django_db
def test_updates_thread_under_what_reached_the_customer_before() -> None:
    first = make_delivery()
    second, third = [make_released(first.incident, kind=MessageKind.PROGRESS_UPDATE) for _ in range(2)]
    for message in (second, third):
        freezing.freeze(message, now=NOW)
    Delivery.objects.filter(pk=first.pk).update(status=DeliveryStatus.ACCEPTED, accepted_at=NOW)
    Delivery.objects.filter(message=second).update(status=DeliveryStatus.FAILED)
    fourth = make_released(first.incident, kind=MessageKind.PROGRESS_UPDATE)
    freezing.freeze(fourth, now=NOW)
    Delivery.objects.filter(message=third).update(
        status=DeliveryStatus.DELIVERED, accepted_at=NOW + timedelta(minutes=1)
    )
    latest = fourth.deliveries.get()

    thread = mime.threads([latest])[latest.customer_id, latest.incident_id]
    mail = parsed(latest, thread=tuple(thread))

    expected = [f"<{one.reference}@example.org>" for one in (first, third.deliveries.get())]
    assert str(mail["In-Reply-To"]) == expected[-1]
    assert str(mail["References"]).split() == expected


ATTACKS = [
    "Eve\r\nBcc: all@example.org",
    "Eve\nSubject: other",
    "Eve\r\n\r\n<html>",
    "Eve\u2028Bcc: x@example.org",
    "Eve\x0bBcc: x@example.org",
    "=?utf-8?q?=0D=0ABcc=3A_x=40example=2Eorg?=",
    "Eve\x85Bcc: x@example.org",
    f"Eve{rendering.MARKER_OPEN}link.unsubscribe{rendering.MARKER_CLOSE}",
    "é" * 400,
    "a" * 900,
]


@pytest.mark.django_db
@pytest.mark.parametrize("attack", ATTACKS)
def test_no_value_of_a_customer_begins_a_header_or_a_part(attack: str) -> None:
    delivery = make_delivery(content={"texts": PERSONAL_SUBJECT})
    delivery.personal["customer.salutation"] = attack

    mail = parsed(delivery)

    assert sorted(mail.keys()) == sorted(
        ["MIME-Version", "From", "Reply-To", "Auto-Submitted", "X-Auto-Response-Suppress", "Content-Language", "To"]
        + ["Subject", "Date", "Message-ID", "X-Delivery-Ref", "Content-Type"]
    )
    assert (mail["Bcc"], len(list(mail.iter_parts()))) == (None, 2)
    raw_head = mime.build(delivery, thread=(), now=NOW).split(b"\r\n\r\n")[0]
    assert max(len(line) for line in raw_head.split(b"\r\n")) <= 998


@given(st.text(max_size=300))
def test_any_subject_survives_encoding(value: str) -> None:
    encoded = mime.encode_header(value.encode("utf-8", "ignore").decode(), "Subject")

    assert encoded.isascii()
    assert all(line.startswith((" ", "\t")) for line in encoded.split("\r\n")[1:])
    assert "\n" not in encoded.replace("\r\n", "")


@given(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=300))
def test_a_subject_is_read_as_it_was_written(value: str) -> None:
    lines = f"Subject: {mime.encode_header(value, 'Subject')}".split("\r\n")

    mail = message_from_bytes("\r\n".join([*lines, "", ""]).encode("ascii"), policy=policy.default)

    assert str(mail["Subject"]) == value
    assert value.isascii() or max(len(line) for line in lines) <= 76


@pytest.mark.django_db
def test_values_are_escaped_in_the_html_part_alone() -> None:
    delivery = make_delivery()
    delivery.personal["customer.salutation"] = "A & <b>B</b>"

    text, html = contents(parsed(delivery))

    assert "A & <b>B</b>" in text
    assert "A &amp; &lt;b&gt;B&lt;/b&gt;" in html


@pytest.mark.django_db
def test_a_blank_personal_value_is_refused() -> None:
    delivery = make_delivery()
    delivery.personal["customer.salutation"] = ""

    with pytest.raises(rendering.MissingValue):
        mime.build(delivery, thread=(), now=NOW)


@pytest.mark.django_db
def test_parts_are_clean_base64() -> None:
    raw = mime.build(make_delivery(), thread=(), now=NOW)

    part = raw.split(b"base64\r\n\r\n")[1].split(b"--")[0]
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert all(len(line) <= 76 for line in part.split(b"\r\n"))
    assert base64.b64decode(part)


@pytest.mark.django_db
@pytest.mark.parametrize(("is_drill", "mark"), [(True, "[演练] "), (False, "")])
def test_a_mail_of_an_exercise_says_so_first(is_drill: bool, mark: str) -> None:
    make_company(test_recipients=["one@team.example"])
    incident = make_incident(is_drill=is_drill)
    make_impact(incident, make_customer(language="zh", salutation="尊敬的王女士"), computed_tier=1)
    message = make_released(incident)
    freezing.freeze(message, now=NOW)
    delivery = message.deliveries.get()

    assert str(parsed(delivery)["Subject"]) == f"{mark}交付延迟（INC-2026-0001）"
