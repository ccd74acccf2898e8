"""Customers of the sample company: they open their links, ask, complain, choose and answer, over HTTP like anybody."""

import re
from dataclasses import dataclass
from typing import Any

import httpx
from django.conf import settings

from incidents.models import Customer, Incident
from notifications import tokens
from notifications.models import Delivery

HIDDEN = re.compile(r'<input[^>]*type="hidden"[^>]*>')
ATTRIBUTE = re.compile(r'(name|value)="([^"]*)"')


@dataclass(frozen=True)
class Reader:
    """One customer with the link of their newest message open."""

    customer: Customer
    page: str

    def post(self, action: str, **fields: Any) -> None:
        """Send one form of the page, as the browser would. Raises httpx.HTTPStatusError when it is refused."""
        with httpx.Client(trust_env=False, follow_redirects=True, timeout=20) as browser:
            shown = browser.get(f"{self.page}{action}" if action == "survey/" else self.page)
            shown.raise_for_status()
            browser.post(f"{self.page}{action}", data={**_hidden_fields(shown.text), **fields}).raise_for_status()


def readers(incident: Incident, *, language: str, count: int, tier: int | None = None) -> list[Reader]:
    """Return customers who were written to, with their own links read from the rows of their deliveries."""
    rows = Delivery.objects.reached().filter(incident=incident, language=language).select_related("customer")
    if tier is not None:
        rows = rows.filter(tier=tier)
    newest = rows.order_by("customer_id", "-accepted_at").distinct("customer_id")[:count]
    return [Reader(row.customer, _link(row)) for row in newest]


def _link(delivery: Delivery) -> str:
    url = tokens.portal_url(delivery.reference)
    assert url.startswith(settings.PUBLIC_BASE_URL)
    return url


def _hidden_fields(page: str) -> dict[str, str]:
    fields = [dict(ATTRIBUTE.findall(tag)) for tag in HIDDEN.findall(page)]
    return {field["name"]: field["value"] for field in fields if "name" in field and "value" in field}
