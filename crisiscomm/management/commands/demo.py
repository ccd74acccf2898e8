"""Shows the whole product: a sample company's incident from the first report to the review, on real services."""

import json
import time
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from crisiscomm import launcher, sample_company
from crisiscomm.demo import environment, figures, learning, preparation, speaking, stage
from crisiscomm.demo.play import Play, StoryFailed
from incidents import clock
from incidents.errors import Refusal

# A playbook's day passes in four seconds.
DIVISOR = 21600
SENDERS = 2


class Command(BaseCommand):
    help = "Play a supply-chain incident of a sample company, then serve the product until Ctrl-C."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        environment.add_arguments(parser)

    def handle(self, *args: Any, exit: bool, customers: int, port: int, smtp: str | None, **_: Any) -> None:  # noqa: A002
        options = environment.options_of(exit=exit, customers=customers, port=port, smtp=smtp)
        started = time.monotonic()
        try:
            with launcher.take_data_directory():
                launcher.require_free_port(options.port)
                launcher.migrate()
                stage.refuse_real_company()
                ears = stage.AlertEars()
                stage.furnish(hook=ears.url, now=clock.now())
                self.serve(options, started=started)
        except (launcher.LaunchError, stage.NotADemonstration, StoryFailed, Refusal) as error:
            raise CommandError(f"The demonstration stopped: {error}") from error

    def serve(self, options: environment.Options, *, started: float) -> None:
        stopped = launcher.stop_on_signals()
        logs = settings.DATA_DIR / "log"
        logs.mkdir(exist_ok=True)
        children = [
            *stage.inbox(options),
            *launcher.product(port=options.port, senders=SENDERS, environment={}, logs=logs),
        ]
        with launcher.Supervisor(children):
            launcher.wait_until_served(options.port, stopped=stopped)
            self.announce(options)
            found = self.play(options, started=started)
            if options.is_exiting:
                self.stdout.write(json.dumps(found, ensure_ascii=False))
                self.stdout.flush()
                return
            launcher.say(json.dumps(found, ensure_ascii=False))
            self.announce(options)
            launcher.say("The incident is closed and stays to be explored. Ctrl-C ends the demonstration.")
            stopped.wait()

    def play(self, options: environment.Options, *, started: float) -> dict[str, Any]:
        call_command("load_playbooks", divisor=DIVISOR, verbosity=0, stdout=self.stderr)
        launcher.say(f"Every duration of the playbook is divided by {DIVISOR}: a day passes in {86400 / DIVISOR:g} s.")
        play = Play(options, DIVISOR)
        preparation.identify(play)
        preparation.analyze(play)
        preparation.plan(play)
        speaking.execute(play)
        learning.follow_up(play)
        html, pdf = learning.evaluate(play)
        play.wait("everything is settled", lambda: float(figures.is_quiet(play)), seconds=30)
        return figures.collect(play, review_html=html, review_pdf=pdf, started=started)

    def announce(self, options: environment.Options) -> None:
        people = ", ".join(f"{person.username}" for person in sample_company.staff()[:5])
        launcher.say(f"CrisisComm: {settings.PUBLIC_BASE_URL}/admin/  log in as {people} …, password {stage.PASSWORD}")
        launcher.say(f"Status page: {settings.PUBLIC_BASE_URL}/status/")
