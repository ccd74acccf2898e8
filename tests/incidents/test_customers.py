"""Addresses in one normal form, and saved filters."""

import email_validator
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents import customers
from incidents.models import Company
from tests.factories_customers import customer


@pytest.mark.parametrize(
    ("value", "normalised"),
    [
        ("Anna.Lee@EXAMPLE.com", "Anna.Lee@example.com"),
        (" anna@example.com ", "anna@example.com"),
        ("anna@bücher.example", "anna@xn--bcher-kva.example"),
        ("wang@例子.example", "wang@xn--fsqu00a.example"),
        ("ａｎｎａ＠ｅｘａｍｐｌｅ．ｃｏｍ", "anna@example.com"),
        ("анна@example.com", "анна@example.com"),
        ("o'neil@example.com", "o'neil@example.com"),
    ],
)
def test_email_has_one_form(value: str, normalised: str) -> None:
    assert customers.normalise_email(value) == normalised


@pytest.mark.parametrize(
    "value",
    [
        "",
        "anna",
        "@example.com",
        "anna@",
        "a@b",
        "a@b@example.com",
        "a..b@example.com",
        ".a@example.com",
        "a@-b.com",
        "a@example.com;b@example.com",
        "a@host.test",
        "a@localhost",
        f"{'x' * 65}@example.com",
        "a@exa mple.com",
    ],
)
def test_email_that_reaches_nobody_is_refused(value: str) -> None:
    with pytest.raises(customers.InvalidAddress) as refused:
        customers.normalise_email(value)

    assert (refused.value.value, str(refused.value).startswith("This is no e-mail address: ")) == (value, True)


@given(st.from_regex(customers.PLAIN_EMAIL, fullmatch=True))
def test_short_way_agrees_with_the_library(address: str) -> None:
    if customers.is_plain_email(address):
        valid = email_validator.validate_email(address, check_deliverability=False)

        assert customers.normalise_email(address) == f"{valid.local_part}@{valid.ascii_domain}"


@pytest.mark.parametrize(
    ("value", "region", "normalised"),
    [
        ("+49 (0)30 23125-001", None, "+493023125001"),
        ("030 23125 001", "DE", "+493023125001"),
        ("＋４９ ３０ ２３１２５ ００１", None, "+493023125001"),
        ("+1 202-555-0143", None, "+12025550143"),
    ],
)
def test_phone_has_one_form(value: str, region: str | None, normalised: str) -> None:
    assert customers.normalise_phone(value, region=region) == normalised


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("030 23125001", "The country of this number is not known"),
        ("none", "This is no telephone number"),
        ("+49 30 1", "No telephone has this number"),
        ("+49 900 5000000", "This is a premium-rate number"),
    ],
)
def test_phone_that_reaches_nobody_is_refused(value: str, sentence: str) -> None:
    with pytest.raises(customers.InvalidAddress, match=sentence):
        customers.normalise_phone(value, region=None)


@pytest.mark.parametrize(
    ("value", "region"), [("DE", "DE"), ("de-BY", "DE"), ("Germany", None), ("", None), ("华东", None)]
)
def test_region_is_known_by_its_code(value: str, region: str | None) -> None:
    assert customers.region_of(value) == region


def test_region_of_the_company_is_where_its_telephone_is() -> None:
    assert customers.region_of_company(Company(hotline="+49 30 23125000")) == "DE"
    assert customers.region_of_company(Company(hotline="4711")) is None
    assert customers.region_of_company(None) is None


# --- saved filters ---------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("spec", "found"),
    [
        ({}, ["K1", "K2"]),
        ({"region": ["DE", "CN"]}, ["K1", "K2"]),
        ({"region": "DE"}, ["K1"]),
        ({"language": ["zh"], "importance": [2, 3]}, ["K2"]),
        ({"attributes": {"product": ["NB-12"]}}, ["K1"]),
        ({"attributes": {"product": ["NB-12", "NB-14"], "series": "A"}}, ["K2"]),
        ({"crm_ids": ["K2", "K3", "X9"]}, ["K2"]),
    ],
)
def test_filter_finds_active_customers_that_meet_every_key(spec: dict[str, object], found: list[str]) -> None:
    customer("K1", region="DE", attributes={"product": "NB-12"})
    customer("K2", region="CN", language="zh", attributes={"product": "NB-14", "series": "A"})
    customer("K3", region="DE", is_active=False)

    assert list(customers.matching(spec).values_list("crm_id", flat=True)) == found
    assert customers.count(spec) == len(found)


@pytest.mark.parametrize(
    ("spec", "sentences"),
    [
        ([], ["A filter is an object such as {“region”: [“DE”]}."]),
        ({"region": []}, ["“region” wants a list such as [“…”]."]),
        ({"region": [1]}, ["“region” wants a list such as [“…”]."]),
        ({"importance": ["high"]}, ["“importance” wants a list such as [1, 2, 3]."]),
        ({"attributes": ["x"]}, ["“attributes” wants an object such as {“product”: [“NB-12”]}."]),
        (
            {"colour": ["red"], "language": [None]},
            [
                "“colour” is not known; a filter can ask for account_key, account_manager, closeness, consent_basis, "
                "crm_ids, importance, language, preferred_channel, region, time_zone, attributes, query.",
                "“language” wants a list such as [“…”].",
            ],
        ),
    ],
)
def test_filter_that_cannot_be_asked_is_refused(spec: object, sentences: list[str]) -> None:
    assert customers.validate(spec) == sentences


def test_unsound_filter_is_not_run() -> None:
    with pytest.raises(customers.UnknownFilter):
        customers.matching({"colour": ["red"]})
