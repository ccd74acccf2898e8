"""Addresses that customers and providers reach."""

from django.urls import URLPattern, URLResolver, path

from notifications import webhooks

urlpatterns: list[URLPattern | URLResolver] = [
    path("hooks/<slug:hook>/", webhooks.receive, name="hook"),
]
