"""Addresses in lists: in full only for who must write or call, masked for everybody else."""

from typing import cast

from django.http import HttpRequest

from incidents.models import User

SEE_ADDRESSES = "incidents.see_addresses"


def masked(address: str) -> str:
    """Return enough of an address to tell two apart, too little to write or call: `m…@n….example`, `+49…25`."""
    local, at, domain = address.rpartition("@")
    if at:
        name, dot, rest = domain.partition(".")
        return f"{local[:1]}…@{name[:1]}…{dot}{rest}"
    return f"{address[:3]}…{address[-2:]}" if len(address) > 6 else "…"


def shown(request: HttpRequest, address: str) -> str:
    """Return the address as this person may see it."""
    return address if cast(User, request.user).has_perm(SEE_ADDRESSES) else masked(address)
