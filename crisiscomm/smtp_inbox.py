"""A small mail server for this machine: it takes mail, counts what it took, and misbehaves as scripted.

The demonstration and the tests use it as the judge of what really left: one line is appended for every 250 after
the end of a message, before that 250 is written. It accepts connections from this machine only.
"""

import argparse
import asyncio
import json
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

HOST = "127.0.0.1"
LARGEST = 25 * 1024 * 1024


@dataclass(frozen=True)
class Rule:
    """What happens to recipients that match `pattern`.

    `reply` is said at RCPT (or, `at_end`, after the message) the first `times` times (0: always). A reply of "drop"
    cuts the connection; `at_end` that means: taken, counted, and no word of it. A reply of "cut" at the end cuts it in
    the middle of the message instead: not taken. `delay` seconds pass beforehand.
    """

    pattern: str
    reply: str = ""
    at_end: bool = False
    times: int = 0
    delay: float = 0.0


@dataclass
class Inbox:
    """The server and its record; `start` and `stop` run it in a thread of this process."""

    port: int = 0
    directory: Path | None = None
    journal: Path | None = None
    rules: list[Rule] = field(default_factory=list)
    on_accept: Callable[[dict[str, Any]], None] | None = None
    accepted: list[dict[str, Any]] = field(default_factory=list)
    used: dict[tuple[Rule, str], int] = field(default_factory=dict)
    connections: int = 0

    def start(self) -> "Inbox":
        """Listen; returns when the port is open."""
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        asyncio.run_coroutine_threadsafe(self.listen(), self.loop).result(10)
        return self

    def stop(self) -> None:
        """Close every connection and the port."""
        asyncio.run_coroutine_threadsafe(self._end(), self.loop).result(10)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.loop.close()

    async def listen(self) -> None:
        """Open the port; 0 picks a free one, `port` then says which."""
        self.tasks: set[asyncio.Task[None]] = set()
        self.server = await asyncio.start_server(self._serve, HOST, self.port, limit=LARGEST)
        self.port = self.server.sockets[0].getsockname()[1]

    async def _end(self) -> None:
        self.server.close()
        for task in list(self.tasks):
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.tasks.add(task)
        self.connections += 1
        try:
            await Talk(self, reader, writer).run()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.CancelledError):
            pass  # the other side left, or we stop
        finally:
            self.tasks.discard(task)
            writer.close()

    def rule_for(self, recipient: str, *, at_end: bool) -> Rule | None:
        """Return the first rule that still applies, and count its use."""
        for rule in self.rules:
            if rule.at_end == at_end and fnmatch(recipient, rule.pattern):
                used = self.used[rule, recipient] = self.used.get((rule, recipient), 0) + 1
                if not rule.times or used <= rule.times:
                    return rule
        return None

    def record(self, recipient: str, content: bytes) -> None:
        """Write down that this message was taken."""
        head = content.split(b"\r\n\r\n", 1)[0].decode("utf-8", "replace")
        names = {"message-id": "message_id", "x-delivery-ref": "reference", "subject": "subject"}
        entry: dict[str, Any] = {"at": time.monotonic(), "to": recipient}
        for line in head.split("\r\n"):
            name, _colon, value = line.partition(":")
            if name.lower() in names:
                entry[names[name.lower()]] = value.strip()
        self.accepted.append(entry)
        if self.journal is not None:
            with self.journal.open("a") as journal:
                journal.write(json.dumps(entry) + "\n")
        if self.directory is not None:
            (self.directory / f"{len(self.accepted):07}.eml").write_bytes(content)
        if self.on_accept is not None:
            self.on_accept(entry)


class Talk:
    """One connection."""

    def __init__(self, inbox: Inbox, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.inbox, self.reader, self.writer = inbox, reader, writer
        self.recipient = ""

    async def run(self) -> None:
        """Greet and answer until the other side leaves."""
        self.say("220 localhost CrisisComm inbox")
        is_open = True
        while is_open:
            line = (await self.reader.readuntil(b"\r\n")).decode("utf-8", "replace").strip()
            is_open = await self.answer(line)

    def say(self, line: str) -> None:
        """Send one reply line."""
        self.writer.write(f"{line}\r\n".encode())

    async def answer(self, line: str) -> bool:
        """Answer one command; returns whether the talk goes on."""
        verb = line[:4].upper()
        handler = getattr(self, f"do_{verb.lower()}", None)
        if handler is None:
            self.say("502 5.5.1 not known here")
            return True
        return bool(await handler(line))

    async def do_ehlo(self, _line: str) -> bool:
        """Say what this server can do."""
        for extension in ("250-localhost", "250-PIPELINING", "250-8BITMIME", "250-SMTPUTF8"):
            self.say(extension)
        self.say(f"250 SIZE {LARGEST}")
        return True

    async def do_helo(self, _line: str) -> bool:
        """Greet an old client."""
        self.say("250 localhost")
        return True

    async def do_mail(self, _line: str) -> bool:
        """A new message begins."""
        self.recipient = ""
        self.say("250 2.1.0 sender ok")
        return True

    async def do_rcpt(self, line: str) -> bool:
        """Take the recipient, or answer as scripted."""
        recipient = line.partition("<")[2].partition(">")[0]
        rule = self.inbox.rule_for(recipient, at_end=False)
        if rule is not None:
            await asyncio.sleep(rule.delay)
            if rule.reply == "drop":
                return False
            if rule.reply:
                self.say(rule.reply)
                return not rule.reply.startswith("421")
        self.recipient = recipient
        self.say("250 2.1.5 recipient ok")
        return True

    async def do_data(self, _line: str) -> bool:
        """Read the message; what is taken is written down before it is said."""
        if not self.recipient:
            self.say("503 5.5.1 no valid recipient")
            return True
        self.say("354 end with a dot")
        rule = self.inbox.rule_for(self.recipient, at_end=True)
        if rule is not None and rule.reply == "cut":
            await self.reader.readexactly(1)
            self.writer.transport.abort()
            return False
        content = (await self.reader.readuntil(b"\r\n.\r\n"))[:-3].replace(b"\r\n..", b"\r\n.")
        if rule is not None:
            await asyncio.sleep(rule.delay)
            if rule.reply not in ("", "drop"):
                self.say(rule.reply)
                return not rule.reply.startswith("421")
        self.inbox.record(self.recipient, content)
        if rule is not None and rule.reply == "drop":
            return False
        self.say(f"250 2.0.0 taken as {len(self.inbox.accepted)}")
        return True

    async def do_rset(self, _line: str) -> bool:
        """Forget the present message."""
        self.recipient = ""
        self.say("250 2.0.0 forgotten")
        return True

    async def do_noop(self, _line: str) -> bool:
        """Still here."""
        self.say("250 2.0.0 ok")
        return True

    async def do_quit(self, _line: str) -> bool:
        """Goodbye."""
        self.say("221 2.0.0 bye")
        return False


def main() -> None:
    """Run as a process of its own: prints the port, then serves until SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m crisiscomm.smtp_inbox", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--directory", type=Path, help="keep every message here as an .eml file")
    parser.add_argument("--journal", type=Path, help="append one JSON line for every message taken")
    parser.add_argument(
        "--refuse", action="append", default=[], metavar="PATTERN=REPLY", help="e.g. 'dead*=550 5.1.1 no'"
    )
    options = parser.parse_args()
    rules = [Rule(*refusal.partition("=")[::2]) for refusal in options.refuse]
    if options.directory is not None:
        options.directory.mkdir(parents=True, exist_ok=True)
    asyncio.run(_run(Inbox(options.port, options.directory, options.journal, rules)))


async def _run(inbox: Inbox) -> None:
    await inbox.listen()
    print(inbox.port, flush=True)
    ended = asyncio.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(one, ended.set)
    await ended.wait()


if __name__ == "__main__":
    main()
