"""Which hosts may be reached: never our own network by an address somebody typed in."""

import ipaddress
import socket
from collections.abc import Iterable
from typing import Any

import httpcore
import httpx

from incidents.errors import Refusal

PORTS = frozenset({80, 443, 8443})
# Embeds IPv4 addresses, private ones included.
NAT64 = ipaddress.ip_network("64:ff9b::/96")
CONNECT_SECONDS, TOTAL_SECONDS = 3.0, 5.0


class ForbiddenHost(Refusal):
    """An address inside our own network, or a port that serves no web."""

    def __init__(self, host: str) -> None:
        super().__init__(f"{host} is not a public web address; it is not called.")


def is_loopback(host: str) -> bool:
    """Whether this name means this machine."""
    return host in ("localhost", "::1") or host.startswith("127.")


def client(*, allow_loopback: bool = False) -> httpx.Client:
    """Return a client that looks at the address it connects to: resolved once, checked, then used; no redirects."""
    transport = httpx.HTTPTransport(trust_env=False, retries=0)
    transport._pool = httpcore.ConnectionPool(  # noqa: SLF001 - httpx offers no other way in
        ssl_context=httpx.create_ssl_context(trust_env=False),
        network_backend=_Guard(allow_loopback=allow_loopback),
    )
    timeout = httpx.Timeout(TOTAL_SECONDS, connect=CONNECT_SECONDS)
    return httpx.Client(transport=transport, timeout=timeout, follow_redirects=False, trust_env=False)


class _Guard(httpcore.NetworkBackend):
    def __init__(self, *, allow_loopback: bool) -> None:
        self.allow_loopback = allow_loopback
        self.real = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        address = self._checked(host, port)
        return self.real.connect_tcp(address, port, timeout, local_address, socket_options)

    def _checked(self, host: str, port: int) -> str:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise httpcore.ConnectError(f"{host} cannot be found") from error
        addresses = [str(entry[4][0]) for entry in found]
        if not addresses or not all(self._may_reach(address, port) for address in addresses):
            raise ForbiddenHost(host)
        return addresses[0]

    def _may_reach(self, address: str, port: int) -> bool:
        ip = ipaddress.ip_address(address.partition("%")[0])
        if self.allow_loopback and ip.is_loopback:
            return True
        if isinstance(ip, ipaddress.IPv6Address) and (ip in NAT64 or ip.ipv4_mapped or ip.sixtofour or ip.teredo):
            return False
        return ip.is_global and not ip.is_multicast and port in PORTS
