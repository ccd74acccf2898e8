"""Makes a key for another system and prints it once."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from incidents import api_tokens, clock
from incidents.enums import ApiScope
from incidents.errors import Refusal
from incidents.models import User


class Command(BaseCommand):
    help = "Make an API token that acts as a member of staff. The last line is the token; it is never shown again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help="whose name stands beside what the token does")
        parser.add_argument("--scope", action="append", required=True, choices=ApiScope.values, dest="scopes")
        parser.add_argument("--days", type=int, default=90, help="how long it is valid (default 90)")
        parser.add_argument("--name", default="", help="what it is for")
        parser.add_argument("--network", action="append", default=[], dest="networks", help="such as 192.0.2.0/24")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["username"], is_active=True).first()
        if user is None:
            raise CommandError(f"There is no active user {options['username']!r}.")
        now = clock.now()
        grant = api_tokens.Grant(
            name=options["name"] or f"{user.username}: {', '.join(options['scopes'])}"[:80],
            scopes=options["scopes"],
            expires_at=now + timedelta(days=options["days"]),
            networks=options["networks"],
        )
        try:
            self.stdout.write(api_tokens.issue(user, grant=grant, now=now))
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
