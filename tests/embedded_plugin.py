"""Brings PostgreSQL and Valkey up before pytest-django reads the settings, unless the environment names others."""

import base64
import os
import secrets

import pytest

TEST_ENVIRONMENT = {
    # The tests create and drop databases, and see through every table.
    "CRISISCOMM_DB_ROLE": "owner",
    # A product running from this checkout keeps its own wake-ups.
    "CRISISCOMM_REDIS_DATABASE": "1",
}
ATTACHMENT = pytest.StashKey[object]()


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    for name, value in TEST_ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    if worker := os.environ.get("PYTEST_XDIST_WORKER"):
        # Two test processes have a database each, and wake nobody but their own workers.
        os.environ["CRISISCOMM_REDIS_DATABASE"] = str(2 + int(worker.removeprefix("gw")))
    if "DATABASE_URL" in os.environ or "REDIS_URL" in os.environ:
        _name_what_a_local_installation_assumes()
    from django.core.exceptions import ImproperlyConfigured

    from crisiscomm import embedded

    try:
        from crisiscomm import settings

        if settings.EMBEDDED:
            early_config.stash[ATTACHMENT] = embedded.attach_or_start(
                settings.DATA_DIR, postgres_binaries=settings.PG_BIN_DIR
            )
    except (ImproperlyConfigured, embedded.EmbeddedError) as error:
        raise pytest.UsageError(str(error)) from error


def _name_what_a_local_installation_assumes() -> None:
    os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(64))
    os.environ.setdefault("FIELD_ENCRYPTION_KEY", base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())
    os.environ.setdefault("ALLOWED_HOSTS", "127.0.0.1,localhost")
    os.environ.setdefault("PUBLIC_BASE_URL", "http://127.0.0.1:8000")


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    attachment = config.stash.get(ATTACHMENT, None)
    if attachment is not None:
        attachment.close()  # type: ignore[attr-defined]
