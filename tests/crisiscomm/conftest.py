"""Data directories of their own, and a look at the processes that use them."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crisiscomm import embedded

Eventually = Callable[[Callable[[], object]], None]


@pytest.fixture
def data() -> Iterator[Path]:
    """An empty data directory with a short path that a server account can enter."""
    parent = Path(tempfile.mkdtemp(prefix="cc-"))
    parent.chmod(0o711)
    directory = parent / "var"
    yield directory
    layout = embedded.layout_of(directory)
    shutil.rmtree(parent, ignore_errors=True)
    for place in (layout.servers, layout.sockets):
        shutil.rmtree(place, ignore_errors=True)


def processes_of(directory: Path) -> list[str]:
    """The command lines that name the directory."""
    listed = subprocess.run(["ps", "-eo", "args="], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.splitlines() if str(directory) in line]


@pytest.fixture
def eventually() -> Eventually:
    def wait(condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + 15
        while not condition():
            assert time.monotonic() < deadline, "it never came true"
            time.sleep(0.02)

    return wait
