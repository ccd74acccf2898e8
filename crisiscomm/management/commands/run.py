"""Serves the product: PostgreSQL and Valkey if none are named, the web, the workers and the clock."""

import os
import sys
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model, password_validation
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from crisiscomm import launcher

HOW_TO_LOG_IN = (
    "Nobody can log in yet. Run `python manage.py createsuperuser`, or start with CRISISCOMM_ADMIN_USER and "
    "CRISISCOMM_ADMIN_PASSWORD set."
)


class Command(BaseCommand):
    help = "Serve CrisisComm until Ctrl-C."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--host", default="127.0.0.1", help="only with DATABASE_URL and REDIS_URL")
        parser.add_argument("--senders", type=int, default=2, help="processes that send (default: 2)")

    def handle(self, *args: Any, port: int, host: str, senders: int, **options: Any) -> None:
        if settings.EMBEDDED and host != "127.0.0.1":
            raise CommandError("Without DATABASE_URL and REDIS_URL the product serves 127.0.0.1 only.")
        try:
            with launcher.take_data_directory():
                launcher.require_free_port(port, host=host)
                launcher.migrate()
                self.make_first_admin()
                self.serve(port=port, host=host, senders=senders)
        except launcher.LaunchError as error:
            raise CommandError(str(error)) from error

    def serve(self, *, port: int, host: str, senders: int) -> None:
        stopped = launcher.stop_on_signals()
        environment = {}
        if settings.EMBEDDED and settings.PUBLIC_BASE_URL == settings.LOCAL_BASE_URL:
            environment["PUBLIC_BASE_URL"] = f"http://{host}:{port}"
        if os.geteuid() == 0:
            launcher.say(
                "Running as root: the web and the workers have root's rights. Use an ordinary account for real work."
            )
        with launcher.Supervisor(launcher.product(host=host, port=port, senders=senders, environment=environment)):
            launcher.wait_until_served(port, stopped=stopped, host=host)
            if not stopped.is_set():
                self.stdout.write(f"CrisisComm is ready at http://{host}:{port}/admin/ - Ctrl-C ends it")
                self.stdout.flush()
            stopped.wait()

    def make_first_admin(self) -> None:
        users = get_user_model()._default_manager
        if users.filter(is_superuser=True).exists():
            return
        name, password = settings.FIRST_ADMIN
        if name and password:
            try:
                password_validation.validate_password(password)
            except ValidationError as error:
                raise CommandError(f"CRISISCOMM_ADMIN_PASSWORD: {' '.join(error.messages)}") from error
            users.create_superuser(username=name, password=password)
        elif sys.stdin.isatty():
            self.stderr.write("Nobody can log in yet: name the first administrator.")
            call_command("createsuperuser")
        else:
            self.stderr.write(HOW_TO_LOG_IN)
