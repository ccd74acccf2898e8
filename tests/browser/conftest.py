"""A headless Chromium of the system, on the pages of a live server; without one the tests are skipped, and say so."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Dialog, Page, ViewportSize, sync_playwright

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SIZES = {"phone": ViewportSize(width=360, height=740), "desktop": ViewportSize(width=1280, height=900)}


def chromium() -> str | None:
    """Return the path of the system's Chromium, or None."""
    return next((path for name in CHROMIUMS if (path := shutil.which(name))), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests."""
    path = chromium()
    if path is None:
        reason = f"no Chromium found ({', '.join(CHROMIUMS)}); install one to run the browser tests"
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(f"REQUIRE_BROWSER=1, but {reason}")
        pytest.skip(reason)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"])
        # Playwright's loop runs in this thread, and Django would refuse its own synchronous calls beside it.
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
            yield started
        started.close()


# The narrow screen is the harder one; the wide one is for the long run.
@pytest.fixture(params=["phone", pytest.param("desktop", marks=pytest.mark.long)])
def size(request: pytest.FixtureRequest) -> str:
    """A phone and a desk."""
    return str(request.param)


@pytest.fixture
def troubles() -> list[str]:
    """What a page complained about: errors, violations of its policy, requests to another host."""
    return []


@pytest.fixture
def page(browser: Browser, committed: None, live_server: Any, size: str, troubles: list[str]) -> Iterator[Page]:
    """A page in a fresh profile, pointed at the live server, whose troubles are written down."""

    def note_dialog(dialog: Dialog) -> None:
        troubles.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    context = browser.new_context(base_url=live_server.url, viewport=SIZES[size], locale="en-GB")
    opened = context.new_page()
    opened.on("pageerror", lambda error: troubles.append(f"error: {error}"))
    opened.on("dialog", note_dialog)
    opened.on("console", lambda said: troubles.append(said.text) if said.type == "error" else None)
    local = (live_server.url, "data:", "blob:")
    opened.on("request", lambda sent: None if sent.url.startswith(local) else troubles.append(sent.url))
    yield opened
    context.close()


@pytest.fixture
def shoot(page: Page, size: str) -> Callable[[str], None]:
    """Keep a picture where SCREENSHOTS names a directory."""

    def take(name: str) -> None:
        if directory := os.environ.get("SCREENSHOTS"):
            page.screenshot(path=Path(directory) / f"{name}-{size}.png", full_page=True)

    return take
