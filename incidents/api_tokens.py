"""Tokens of other systems: made once, recognised by their digest, and requests that happen once however often sent."""

import hashlib
import ipaddress
import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from incidents import audit
from incidents.enums import ApiScope
from incidents.errors import Refusal
from incidents.models import ApiRequest, ApiToken, User

PREFIX = "crisiscomm_"
LAST_USE_IS_NOTED_EVERY = timedelta(minutes=1)
REQUESTS_ARE_KEPT_FOR = timedelta(days=7)


class BadToken(Refusal):
    """A token needs a known scope, a readable network and an end."""


class KeyReused(Refusal):
    """The same idempotency key came with another request."""


@dataclass(frozen=True)
class Grant:
    """What a token may do: its scopes, until when, and from which networks (none means anywhere)."""

    name: str
    scopes: Sequence[str]
    expires_at: datetime
    networks: Sequence[str] = ()


def issue(user: User, *, grant: Grant, now: datetime, by: User | None = None) -> str:
    """Make a token that acts as `user` and return it; it can never be read again."""
    unknown = sorted(set(grant.scopes) - set(ApiScope.values))
    if unknown or not grant.scopes:
        raise BadToken(_("Name at least one of these scopes: %s.") % ", ".join(ApiScope.values))
    if grant.expires_at <= now:
        raise BadToken(_("A token ends in the future."))
    networks = [str(_network(text)) for text in grant.networks]
    secret = PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        token = ApiToken.objects.create(
            name=grant.name,
            user=user,
            digest=_digest(secret),
            scopes=sorted(set(grant.scopes)),
            networks=networks,
            created_at=now,
            expires_at=grant.expires_at,
        )
        data = {"token": token.pk, "user": user.pk, "scopes": token.scopes}
        audit.record(None, action="token.issued", actor=by, now=now, data=data)
    return secret


def revoke(token: ApiToken, *, by: User, now: datetime) -> ApiToken:
    """End a token now."""
    with transaction.atomic():
        if not ApiToken.objects.filter(pk=token.pk, is_active=True).update(is_active=False):
            raise BadToken(_("This token was revoked already."))
        audit.record(None, action="token.revoked", actor=by, now=now, data={"token": token.pk})
    token.refresh_from_db()
    return token


def find(secret: str, *, address: str, now: datetime) -> ApiToken | None:
    """Return the token this secret opens from this address now, or None; note that it was used."""
    known = ApiToken.objects.filter(is_active=True, user__is_active=True, expires_at__gt=now)
    token = known.select_related("user").filter(digest=_digest(secret)).first()
    if token is None or not _is_allowed(token, address):
        return None
    long_ago = Q(last_used_at=None) | Q(last_used_at__lt=now - LAST_USE_IS_NOTED_EVERY)
    ApiToken.objects.filter(long_ago, pk=token.pk).update(last_used_at=now)
    return token


def once(
    token: ApiToken, *, key: str, request: dict[str, Any], now: datetime, act: Callable[[], dict[str, Any]]
) -> dict[str, Any]:
    """Carry a request out once and return its answer; the same key again gives the same answer and does nothing.

    Two at the same moment wait for each other. A refusal leaves no trace, so that it can be tried again.
    """
    digest = _digest(json.dumps(request, sort_keys=True, default=str))
    with transaction.atomic():
        row, is_new = ApiRequest.objects.get_or_create(
            token=token, key=key, defaults={"request_sha256": digest, "created_at": now}
        )
        if is_new:
            row.response = act()
            row.save(update_fields=["response"])
            ApiRequest.objects.filter(token=token, created_at__lt=now - REQUESTS_ARE_KEPT_FOR).delete()
        elif row.request_sha256 != digest:
            raise KeyReused(_("This Idempotency-Key belongs to another request: use a new one."))
    return dict(row.response or {})


def _is_allowed(token: ApiToken, address: str) -> bool:
    if not token.networks:
        return True
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in _network(text) for text in token.networks)


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        return ipaddress.ip_network(text)
    except ValueError:
        raise BadToken(_("“%s” is no network such as 192.0.2.0/24.") % text) from None


def _digest(text: str) -> str:
    # A token is 256 random bits: a plain digest cannot be searched backwards.
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
