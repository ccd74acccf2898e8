"""Redis wiped in mid-send: it carried wake-ups alone, so it costs a ring of the bell and no message."""

from collections.abc import Iterator

import pytest
import redis
from django.conf import settings

from crisiscomm.celery import app
from crisiscomm.smtp_inbox import Inbox, Rule
from incidents import clock
from notifications import engine, tasks
from tests.faults import lab

pytestmark = [pytest.mark.faults, pytest.mark.usefixtures("committed")]


@pytest.fixture
def broker() -> Iterator[redis.Redis]:
    """The tests' own Redis database."""
    url = settings.CELERY_BROKER_URL.replace("redis+socket://", "unix://").replace("virtual_host=", "db=")
    client = redis.Redis.from_url(url)
    yield client
    client.close()


def test_a_wiped_broker_costs_a_ring_and_no_message(inbox: Inbox, broker: redis.Redis) -> None:
    message = lab.make_batch(400)
    inbox.rules = [Rule("*", at_end=True, delay=0.002)]
    worker = lab.start(
        "-m", "celery", "-A", "crisiscomm", "worker", "-Q", "send", "-c", "2", "--without-gossip", inbox=inbox
    )
    # A ring is good for five seconds, which a worker may need to start.
    lab.wait_until(lambda: bool(app.control.ping(timeout=0.2)), seconds=60)
    tasks.ring()
    lab.wait_until(lambda: len(inbox.accepted) >= 50)

    broker.flushdb()
    lab.wait_until(lambda: lab.is_settled(message))
    second = lab.make_again(message)
    has_work = engine.has_work(now=clock.now())
    tasks.ring()
    broker.flushdb()
    tasks.ring()
    lab.wait_until(lambda: lab.is_settled(second))
    lab.kill(worker)

    assert (has_work, lab.statuses(message), lab.statuses(second)) == (True, {"accepted": 400}, {"accepted": 400})
    assert (max(lab.copies(inbox).values()), len(inbox.accepted)) == (1, 800)
