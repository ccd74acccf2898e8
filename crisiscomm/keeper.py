"""The process that owns the local servers of one data directory and stops them when nobody uses them any more."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from crisiscomm import binaries, embedded, processes
from crisiscomm.embedded import EmbeddedError, Layout

LOOK_SECONDS = 0.1
POSTGRES_GRACE_SECONDS = 8.0
VALKEY_GRACE_SECONDS = 3.0
RESTARTS_IN_A_ROW = 5
FREE_BYTES_NEEDED = 200 * 1024 * 1024
BOOTSTRAP = (
    f"CREATE ROLE {embedded.OWNER_ROLE} LOGIN CREATEDB;",
    f"CREATE ROLE {embedded.WEB_ROLE} LOGIN;",
    f"CREATE ROLE {embedded.SENDER_ROLE} LOGIN;",
    # So that tests, who work as the owner, can take the rights of the others with SET ROLE.
    f"GRANT {embedded.WEB_ROLE}, {embedded.SENDER_ROLE} TO {embedded.OWNER_ROLE};",
    f"CREATE DATABASE {embedded.DATABASE_NAME} OWNER {embedded.OWNER_ROLE};",
)
CLEAN_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


@dataclass
class Server:
    """One server process: how to start it, how to know that it is ready, how to stop it."""

    name: str
    command: list[str | Path]
    layout: Layout
    is_ready: Callable[[], bool]
    stop_signal: signal.Signals
    process: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)

    @property
    def log(self) -> Path:
        return self.layout.logs / f"{self.name}.log"

    def start(self) -> None:
        if self.log.exists():
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("wb") as output:
            self.process = processes.spawn(
                self.command,
                death_signal=self.stop_signal,
                account=self.layout.account,
                cwd=self.layout.servers,
                environment=CLEAN_ENVIRONMENT,
                output=output,
            )

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + embedded.START_SECONDS
        while time.monotonic() < deadline:
            if not self.is_alive():
                raise failure(f"{self.name} ended while starting", self.log.read_text(errors="replace"))
            if self.is_ready():
                return
            time.sleep(0.01)
        raise EmbeddedError(f"{self.name} is not ready after {embedded.START_SECONDS:.0f} s. See {self.log}.")

    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self, *, grace_seconds: float) -> None:
        if self.process is not None:
            processes.stop([self.process], by=self.stop_signal, grace_seconds=grace_seconds)


def failure(what: str, output: str) -> EmbeddedError:
    """The server's own words, and advice where the reason is known."""
    words = " ".join(line.strip() for line in output.strip().splitlines()[-3:])
    if "No space left on device" in output:
        return EmbeddedError(f"{what}: the disk is full. Free some space and start again. ({words})")
    return EmbeddedError(f"{what}: {words or 'it said nothing'}")


def run_as_account(command: list[str | Path], *, layout: Layout, text: str = "") -> str:
    switch = not layout.account.is_current
    done = subprocess.run(
        [str(part) for part in command],
        input=text,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=layout.servers,
        env=CLEAN_ENVIRONMENT,
        user=layout.account.uid if switch else None,
        group=layout.account.gid if switch else None,
        extra_groups=[] if switch else None,
        check=False,
    )
    if done.returncode or "ERROR:" in done.stdout:
        raise failure(f"{Path(command[0]).name} failed", done.stdout)
    return done.stdout


def make_directories(layout: Layout) -> None:
    for directory in (layout.servers, layout.valkey, layout.sockets):
        try:
            directory.mkdir(mode=0o700, exist_ok=True)
            status = directory.lstat()
            if status.st_uid == 0 and not layout.account.is_current:
                os.chown(directory, layout.account.uid, layout.account.gid)
                status = directory.lstat()
        except OSError as error:
            raise EmbeddedError(f"{directory} cannot be made: {error.strerror}.") from error
        if directory.is_symlink() or status.st_uid != layout.account.uid:
            raise EmbeddedError(
                f"{directory} belongs to user {status.st_uid}, not to {layout.account.name}: remove it."
            )


def prepare_cluster(layout: Layout, *, programs: Path) -> None:
    """Make the database cluster with its three roles, or refuse one that another version has made."""
    major = run_as_account([programs / "postgres", "--version"], layout=layout).split()[-1].split(".")[0]
    marker = layout.cluster / "PG_VERSION"
    if marker.exists():
        made_by = marker.read_text().strip()
        if made_by != major:
            raise EmbeddedError(
                f"{layout.cluster} was made by PostgreSQL {made_by}, but {programs} holds version {major}. "
                f"Point CRISISCOMM_PG_BIN_DIR to a PostgreSQL {made_by}, or use another CRISISCOMM_DATA_DIR."
            )
        return
    free = shutil.disk_usage(layout.servers).free
    if free < FREE_BYTES_NEEDED:
        raise EmbeddedError(
            f"{layout.servers} has {free // 2**20} MB left; a new database needs {FREE_BYTES_NEEDED // 2**20} MB."
        )
    draft = layout.servers / "postgres.new"
    shutil.rmtree(draft, ignore_errors=True)
    locale = ["--locale-provider=builtin", "--locale=C.UTF-8"] if int(major) >= 17 else ["--locale=C.UTF-8"]
    options = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", *locale]
    run_as_account([programs / "initdb", "-D", draft, *options], layout=layout)
    run_as_account(
        [programs / "postgres", "--single", "-D", draft, "postgres"], layout=layout, text="\n".join(BOOTSTRAP)
    )
    draft.rename(layout.cluster)


def end_leftovers(layout: Layout) -> None:
    """Where servers outlive a killed keeper for a moment (or, on macOS, for good), end them before new ones start."""
    files = {postmaster_file(layout): layout.cluster, valkey_file(layout): layout.valkey_socket}
    deadline = time.monotonic() + POSTGRES_GRACE_SECONDS
    for path, mark in files.items():
        pid = pid_in(path)
        while pid and _names(pid, mark=mark):
            # SIGINT is a fast shutdown to PostgreSQL and an orderly one to Valkey.
            os.kill(pid, signal.SIGKILL if time.monotonic() > deadline else signal.SIGINT)
            time.sleep(0.05)
    # PostgreSQL would believe a lock file that is left when another program has that pid by now.
    for path in (*files, *layout.sockets.iterdir()):
        path.unlink(missing_ok=True)


def postmaster_file(layout: Layout) -> Path:
    return layout.cluster / "postmaster.pid"


def valkey_file(layout: Layout) -> Path:
    return layout.servers / "valkey.pid"


def pid_in(path: Path) -> int:
    try:
        return int(path.read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return 0


def _names(pid: int, *, mark: Path) -> bool:
    """The pid in a file may belong to anyone by now: look at the program's arguments."""
    command = ["ps", "-ww", "-o", "args=", "-p", str(pid)]
    return str(mark) in subprocess.run(command, capture_output=True, text=True, check=False).stdout


def postgres_server(layout: Layout, *, programs: Path) -> Server:
    settings = {
        "listen_addresses": "",
        "port": str(embedded.POSTGRES_PORT),
        "unix_socket_directories": str(layout.sockets),
        "unix_socket_permissions": "0700",
        "shared_buffers": "256MB",
        "timezone": "UTC",
        "log_timezone": "UTC",
    }
    command: list[str | Path] = [programs / "postgres", "-D", layout.cluster]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    server = Server("postgres", command, layout, is_ready=lambda: False, stop_signal=signal.SIGINT)
    server.is_ready = lambda: _postmaster_says_ready(server)
    return server


def _postmaster_says_ready(server: Server) -> bool:
    try:
        lines = postmaster_file(server.layout).read_text().splitlines()
    except FileNotFoundError:
        return False
    assert server.process is not None
    return len(lines) >= 8 and lines[0] == str(server.process.pid) and lines[7].strip() == "ready"


def valkey_server(layout: Layout, *, program: Path) -> Server:
    options = {
        "port": "0",
        "unixsocket": str(layout.valkey_socket),
        "unixsocketperm": "700",
        "dir": str(layout.valkey),
        "pidfile": str(valkey_file(layout)),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
    }
    command: list[str | Path] = [program]
    for name, value in options.items():
        command += [f"--{name}", value]
    return Server(
        "valkey", command, layout, is_ready=lambda: _answers_ping(layout.valkey_socket), stop_signal=signal.SIGTERM
    )


def _answers_ping(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(1)
        try:
            connection.connect(str(path))
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith(b"+PONG")
        except OSError:
            return False


def start_servers(layout: Layout, *, postgres_binaries: Path | None) -> list[Server]:
    make_directories(layout)
    end_leftovers(layout)
    programs = binaries.find_postgres(layout, chosen=postgres_binaries)
    valkey = valkey_server(layout, program=binaries.find_valkey(layout))
    prepare_cluster(layout, programs=programs)
    servers = [valkey, postgres_server(layout, programs=programs)]
    try:
        for server in servers:
            server.start()
        for server in servers:
            server.wait_until_ready()
    except BaseException:
        stop_servers(servers)
        raise
    return servers


def stop_servers(servers: list[Server]) -> None:
    grace = {"postgres": POSTGRES_GRACE_SECONDS, "valkey": VALKEY_GRACE_SECONDS}
    for server in servers:
        server.stop(grace_seconds=grace[server.name])


def keep(servers: list[Server], *, layout: Layout) -> None:
    """Restart what dies, until this process gets the users' lock for itself: then nobody is left."""
    restarts = 0
    while restarts <= RESTARTS_IN_A_ROW:
        if embedded.take_lock(layout.lock("users"), exclusive=True) is not None:
            return
        dead = [server for server in servers if not server.is_alive()]
        for server in dead:
            print(f"{server.name} ended unexpectedly and is started again", file=sys.stderr, flush=True)
            restarts += 1
            server.start()
            server.wait_until_ready()
        time.sleep(LOOK_SECONDS)


def tell(answer: dict[str, object]) -> None:
    """One line to the process that waits; it may have been killed meanwhile."""
    try:
        print(json.dumps(answer), flush=True)
        # Whoever reads to the end must not wait for this process's end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except BrokenPipeError:
        return


def notices_of(layout: Layout) -> list[str]:
    if layout.data in layout.servers.parents:
        return []
    return [
        f"The databases are kept in {layout.servers}: the account {layout.account.name} cannot enter {layout.data}."
    ]


def _stop_on_signal(number: int, frame: object) -> None:
    raise SystemExit(128 + number)


def main(arguments: list[str]) -> int:
    layout = embedded.layout_of(Path(arguments[0]))
    postgres_binaries = Path(arguments[1]) if len(arguments) > 1 else None
    signal.signal(signal.SIGTERM, _stop_on_signal)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    own = None
    for _ in range(100):
        # Others look at this lock for an instant to learn whether a keeper lives.
        own = embedded.take_lock(layout.lock("keeper"), exclusive=True)
        if own is not None:
            break
        time.sleep(0.02)
    if own is None:
        tell({"error": f"Another process keeps the servers of {layout.data}. See {layout.logs}."})
        return 1
    try:
        servers = start_servers(layout, postgres_binaries=postgres_binaries)
    except EmbeddedError as error:
        tell({"error": str(error)})
        return 1
    tell({"is_ready": True, "notices": notices_of(layout)})
    try:
        keep(servers, layout=layout)
    finally:
        stop_servers(servers)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
