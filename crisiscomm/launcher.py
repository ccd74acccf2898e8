"""Keeps a set of processes running: starts them, starts again what dies, and ends them together."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from django.conf import settings

from crisiscomm import embedded, processes

LOOK_SECONDS = 0.1
# The servers want a moment after the children, and all of it together may take five seconds.
GRACE_SECONDS = 2.0
FIRST_DELAY_SECONDS = 0.5
LONGEST_DELAY_SECONDS = 30.0
# A child that lived this long had no trouble starting; its next delay is the first one again.
HEALTHY_SECONDS = 30.0


class LaunchError(RuntimeError):
    """The processes cannot start; the text says what to do."""


@dataclass(frozen=True)
class Child:
    """One process of the set; without a log file it writes to this process's standard error."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    log: Path | None = None


@dataclass
class _Running:
    child: Child
    process: "subprocess.Popen[bytes]"
    started: float
    delay: float = FIRST_DELAY_SECONDS
    due: float | None = None


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


class Supervisor:
    """Runs children while the `with` block lasts; a thread of its own watches them, so the block is free to work."""

    def __init__(self, children: Iterable[Child], *, announce: Callable[[str], None] = say) -> None:
        self.children = tuple(children)
        self.announce = announce
        self._running: list[_Running] = []
        self._is_started = threading.Event()
        self._is_stopping = threading.Event()
        # The children's death flag hangs on the thread that started them: this one lives until they are stopped.
        self._thread = threading.Thread(target=self._supervise, name="supervisor", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._is_started.wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_stopping.set()
        self._thread.join()

    def pid_of(self, name: str) -> int:
        return next(running.process.pid for running in self._running if running.child.name == name)

    def _supervise(self) -> None:
        try:
            self._running = [_Running(child, _start(child), time.monotonic()) for child in self.children]
            self._is_started.set()
            while not self._is_stopping.wait(LOOK_SECONDS):
                for running in self._running:
                    self._look_after(running)
        finally:
            self._is_started.set()
            processes.stop(
                [running.process for running in self._running], by=signal.SIGTERM, grace_seconds=GRACE_SECONDS
            )

    def _look_after(self, running: _Running) -> None:
        """Notice the end of a child, and start it again when its delay is over."""
        now = time.monotonic()
        if running.due is None:
            code = running.process.poll()
            if code is None:
                return
            processes.kill_session(running.process.pid)
            if now - running.started > HEALTHY_SECONDS:
                running.delay = FIRST_DELAY_SECONDS
            running.due = now + running.delay
            self.announce(f"{running.child.name} ended ({_words(code)}); it starts again in {running.delay:g} s")
        elif now >= running.due:
            running.process = _start(running.child)
            running.started, running.due = now, None
            running.delay = min(running.delay * 2, LONGEST_DELAY_SECONDS)


def _start(child: Child) -> "subprocess.Popen[bytes]":
    environment = {**os.environ, **child.environment}
    if child.log is None:
        return _spawn(child, environment=environment, output=sys.stderr.fileno())
    with child.log.open("ab") as log:
        return _spawn(child, environment=environment, output=log.fileno())


def _spawn(child: Child, *, environment: Mapping[str, str], output: int) -> "subprocess.Popen[bytes]":
    return processes.spawn(
        child.command, death_signal=signal.SIGTERM, cwd=embedded.PROJECT, environment=environment, output=output
    )


def _words(code: int) -> str:
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def product(
    *, host: str = "127.0.0.1", port: int, senders: int = 2, environment: Mapping[str, str], logs: Path | None = None
) -> list[Child]:
    """The processes of the product: the web, one worker for each kind of task, and the clock."""
    environment = {**environment, "CRISISCOMM_SUPERVISED": "true", "CRISISCOMM_SENDERS": str(senders)}
    sender = {**environment, "CRISISCOMM_DB_ROLE": "sender"}
    web = ["-m", "gunicorn", "crisiscomm.wsgi", "--bind", f"{host}:{port}", "--worker-class", "gthread"]
    web += ["--workers", "2", "--threads", "8", "--graceful-timeout", "1", "--log-level", "warning"]
    web += ["--no-control-socket"]
    # Ticks have a worker of their own: no long task may keep the clock waiting.
    commands = [
        ("web", web, environment),
        ("clock", _worker("clock", queue="tick", pool=["--pool", "solo"]), environment),
        ("worker", _worker("worker", queue="default", pool=["--concurrency", "1"]), environment),
        ("sender", _worker("sender", queue="send", pool=["--concurrency", str(senders)]), sender),
        ("beat", [*_CELERY, "beat", "--pidfile="], environment),
    ]
    return [
        Child(name, (sys.executable, *command), variables, log=logs / f"{name}.log" if logs else None)
        for name, command, variables in commands
    ]


_CELERY = ["-m", "celery", "--quiet", "--app", "crisiscomm"]


def _worker(name: str, *, queue: str, pool: list[str]) -> list[str]:
    quiet = ["--without-gossip", "--without-mingle", "--loglevel", "WARNING"]
    return [*_CELERY, "worker", "--queues", queue, "--hostname", f"{name}@%h", *pool, *quiet]


def migrate(*, verbosity: int = 0) -> None:
    """Bring the tables up to date, with the rights of their owner."""
    command = [sys.executable, str(embedded.PROJECT / "manage.py"), "migrate", "--no-input", f"--verbosity={verbosity}"]
    environment = {**os.environ, "CRISISCOMM_DB_ROLE": "owner"}
    done = subprocess.run(command, env=environment, stdout=sys.stderr.fileno(), check=False)
    if done.returncode:
        raise LaunchError("The database could not be migrated; the reason is above.")


def take_data_directory() -> embedded.Lock:
    """Hold the data directory for this launcher alone. Raises LaunchError."""
    embedded.make_data_directory(settings.DATA_DIR)
    lock = embedded.take_lock(settings.DATA_DIR / "launcher.lock", exclusive=True)
    if lock is None:
        raise LaunchError(
            f"CrisisComm is already running on {settings.DATA_DIR}. "
            "Stop it first, or name another directory in CRISISCOMM_DATA_DIR."
        )
    return lock


def require_free_port(port: int, *, host: str = "127.0.0.1") -> None:
    """Raises LaunchError when another program listens there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise LaunchError(
                f"Port {port} on {host} cannot be used: {error.strerror}. Choose another one with --port."
            ) from error


def wait_until_served(port: int, *, stopped: threading.Event, host: str = "127.0.0.1", seconds: float = 60.0) -> None:
    """Return when the web server answers a request, or when the launcher is stopped. Raises LaunchError."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not stopped.wait(0.05):
        if _answers(host, port=port):
            return
    if not stopped.is_set():
        raise LaunchError(f"The web server does not answer on port {port} after {seconds:.0f} s; the reason is above.")


def _answers(host: str, *, port: int) -> bool:
    """Gunicorn listens before its workers can serve: only an answer of whatever kind is a sign of life."""
    connection = http.client.HTTPConnection(host, port, timeout=2)
    try:
        connection.request("GET", "/readyz")
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def stop_on_signals() -> threading.Event:
    """An event that Ctrl-C and SIGTERM set, instead of breaking off whatever runs."""
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    return stopped
