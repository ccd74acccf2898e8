"""Log lines hold no keys."""

import pytest

from crisiscomm import logs


@pytest.mark.parametrize(
    ("line", "written"),
    [
        ("Not Found: /c/abcDEF-_123/", "Not Found: /c/…/"),
        ("Not Found: /c/abcDEF/survey/", "Not Found: /c/…/survey/"),
        ("Method Not Allowed (PUT): /unsubscribe/abc/", "Method Not Allowed (PUT): /unsubscribe/…/"),
        ("Not Found: /status/INC-2026-0001/", "Not Found: /status/INC-2026-0001/"),
    ],
)
def test_a_customers_key_is_taken_out(line: str, written: str) -> None:
    assert logs.without_links(None, "warning", {"event": line}) == {"event": written}
