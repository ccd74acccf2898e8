"""Addresses that customers and providers reach."""

from django.urls import URLPattern, URLResolver, path

from notifications import portal, status_page, webhooks

urlpatterns: list[URLPattern | URLResolver] = [
    path("hooks/<slug:hook>/", webhooks.receive, name="hook"),
    path("c/<str:token>/", portal.own_page, name="portal-page"),
    path("c/<str:token>/say/", portal.say, name="portal-say"),
    path("c/<str:token>/choose/", portal.choose, name="portal-choose"),
    path("c/<str:token>/read/", portal.acknowledge, name="portal-acknowledge"),
    path("c/<str:token>/survey/", portal.survey, name="portal-survey"),
    path("unsubscribe/<str:token>/", portal.unsubscribe, name="unsubscribe"),
    path("status/", status_page.index, name="status"),
    path("status/feed.atom", status_page.feed, name="status-feed"),
    path("status/api/v2/status.json", status_page.status_json, name="status-json"),
    path("status/api/v2/summary.json", status_page.summary_json, name="status-summary-json"),
    path("status/api/v2/incidents.json", status_page.incidents_json, name="status-incidents-json"),
    path("status/api/v2/incidents/unresolved.json", status_page.unresolved_json, name="status-unresolved-json"),
    path("status/<str:reference>/", status_page.incident, name="status-incident"),
]
