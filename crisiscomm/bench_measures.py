"""What processes cost, read from /proc: processor seconds and memory that counts shared pages once."""

import os
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Process:
    """One line of the process table; `seconds` includes children that have ended."""

    pid: int
    parent: int
    name: str
    seconds: float


def table() -> list[Process]:
    """Return every process there is; one that ends meanwhile is left out."""
    found = []
    for folder in PROC.glob("[0-9]*"):
        try:
            head, _bracket, tail = (folder / "stat").read_text().rpartition(")")
        except OSError:
            continue
        fields = tail.split()
        seconds = sum(int(field) for field in fields[11:15]) / TICKS
        found.append(Process(int(folder.name), int(fields[1]), head.partition("(")[2], seconds))
    return found


def family(pid: int) -> list[Process]:
    """Return a process and everything below it."""
    processes = table()
    members = {pid}
    for _generation in range(6):
        members |= {one.pid for one in processes if one.parent in members}
    return [one for one in processes if one.pid in members]


def servers(data: Path | None) -> list[Process]:
    """Return PostgreSQL's and Redis' processes: those that work below `data`, or all of this machine."""
    named = [one for one in table() if one.name.startswith(("postgres", "valkey", "redis"))]
    return [one for one in named if data is None or _works_below(one.pid, data)]


def _works_below(pid: int, data: Path) -> bool:
    try:
        return (PROC / str(pid) / "cwd").resolve().is_relative_to(data.resolve())
    except OSError:
        return False


def seconds(processes: list[Process]) -> float:
    """Return the processor time these have used."""
    return sum(one.seconds for one in processes)


def shared_memory(processes: list[Process]) -> float:
    """Return the memory of these in MB, each shared page counted once (PSS)."""
    total = 0
    for one in processes:
        try:
            lines = (PROC / str(one.pid) / "smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
    return total / 1024
