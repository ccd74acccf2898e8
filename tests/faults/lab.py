"""Real processes on this machine, and what the mail server saw: the only judge."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db import connection

from crisiscomm.smtp_inbox import Inbox
from incidents import clock
from notifications import engine, freezing
from notifications.models import Message
from tests.factories_delivery import make_company, make_incident, make_many, make_released

ROOT = Path(__file__).resolve().parent.parent.parent


def make_batch(count: int, **fields: Any) -> Message:
    """A released, frozen message to this many customers, committed."""
    make_company()
    incident = make_incident()
    make_many(incident, count)
    message = make_released(incident, **fields)
    freezing.freeze(message, now=clock.now())
    return message


def make_again(message: Message) -> Message:
    """Another released, frozen message to the same customers."""
    again = make_released(message.incident)
    freezing.freeze(again, now=clock.now())
    return again


def start(*command: str, inbox: Inbox) -> subprocess.Popen[bytes]:
    """Start a Python program that uses the test's database and speaks to the test's mail server."""
    environment = os.environ | {
        "CRISISCOMM_DATABASE_NAME": str(connection.settings_dict["NAME"]),
        "EMAIL_URL": f"smtp://127.0.0.1:{inbox.port}",
    }
    return subprocess.Popen(
        [sys.executable, *command],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def start_sender(inbox: Inbox) -> subprocess.Popen[bytes]:
    """Start a sender."""
    return start("-m", "tests.faults.sender", inbox=inbox)


def kill(*processes: subprocess.Popen[bytes]) -> None:
    """End them and their children at once, without a word."""
    for process in processes:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_until(condition: Callable[[], bool], *, seconds: float = 30.0) -> None:
    """Wait for a condition, or fail."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.005)


def statuses(message: Message) -> dict[str, int]:
    """Count the deliveries by status."""
    return dict(Counter(message.deliveries.values_list("status", flat=True)))


def is_settled(message: Message) -> bool:
    """Whether no delivery is live."""
    return not message.deliveries.live().exists()


def sweep_expired() -> None:
    """What the tick does once the leases of the dead have run out; nobody waits for that here."""
    engine.sweep(now=clock.now() + engine.LEASE)


def copies(inbox: Inbox) -> Counter[str]:
    """Count what the server took, by delivery."""
    return Counter(entry["reference"] for entry in inbox.accepted)


def lost(message: Message, inbox: Inbox) -> set[str]:
    """Return the deliveries that are called accepted and were never taken."""
    accepted = message.deliveries.filter(status="accepted").values_list("reference", flat=True)
    return {str(one) for one in accepted} - set(copies(inbox))
