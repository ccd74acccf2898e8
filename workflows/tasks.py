"""Wake-ups of the deciding side: the tick, and the bells for those who send."""

from celery import shared_task

from incidents import clock
from notifications import engine, outbox
from notifications import tasks as sending
from workflows import tick as clockwork


@shared_task(name="workflows.tick", queue="tick")
def tick() -> None:
    """Run the clock once, unless it is still running, and wake the senders if there is something to send."""
    now = clock.now()
    if clockwork.claim(now=now):
        try:
            clockwork.run(now=now)
        finally:
            clockwork.give_back(now=clock.now())
    ring()


def ring() -> None:
    """Wake whoever has work: senders for customers' mail, and those who wake staff."""
    now = clock.now()
    if engine.has_work(now=now):
        sending.ring()
    if outbox.has_work(now=now):
        sending.ring_work_off()
