"""Addresses: in full only for who must write or call, masked for everybody else."""

from typing import cast

from django.http import HttpRequest

from incidents.models import User

SEE_ADDRESSES = "incidents.see_addresses"


def may_see_addresses(request: HttpRequest) -> bool:
    """Whether this person is shown addresses in full."""
    return cast(User, request.user).has_perm(SEE_ADDRESSES)


def masked(address: str) -> str:
    """Return enough of an address to tell two apart, too little to write or call: `m…@n….example`, `+49…25`."""
    local, at, domain = address.rpartition("@")
    if at:
        name, dot, rest = domain.partition(".")
        return f"{local[:1]}…@{name[:1]}…{dot}{rest}"
    return f"{address[:3]}…{address[-2:]}" if len(address) > 6 else "…"


def column_for(request: HttpRequest, column: str) -> str:
    """Return the column's name for who may see addresses, that of its masked twin (`…_masked`) for others.

    For `get_list_display` and `get_fields`: one ModelAdmin serves many people at once and must not remember who asks.
    """
    return column if may_see_addresses(request) else f"{column}_masked"
