"""Whether the product is alive and able to work, for a load balancer and for whoever is paged."""

from datetime import datetime, timedelta

from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis import RedisError

from incidents import clock
from incidents.models import Heartbeat

TICK = "tick"
OLDEST_TICK = timedelta(seconds=60)


def tick_age(now: datetime) -> timedelta | None:
    """How long ago the clock last ticked, or None when it never did."""
    last = Heartbeat.objects.filter(name=TICK).values_list("beat_at", flat=True).first()
    return None if last is None else now - last


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """Red when the clock stands still: then promised updates are not sent, however well the pages look."""
    try:
        age = tick_age(clock.now())
    except DatabaseError:
        return JsonResponse({"status": "red", "reason": "the database does not answer"}, status=503)
    if age is None:
        return JsonResponse({"status": "red", "reason": "the clock has not ticked yet"}, status=503)
    seconds = round(age.total_seconds(), 1)
    if age > OLDEST_TICK:
        return JsonResponse({"status": "red", "reason": "the clock stands still", "tick_age_s": seconds}, status=503)
    return JsonResponse({"status": "green", "tick_age_s": seconds})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Whether this process reaches its database and its broker."""
    found = {"database": _database_answers(), "redis": _redis_answers()}
    return JsonResponse(
        {name: "ok" if is_ok else "no answer" for name, is_ok in found.items()},
        status=200 if all(found.values()) else 503,
    )


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _redis_answers() -> bool:
    try:
        cache.get("readyz")
    except RedisError:
        return False
    return True
