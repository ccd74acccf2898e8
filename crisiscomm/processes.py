"""Child processes that end with their parent, by signal, by flag and at last by force."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Account:
    """The operating system account a child runs under."""

    name: str
    uid: int
    gid: int

    @property
    def is_current(self) -> bool:
        return self.uid == os.geteuid()


def _child_setup(death_signal: signal.Signals) -> Callable[[], None]:
    """What a child does between fork and exec, after the account was switched (a switch clears the flag)."""
    parent = os.getpid()

    def setup() -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        if _LIBC is not None:
            _LIBC.prctl(PR_SET_PDEATHSIG, death_signal)
            if os.getppid() != parent:
                os._exit(1)

    return setup


def spawn(
    command: Sequence[str | Path],
    *,
    death_signal: signal.Signals,
    account: Account | None = None,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
    output: IO[bytes] | int | None = None,
) -> "subprocess.Popen[bytes]":
    """Start a child that gets `death_signal` when this process dies, even by SIGKILL (Linux only).

    The flag follows the thread that starts the child, so call this from a thread that lives as long as the process.
    """
    switch = account is not None and not account.is_current
    return subprocess.Popen(
        [str(part) for part in command],
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        user=account.uid if account and switch else None,
        group=account.gid if account and switch else None,
        extra_groups=[] if switch else None,
        preexec_fn=_child_setup(death_signal),  # noqa: PLW1509 - three system calls, no lock
        start_new_session=True,
    )


def stop(processes: Iterable["subprocess.Popen[bytes]"], *, by: signal.Signals, grace_seconds: float) -> None:
    """Signal every living process, wait for all of them together, and kill what is left after the grace time."""
    living = [process for process in processes if process.poll() is None]
    for process in living:
        process.send_signal(by)
    deadline = time.monotonic() + grace_seconds
    while time.monotonic() < deadline and any(process.poll() is None for process in living):
        time.sleep(0.02)
    for process in living:
        if process.poll() is None:
            kill_session(process.pid)
            process.wait()


def kill_session(pid: int) -> None:
    """Kill a child of `spawn` with everything it started: each one leads a process group of its own."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
