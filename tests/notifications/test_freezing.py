"""Who becomes a row, in which words, and that nobody is left out."""

from collections import Counter
from datetime import time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.enums import CommitmentState, Harm
from incidents.models import Commitment
from notifications import bodies, freezing, previews, rendering, suppressions
from notifications.enums import DeliveryStatus, FailureCode, MessageKind, SuppressionReason
from notifications.models import Delivery, Message
from tests.factories_delivery import (
    NOW,
    VALUES,
    make_company,
    make_customer,
    make_impact,
    make_incident,
    make_many,
    make_released,
    make_user,
)

pytestmark = pytest.mark.django_db


def rows(message: Message) -> list[tuple[int, str, int, str, str, str]]:
    return list(
        message.deliveries.order_by("customer_id").values_list(
            "customer_id", "channel", "tier", "language", "status", "failure_code"
        )
    )


def test_everybody_affected_becomes_one_row_with_a_status() -> None:
    make_company()
    incident = make_incident()
    reached, chinese, silent, garbled, unwanted, gone = [
        make_customer(language="en"),
        make_customer(language="zh"),
        make_customer(address=None),
        make_customer(address="a@b@c"),
        make_customer(address="dead@example.org"),
        make_customer(is_active=False),
    ]
    suppressions.suppress(["dead@example.org"], reason=SuppressionReason.HARD_BOUNCE, now=NOW)
    for tier, customer in enumerate([reached, chinese, silent, garbled, unwanted, gone]):
        make_impact(incident, customer, computed_tier=1 + tier % 3)
    message = make_released(incident)

    count = freezing.freeze(message, now=NOW)

    assert count == 6
    assert rows(message) == [
        (reached.pk, "email_personal", 1, "en", "queued", ""),
        (chinese.pk, "email_personal", 2, "zh", "queued", ""),
        (silent.pk, "email_bulk", 3, "en", "failed", "no_address"),
        (garbled.pk, "email_personal", 1, "en", "failed", "invalid_address"),
        (unwanted.pk, "email_personal", 2, "en", "suppressed", "suppressed"),
        (gone.pk, "email_bulk", 3, "en", "suppressed", "suppressed"),
    ]


def test_freezing_twice_gives_the_same_set() -> None:
    make_company()
    incident = make_incident()
    make_impact(incident, make_customer())
    message = make_released(incident)
    freezing.freeze(message, now=NOW)
    before = rows(message)
    make_impact(incident, make_customer())

    again = freezing.freeze(message, now=NOW)

    assert (again, rows(message), message.frozen_count) == (1, before, 1)


@pytest.mark.parametrize(("first", "last", "written"), [("Mira", "Kern", "Mira Kern"), ("雨", "陈", "陈雨")])
def test_a_manager_is_named_as_the_manager_writes_it(first: str, last: str, written: str) -> None:
    make_company()
    incident = make_incident()
    manager = make_user(first_name=first, last_name=last)
    make_impact(incident, make_customer(account_manager=manager), computed_tier=1)
    message = make_released(incident)

    freezing.freeze(message, now=NOW)

    assert (message.deliveries.get().personal["contact.person_name"], str(manager)) == (written, written)


def test_personal_values_are_the_customers_own_or_worded_never_blank() -> None:
    make_company()
    incident = make_incident()
    manager = make_user(first_name="Mira", last_name="Kern")
    known = make_customer(salutation="Dear Ms Lee", account_manager=manager, time_zone="Europe/Berlin")
    plain = make_customer(name="王女士", language="zh")
    make_impact(incident, known, computed_tier=1, affected_items="order 7")
    make_impact(incident, plain, computed_tier=3)
    Commitment.objects.create(
        incident=incident, customer=known, text={"en": "call you back"}, due_at=NOW + timedelta(hours=2), made_at=NOW
    )
    message = make_released(incident, content={"team_name": {"zh": "客户组"}})

    freezing.freeze(message, now=NOW)

    values = dict(message.deliveries.values_list("customer_id", "personal"))
    promise = "call you back (by 22 November 2026, 15:00 (Europe/Berlin))"
    assert values[known.pk] == {
        "customer.salutation": "Dear Ms Lee",
        "customer.affected_items": "order 7",
        "contact.person_name": "Mira Kern",
        "commitment.open_summary": promise,
        "commitment.status_summary": f"{promise}: open",
    }
    assert values[plain.pk] == {
        "customer.salutation": "尊敬的王女士",
        "customer.affected_items": "全部未完成订单",
        "contact.person_name": "客户组",
        "commitment.open_summary": "目前没有",
        "commitment.status_summary": "目前没有",
    }


def test_what_is_frozen_is_what_the_preview_showed() -> None:
    make_company()
    incident = make_incident()
    promised, plain, russian = [
        make_customer(account_manager=make_user(), language="zh"),
        make_customer(),
        make_customer(language="ru", time_zone="Europe/Moscow"),
    ]
    for tier, customer in enumerate([promised, plain, russian], start=1):
        make_impact(incident, customer, computed_tier=tier)
    for fields in ({"customer": promised}, {"tier": 1}, {"tier": 2}, {}, {"state": CommitmentState.KEPT}):
        Commitment.objects.create(
            incident=incident, text={"en": "call back", "zh": "回电"}, due_at=NOW, made_at=NOW, **fields
        )
    message = make_released(incident)

    freezing.freeze(message, now=NOW)

    for delivery in message.deliveries.order_by("pk"):
        assert message.current is not None
        spoken = bodies.spoken_language(message.current.content, delivery.language)
        shown = previews.personal_values(message, customer=delivery.customer, language=spoken)
        assert delivery.personal == {name: value for name, value in shown.items() if name != "survey.url"}


def test_a_value_that_nobody_can_word_stops_the_release() -> None:
    make_company()
    incident = make_incident()
    make_impact(incident, make_customer())
    message = make_released(incident, content={"values": VALUES | {"en": {}}})

    with pytest.raises(rendering.MissingValue):
        freezing.freeze(message, now=NOW)

    assert Delivery.objects.count() == 0


def test_a_correction_goes_to_exactly_those_who_may_have_the_wrong_text() -> None:
    make_company()
    incident = make_incident()
    for _ in range(len(DeliveryStatus)):
        make_impact(incident, make_customer())
    original = make_released(incident)
    freezing.freeze(original, now=NOW)
    for delivery, status in zip(original.deliveries.order_by("pk"), DeliveryStatus, strict=True):
        Delivery.objects.filter(pk=delivery.pk).update(status=status)
    correction = make_released(
        incident, kind=MessageKind.CORRECTION, audience={"recipients_of": original.pk}, channels={}, corrects=original
    )

    freezing.freeze(correction, now=NOW)

    told = original.deliveries.filter(status__in=["sending", "accepted", "delivered", "acknowledged", "uncertain"])
    assert sorted(row[0] for row in rows(correction)) == sorted(told.values_list("customer_id", flat=True))
    assert {row[1] for row in rows(correction)} == {"email_bulk"}


def test_named_customers_and_filters_are_audiences_too() -> None:
    make_company()
    incident = make_incident()
    berlin, paris, named = make_customer(region="DE"), make_customer(region="FR"), make_customer(region="FR")
    message = make_released(incident, audience={"filter": {"region": ["DE"]}, "customers": [named.pk]})

    freezing.freeze(message, now=NOW)

    assert [row[0] for row in rows(message)] == [berlin.pk, named.pk]
    assert paris.pk not in {row[0] for row in rows(message)}


def test_an_update_follows_the_preference_where_the_matrix_has_no_mail() -> None:
    make_company()
    incident = make_incident()
    prefers, does_not = make_customer(preferred_channel="email_personal"), make_customer()
    for customer in (prefers, does_not):
        make_impact(incident, customer, computed_tier=1)
    update = make_released(incident, kind=MessageKind.PROGRESS_UPDATE, channels={"1": ["phone"]})

    freezing.freeze(update, now=NOW)

    assert rows(update) == [(prefers.pk, "email_personal", 1, "en", "queued", "")]


def test_danger_to_people_comes_before_every_kind_then_the_higher_tier() -> None:
    make_company()
    incident = make_incident()
    third, first, endangered = make_customer(), make_customer(), make_customer()
    make_impact(incident, third, computed_tier=3)
    make_impact(incident, first, computed_tier=1)
    make_impact(incident, endangered, computed_tier=1, harm=Harm.SAFETY)
    message = make_released(incident)

    freezing.freeze(message, now=NOW)

    ordered = message.deliveries.order_by("priority", "id").values_list("customer_id", flat=True)
    assert list(ordered) == [endangered.pk, first.pk, third.pk]


def test_one_more_row_for_a_written_confirmation_is_added_once() -> None:
    make_company()
    incident = make_incident()
    customer = make_customer()
    message = make_released(incident, audience={"customers": []})
    freezing.freeze(message, now=NOW)

    one = freezing.freeze_one(message, customer=customer, channel="email_personal", now=NOW)
    two = freezing.freeze_one(message, customer=customer, channel="email_personal", now=NOW)

    message.refresh_from_db()
    assert (one, message.frozen_count) == (two, 1)


def test_a_message_that_is_not_released_has_no_audience_to_freeze() -> None:
    make_company()
    incident = make_incident()
    message = make_released(incident)
    Message.objects.filter(pk=message.pk).update(state="superseded")

    with pytest.raises(freezing.NotReleased):
        freezing.freeze(message, now=NOW)


def test_a_hundred_thousand_are_frozen_by_a_handful_of_statements() -> None:
    make_company()
    incident = make_incident()
    make_many(incident, 100_000)
    message = make_released(incident)

    with CaptureQueriesContext(connection) as queries:
        count = freezing.freeze(message, now=NOW)

    languages = Counter(message.deliveries.values_list("language", flat=True))
    assert (count, message.deliveries.count()) == (100_000, 100_000)
    assert sum(languages.values()) == 100_000
    assert len(queries) < 20
    assert message.deliveries.exclude(failure_code=FailureCode.NONE).count() == 0


@pytest.mark.parametrize(
    ("kind", "is_safety_warning", "waits"),
    [
        (MessageKind.FOLLOW_UP_SURVEY, False, True),
        (MessageKind.FOLLOW_UP_SURVEY, True, False),
        (MessageKind.FIRST_NOTICE, False, False),
        (MessageKind.PROGRESS_UPDATE, False, False),
    ],
)
def test_only_a_survey_waits_for_the_end_of_quiet_hours_where_it_is_read(
    kind: MessageKind, *, is_safety_warning: bool, waits: bool
) -> None:
    make_company(quiet_from=time(20), quiet_until=time(8))
    incident = make_incident(is_safety_warning=is_safety_warning)
    for zone in ("Europe/Berlin", "Asia/Shanghai"):  # it is 13:00 and 20:00 there
        make_impact(incident, make_customer(time_zone=zone))
    message = make_released(incident, kind=kind)

    freezing.freeze(message, now=NOW)

    morning = NOW + timedelta(hours=12)
    found = message.deliveries.order_by("customer").values_list("next_attempt_at", flat=True)
    assert list(found) == [NOW, morning if waits else NOW]
