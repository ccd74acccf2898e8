"""The clock itself: order, the sign of life, a lease that runs out, and trouble that stays where it is."""

from datetime import timedelta
from typing import Any

import pytest

from incidents.errors import Refusal
from incidents.models import Heartbeat
from tests.factories_incidents import NOW
from workflows import tick

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


def test_every_run_leaves_a_sign_of_life() -> None:
    tick.run(now=NOW)
    tick.run(now=NOW + SECOND)

    assert Heartbeat.objects.get(name=tick.BEAT).beat_at == NOW + SECOND


def test_a_step_that_fails_does_not_stop_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []

    def fail(*, now: Any) -> None:
        raise ValueError

    monkeypatch.setattr(tick, "STEPS", [("fails", fail), ("works", lambda *, now: done.append("works"))])

    tick.run(now=NOW)

    assert done == ["works"]


@pytest.mark.parametrize("trouble", [ValueError(), Refusal("not now")])
def test_one_bad_row_does_not_stop_its_neighbours(trouble: Exception) -> None:
    done: list[int] = []

    def act(item: int, *, now: Any) -> None:
        if item == 1:
            raise trouble
        done.append(item)

    tick.Each("test", lambda *, now: [1, 2], act)(now=NOW)

    assert done == [2]


def test_ticks_do_not_pile_up_and_a_dead_one_does_not_block() -> None:
    first = tick.claim(now=NOW)
    second = tick.claim(now=NOW + SECOND)
    after_a_death = tick.claim(now=NOW + tick.LEASE_INTERVAL)
    tick.give_back(now=NOW + tick.LEASE_INTERVAL + SECOND)
    next_one = tick.claim(now=NOW + tick.LEASE_INTERVAL + SECOND)

    assert (first, second, after_a_death, next_one) == (True, False, True, True)
