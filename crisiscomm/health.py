"""Whether the product is alive and able to work, for a load balancer and for whoever is paged."""

from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Whether this process reaches its database and its broker."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    cache.get("readyz")
    return JsonResponse({"database": "ok", "redis": "ok"})


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})
