"""The process set: what dies is started again, and everything ends together."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from crisiscomm import embedded, launcher
from crisiscomm.launcher import Child, LaunchError, Supervisor
from tests.crisiscomm.conftest import Eventually, processes_of

# A wait that names its test's directory, so that leftovers can be found.
WAIT = "import time; time.sleep(600)"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(600)"
)
LAUNCHER = f"""
import sys, time
from crisiscomm.launcher import Child, Supervisor
with Supervisor([Child("waiting", (sys.executable, "-c", {WAIT!r}, sys.argv[1]))]):
    print("ready", flush=True)
    time.sleep(600)
"""


def waiting(name: str, directory: Path, *, code: str = WAIT, log: Path | None = None) -> Child:
    return Child(name, (sys.executable, "-c", code, str(directory)), log=log)


def test_a_dead_child_is_started_again_and_said_so(tmp_path: Path, eventually: Eventually) -> None:
    lines: list[str] = []
    with Supervisor([waiting("web", tmp_path)], announce=lines.append) as supervisor:
        first = supervisor.pid_of("web")
        os.kill(first, signal.SIGKILL)

        eventually(lambda: supervisor.pid_of("web") != first)
        assert lines == ["web ended (killed by SIGKILL); it starts again in 0.5 s"]
    assert processes_of(tmp_path) == []


def test_a_child_that_keeps_dying_is_started_ever_more_slowly(tmp_path: Path, eventually: Eventually) -> None:
    lines: list[str] = []
    with Supervisor([waiting("beat", tmp_path, code="raise SystemExit(3)")], announce=lines.append):
        eventually(lambda: len(lines) == 2)

    assert lines == [
        "beat ended (exit code 3); it starts again in 0.5 s",
        "beat ended (exit code 3); it starts again in 1 s",
    ]


def test_a_child_that_ignores_the_signal_is_killed_within_five_seconds(tmp_path: Path, eventually: Eventually) -> None:
    log = tmp_path / "stubborn.log"
    with Supervisor([waiting("stubborn", tmp_path, code=STUBBORN, log=log), waiting("tame", tmp_path)]):
        eventually(lambda: "ready" in log.read_text())
        began = time.monotonic()

    assert time.monotonic() - began < 5
    assert processes_of(tmp_path) == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of their parent's death")
def test_no_child_outlives_a_killed_launcher(tmp_path: Path, eventually: Eventually) -> None:
    command = [sys.executable, "-c", LAUNCHER, str(tmp_path)]
    with subprocess.Popen(command, cwd=embedded.PROJECT, stdout=subprocess.PIPE) as started:
        assert started.stdout is not None
        assert started.stdout.readline() == b"ready\n"
        started.kill()

    eventually(lambda: processes_of(tmp_path) == [])


def test_a_taken_port_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        with pytest.raises(LaunchError, match=f"Port {port} on 127.0.0.1 cannot be used: .* Choose another"):
            launcher.require_free_port(port)
    launcher.require_free_port(port)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


def status_of(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            status: int = response.status
            return status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def run(data: Path, *, port: int) -> "subprocess.Popen[str]":
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("CRISISCOMM_")},
        "CRISISCOMM_DATA_DIR": str(data),
        "CRISISCOMM_ADMIN_USER": "first",
        "CRISISCOMM_ADMIN_PASSWORD": "a long first password",
    }
    return subprocess.Popen(
        [sys.executable, "manage.py", "run", "--port", str(port), "--senders", "1"],
        cwd=embedded.PROJECT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.long
@pytest.mark.skipif("DATABASE_URL" in os.environ, reason="runs on the local servers")
def test_run_serves_refuses_a_second_one_and_ends_within_five_seconds(data: Path, eventually: Eventually) -> None:
    port = free_port()
    with run(data, port=port) as served:
        assert served.stdout is not None
        assert served.stdout.readline() == f"CrisisComm is ready at http://127.0.0.1:{port}/admin/ - Ctrl-C ends it\n"
        eventually(lambda: status_of(f"http://127.0.0.1:{port}/readyz") == 200)
        with run(data, port=port) as second:
            assert f"CrisisComm is already running on {data}" in second.communicate()[1]

        began = time.monotonic()
        served.send_signal(signal.SIGINT)
        _, words = served.communicate()

    assert time.monotonic() - began < 5
    assert served.returncode == 0, words
    assert processes_of(data) == []
