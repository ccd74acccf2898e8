"""How long callers wait: reported with source and time, told only while it is fresh."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from crisiscomm.groups import GroupName
from incidents import hotline
from incidents.models import Company, HotlineWait
from tests.factories import company
from tests.factories_admin import client_of, member
from tests.factories_incidents import NOW, person

pytestmark = pytest.mark.django_db


def figure(minutes: float = 7, *, ago: timedelta = timedelta(), source: str = "telephone system") -> hotline.Figure:
    return hotline.Figure(timedelta(minutes=minutes), NOW - ago, source)


def report(minutes: float = 7, *, ago: timedelta = timedelta()) -> HotlineWait:
    return hotline.report(figure(minutes, ago=ago), by=person(), now=NOW)


def test_the_newest_figure_is_told_until_it_is_old() -> None:
    ours = company(hotline_wait_is_fresh_for=timedelta(minutes=30))
    newest, _older = report(ago=timedelta(minutes=5)), report(3, ago=timedelta(minutes=20))

    told = [hotline.current(ours, now=NOW + later) for later in (timedelta(minutes=24), timedelta(minutes=25))]

    assert told == [newest, None]
    assert hotline.current(ours, now=NOW - timedelta(hours=1)) is None


def test_a_wait_is_rounded_up_to_minutes() -> None:
    assert [report(minutes).minutes for minutes in (0, 0.5, 7, 7.01)] == [0, 1, 7, 8]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (figure(source="  "), "where the figure comes from"),
        (figure(-1), "between 0 and 720"),
        (figure(721), "between 0 and 720"),
        (figure(ago=timedelta(minutes=-3)), "in the future"),
    ],
)
def test_a_figure_that_cannot_be_is_refused(given: hotline.Figure, sentence: str) -> None:
    with pytest.raises(hotline.BadFigure, match=sentence):
        hotline.report(given, by=person(), now=NOW)


def test_a_clock_a_little_ahead_is_no_forecast() -> None:
    assert report(ago=timedelta(minutes=-1)).measured_at == NOW


def test_a_person_reports_on_one_page_and_a_viewer_does_not() -> None:
    page = reverse("admin:incidents_hotlinewait_report")
    agent, viewer = client_of(member(GroupName.SUPPORT_AGENT)), client_of(member(GroupName.VIEWER))
    form = {"minutes": "12", "measured_at_0": "2026-11-22", "measured_at_1": "08:00:00", "source": "seen by the agent"}

    refused, asked = viewer.post(page, form), agent.get(page)
    taken = agent.post(page, {**form, "measured_at": "2025-11-22 08:00:00"})

    assert (refused.status_code, asked.status_code, taken.status_code) == (403, 200, 302)
    assert list(HotlineWait.objects.values_list("wait", "source")) == [(timedelta(minutes=12), "seen by the agent")]


@pytest.mark.parametrize("address", ["http://chat.example", "javascript:alert(1)", "chat"])
def test_the_chat_is_an_https_address(address: str) -> None:
    ours: Company = company()

    ours.chat_url = address

    with pytest.raises(ValidationError, match="valid URL"):
        ours.full_clean()
    with pytest.raises(IntegrityError, match="chat_is_https"), transaction.atomic():
        ours.save()
