"""Figures for Prometheus, counted from the rows at the moment of asking; counts only, never who."""

import hmac
from collections.abc import Iterator

from django.conf import settings
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from crisiscomm.health import tick_age
from incidents import clock
from incidents.models import Incident
from incidents.phases import Phase
from notifications import throttle, webhooks
from notifications.enums import DeliveryStatus
from notifications.models import Delivery


class RowCollector(Collector):
    """Every known status and phase appears, also with zero: a missing line looks like a missing exporter."""

    def collect(self) -> Iterator[Metric]:
        deliveries = GaugeMetricFamily("crisiscomm_deliveries", "Deliveries by status", labels=["status"])
        counted = dict(Delivery.objects.order_by().values_list("status").annotate(Count("pk")))
        for status in DeliveryStatus.values:
            deliveries.add_metric([status], counted.get(status, 0))
        yield deliveries
        incidents = GaugeMetricFamily("crisiscomm_incidents", "Incidents by phase", labels=["phase"])
        counted = dict(Incident.objects.order_by().values_list("phase").annotate(Count("pk")))
        for phase in Phase.values:
            incidents.add_metric([phase], counted.get(phase, 0))
        yield incidents
        hooks = CounterMetricFamily(
            "crisiscomm_hooks_refused", "Reports of providers that were turned away", labels=["reason"]
        )
        for name, count in throttle.noted([f"{webhooks.REFUSED}{reason}" for reason in webhooks.REASONS]).items():
            hooks.add_metric([name.removeprefix(webhooks.REFUSED)], count)
        yield hooks
        age = tick_age(clock.now())
        if age is not None:
            yield GaugeMetricFamily(
                "crisiscomm_tick_age_seconds", "Seconds since the clock last ticked", value=age.total_seconds()
            )


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Open on a local installation; elsewhere only for who shows the token."""
    if not _may_read(request):
        raise Http404
    registry = CollectorRegistry()
    registry.register(RowCollector())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _may_read(request: HttpRequest) -> bool:
    if not settings.METRICS_TOKEN:
        return bool(settings.EMBEDDED)
    shown = request.headers.get("Authorization", "")
    return hmac.compare_digest(shown.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())
