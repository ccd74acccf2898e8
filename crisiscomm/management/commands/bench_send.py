"""`manage.py bench_send`: how fast, and at what cost, one approved update reaches so many customers."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.models import Max, Min

from crisiscomm import bench_measures, bench_scene, embedded
from incidents import clock
from notifications import engine, tasks
from notifications.models import Delivery, Message
from workflows import releases

MANAGE = str(embedded.PROJECT / "manage.py")
LOOK_SECONDS = 0.25
JOURNAL = "CRISISCOMM_BENCH_JOURNAL"


class Command(BaseCommand):
    """Works in a database of its own, which it makes and drops; real workers, real broker, real approvals."""

    help = "Measures sending: one update to N customers, in a database of its own, with real Celery workers."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """How many, to where, with how many workers."""
        parser.add_argument("--customers", type=int, required=True)
        parser.add_argument("--smtp", default="", metavar="HOST:PORT", help="this server instead of an own sink")
        parser.add_argument("--workers", type=int, default=2)
        parser.add_argument("--json", action="store_true", help="print nothing but the last line")
        parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)

    def handle(self, *_arguments: Any, **options: Any) -> None:
        """Make the database and run again inside it; or, inside, measure."""
        if options["inside"]:
            self.stdout.write(json.dumps(_measure(options["customers"], workers=options["workers"])))
            return
        name = f"crisiscomm_bench_{os.getpid()}"
        with tempfile.TemporaryDirectory() as folder:
            sink, address, journal = _sink(options["smtp"], Path(folder))
            _statement(f'CREATE DATABASE "{name}"')
            try:
                self._run_inside(name, address=address, journal=journal, options=options)
            finally:
                _statement(f'DROP DATABASE "{name}" WITH (FORCE)')
                if sink is not None:
                    sink.terminate()
                    sink.wait()

    def _run_inside(self, name: str, *, address: str, journal: str, options: dict[str, Any]) -> None:
        environment = os.environ | {
            "CRISISCOMM_DATABASE_NAME": name,
            "CRISISCOMM_REDIS_DATABASE": "2",
            "EMAIL_URL": f"smtp://{address}",
            "CRISISCOMM_LOG_LEVEL": "ERROR",
            JOURNAL: journal,
        }
        command = [sys.executable, MANAGE, "bench_send", "--inside", f"--customers={options['customers']}"]
        done = subprocess.run([*command, f"--workers={options['workers']}"], env=environment, check=False)
        if done.returncode:
            raise CommandError("The benchmark did not end well; the reason is above.")


def _statement(sql: str) -> None:
    with connection._nodb_cursor() as cursor:  # noqa: SLF001 - how Django's own tests make databases
        cursor.execute(sql)


def _sink(smtp: str, folder: Path) -> tuple[subprocess.Popen[str] | None, str, str]:
    if smtp:
        return None, smtp, ""
    journal = folder / "journal"
    journal.touch()
    command = [sys.executable, "-m", "crisiscomm.smtp_inbox", "--journal", str(journal)]
    sink = subprocess.Popen(command, cwd=embedded.PROJECT, stdout=subprocess.PIPE, text=True)
    assert sink.stdout is not None
    return sink, f"127.0.0.1:{sink.stdout.readline().strip()}", str(journal)


def _measure(customers: int, *, workers: int) -> dict[str, Any]:
    call_command("migrate", verbosity=0)
    message = bench_scene.build(customers, now=clock.now())
    senders = _start_workers(workers)
    try:
        before = _processor_seconds(senders.pid)
        began = time.monotonic()
        message = releases.release(message, by=message.author, now=clock.now())
        freeze_seconds = time.monotonic() - began
        peak = _wait(message, senders=senders)
        send_seconds = time.monotonic() - began - freeze_seconds
        after = _processor_seconds(senders.pid)
    finally:
        senders.terminate()
        senders.wait()
    return {
        "customers": customers,
        "freeze_s": round(freeze_seconds, 3),
        "send_s": round(send_seconds, 3),
        "messages_per_s": round(_rate(message), 1),
        "cpu_s_per_100k": round((after - before) * 100_000 / customers, 2),
        "peak_rss_mb": round(peak, 1),
        **_fates(message),
    }


def _processor_seconds(senders: int) -> float:
    data = settings.DATA_DIR if settings.EMBEDDED else None
    return bench_measures.seconds(bench_measures.servers(data) + bench_measures.family(senders))


def _start_workers(count: int) -> "subprocess.Popen[bytes]":
    """Start the senders and wait until they are up: their start is not what is measured."""
    command = [sys.executable, "-m", "celery", "--quiet", "--app", "crisiscomm", "worker", "--queues", "send"]
    command += ["--concurrency", str(count), "--without-gossip", "--without-mingle", "--loglevel", "ERROR"]
    senders = subprocess.Popen(command, cwd=embedded.PROJECT, stdout=subprocess.DEVNULL, stderr=sys.stderr)
    until = time.monotonic() + 60
    while len(bench_measures.family(senders.pid)) <= count:
        if senders.poll() is not None or time.monotonic() > until:
            raise CommandError("The senders did not start.")
        time.sleep(LOOK_SECONDS)
    return senders


def _wait(message: Message, *, senders: "subprocess.Popen[bytes]") -> float:
    """Ring as the tick does, until nothing is live; returns the most memory the senders took together."""
    peak = 0.0
    while message.deliveries.live().exists():
        if senders.poll() is not None:
            raise CommandError("The senders stopped.")
        now = clock.now()
        engine.sweep(now=now)
        if engine.has_work(now=now):
            tasks.ring()
        peak = max(peak, bench_measures.shared_memory(bench_measures.family(senders.pid)))
        time.sleep(LOOK_SECONDS)
    return peak


def _rate(message: Message) -> float:
    times = [float(entry["at"]) for entry in _journal()]
    if times:
        return len(times) / max(max(times) - min(times), 0.001)
    span = message.deliveries.aggregate(first=Min("accepted_at"), last=Max("accepted_at"))
    if span["first"] is None:
        return 0.0
    accepted: int = message.deliveries.reached().count()
    seconds: float = (span["last"] - span["first"]).total_seconds()
    return accepted / max(seconds, 0.001)


def _journal() -> list[dict[str, Any]]:
    path = os.environ.get(JOURNAL, "")
    return [json.loads(line) for line in Path(path).read_text().splitlines()] if path else []


def _fates(message: Message) -> dict[str, int]:
    """Counted by the sink where there is one: lost is what we call accepted and it never took."""
    counts = Counter(message.deliveries.values_list("status", flat=True))
    taken = Counter(entry["reference"] for entry in _journal())
    accepted = {str(one) for one in Delivery.objects.reached().values_list("reference", flat=True)}
    missing = message.frozen_count - sum(counts.values())
    return {
        "accepted": len(accepted),
        "failed": counts["failed"],
        "uncertain": counts["uncertain"],
        "lost": missing + (len(accepted - set(taken)) if taken else 0),
        "duplicates": sum(copies - 1 for copies in taken.values()),
    }
