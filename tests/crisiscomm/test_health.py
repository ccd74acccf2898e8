"""The health pages and the figures."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client, override_settings

from crisiscomm.health import TICK
from incidents import clock
from incidents.models import Heartbeat

pytestmark = pytest.mark.django_db


def test_ready_when_database_and_redis_answer(client: Client) -> None:
    response = client.get("/readyz")

    assert (response.status_code, response.json()) == (200, {"database": "ok", "redis": "ok"})


@override_settings(
    CACHES={"default": {**settings.CACHES["default"], "LOCATION": "unix:///nowhere/redis.sock"}},
)
def test_not_ready_without_redis(client: Client) -> None:
    response = client.get("/readyz")

    assert (response.status_code, response.json()) == (503, {"database": "ok", "redis": "no answer"})


def test_red_before_the_first_tick(client: Client) -> None:
    response = client.get("/healthz")

    assert (response.status_code, response.json()["reason"]) == (503, "the clock has not ticked yet")


@pytest.mark.parametrize(("age", "status"), [(timedelta(seconds=50), 200), (timedelta(seconds=61), 503)])
def test_red_when_the_last_tick_is_older_than_a_minute(client: Client, age: timedelta, status: int) -> None:
    Heartbeat.objects.create(name=TICK, beat_at=clock.now() - age)

    assert client.get("/healthz").status_code == status


def test_metrics_count_what_is_there_and_what_is_not(client: Client) -> None:
    Heartbeat.objects.create(name=TICK, beat_at=clock.now())

    with override_settings(METRICS_TOKEN="token"):
        response = client.get("/metrics", headers={"Authorization": "Bearer token"})

    text = response.content.decode()
    assert 'crisiscomm_deliveries{status="uncertain"} 0.0' in text
    assert 'crisiscomm_incidents{phase="identify"} 0.0' in text
    assert "crisiscomm_tick_age_seconds" in text


@override_settings(METRICS_TOKEN="token")
def test_metrics_are_for_those_who_show_the_token(client: Client) -> None:
    assert client.get("/metrics", headers={"Authorization": "Bearer other"}).status_code == 404


@pytest.mark.parametrize(
    ("path", "script"),
    [("/nothing", "'self'"), ("/accounts/login/", "'self'"), ("/admin/login/", "'self' 'unsafe-eval'")],
)
def test_the_content_policy_is_strict_outside_the_admin(client: Client, path: str, script: str) -> None:
    header = client.get(path).headers["Content-Security-Policy"]
    policy = dict(directive.strip().split(" ", 1) for directive in header.split(";"))

    assert (policy["script-src"], policy["default-src"]) == (script, "'none'")


def test_nobody_can_sign_up_and_the_admin_asks_for_the_login(client: Client) -> None:
    assert b"closed" in client.get("/accounts/signup/").content.lower()
    assert client.get("/admin/login/").headers["Location"].startswith("/accounts/login/")


def test_programs_get_json_when_nothing_is_found(client: Client) -> None:
    response = client.get("/api/nothing")

    assert (response.status_code, response.json()) == (404, {"error": "Not found."})
