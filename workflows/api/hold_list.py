"""The hold list for marketing systems: whom campaigns leave in peace while an incident is open."""

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from incidents.api.protocol import ERRORS, LARGEST_ID, Bearer, Before, Limit, Word, page
from incidents.enums import ApiScope
from incidents.models import Customer
from workflows import hold_list

router = Router(tags=["hold list"])
READ = Bearer(ApiScope.HOLD_LIST_READ)


class HeldOut(Schema):
    """One customer to leave in peace: no name, no address, and the incidents that are the reason."""

    crm_id: str
    incidents: list[str]

    @staticmethod
    def resolve_incidents(customer: Customer) -> list[str]:
        """Name the incidents by their references."""
        return list(customer.held_by)  # type: ignore[attr-defined]


class HoldListPage(Schema):
    """Some customers, newest first, and the kinds of campaign kept back from each of them."""

    campaign_kinds: list[str]
    items: list[HeldOut]
    next_before: int | None


@router.get("/hold-list", response={200: HoldListPage, **ERRORS}, auth=READ, operation_id="list_hold_list")
def list_hold_list(
    request: HttpRequest, crm_id: Word = "", limit: Limit = 50, before: Before = LARGEST_ID
) -> dict[str, Any]:
    """List the customers of open incidents, or look one of them up; who is not on the list may be written to."""
    rows = hold_list.customers()
    found = page(rows.filter(crm_id=crm_id) if crm_id else rows, before=before, limit=limit)
    return {"campaign_kinds": hold_list.kinds(), **found}
