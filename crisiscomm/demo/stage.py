"""What a demonstration needs around the product: the sample company, its people, an inbox, and ears for alerts."""

import base64
import csv
import json
import os
import shutil
import sys
import threading
from datetime import date, datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.db import transaction

from crisiscomm import sample_company
from crisiscomm.demo.environment import Options
from crisiscomm.launcher import Child
from incidents.models import Company, Incident, RosterEntry, User
from notifications import secrets
from notifications.models import WebhookEndpoint

PASSWORD = "demo"  # noqa: S105 - printed on the screen; the demonstration binds to this machine only
STORY = Path(__file__).with_name("story.yaml")
# The mailbox of this customer does not exist: its mail comes back, and somebody has to call.
DEAD_MAILBOX = "dead-mailbox.example"
# How many customers the customer system tells of afterwards: affected ones, and others to compare them with.
OBSERVED, NEIGHBOURS = 400, 60


class NotADemonstration(Exception):
    """The database belongs to a real company."""


@cache
def story() -> dict[str, Any]:
    """Return the demonstration's own words."""
    loaded: dict[str, Any] = yaml.safe_load(STORY.read_text(encoding="utf-8"))
    return loaded


def inbox(options: Options) -> list[Child]:
    """Return the local mail server as one more process, unless customer mail goes to the user's own server."""
    if options.smtp is not None:
        return []
    directory = settings.DATA_DIR / "inbox"
    shutil.rmtree(directory, ignore_errors=True)
    journal().unlink(missing_ok=True)
    directory.mkdir()
    command: tuple[str, ...] = (sys.executable, "-m", "crisiscomm.smtp_inbox", "--port", str(settings.EMAIL_PORT))
    command += ("--directory", str(directory), "--journal", str(journal()))
    return [Child("inbox", (*command, "--refuse", f"*@{DEAD_MAILBOX}=550 5.1.1 no such mailbox"))]


def journal() -> Path:
    """Return where the inbox writes one line for each message it took."""
    return settings.DATA_DIR / "inbox.jsonl"


def accepted_by_inbox() -> int:
    """Count the messages that the local inbox took."""
    path = journal()
    return sum(1 for _line in path.open()) if path.exists() else 0


def write_customers(path: Path, *, number: int) -> Path:
    """Write the sample company's customers to a CSV file; one of them has a mailbox that does not exist."""
    rows = list(sample_company.customers(number, managers=sample_company.account_managers()))
    unlucky = next(row for row in rows if 4 <= row["importance"] * row["degree"] * row["closeness"] < 12)
    unlucky["email"] = f"orders@{DEAD_MAILBOX}"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, sample_company.COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_neighbours(path: Path, *, beyond: int) -> Path:
    """Write customers that nothing happened to, numbered from the last affected one on."""
    rows = list(sample_company.customers(beyond + NEIGHBOURS, managers=sample_company.account_managers()))[beyond:]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, sample_company.COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_outcomes(path: Path, *, number: int, day: date) -> Path:
    """Write what the customer system says of some affected customers and of their neighbours: all of it invented."""
    affected = [(place, place % 23 != 0, place % 4) for place in range(1, min(number, OBSERVED) + 1)]
    others = [(place, place % 19 != 0, place % 3) for place in range(number + 1, number + NEIGHBOURS + 1)]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(["crm_id", "observed_on", "is_customer", "orders", "revenue", "currency"])
        for place, has_stayed, orders in [*affected, *others]:
            bought = orders if has_stayed else 0
            writer.writerow([f"NW-{place:05}", day, "yes" if has_stayed else "no", bought, bought * 640, "EUR"])
    return path


def refuse_real_company() -> None:
    """Raise NotADemonstration when the database holds a company or incidents of its own."""
    company = Company.objects.first()
    if (company and not company.is_demonstration) or (company is None and Incident.objects.exists()):
        raise NotADemonstration(
            "This database belongs to a real company. Name another one in DATABASE_URL, or leave it unset."
        )


def furnish(*, hook: str, now: datetime) -> None:
    """Write the sample company, its people with their groups and log-ins, the roster, and the alert webhook."""
    with transaction.atomic():
        Company.objects.update_or_create(pk=1, defaults=sample_company.company())
        password = make_password(PASSWORD)
        people = {person.username: _employ(person, password=password) for person in sample_company.staff()}
        RosterEntry.objects.all().delete()
        deputies = {role: people[p.username] for p in sample_company.staff() for role in p.stands_in_for}
        RosterEntry.objects.bulk_create(
            RosterEntry(role=role, user=people[person.username], deputy=deputies.get(role))
            for person in sample_company.staff()
            for role in person.roles
        )
        secret = secrets.encrypt(f"whsec_{base64.b64encode(os.urandom(24)).decode()}")
        fields = {"url": hook, "secret": secret, "is_active": True}
        WebhookEndpoint.objects.update_or_create(name="Demonstration", defaults=fields)


def _employ(person: sample_company.Person, *, password: str) -> User:
    user, _is_new = User.objects.update_or_create(
        username=person.username,
        defaults={
            "first_name": person.first_name,
            "last_name": person.last_name,
            "email": person.email,
            "time_zone": person.time_zone,
            "is_staff": True,
            "is_active": True,
        },
    )
    user.password = password
    user.save(update_fields=["password"])
    user.groups.set(Group.objects.filter(name__in=person.groups))
    return user


class AlertEars:
    """A small web server of the demonstration itself that hears the signed alert calls."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        ears = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:  # noqa: N802 - the library's name
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                ears.heard.append(json.loads(body))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *args: object) -> None:
                """Stay silent: the demonstration prints what matters."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """The address to call."""
        return f"http://127.0.0.1:{self.server.server_address[1]}/alerts"
