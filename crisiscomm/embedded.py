"""Local PostgreSQL and Valkey: one pair of servers for each data directory, alive while any process uses it.

The servers belong to no command. A small keeper process (`crisiscomm.keeper`) owns them, and every process that uses
them holds a shared lock on `users.lock`. The keeper waits until it gets that lock for itself: then nobody is left, and
it stops the servers. The kernel drops a lock with its process, so a SIGKILL counts as leaving. Whichever of several
commands ends first therefore takes nothing from the others.
"""

import base64
import fcntl
import hashlib
import hmac
import json
import os
import pwd
import secrets
import socket
import stat
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from crisiscomm.processes import Account

DATABASE_NAME = "crisiscomm"
OWNER_ROLE, WEB_ROLE, SENDER_ROLE = "crisiscomm_owner", "crisiscomm_web", "crisiscomm_sender"
POSTGRES_PORT = 5432
START_SECONDS = 60.0
STOP_SECONDS = 10.0
# A Unix socket address holds 104 to 108 bytes, depending on the system.
LONGEST_SOCKET_PATH = 100
UNPRIVILEGED_ACCOUNT = "nobody"
# Unlike /tmp, this one survives a restart of the machine.
FALLBACK_PARENT = Path("/var/tmp")
PROJECT = Path(__file__).resolve().parent.parent


class EmbeddedError(RuntimeError):
    """The local servers cannot run; the text says what to do."""


@dataclass(frozen=True)
class Layout:
    """Where everything of one data directory lies; computed alike by every process, without starting anything."""

    data: Path
    servers: Path
    sockets: Path
    account: Account

    @property
    def cluster(self) -> Path:
        return self.servers / "postgres"

    @property
    def valkey(self) -> Path:
        return self.servers / "valkey"

    @property
    def postgres_socket(self) -> Path:
        return self.sockets / f".s.PGSQL.{POSTGRES_PORT}"

    @property
    def valkey_socket(self) -> Path:
        return self.sockets / "valkey.sock"

    @property
    def logs(self) -> Path:
        return self.data / "log"

    def lock(self, name: str) -> Path:
        return self.data / f"{name}.lock"


def layout_of(data: Path) -> Layout:
    data = data.absolute()
    key = hashlib.sha256(os.fsencode(data)).hexdigest()[:12]
    servers = data / "servers"
    account = _account_for(servers)
    if not account.is_current and not is_reachable(data, account=account):
        servers = FALLBACK_PARENT / f"crisiscomm-{key}"
        account = _account_for(servers)
    sockets = servers / "run"
    if len(os.fsencode(sockets / f".s.PGSQL.{POSTGRES_PORT}")) > LONGEST_SOCKET_PATH:
        sockets = Path("/tmp") / f"crisiscomm-{account.uid}-{key}"
    return Layout(data=data, servers=servers, sockets=sockets, account=account)


def _account_for(servers: Path) -> Account:
    """PostgreSQL refuses to run as root: root uses the account that owns the servers already, or `nobody`."""
    uid = os.geteuid()
    if uid == 0:
        owner = servers.stat().st_uid if servers.exists() else 0
        entry = pwd.getpwuid(owner) if owner else pwd.getpwnam(UNPRIVILEGED_ACCOUNT)
        return Account(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid)
    return Account(name=str(uid), uid=uid, gid=os.getegid())


def is_reachable(path: Path, *, account: Account) -> bool:
    """Whether the account may pass through every existing directory down to the path, links followed."""
    for directory in {path, *path.parents, path.resolve(), *path.resolve().parents}:
        if directory.is_dir() and not _may_enter(directory.stat(), account=account):
            return False
    return True


def _may_enter(status: os.stat_result, *, account: Account) -> bool:
    if status.st_uid == account.uid:
        return bool(status.st_mode & stat.S_IXUSR)
    if status.st_gid == account.gid:
        return bool(status.st_mode & stat.S_IXGRP)
    return bool(status.st_mode & stat.S_IXOTH)


def make_data_directory(data: Path) -> None:
    """Create the data directory, private to this account; only root leaves the way through to its server account."""
    try:
        data.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
        for part in ("log", "static"):
            (data / part).mkdir(mode=0o700, exist_ok=True)
    except (OSError, ValueError) as error:
        raise EmbeddedError(f"The data directory {data} cannot be made: {error}. {_ELSEWHERE}") from error
    if not os.access(data, os.W_OK | os.X_OK):
        owner = data.stat().st_uid
        raise EmbeddedError(f"The data directory {data} belongs to user {owner} and is not writable. {_ELSEWHERE}")


_ELSEWHERE = "Set CRISISCOMM_DATA_DIR to a directory this user may write, or set DATABASE_URL and REDIS_URL."


def load_or_make_secrets(data: Path) -> dict[str, str]:
    """The two secrets of a local installation, made once and readable by this account only."""
    make_data_directory(data)
    path = data / "secrets.json"
    with Lock(data / "secrets.lock", fcntl.LOCK_EX):
        if not path.exists():
            made = {"SECRET_KEY": secrets.token_urlsafe(64), "FIELD_ENCRYPTION_KEY": _new_encryption_key()}
            draft = path.with_suffix(".new")
            draft.touch(mode=0o600)
            draft.write_text(json.dumps(made))
            draft.rename(path)
        loaded: dict[str, str] = json.loads(path.read_text())
    return loaded


def derive_hook_secret(secret_key: str) -> str:
    """The secret that providers' reports are signed with, as Standard Webhooks writes it."""
    digest = hmac.new(secret_key.encode(), b"crisiscomm.hooks", hashlib.sha256).digest()
    return f"whsec_{base64.b64encode(digest).decode()}"


def _new_encryption_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


class Lock:
    """A kernel lock on a file, gone with the process; never inherited by programs this process starts."""

    def __init__(self, path: Path, mode: int) -> None:
        try:
            self.descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise EmbeddedError(f"{path} cannot be opened: {error.strerror}. {_ELSEWHERE}") from error
        try:
            fcntl.flock(self.descriptor, mode)
        except BaseException:
            os.close(self.descriptor)
            raise

    def become_exclusive(self) -> bool:
        try:
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def release(self) -> None:
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def take_lock(path: Path, *, exclusive: bool) -> Lock | None:
    """The lock, or None when another process holds it."""
    try:
        return Lock(path, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except BlockingIOError:
        return None


@dataclass
class Attachment:
    """This process's use of the servers; while it is open they run."""

    layout: Layout
    started: bool
    _users: Lock = field(repr=False)
    _keeper: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)

    def close(self) -> None:
        """Stop using the servers; the last user waits until they have stopped."""
        if self._users.descriptor < 0:
            return
        is_last = self._users.become_exclusive()
        self._users.release()
        deadline = time.monotonic() + STOP_SECONDS
        while is_last and _has_keeper(self.layout) and time.monotonic() < deadline:
            time.sleep(0.02)
        if self._keeper is not None:
            self._keeper.poll()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def attach(data: Path) -> Attachment:
    """Use servers that run already. Raises EmbeddedError, naming the missing command, when there are none."""
    make_data_directory(data)
    layout = layout_of(data)
    users = take_lock(layout.lock("users"), exclusive=False)
    if users is None or not _has_keeper(layout) or not is_answering(layout):
        if users is not None:
            users.release()
        raise EmbeddedError(
            f"No local PostgreSQL and Valkey are running for {layout.data}. "
            "Start them first with `make run` (or `python manage.py run`), or set DATABASE_URL and REDIS_URL."
        )
    return Attachment(layout=layout, started=False, _users=users)


def attach_or_start(data: Path, *, postgres_binaries: Path | None = None) -> Attachment:
    """Use the running servers of this data directory, or start them. Raises EmbeddedError."""
    make_data_directory(data)
    layout = layout_of(data)
    users = Lock(layout.lock("users"), fcntl.LOCK_SH)
    try:
        with Lock(layout.lock("start"), fcntl.LOCK_EX):
            keeper = _ensure_servers(layout, postgres_binaries=postgres_binaries)
    except BaseException:
        users.release()
        raise
    return Attachment(layout=layout, started=keeper is not None, _users=users, _keeper=keeper)


def _ensure_servers(layout: Layout, *, postgres_binaries: Path | None) -> "subprocess.Popen[bytes] | None":
    """Wait for the keeper that lives, or start one; called by one process at a time."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if not _has_keeper(layout):
            return _start_keeper(layout, postgres_binaries=postgres_binaries)
        if is_answering(layout):
            return None
        time.sleep(0.05)
    raise EmbeddedError(f"The local servers do not answer after {START_SECONDS:.0f} s. See {layout.logs}.")


def _start_keeper(layout: Layout, *, postgres_binaries: Path | None) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "crisiscomm.keeper", str(layout.data)]
    if postgres_binaries is not None:
        command.append(str(postgres_binaries))
    with (layout.logs / "keeper.log").open("wb") as log:
        keeper = subprocess.Popen(
            command,
            cwd=PROJECT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
        )
    assert keeper.stdout is not None
    with keeper.stdout as pipe:
        answer = json.loads(pipe.readline() or b"{}")
    for notice in answer.get("notices", []):
        print(notice, file=sys.stderr)
    if not answer.get("is_ready"):
        keeper.wait()
        raise EmbeddedError(answer.get("error", f"The local servers did not start. See {layout.logs / 'keeper.log'}."))
    return keeper


def _has_keeper(layout: Layout) -> bool:
    lock = take_lock(layout.lock("keeper"), exclusive=False)
    if lock is None:
        return True
    lock.release()
    return False


def is_answering(layout: Layout) -> bool:
    """Whether both sockets accept a connection."""
    return all(_accepts(path) for path in (layout.postgres_socket, layout.valkey_socket))


def _accepts(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(2)
        try:
            connection.connect(str(path))
        except OSError:
            return False
    return True
