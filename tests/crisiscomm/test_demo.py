"""The demonstration: its options, its data, and (long) the whole story with the figures it promises."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from crisiscomm import embedded
from crisiscomm.demo import customers, environment, stage


def options(**given: object) -> environment.Options:
    return environment.options_of(**{"exit": True, "customers": 2000, "port": 8000, "smtp": None, **given})  # type: ignore[arg-type]


def test_a_server_of_the_users_own_is_named_by_host_and_port() -> None:
    assert options(smtp="127.0.0.1:2525").smtp == ("127.0.0.1", 2525)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [({"smtp": "nowhere"}, "write it as HOST:PORT"), ({"customers": 5}, "must be at least 100")],
)
def test_odd_options_end_with_a_sentence(given: dict[str, object], sentence: str) -> None:
    with pytest.raises(SystemExit, match=sentence):
        options(**given)


def test_the_environment_is_filled_and_what_the_user_set_stays(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    names = ["EMAIL_URL", "PUBLIC_BASE_URL", "SECRET_KEY", "FIELD_ENCRYPTION_KEY", "ALLOWED_HOSTS"]
    for name in [*names, "DATABASE_URL", "REDIS_URL"]:
        monkeypatch.setenv(name, "set before")
        monkeypatch.delenv(name)
    monkeypatch.setenv("CRISISCOMM_DATA_DIR", str(tmp_path / "mine"))

    environment.prepare(["--exit", "--port", "8765", "--smtp", "127.0.0.1:2525"])

    assert os.environ["CRISISCOMM_DATA_DIR"] == str(tmp_path / "mine")
    assert os.environ["EMAIL_URL"] == "smtp://127.0.0.1:2525"
    assert os.environ["PUBLIC_BASE_URL"] == "http://127.0.0.1:8765"
    assert len(os.environ["SECRET_KEY"]) > 50


def test_one_customer_of_tier_2_has_a_mailbox_that_does_not_exist(tmp_path: Path) -> None:
    path = stage.write_customers(tmp_path / "customers.csv", number=200)

    lines = path.read_text(encoding="utf-8-sig").splitlines()
    assert (len(lines), sum(stage.DEAD_MAILBOX in line for line in lines)) == (201, 1)


def test_hidden_fields_are_read_from_the_page_as_a_browser_does() -> None:
    page = '<form><input value="abc" type="hidden" name="proof"><input type="text" name="words" value="x"></form>'

    assert customers._hidden_fields(page) == {"proof": "abc"}


@pytest.mark.long
@pytest.mark.skipif("DATABASE_URL" in os.environ, reason="plays on the local servers")
def test_the_story_ends_with_every_promise_kept(tmp_path: Path) -> None:
    environment_of_its_own = {
        **{name: value for name, value in os.environ.items() if not name.startswith("CRISISCOMM_")},
        "CRISISCOMM_DATA_DIR": str(tmp_path / "demo"),
    }
    command = [sys.executable, "manage.py", "demo", "--exit", "--customers", "300", "--port", "8790"]
    played = subprocess.run(
        command,
        cwd=embedded.PROJECT,
        env=environment_of_its_own,
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )

    assert played.returncode == 0, played.stderr[-3000:]
    figures = json.loads(played.stdout.splitlines()[-1])
    accepted = sum(figures["deliveries"].get(status, 0) for status in ("accepted", "delivered", "acknowledged"))
    assert figures["phase"] == "closed"
    assert (figures["smtp_accepted"], figures["waivers"]) == (accepted, 0)
    assert figures["updates_on_time"] == figures["updates_due"] >= 3
    assert all((embedded.PROJECT / figures[name]).stat().st_size > 1000 for name in ("review_html", "review_pdf"))
