"""Reads the addresses of PostgreSQL, Redis and the mail server, and puts each into the form its client wants."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import dj_database_url


class AddressError(ValueError):
    """An address that cannot be used; the text names what is odd about it."""


@dataclass(frozen=True)
class RedisAddress:
    """One Redis, as redis-py and as Celery write it: their Unix socket forms differ."""

    cache_url: str
    broker_url: str

    @property
    def is_encrypted(self) -> bool:
        return self.broker_url.startswith("rediss:")


@dataclass(frozen=True)
class MailServer:
    """Where customer mail is handed over; `security` is "", "tls" (STARTTLS) or "ssl" (TLS from the first byte)."""

    host: str
    port: int
    user: str
    password: str
    security: str


def redis_on_socket(path: str | Path, *, database: int) -> RedisAddress:
    return RedisAddress(
        cache_url=f"unix://{path}?db={database}", broker_url=f"redis+socket://{path}?virtual_host={database}"
    )


def read_redis_url(url: str, *, database: int | None = None) -> RedisAddress:
    """`redis://`, `rediss://` or a socket as `unix://` or `redis+socket://`; `database` replaces the one in the URL."""
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    if parts.scheme in {"unix", "redis+socket"}:
        if not parts.path:
            raise AddressError("names no socket")
        named = query.get("db", query.get("virtual_host", ["0"]))[0]
        return redis_on_socket(parts.path, database=_number(named) if database is None else database)
    if parts.scheme not in {"redis", "rediss"}:
        raise AddressError("must begin with redis://, rediss:// or unix://")
    if not parts.hostname:
        raise AddressError("names no host")
    number = database if database is not None else _number(parts.path.strip("/") or "0")
    plain = parts._replace(path=f"/{number}").geturl()
    return RedisAddress(cache_url=plain, broker_url=plain)


def _number(text: str) -> int:
    if not text.isdigit():
        raise AddressError(f"names the database {text!r}, which is not a number")
    return int(text)


def read_database_url(url: str) -> dj_database_url.DBConfig:
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise AddressError("must begin with postgres://; CrisisComm runs on PostgreSQL only")
    try:
        config = dj_database_url.parse(url)
    except ValueError as error:
        raise AddressError(str(error)) from error
    if not config.get("NAME"):
        raise AddressError("names no database")
    return config


_MAIL_SCHEMES = {
    "smtp": ("", 25),
    "smtp+tls": ("tls", 587),
    "submission": ("tls", 587),
    "smtp+ssl": ("ssl", 465),
    "smtps": ("ssl", 465),
}
_YES = {"1", "true", "yes", "on"}


def read_email_url(url: str) -> MailServer:
    """`smtp://user:password@host:port`, encrypted as `smtp+tls://`, `smtp+ssl://` or by `?tls=1`, `?ssl=1`."""
    parts = urlsplit(url)
    if parts.scheme not in _MAIL_SCHEMES:
        raise AddressError(f"must begin with one of {', '.join(f'{scheme}://' for scheme in _MAIL_SCHEMES)}")
    if not parts.hostname:
        raise AddressError("names no host")
    security, usual_port = _MAIL_SCHEMES[parts.scheme]
    query = parse_qs(parts.query, keep_blank_values=True)
    for asked in ("tls", "ssl"):
        if query.get(asked, ["no"])[0].lower() in _YES | {""}:
            security = asked
    try:
        port = parts.port or usual_port
    except ValueError as error:
        raise AddressError("names a port that is not a number") from error
    return MailServer(
        host=parts.hostname,
        port=port,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        security=security,
    )
