"""Segments: what a query finds, how a wrong one is told, and what it can never ask for."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents import customers, segment_queries, segments
from incidents.enums import ContactKind
from incidents.models import Segment
from tests.factories_customers import NOW, address, customer, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def three() -> None:
    """Two customers in Germany and one in China, with what a CRM knows of them."""
    anna = person("anna")
    one = customer("K1", region="DE", importance=3, account_manager=anna, attributes={"product": "NB-12", "seats": 40})
    customer("K2", region="de", name="Bau & Söhne", language="ru", attributes={"产品": "NB-14", "seats": "7"})
    customer("K3", region="CN", closeness=1, account_key="A-7", attributes={"Product line": ["A", "B"]})
    customer("K4", region="DE", is_active=False)
    address(one, "one@example.org")
    address(one, "+49301", kind=ContactKind.PHONE)


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("region = DE", ["K1", "K2"]),
        ("region != DE", ["K3"]),
        ('region in (DE, "CN") and importance = high', ["K1"]),
        ("importance >= 2 and not closeness < medium", ["K1", "K2"]),
        ("region = CN or (importance = 3 and has_email)", ["K1", "K3"]),
        ("not has_phone", ["K2", "K3"]),
        ("account_manager = anna", ["K1"]),
        ("account_manager is empty", ["K2", "K3"]),
        ("account is not empty", ["K3"]),
        ('name contains "& Sö"', ["K2"]),
        ("crm_id not in (K1, K2)", ["K3"]),
        ("attributes.product = nb-12", ["K1"]),
        ("attributes.产品 begins NB", ["K2"]),
        ('attributes."Product line" = B', ["K3"]),
        ("attributes.seats > 10", ["K1"]),
        ("attributes.seats <= 7.5", ["K2"]),
        ("attributes.product is empty", ["K2", "K3"]),
        ("language = RU and added > 2026-11-01", ["K2"]),
        ("（region = CN）", ["K3"]),
        ('name = "100%_"', []),
    ],
)
def test_a_query_finds_active_customers(query: str, found: list[str]) -> None:
    assert list(customers.matching({"query": query}).values_list("crm_id", flat=True)) == found


@pytest.mark.parametrize(
    ("query", "place", "found", "says"),
    [
        ("", 1, "", "Write what customers must have"),
        ("colour = red", 1, "colour", "a query can ask for crm_id, name, language"),
        ("region = DE and password = x", 17, "password", "There is no field of this name"),
        ("account_manager__password = x", 1, "account_manager__password", "There is no field of this name"),
        ("region DE", 8, "DE", "“region” can be compared by = != in contains begins, “is empty”"),
        ("region >= DE", 8, ">=", "can be compared by"),
        ("importance = 9", 14, "9", "“importance” can be 1, 2, 3, low, medium, high"),
        ("language in (en, xx)", 18, "xx", "“language” can be en, zh, ru"),
        ("added > soon", 9, "soon", "a day such as 2026-11-22"),
        ("attributes.seats > many", 20, "many", "a number such as 12"),
        ("(region = DE", 13, "", "“)” is wanted here"),
        ("region = DE)", 12, ")", "only “and”, “or” or the end"),
        ("region = and", 10, "and", "A value is wanted here"),
        ('region = "DE', 10, '"DE', "This text is not closed"),
        ("not " * 30 + "has_email", 81, "not", "at most 20 deep"),
        ("x" * 2001, 2001, "x", "at most 2000 characters"),
    ],
)
def test_a_query_that_cannot_be_read_is_told_with_its_place(query: str, place: int, found: str, says: str) -> None:
    with pytest.raises(segment_queries.QueryProblem) as refused:
        segment_queries.condition(query)

    assert (refused.value.place, refused.value.found) == (place, found)
    assert says in str(refused.value)
    assert customers.validate({"query": query}) == [str(refused.value)]


@pytest.mark.usefixtures("three")
def test_a_preview_counts_and_samples_in_two_statements() -> None:
    with CaptureQueriesContext(connection) as statements:
        shown = segments.preview("region = DE")

    assert str(shown) == "2 customers, for example K1 (K1), Bau & Söhne (K2)"
    assert len(statements) == 2


def test_a_segment_is_kept_once_under_its_name_and_changed_by_it() -> None:
    writer = person("writer")

    kept = segments.keep(" Bavaria ", query="region = BY", by=writer, now=NOW)
    changed = segments.keep("Bavaria", query="region = DE-BY", by=writer, now=NOW, segment=kept)

    assert segments.spec(changed) == {"query": "region = DE-BY", "segment": "Bavaria"}
    assert customers.matching(segments.spec(changed)).count() == 0
    with pytest.raises(segments.BadSegment):
        segments.keep("bavaria", query="region = BY", by=writer, now=NOW)
    with pytest.raises(segment_queries.QueryProblem):
        segments.keep("Other", query="colour = red", by=writer, now=NOW)
    assert Segment.objects.count() == 1
