"""Each group has exactly the permissions of the matrix beside this file, and none of them can do everything."""

from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.db import connection

from crisiscomm.groups import GroupName, make_groups

pytestmark = pytest.mark.django_db
MATRIX = Path(__file__).with_name("groups.txt")
LETTERS = dict(zip("LWASMV", GroupName, strict=True))
NEVER = {"incidents.change_user", "incidents.add_user", "incidents.add_apitoken", "notifications.add_webhookendpoint"}


def stated() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {name.value: set() for name in GroupName}
    for line in MATRIX.read_text(encoding="utf-8").splitlines():
        permission, _space, letters = line.partition(" ")
        for letter in letters.replace(".", "").replace(" ", ""):
            found[LETTERS[letter].value].add(permission)
    return found


def real() -> dict[str, set[str]]:
    return {
        group.name: {
            f"{p.content_type.app_label}.{p.codename}" for p in group.permissions.select_related("content_type")
        }
        for group in Group.objects.order_by("name")
    }


def test_every_group_has_exactly_what_the_matrix_says() -> None:
    assert real() == stated()


def test_making_groups_again_mends_them() -> None:
    viewer = Group.objects.get(name=GroupName.VIEWER.value)
    viewer.permissions.set(Group.objects.get(name=GroupName.CRISIS_LEAD.value).permissions.all())

    make_groups(using=connection.alias)

    assert real() == stated()


def test_no_group_deletes_or_makes_people_and_viewers_only_view() -> None:
    everything = set().union(*stated().values())

    assert {permission for permission in everything if ".delete_" in permission} | (everything & NEVER) == set()
    # Whoever notices something reports it; what becomes of it, others decide.
    assert {p for p in stated()[GroupName.VIEWER.value] if ".view_" not in p} == {"incidents.add_incident"}
