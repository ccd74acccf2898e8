"""What the environment may say, and the sentences for what it may not."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from crisiscomm import addresses, embedded
from crisiscomm.addresses import AddressError, MailServer, RedisAddress

SHOW = "import json; from crisiscomm import settings; print(json.dumps({name: getattr(settings, name) for name in %r}))"
PRODUCTION = {
    "DATABASE_URL": "postgres://crisiscomm_web:secret@database.example/crisiscomm",
    "REDIS_URL": "redis://broker.example:6379/2",
    "SECRET_KEY": "x" * 60,
    "FIELD_ENCRYPTION_KEY": "A" * 43 + "=",
    "ALLOWED_HOSTS": "crisiscomm.example",
    "PUBLIC_BASE_URL": "https://crisiscomm.example",
}


def python(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=embedded.PROJECT,
        env={"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "crisiscomm.settings", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def settings_of(*names: str, **environment: str) -> dict[str, object]:
    shown = python("-c", SHOW % (names,), **environment)
    assert shown.returncode == 0, shown.stderr
    found: dict[str, object] = json.loads(shown.stdout)
    return found


def test_everything_missing_is_told_at_once_without_a_traceback(data: Path) -> None:
    started = python("manage.py", "check", DATABASE_URL=PRODUCTION["DATABASE_URL"], CRISISCOMM_DATA_DIR=str(data))

    assert started.returncode == 1
    assert [line.split(":")[0] for line in started.stderr.splitlines()] == [
        "CrisisComm cannot start with this environment",
        "- REDIS_URL is missing",
        "- SECRET_KEY is missing",
        "- FIELD_ENCRYPTION_KEY is missing",
        "- ALLOWED_HOSTS is missing",
        "- PUBLIC_BASE_URL is missing",
    ]


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("DATABASE_URL", "mysql://host/name", "DATABASE_URL must begin with postgres://"),
        ("FIELD_ENCRYPTION_KEY", "short", "FIELD_ENCRYPTION_KEY must be 32 random bytes"),
        ("PUBLIC_BASE_URL", "http://crisiscomm.example", "PUBLIC_BASE_URL must be an address such as https://"),
        ("CRISISCOMM_TICK_SECONDS", "often", "CRISISCOMM_TICK_SECONDS: Not a valid number"),
        ("CRISISCOMM_DB_ROLE", "postgres", "CRISISCOMM_DB_ROLE is 'postgres'; it must be one of owner, web, sender"),
    ],
)
def test_an_odd_value_is_named(name: str, value: str, sentence: str) -> None:
    started = python("manage.py", "check", **{**PRODUCTION, name: value})

    assert started.returncode == 1
    assert sentence in started.stderr


def test_with_addresses_nothing_local_is_started(data: Path) -> None:
    used = python("manage.py", "showmigrations", **PRODUCTION, CRISISCOMM_DATA_DIR=str(data))

    assert "database.example" in used.stderr
    assert not data.exists()


def test_a_command_without_database_starts_nothing(data: Path) -> None:
    assert python("manage.py", "check", CRISISCOMM_DATA_DIR=str(data)).returncode == 0

    assert not embedded.layout_of(data).servers.exists()


def test_each_role_has_its_address() -> None:
    roles = {"DATABASE_SENDER_URL": "postgres://crisiscomm_sender:secret@database.example/crisiscomm"}

    users = [
        settings_of("DATABASES", **PRODUCTION, **roles, CRISISCOMM_DB_ROLE=role)["DATABASES"]["default"]["USER"]  # type: ignore[index]
        for role in ("web", "sender", "owner")
    ]
    assert users == ["crisiscomm_web", "crisiscomm_sender", "crisiscomm_web"]


def test_a_public_site_is_encrypted_and_a_local_one_is_plain(data: Path) -> None:
    names = ("IS_HTTPS", "SECURE_SSL_REDIRECT", "SESSION_COOKIE_NAME", "DEBUG", "EMBEDDED")

    assert list(settings_of(*names, **PRODUCTION).values()) == [True, True, "__Host-session", False, False]
    local = settings_of(*names, CRISISCOMM_DATA_DIR=str(data))
    assert list(local.values()) == [False, False, "crisiscomm-session", False, True]


@pytest.mark.parametrize(
    ("url", "cache", "broker"),
    [
        ("redis://host:6379/3", "redis://host:6379/3", "redis://host:6379/3"),
        ("rediss://:secret@host", "rediss://:secret@host/0", "rediss://:secret@host/0"),
        ("unix:///run/redis.sock?db=4", "unix:///run/redis.sock?db=4", "redis+socket:///run/redis.sock?virtual_host=4"),
        (
            "redis+socket:///run/redis.sock",
            "unix:///run/redis.sock?db=0",
            "redis+socket:///run/redis.sock?virtual_host=0",
        ),
    ],
)
def test_one_redis_address_serves_both_clients(url: str, cache: str, broker: str) -> None:
    assert addresses.read_redis_url(url) == RedisAddress(cache_url=cache, broker_url=broker)


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example", MailServer("mail.example", 25, "", "", "")),
        ("smtp+tls://me%40x:p%3Aw@mail.example:2525", MailServer("mail.example", 2525, "me@x", "p:w", "tls")),
        ("smtp://mail.example:465?ssl=1", MailServer("mail.example", 465, "", "", "ssl")),
        ("smtps://mail.example", MailServer("mail.example", 465, "", "", "ssl")),
    ],
)
def test_a_mail_address_is_read(url: str, server: MailServer) -> None:
    assert addresses.read_email_url(url) == server


@pytest.mark.parametrize("url", ["mail.example", "smtp://", "smtp://host:port"])
def test_an_odd_mail_address_is_refused(url: str) -> None:
    with pytest.raises(AddressError):
        addresses.read_email_url(url)
