"""Wake-ups of the carrying side: rows are the work, so a lost one costs a tick and a doubled one nothing.

Which queue a task takes is said by `CELERY_TASK_ROUTES`.
"""

import os
import socket
from typing import Any

from celery import shared_task, signals
from django.conf import settings

from incidents import clock
from notifications import channels, engine, inbound, outbox

SECONDS_A_TURN = 15.0
EXPIRES = 5


@shared_task(name="notifications.pump")
def pump() -> None:
    """Send what is due for a while; what is left goes to whoever is free next."""
    names = list(settings.CRISISCOMM_CHANNELS)
    worker = f"{socket.gethostname()}-{os.getpid()}"
    if engine.pump(channel_names=names, worker=worker, clock=clock.now, seconds=SECONDS_A_TURN).has_more:
        pump.delay()


@shared_task(name="notifications.work_off")
def work_off() -> None:
    """Apply what providers reported, and wake staff."""
    inbound.work_off(now=clock.now())
    outbox.send_due(now=clock.now())


def ring() -> None:
    """Wake as many senders as there may be; called after commit and by every tick that finds work."""
    for _ in range(settings.CRISISCOMM_SENDERS):
        pump.apply_async(expires=EXPIRES)


def ring_work_off() -> None:
    """Wake whoever applies reports and wakes staff."""
    work_off.apply_async(expires=EXPIRES)


@signals.worker_process_shutdown.connect
def say_goodbye(**_: Any) -> None:
    """End the open connections of a worker that stops."""
    channels.close_all()
