"""The second reader: off unless configured, asked over HTTP, believed only where it quotes."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from pytest_django import Settings

from notifications.wording import second_reader

TEXT = "Rules are rules. Ring 020 7946 0018."


class Reader(BaseHTTPRequestHandler):
    answer = ""
    asked: dict[str, Any]

    def do_POST(self) -> None:  # noqa: N802 - the library's name
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        type(self).asked = asked | {"path": self.path, "key": self.headers["Authorization"]}
        body = json.dumps({"choices": [{"message": {"content": self.answer}}]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: Any) -> None:
        """Stay silent."""


@pytest.fixture
def reader(settings: Settings) -> Iterator[type[Reader]]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Reader)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/v1"
    settings.WORDING_READER = {"url": url, "model": "reader", "key": "secret", "timeout": 5.0}
    yield Reader
    server.shutdown()
    server.server_close()


def test_is_off_unless_configured() -> None:
    assert not second_reader.is_configured()
    assert second_reader.read(TEXT, language="en") == []


def test_marks_what_it_quotes_from_the_text(reader: type[Reader]) -> None:
    marks = [
        {"quote": "Rules are rules.", "category": "stock_phrase", "why": "shield", "instead": "Say why."},
        {"quote": "Not in the text", "category": "stock_phrase"},
        {"quote": "Ring", "category": "no_such"},
    ]
    reader.answer = f"```json\n{json.dumps({'marks': marks})}\n```"

    found = second_reader.read(TEXT, language="en")

    assert [(one.category, one.severity, TEXT[one.start : one.end]) for one in found] == [
        ("stock_phrase", "info", "Rules are rules.")
    ]
    assert (reader.asked["path"], reader.asked["key"]) == ("/v1/chat/completions", "Bearer secret")


def test_says_that_there_is_no_answer(reader: type[Reader]) -> None:
    reader.answer = "I like it."

    with pytest.raises(second_reader.NoAnswer):
        second_reader.read(TEXT, language="en")
