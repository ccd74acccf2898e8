"""The sample company: invented, always the same, and spread over tiers and languages as the demo needs it."""

import re
from collections import Counter
from pathlib import Path

import phonenumbers
import pytest

from crisiscomm import sample_company
from incidents import impacts, imports
from incidents.enums import Role
from incidents.models import Company, Customer, Impact, User
from tests.factories_customers import NOW, incident, person

FICTION = re.compile(r"\+1\d{3}55501\d\d|\+442079460\d{3}|\+441[13][13]4960\d{3}|\+493023125\d{3}")


def rows(number: int = sample_company.CUSTOMERS) -> list[dict[str, object]]:
    return list(sample_company.customers(number, managers=sample_company.account_managers()))


def test_customers_are_the_same_every_time() -> None:
    assert rows(50) == rows(50)


def test_customers_live_in_invented_places_alone() -> None:
    made = rows()

    assert [row["email"] for row in made if not str(row["email"]).endswith(".example")] == []
    assert [row["phone"] for row in made if not FICTION.fullmatch(str(row["phone"]))] == []
    assert all(phonenumbers.is_valid_number(phonenumbers.parse(str(row["phone"]))) for row in made)
    assert Counter(row["language"] for row in made) == {"zh": 800, "en": 700, "ru": 500}


def test_every_customer_has_a_manager_who_speaks_the_language() -> None:
    speakers = {person.username: person.language for person in sample_company.staff()}

    assert [row for row in rows(200) if speakers[str(row["account_manager"])] != row["language"]] == []
    assert {row["account_manager"] for row in sample_company.customers(5, managers=["boss"])} == {"boss"}


def test_every_role_has_a_holder_and_another_deputy() -> None:
    people = sample_company.staff()
    holders = {role: person.username for person in people for role in person.roles}
    deputies = {role: person.username for person in people for role in person.stands_in_for}

    assert set(holders) == set(deputies) == {str(role) for role in Role}
    assert [role for role in holders if holders[role] == deputies[role]] == []


@pytest.mark.django_db
def test_customers_come_in_through_the_import_and_spread_over_the_tiers(tmp_path: Path) -> None:
    Company.objects.create(pk=1, **sample_company.company())
    User.objects.bulk_create(User(username=username) for username in sample_company.account_managers())
    path = sample_company.write_customers(tmp_path / "customers.csv")
    about = incident()

    imported = imports.run(path, now=NOW)
    affected = impacts.add_from_file(about, path=path, by=person("lena"), now=NOW)

    assert (imported.created, imported.errors, imported.defaulted) == (2000, [], {})
    assert (affected.created, affected.errors) == (2000, [])
    assert impacts.counts(about) == {1: 40, 2: 460, 3: 1500}
    assert not Impact.objects.filter(is_defaulted=True).exists()
    assert Customer.objects.filter(account_manager=None).count() == 0
    Company.objects.get().full_clean()
