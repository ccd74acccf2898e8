"""How many customers a message would reach, before anything is sent."""

from typing import Any

import pytest

from incidents.models import ContactPoint, Incident
from notifications.enums import ChannelName, MessageKind, SuppressionReason
from notifications.models import Message
from notifications.suppressions import suppress
from tests import factories_updates as updating
from tests.factories_incidents import NOW, reported
from workflows import audiences
from workflows.audiences import Reach

pytestmark = pytest.mark.django_db
MAIL, PAGE, CALL = ChannelName.EMAIL_PERSONAL, ChannelName.STATUS_PAGE, ChannelName.PHONE


@pytest.fixture
def incident() -> Incident:
    return reported()


def meant(incident: Incident, *channels: str, kind: MessageKind = MessageKind.FIRST_NOTICE, **audience: Any) -> Message:
    return Message(
        incident=incident,
        kind=kind,
        audience=audience or {"tiers": [1, 3]},
        channels=dict.fromkeys(("1", "2", "3"), [*channels]),
    )


def test_customers_are_counted_by_tier_and_channel(incident: Incident) -> None:
    for tier in (1, 2, 3, 3):
        updating.affected(incident, tier=tier)

    counted = audiences.count(meant(incident, MAIL, PAGE))

    assert counted == Reach(
        {1: {PAGE: 1, MAIL: 1}, 3: {PAGE: 2, MAIL: 2}}, unreachable=0, languages={1: {"en": 1}, 3: {"en": 2}}
    )


def test_who_has_no_mailbox_is_unreachable_by_mail_alone(incident: Incident) -> None:
    ContactPoint.objects.filter(customer=updating.affected(incident)).delete()

    by_mail, by_call = audiences.count(meant(incident, MAIL)), audiences.count(meant(incident, CALL, MAIL))
    nobody: dict[str, Any] = {"languages": {1: {}}, "left_out": {"no_address": 1}}
    assert by_mail == Reach({1: {MAIL: 0}}, unreachable=1, **nobody)
    assert by_call == Reach({1: {CALL: 1, MAIL: 0}}, unreachable=0, **nobody)
    assert by_mail.reasons == [("No address", 1)]


def test_who_opted_out_still_gets_what_is_owed(incident: Incident) -> None:
    mailbox = ContactPoint.objects.get(customer=updating.affected(incident))
    suppress([mailbox.normalised], reason=SuppressionReason.UNSUBSCRIBED, now=NOW)

    notice, update = meant(incident, MAIL), meant(incident, MAIL, kind=MessageKind.PROGRESS_UPDATE)

    assert [audiences.count(notice).unreachable, audiences.count(update).unreachable] == [0, 1]


def test_a_filter_and_names_reach_customers_nobody_has_placed(incident: Incident) -> None:
    chosen = updating.affected(reported("another"), name="C-1", region="Bavaria")
    updating.affected(reported("a third"), name="C-2", region="Saxony")

    by_filter = audiences.count(meant(incident, MAIL, filter={"region": ["Bavaria"]}))
    by_name = audiences.count(meant(incident, MAIL, customers=[chosen.pk]))

    assert by_filter == by_name == Reach({3: {MAIL: 1}}, unreachable=0, languages={3: {"en": 1}})


def test_the_page_alone_is_for_nobody_in_particular(incident: Incident) -> None:
    assert audiences.count(meant(incident, PAGE, page=True)) == Reach({}, unreachable=0)
