"""What every act of the demonstration shares: the people, the clock, the progress bars, and patience with an end."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection
from tqdm import tqdm

from crisiscomm.demo import stage
from crisiscomm.demo.environment import Options
from incidents import clock
from incidents.models import Incident, User
from notifications import tasks
from notifications.models import Message

LOOK_SECONDS = 0.2


class StoryFailed(Exception):
    """Something that must happen did not: the sentence says what was awaited."""


@dataclass
class Play:
    """One performance: the incident on stage, its people, and what it was asked to do."""

    options: Options
    divisor: int
    incident: Incident = field(init=False)
    messages: dict[str, Message] = field(default_factory=dict)
    begun: float = field(default_factory=time.monotonic)

    @property
    def words(self) -> dict[str, Any]:
        """The demonstration's own words."""
        return stage.story()

    @property
    def now(self) -> datetime:
        """The database's present time: the demonstration is a door of its own."""
        return clock.now()

    def person(self, username: str) -> User:
        """Return one of the sample company's people."""
        return User.objects.get(username=username)

    @property
    def lead(self) -> User:
        """Who leads the incident."""
        return self.person("lena")

    @property
    def communications(self) -> User:
        """Who leads communications, and approves."""
        return self.person("tomas")

    @property
    def writer(self) -> User:
        """Who writes; never approves."""
        return self.person("nora")

    @property
    def owner(self) -> User:
        """Who owns the subject: knows the plant, approves what is said of it."""
        return self.person("mira")

    def say(self, line: str) -> None:
        """Tell the audience what happens."""
        tqdm.write(f"  {time.monotonic() - self.begun:5.1f} s  {line}", file=sys.stderr)

    def ring(self) -> None:
        """Wake the senders, as every door does after its transaction."""
        tasks.ring()

    def wait(self, words: str, share: Callable[[], float], *, seconds: float) -> None:
        """Wait, with a progress bar, until `share` reaches 1. Raises StoryFailed after `seconds`."""
        deadline = time.monotonic() + seconds
        bar = tqdm(
            total=100,
            desc=f"  {words}",
            file=sys.stderr,
            leave=False,
            disable=None,
            bar_format="{l_bar}{bar}| {elapsed}",
        )
        with bar:
            while (done := share()) < 1:
                if time.monotonic() > deadline:
                    raise StoryFailed(f"Waited {seconds:.0f} s in vain: {words} ({done:.0%} done).")
                bar.n = int(done * 100)
                bar.refresh()
                time.sleep(LOOK_SECONDS)

    def wait_until_sent(self, message: Message, *, seconds: float = 60) -> None:
        """Wait until no delivery of the message is under way any more."""
        self.wait(f"{message.get_kind_display()} under way", lambda: _settled(message), seconds=seconds)
        message.refresh_from_db()


def _settled(message: Message) -> float:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(*) FILTER (WHERE status NOT IN ('queued', 'retry', 'sending')) "
            "FROM notifications_delivery WHERE message_id = %s",
            [message.pk],
        )
        total, done = cursor.fetchone()
    state = Message.objects.values_list("state", flat=True).get(pk=message.pk)
    if total == 0:
        return 1.0 if state == "sent" else 0.0
    return done / total if state == "sent" or done < total else 0.99
