"""Exports: harmless in a spreadsheet, and read back by the import unchanged."""

from pathlib import Path

import pytest

from incidents import exports, imports
from incidents.enums import ContactKind, Harm
from incidents.models import ContactPoint, Customer
from tests.factories_customers import NOW, address, customer, impact, incident, person


@pytest.mark.parametrize(
    ("value", "exported"),
    [
        ("=1+1", "'=1+1"),
        ("+1+1", "'+1+1"),
        ("-2", "'-2"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("＝1+1", "'＝1+1"),
        ("  =1+1", "'  =1+1"),
        ("\0=1+1", "'=1+1"),
        ("+49 30 23125001", "+49 30 23125001"),
        ("+49 (30) 23125001", "+49 (30) 23125001"),
        ("+493023125001", "+493023125001"),
        ("+49-30-23125001", "'+49-30-23125001"),
        ("anna@example.com", "anna@example.com"),
        ("a=b", "a=b"),
        (3, "3"),
        (None, ""),
        ("", ""),
    ],
)
def test_cell_is_neutralised(value: object, exported: str) -> None:
    assert exports.neutralise(value) == exported


@pytest.mark.django_db
def test_customers_come_back_unchanged(tmp_path: Path) -> None:
    owner = customer(
        "=K1",
        name="=1+1",
        salutation="-x",
        region="DE",
        account_manager=person(),
        attributes={"@note": "+2", "产品": "Б"},
    )
    address(owner, "lee@example.com")
    address(owner, "old@example.com", is_primary=False)
    address(owner, "+493023125001", kind=ContactKind.PHONE)
    before = list(Customer.objects.values()), list(ContactPoint.objects.order_by("pk").values())
    path = tmp_path / "customers.csv"
    path.write_text("".join(exports.customers()), encoding="utf-8", newline="")

    report = imports.run(path, now=NOW)

    assert (report.unchanged, report.errors) == (1, [])
    assert (list(Customer.objects.values()), list(ContactPoint.objects.order_by("pk").values())) == before
    assert path.read_bytes().startswith(b"\xef\xbb\xbfcrm_id,name,")
    assert b"'=1+1" in path.read_bytes()


@pytest.mark.django_db
def test_affected_customers_are_listed_by_tier() -> None:
    about = incident()
    impact(about, customer("K1"), computed_tier=2, arithmetic="2 x 2 x 2 = 8 -> tier 2")
    impact(
        about, customer("K2"), computed_tier=1, arithmetic="safety -> tier 1", harm=Harm.SAFETY, affected_items="=A1"
    )

    assert list(exports.impacts(about)) == [
        "\ufeff",
        "crm_id,name,tier,arithmetic,override_reason,harm,degree,affected_items,language,region\r\n",
        "K2,K2,1,safety -> tier 1,,safety,2,'=A1,en,\r\n",
        "K1,K1,2,2 x 2 x 2 = 8 -> tier 2,,inconvenience,2,,en,\r\n",
    ]
