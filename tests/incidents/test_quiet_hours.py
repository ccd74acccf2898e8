"""Quiet hours on the reader's own clock."""

from datetime import UTC, datetime, time

import pytest
from django.db import IntegrityError, transaction

from incidents import quiet_hours
from incidents.models import Company
from tests.factories import company

NIGHT = {"quiet_from": time(21), "quiet_until": time(7, 30)}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "zone", "moment", "end"),
    [
        (NIGHT, "Europe/Berlin", "2026-11-22T19:59", "2026-11-22T19:59"),  # 20:59 there
        (NIGHT, "Europe/Berlin", "2026-11-22T20:00", "2026-11-23T06:30"),
        (NIGHT, "Europe/Berlin", "2026-11-23T02:00", "2026-11-23T06:30"),
        (NIGHT, "Europe/Berlin", "2026-11-23T06:30", "2026-11-23T06:30"),
        (NIGHT, "Asia/Shanghai", "2026-11-22T20:00", "2026-11-22T23:30"),  # 04:00 there
        (NIGHT, "Europe/Berlin", "2026-10-24T20:00", "2026-10-25T06:30"),  # the clocks go back in that night
        (NIGHT, "nowhere/at all", "2026-11-22T22:00", "2026-11-23T07:30"),
        ({"quiet_from": time(12), "quiet_until": time(14)}, "UTC", "2026-11-22T13:00", "2026-11-22T14:00"),
        ({"quiet_from": time(12), "quiet_until": time(14)}, "UTC", "2026-11-22T11:00", "2026-11-22T11:00"),
        ({}, "UTC", "2026-11-22T03:00", "2026-11-22T03:00"),
    ],
)
def test_a_moment_in_quiet_hours_moves_to_their_end(hours: dict[str, time], zone: str, moment: str, end: str) -> None:
    assert quiet_hours.end_of(Company(**hours), at=at(moment), time_zone=zone) == at(end)


@pytest.mark.django_db
def test_quiet_hours_have_a_begin_and_an_end() -> None:
    with pytest.raises(IntegrityError, match="quiet_hours_have_begin_and_end"), transaction.atomic():
        company(quiet_from=time(21))
