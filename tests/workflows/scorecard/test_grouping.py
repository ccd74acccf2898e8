"""The grouping of figures is data: every metric once, under one pillar and one goal or none, in three languages."""

from typing import Any

import pytest

from workflows import playbooks
from workflows.scorecard import grouping

KNOWN = frozenset({"speed", "mood"})
NAME = {"zh": "名", "en": "Name", "ru": "Имя"}
CONTENT: dict[str, Any] = {
    "pillars": [{"id": "timely", "name": NAME}],
    "goals": [{"id": "brand", "name": NAME}],
    "metrics": [
        {"id": "speed", "pillar": "timely", "goal": "none", "target": 1},
        {"id": "mood", "pillar": "none", "goal": "brand"},
    ],
}


def test_the_shipped_grouping_names_every_metric_and_the_pillars_and_goals_of_the_house() -> None:
    shipped = grouping.shipped()

    assert [one.id for one in shipped.pillars] == ["timely", "transparent", "empathic", "action_plan"]
    assert [one.id for one in shipped.goals] == ["brand", "satisfaction", "improvement", "competitiveness"]
    assert all(one.metrics for one in (*shipped.pillars, *shipped.goals))
    assert shipped.targets.keys() <= playbooks.ids("metrics")


def test_a_grouping_is_read() -> None:
    assert grouping.of(CONTENT, known=KNOWN) == grouping.Grouping(
        pillars=(grouping.Group("timely", NAME, ("speed",)),),
        goals=(grouping.Group("brand", NAME, ("mood",)),),
        targets={"speed": 1.0},
    )


def test_each_fault_is_named() -> None:
    wrong = {**CONTENT, "goals": [{"id": "brand", "name": {"zh": "名", "en": "Name"}}]}
    wrong["metrics"] = [
        {"id": "speed", "pillar": "fast", "goal": "none", "target": "all"},
        {"id": "speed", "pillar": "timely"},
        {"id": "noise", "pillar": "none", "goal": "none"},
    ]

    with pytest.raises(grouping.GroupingFaulty) as refused:
        grouping.of(wrong, known=KNOWN)

    assert refused.value.faults == [
        "scorecard.yaml: speed stands 2 times, once is expected",
        "scorecard.yaml: noise is no metric",
        "scorecard.yaml: mood is missing",
        "scorecard.yaml: speed names the pillar 'fast', which there is not",
        "scorecard.yaml: goal brand has no name in ru",
        "scorecard.yaml: speed names the goal None, which there is not",
        "scorecard.yaml: the target of speed is no number",
    ]
    with pytest.raises(grouping.GroupingFaulty, match="expected the lists"):
        grouping.of({"pillars": []}, known=KNOWN)
