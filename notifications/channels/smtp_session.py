"""One SMTP connection: signed in by the standard library, then few round trips and one deadline for each message."""

import re
import select
import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import Enum

from django.conf import settings

GREETING_SECONDS = 15.0
LONGEST_REPLY = 8192


class Stage(Enum):
    """What was being said when the server refused."""

    GREETING = "greeting"
    SENDER = "sender"
    RECIPIENT = "recipient"
    DATA = "data"
    CONTENT = "content"


class Refused(Exception):
    """The server answered, and the answer was no."""

    def __init__(self, stage: Stage, code: int, text: str) -> None:
        super().__init__(f"{code} {text}")
        self.stage, self.code, self.text = stage, code, text

    @property
    def line(self) -> str:
        """The answer as one line."""
        return f"{self.code} {self.text}"


class BeforeTheDot(Exception):
    """The connection failed before the message was complete: the server cannot have taken it."""


class AfterTheDot(Exception):
    """The message was complete, and no answer came: nobody knows."""


class Session:
    """An open, signed-in connection."""

    def __init__(self, client: smtplib.SMTP) -> None:
        assert client.sock is not None
        self.client = client
        self.socket: socket.socket = client.sock
        self.can_pipeline = client.has_extn("pipelining")
        self.buffer = b""
        self.is_broken = False

    @classmethod
    def open(cls) -> "Session":
        """Connect and sign in to the server of the settings; clear text is never a fallback."""
        client: smtplib.SMTP | None = None
        try:
            client = _client()
            with _deadline(client, GREETING_SECONDS):
                _sign_in(client)
            return cls(client)
        except smtplib.SMTPResponseException as error:
            _drop(client)
            text = (
                error.smtp_error if isinstance(error.smtp_error, str) else error.smtp_error.decode("utf-8", "replace")
            )
            raise Refused(Stage.GREETING, error.smtp_code, text) from error
        except (OSError, smtplib.SMTPException) as error:
            _drop(client)
            raise BeforeTheDot(f"no connection to the mail server: {error}") from error

    def deliver(self, *, sender: str, recipient: str, data: bytes, seconds: float) -> str:
        """Hand over one message for one recipient; returns what the server said when it took it."""
        until = time.monotonic() + seconds
        try:
            self._envelope(sender, recipient, until=until)
            self._write(_stuffed(data), until=until)
            self._hear_early_answer(until=until)
        except OSError as error:
            raise BeforeTheDot(f"the connection failed before the end of the message: {error}") from error
        try:
            self._write(b".\r\n", until=until)
            code, text = self._read(until=until)
        except OSError as error:
            raise AfterTheDot(f"no answer after the end of the message: {error}") from error
        if code // 100 != 2:
            raise Refused(Stage.CONTENT, code, text)
        return text

    def _envelope(self, sender: str, recipient: str, *, until: float) -> None:
        steps = [
            (Stage.SENDER, f"MAIL FROM:<{sender}>\r\n".encode("ascii")),
            (Stage.RECIPIENT, f"RCPT TO:<{recipient}>\r\n".encode("ascii")),
            (Stage.DATA, b"DATA\r\n"),
        ]
        if self.can_pipeline:
            self._write(b"".join(line for _stage, line in steps), until=until)
        for place, (stage, line) in enumerate(steps):
            if not self.can_pipeline:
                self._write(line, until=until)
            code, text = self._read(until=until)
            if code // 100 not in (2, 3):
                said_anyway = len(steps) - place - 1 if self.can_pipeline else 0
                self._start_over(answers=said_anyway if code != 421 else 0, until=until)
                raise Refused(stage, code, text)

    def _start_over(self, *, answers: int, until: float) -> None:
        """Make the connection fit for the next message; the refusal stands, whatever becomes of the connection."""
        try:
            codes = [self._read(until=until)[0] for _ in range(answers)]
            # 354 waits for a text that nobody is to get: leave it standing.
            self.is_broken = 354 in codes
            if not self.is_broken:
                self._write(b"RSET\r\n", until=until)
                self._read(until=until)
        except OSError:
            self.is_broken = True

    def _hear_early_answer(self, *, until: float) -> None:
        """Before the point of no return: a server that hung up or refused meanwhile has not taken the message."""
        if self.buffer or select.select([self.socket], [], [], 0)[0]:
            code, text = self._read(until=until)
            self.is_broken = True
            raise Refused(Stage.CONTENT, code, text)

    def _write(self, data: bytes, *, until: float) -> None:
        self.socket.settimeout(_left(until))
        self.socket.sendall(data)

    def _read(self, *, until: float) -> tuple[int, str]:
        texts = []
        while True:
            line = self._line(until=until)
            found = re.match(rb"^([2-5]\d\d)([ -]?)(.*)$", line, re.DOTALL)
            if found is None:
                raise OSError("the server does not speak SMTP")
            texts.append(found[3].decode("utf-8", "replace"))
            if found[2] != b"-":
                return int(found[1]), " ".join(texts)

    def _line(self, *, until: float) -> bytes:
        while b"\n" not in self.buffer:
            self.socket.settimeout(_left(until))
            received = self.socket.recv(4096)
            if not received:
                raise OSError("the server hung up")
            self.buffer += received
            if len(self.buffer) > LONGEST_REPLY:
                raise OSError("the server talks without end")
        line, self.buffer = self.buffer.split(b"\n", 1)
        return line.rstrip(b"\r")

    def close(self) -> None:
        """Say goodbye; a server that does not answer is left standing."""
        with suppress(OSError):
            self.socket.settimeout(1.0)
            self.socket.sendall(b"QUIT\r\n")
        _drop(self.client)


def _client() -> smtplib.SMTP:
    host, port = settings.EMAIL_HOST, settings.EMAIL_PORT
    if not host:
        raise OSError("no mail server is set")
    if settings.EMAIL_USE_SSL:
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(host, port, timeout=GREETING_SECONDS, context=context)
    return smtplib.SMTP(host, port, timeout=GREETING_SECONDS)


def _sign_in(client: smtplib.SMTP) -> None:
    if settings.EMAIL_USE_TLS:
        client.starttls(context=ssl.create_default_context())
    client.ehlo_or_helo_if_needed()
    if settings.EMAIL_HOST_USER:
        client.login(settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD)
    if client.sock is not None:
        client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


@contextmanager
def _deadline(client: smtplib.SMTP, seconds: float) -> Iterator[None]:
    """A server that drips one byte a second keeps nobody waiting: the connection is cut at the deadline."""
    timer = threading.Timer(seconds, _drop, [client])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _drop(client: smtplib.SMTP | None) -> None:
    if client is not None and client.sock is not None:
        with suppress(OSError):
            client.sock.shutdown(socket.SHUT_RDWR)
        client.close()


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError("the server took too long")
    return left


def _stuffed(data: bytes) -> bytes:
    """Lines that begin with a dot get a second one; the text ends with a line break."""
    if b"\n." in data or data.startswith(b"."):
        data = re.sub(rb"(?m)^\.", b"..", data)
    return data if data.endswith(b"\r\n") else data + b"\r\n"
