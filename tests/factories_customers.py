"""Makes customers, affected customers and files of customers for tests."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from incidents.enums import ContactKind
from incidents.models import ContactPoint, Customer, Impact, Incident, User

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def person(username: str = "anna") -> User:
    return User.objects.create(username=username)


def incident(reference: str = "INC-2026-0001") -> Incident:
    return Incident.objects.create(reference=reference, title="Bearings", phase_entered_at=NOW, created_at=NOW)


def customer(crm_id: str = "K1", **fields: Any) -> Customer:
    return Customer.objects.create(**{"crm_id": crm_id, "name": crm_id, "created_at": NOW, "updated_at": NOW, **fields})


def customers(number: int, **fields: Any) -> list[Customer]:
    """Make customers K0001, K0002 …, all alike."""
    moments = {"created_at": NOW, "updated_at": NOW}
    return Customer.objects.bulk_create(
        Customer(**{"crm_id": f"K{place:04}", "name": f"Customer {place}", **moments, **fields})
        for place in range(1, number + 1)
    )


def address(owner: Customer, value: str, *, kind: ContactKind = ContactKind.EMAIL, **fields: Any) -> ContactPoint:
    return ContactPoint.objects.create(
        **{"customer": owner, "kind": kind, "value": value, "normalised": value, **fields}
    )


def impact(incident: Incident, affected: Customer, **fields: Any) -> Impact:
    return Impact.objects.create(incident=incident, customer=affected, **fields)


def written(path: Path, lines: Sequence[str], *, encoding: str = "utf-8", mark: bytes = b"") -> Path:
    """Write a file of these lines and return it."""
    path.write_bytes(mark + "".join(f"{line}\r\n" for line in lines).encode(encoding))
    return path
