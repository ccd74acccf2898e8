"""Sets the stage before the settings are read: ports, data directory and mail server of one demonstration."""

import argparse
import base64
import os
import secrets
import shutil
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

from crisiscomm import embedded

DEMO_DIRECTORY = embedded.PROJECT / "var" / "demo"
DEFAULT_PORT = 8000
DEFAULT_CUSTOMERS = 2000


@dataclass(frozen=True)
class Options:
    """What the command line asked for; `smtp` is (host, port) of a server of the user's own, or None."""

    customers: int
    port: int
    smtp: tuple[str, int] | None
    is_exiting: bool


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options once, for the early look and for the command's help."""
    parser.add_argument("--exit", action="store_true", help="stop after the story and print its figures as JSON")
    parser.add_argument("--customers", type=int, default=DEFAULT_CUSTOMERS, metavar="N", help="default: 2000")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, metavar="P", help="of the web server (8000)")
    parser.add_argument("--smtp", metavar="HOST:PORT", help="send customer mail to this server, not the local inbox")


def options_of(*, exit: bool, customers: int, port: int, smtp: str | None) -> Options:  # noqa: A002 - the flag's name
    """Check the options together. Exits with a sentence when they make no sense."""
    if customers < 100:
        sys.exit("--customers must be at least 100, so that every tier and language is there.")
    return Options(customers, port, _address(smtp) if smtp else None, exit)


def prepare(arguments: list[str]) -> None:
    """Fill the environment for the demonstration; what the user set stays."""
    parser = argparse.ArgumentParser(add_help=False)
    add_arguments(parser)
    known, _others = parser.parse_known_args(arguments)
    options = options_of(**vars(known))
    if not {"DATABASE_URL", "REDIS_URL"} & set(os.environ):
        os.environ.setdefault("CRISISCOMM_DATA_DIR", str(DEMO_DIRECTORY))
        _begin_afresh(Path(os.environ["CRISISCOMM_DATA_DIR"]))
    host, port = options.smtp or ("127.0.0.1", _free_port())
    os.environ["EMAIL_URL"] = f"smtp://{host}:{port}"
    os.environ["PUBLIC_BASE_URL"] = f"http://127.0.0.1:{options.port}"
    os.environ.setdefault("ALLOWED_HOSTS", "127.0.0.1,localhost")
    os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(64))
    os.environ.setdefault("FIELD_ENCRYPTION_KEY", base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())


def _begin_afresh(data: Path) -> None:
    """Remove the last demonstration, unless it still runs: every demonstration tells its story from the beginning."""
    if not (data / "users.lock").exists():
        return
    lock = embedded.take_lock(data / "users.lock", exclusive=True)
    if lock is None:
        sys.exit(f"A demonstration already runs on {data}. Stop it first (Ctrl-C), or set CRISISCOMM_DATA_DIR.")
    servers = embedded.layout_of(data).servers
    with lock:
        shutil.rmtree(servers, ignore_errors=True)
        shutil.rmtree(data, ignore_errors=True)


def _address(text: str) -> tuple[str, int]:
    host, _colon, port = text.rpartition(":")
    if not host or not port.isdigit():
        sys.exit(f"--smtp {text}: write it as HOST:PORT, for example 127.0.0.1:2525.")
    return host, int(port)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
