"""Who is affected, and the tier that follows: by score, by harm, by a person's word."""

from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from incidents import customers as filters
from incidents import impacts
from incidents.enums import Harm, Tier
from incidents.models import AuditEvent, Impact, Incident, TimelineEntry
from incidents.phases import Phase
from tests.factories_customers import NOW, customer, customers, impact, incident, person, written

pytestmark = pytest.mark.django_db


def tiers(about: Incident) -> dict[str, int | None]:
    return dict(Impact.objects.filter(incident=about).values_list("customer__crm_id", "tier"))


# --- adding ----------------------------------------------------------------------------------------


def test_add_all_takes_every_active_customer_once() -> None:
    about, by = incident(), person()
    customers(3)
    customer("gone", is_active=False)

    first = impacts.add_all(about, by=by, now=NOW)
    again = impacts.add_all(about, by=by, now=NOW)

    assert first == impacts.Added(added=3, already=0, tiers={1: 0, 2: 3, 3: 0})
    assert again == impacts.Added(added=0, already=3, tiers={1: 0, 2: 3, 3: 0})
    assert list(Impact.objects.values_list("harm", "degree", "is_defaulted").distinct()) == [("inconvenience", 2, True)]
    assert list(AuditEvent.objects.order_by("pk").values_list("action", "data")) == [
        ("impacts.added", {"how": "all", "added": 3}),
        ("impacts.added", {"how": "all", "added": 0}),
    ]
    assert TimelineEntry.objects.filter(incident=about).count() == 2


def test_add_by_filter_takes_whom_it_finds() -> None:
    about, by = incident(), person()
    customer("K1", region="DE")
    customer("K2", region="CN")

    added = impacts.add_by_filter(about, spec={"region": ["DE"]}, by=by, now=NOW)

    assert (added.added, tiers(about)) == (1, {"K1": 2})
    with pytest.raises(filters.UnknownFilter, match="“colour” is not known"):
        impacts.add_by_filter(about, spec={"colour": ["red"]}, by=by, now=NOW)


def test_add_by_crm_ids_names_ids_nobody_has() -> None:
    about, by = incident(), person()
    customers(3)

    added = impacts.add_by_crm_ids(
        about, crm_ids=[" K0001", "K0002", "X9", "K0001"], tier=Tier.ONE, reason="key accounts", by=by, now=NOW
    )

    assert added == impacts.Added(added=2, already=0, tiers={1: 2, 2: 0, 3: 0}, unknown=["X9"])
    assert str(added) == "2 affected customers added, 0 were on the list. No customer has the id X9."
    assert list(Impact.objects.values_list("computed_tier", "override_reason").distinct()) == [(2, "key accounts")]


def test_add_by_crm_ids_with_a_tier_wants_a_reason_and_changes_nothing_without() -> None:
    about, by = incident(), person()
    customers(1)

    with pytest.raises(impacts.OverrideRefused, match="Say why"):
        impacts.add_by_crm_ids(about, crm_ids=["K0001"], tier=Tier.ONE, by=by, now=NOW)

    assert Impact.objects.count() == 0


def test_ids_are_found_in_pasted_text() -> None:
    assert impacts.ids_in("K1, K2;K3\r\n K4\tK5，K6、K1\n\n") == ["K1", "K2", "K3", "K4", "K5", "K6"]


def test_add_from_file_gathers_lines_and_names_bad_ones(tmp_path: Path) -> None:
    about, by = incident(), person()
    customer("K1")
    customer("K2")
    lines = [
        "客户编号;degree;harm;受影响产品;other",
        "K1;1;不便;order 1;x",
        "K1;高;停产;order 2;y",
        "X9;1;none;order 3;z",
        "K2;7;none;;",
        "K2;;;;",
    ]

    report = impacts.add_from_file(about, path=written(tmp_path / "hit.csv", lines), by=by, now=NOW)

    assert [(error.line, error.column) for error in report.errors] == [(4, "crm_id"), (5, "degree")]
    assert (report.created, report.changed, report.unchanged, report.bad_lines) == (2, 0, 0, 2)
    rows = Impact.objects.order_by("customer__crm_id").values_list(
        "degree", "harm", "affected_items", "is_defaulted", "tier"
    )
    assert list(rows) == [
        (3, "operational", "order 1\norder 2", False, 1),
        (2, "inconvenience", "", True, 2),
    ]
    again = impacts.add_from_file(about, path=tmp_path / "hit.csv", by=by, now=NOW)
    assert (again.created, again.changed, again.unchanged) == (0, 0, 2)


def test_harm_that_comes_later_ends_a_lower_override(tmp_path: Path) -> None:
    about, by = incident(), person()
    impact(about, customer("K1"), override_tier=Tier.THREE, override_reason="small", override_by=by)

    report = impacts.add_from_file(
        about, path=written(tmp_path / "hit.csv", ["crm_id,harm", "K1,safety"]), by=by, now=NOW
    )

    assert (report.overrides_ended, tiers(about)) == (["K1"], {"K1": 1})
    assert AuditEvent.objects.get().data["overrides_ended"] == ["K1"]


def test_nobody_is_added_to_a_closed_incident() -> None:
    about, by = incident(), person()
    customers(1)
    about.__dict__["phase"] = Phase.CLOSED

    with pytest.raises(impacts.IncidentIsOver):
        impacts.add_all(about, by=by, now=NOW)

    assert Impact.objects.count() == 0


# --- tiers -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scores", "harm", "tier", "arithmetic"),
    [
        ((3, 2, 2), Harm.FINANCIAL, 1, "3 x 2 x 2 = 12 -> tier 1"),
        ((3, 3, 1), Harm.FINANCIAL, 2, "3 x 3 x 1 = 9 -> tier 2"),
        ((2, 2, 1), Harm.NONE, 2, "2 x 2 x 1 = 4 -> tier 2"),
        ((3, 1, 1), Harm.NONE, 3, "3 x 1 x 1 = 3 -> tier 3"),
        ((1, 1, 1), Harm.SAFETY, 1, "safety -> tier 1"),
        ((1, 1, 1), Harm.LEGAL_RIGHT, 1, "legal right -> tier 1"),
        ((1, 2, 1), Harm.OPERATIONAL, 2, "1 x 2 x 1 = 2, operations stop -> tier 2"),
        ((1, 3, 1), Harm.OPERATIONAL, 1, "1 x 3 x 1 = 3, operations stop -> tier 1"),
        ((3, 2, 3), Harm.OPERATIONAL, 1, "3 x 2 x 3 = 18 -> tier 1"),
        ((2, 2, 2), Harm.OPERATIONAL, 2, "2 x 2 x 2 = 8 -> tier 2"),
    ],
)
def test_tier_follows_from_score_and_harm(scores: tuple[int, int, int], harm: Harm, tier: int, arithmetic: str) -> None:
    about = incident()
    importance, degree, closeness = scores
    impact(about, customer(importance=importance, closeness=closeness), degree=degree, harm=harm)

    impacts.recompute(about, now=NOW)

    found = Impact.objects.values_list("score", "computed_tier", "tier", "arithmetic").get()
    assert found == (importance * degree * closeness, tier, tier, arithmetic)


def test_recompute_keeps_overrides_and_other_incidents() -> None:
    about, other, by = incident(), incident("INC-2026-0002"), person()
    owner = customer(importance=3, closeness=3)
    impact(about, owner, override_tier=Tier.THREE, override_reason="asked for letters", override_by=by)
    impact(other, owner)

    counted = impacts.recompute(about, now=NOW)

    assert counted == {1: 0, 2: 0, 3: 1}
    assert Impact.objects.filter(incident=about).values_list("computed_tier", "tier").get() == (1, 3)
    assert tiers(other) == {"K1": None}


def test_override_is_told_and_lifted() -> None:
    about, by = incident(), person()
    customers(2)
    impacts.add_all(about, by=by, now=NOW)

    changed = impacts.override(about, crm_ids=["K0001"], tier=Tier.ONE, reason="line at risk", by=by, now=NOW)

    assert (changed, tiers(about)) == (1, {"K0001": 1, "K0002": 2})
    last = AuditEvent.objects.order_by("-pk").values_list("action", "actor", "data").first()
    assert last == ("impacts.overridden", by.pk, {"tier": 1, "reason": "line at risk", "before": {"K0001": 2}})
    assert impacts.lift_override(about, crm_ids=["K0001"], by=by, now=NOW) == 1
    assert tiers(about) == {"K0001": 2, "K0002": 2}


@pytest.mark.parametrize("harm", [Harm.SAFETY, Harm.LEGAL_RIGHT])
def test_harm_and_rights_are_never_put_lower(harm: Harm) -> None:
    about, by = incident(), person()
    impact(about, customer("K1"), harm=harm)
    impact(about, customer("K2"))
    impacts.recompute(about, now=NOW)

    with pytest.raises(impacts.OverrideRefused, match="keeps a customer in tier 1.*: K1\\.") as refused:
        impacts.override(about, crm_ids=["K1", "K2"], tier=Tier.TWO, reason="small", by=by, now=NOW)

    assert (refused.value.crm_ids, tiers(about)) == (["K1"], {"K1": 1, "K2": 2})
    with pytest.raises(IntegrityError):
        Impact.objects.filter(harm=harm).update(override_tier=Tier.TWO, override_reason="small")


@pytest.mark.parametrize(
    ("crm_ids", "reason", "sentence"),
    [
        (["K1", "X9"], "why", "Not on the list of affected customers: X9. Add them first."),
        ([], "why", "Not on the list of affected customers: –. Add them first."),
        (["K1"], "  ", "Say why these customers are put into another tier: the reason is read in the review."),
    ],
)
def test_override_is_refused(crm_ids: list[str], reason: str, sentence: str) -> None:
    about, by = incident(), person()
    impact(about, customer("K1"))

    with pytest.raises(impacts.OverrideRefused) as refused:
        impacts.override(about, crm_ids=crm_ids, tier=Tier.ONE, reason=reason, by=by, now=NOW)

    assert str(refused.value) == sentence
    assert Impact.objects.filter(override_tier=None).count() == 1


def queries(action: Any) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        action()
    return len(captured)


def test_as_many_queries_for_three_as_for_three_hundred(tmp_path: Path) -> None:
    by = person()

    def counted(number: int, reference: str) -> list[int]:
        about = incident(reference)
        ids = [f"{reference}-{place}" for place in range(number)]
        for crm_id in ids:
            customer(crm_id)
        path = written(tmp_path / f"{reference}.csv", ["crm_id,degree", *(f"{crm_id},3" for crm_id in ids)])
        return [
            queries(lambda: impacts.add_by_crm_ids(about, crm_ids=ids, tier=Tier.ONE, reason="x", by=by, now=NOW)),
            queries(lambda: impacts.add_from_file(about, path=path, by=by, now=NOW)),
            queries(lambda: impacts.override(about, crm_ids=ids, tier=Tier.TWO, reason="x", by=by, now=NOW)),
            queries(lambda: impacts.add_all(about, by=by, now=NOW)),
            queries(lambda: impacts.recompute(about, now=NOW)),
        ]

    assert counted(3, "INC-2026-0003") == counted(300, "INC-2026-0300")
