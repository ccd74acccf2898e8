"""The public page: published notices alone, in the reader's language, for people and for programs."""

from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client

from incidents import clock
from incidents.models import Incident
from notifications.models import PagePost
from tests import factories_incidents as incidents
from tests import factories_messages as messages
from tests import factories_public as public

pytestmark = pytest.mark.django_db

URL = "http://127.0.0.1:8000/status/"
PAGES = (
    "/status/",
    "/status/feed.atom",
    "/status/api/v2/status.json",
    "/status/api/v2/summary.json",
    "/status/api/v2/incidents.json",
    "/status/api/v2/incidents/unresolved.json",
)


@pytest.fixture
def post() -> PagePost:
    """A notice about a live incident."""
    messages.company()
    return public.post(public.released(incidents.reported()), published_at=clock.now() - timedelta(hours=2))


def iso(moment: Any) -> str:
    return str(moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"))


def test_nothing_published_means_nothing_shown(client: Client) -> None:
    incident = incidents.reported("Secret working title")
    messages.company()
    public.delivery(public.released(incident), public.customer())
    messages.message(incident)

    bodies = [client.get(path).content.decode() for path in PAGES]

    assert not any(word in body for body in bodies for word in ("Secret", incident.reference, "Late bearings"))
    assert client.get(f"/status/{incident.reference}/").status_code == 404
    assert client.get("/status/api/v2/status.json").json()["status"] == {
        "indicator": "none",
        "description": "No known incidents",
    }


def test_an_exercise_is_never_shown(client: Client, post: PagePost) -> None:
    Incident.objects.update(is_drill=True)

    assert client.get("/status/api/v2/incidents.json").json()["incidents"] == []
    assert client.get(f"/status/{post.incident.reference}/").status_code == 404


def test_the_summary_has_the_shape_other_programs_know(client: Client, post: PagePost) -> None:
    body = client.get("/status/api/v2/summary.json").json()

    assert body == {
        "page": {
            "id": "crisiscomm",
            "name": "Northwind Bearings",
            "url": URL,
            "time_zone": "Europe/Berlin",
            "updated_at": iso(post.published_at),
        },
        "status": {"indicator": "major", "description": "Major incident"},
        "components": [],
        "incidents": [incident_json(post)],
        "scheduled_maintenances": [],
    }


def incident_json(post: PagePost) -> dict[str, Any]:
    at, reference = iso(post.published_at), post.incident.reference
    update = {"id": str(post.pk), "status": "investigating", "body": "Notice in en", "incident_id": reference}
    moments = {"created_at": at, "updated_at": at}
    return {
        "id": reference,
        "name": "Late bearings",
        "status": "investigating",
        **moments,
        "started_at": at,
        "monitoring_at": None,
        "resolved_at": None,
        "impact": "major",
        "shortlink": f"{URL}{reference}/",
        "page_id": "crisiscomm",
        "components": [],
        "incident_updates": [{**update, **moments, "display_at": at, "affected_components": [], "corrected_at": None}],
    }


def test_a_resolved_incident_moves_to_the_past(client: Client, post: PagePost) -> None:
    end = clock.now()
    public.post(public.released(post.incident), status="resolved", published_at=end)

    listed = client.get("/status/api/v2/incidents.json").json()["incidents"]
    unresolved = client.get("/status/api/v2/incidents/unresolved.json").json()["incidents"]
    status = client.get("/status/api/v2/status.json").json()["status"]["indicator"]

    assert [(one["status"], one["resolved_at"], len(one["incident_updates"])) for one in listed] == [
        ("resolved", iso(end), 2)
    ]
    assert (unresolved, status) == ([], "none")


def test_old_incidents_leave_the_page_but_keep_their_address(client: Client, post: PagePost) -> None:
    PagePost.objects.update(status="resolved", published_at=clock.now() - timedelta(days=91))

    assert client.get("/status/api/v2/incidents.json").json()["incidents"] == []
    assert client.get(f"/status/{post.incident.reference}/").status_code == 200


def test_a_corrected_notice_is_marked_and_no_longer_speaks(client: Client, post: PagePost) -> None:
    PagePost.objects.update(superseded_at=clock.now())
    public.post(public.released(post.incident), impact="minor", published_at=clock.now() - timedelta(hours=1))

    html = client.get(f"/status/{post.incident.reference}/").content.decode()
    status = client.get("/status/api/v2/status.json").json()["status"]["indicator"]

    assert html.count("This notice has been corrected") == 1
    assert status == "minor"


@pytest.mark.parametrize(
    ("query", "header", "tag"),
    [
        ("", "ru-RU,ru;q=0.9,en;q=0.8", "ru"),
        ("", "zh-CN,zh;q=0.9", "zh-Hans"),
        ("", "fr-FR", "en"),
        ("?lang=zh", "ru", "zh-Hans"),
        ("?lang=xx", "ru", "ru"),
    ],
)
def test_the_reader_chooses_the_language(client: Client, post: PagePost, query: str, header: str, tag: str) -> None:
    response = client.get(f"/status/{query}", headers={"Accept-Language": header})

    assert f'<html lang="{tag}">' in response.content.decode()
    assert (response["Content-Language"], response["Vary"]) == (tag, "Accept-Language")


def test_a_missing_language_falls_back_and_says_which_it_is(client: Client, post: PagePost) -> None:
    PagePost.objects.update(texts={"en": {"title": "T", "html": "<p>H</p>", "text": "H"}}, incident_title={"en": "T"})

    html = client.get("/status/?lang=ru").content.decode()

    assert '<div lang="en" class="text">' in html


@pytest.mark.parametrize("path", PAGES)
def test_answers_are_fresh_for_five_seconds_and_cheap_to_ask_again(client: Client, post: PagePost, path: str) -> None:
    response = client.get(path)
    again = client.get(path, headers={"If-None-Match": response["ETag"]})

    assert (response["Cache-Control"], again.status_code, response.cookies) == ("public, max-age=5", 304, {})


def test_posting_is_refused(client: Client) -> None:
    assert client.post("/status/").status_code == 405


def test_the_feed_is_well_formed_and_newest_first(client: Client, post: PagePost) -> None:
    public.post(public.released(post.incident), published_at=clock.now())

    feed = ElementTree.fromstring(client.get("/status/feed.atom?lang=ru").content)

    atom = "{http://www.w3.org/2005/Atom}"
    assert feed.attrib["{http://www.w3.org/XML/1998/namespace}lang"] == "ru"
    updated = [str(entry.findtext(f"{atom}published")) for entry in feed.findall(f"{atom}entry")]
    assert (len(updated), updated) == (2, sorted(updated, reverse=True))


def test_the_page_asks_the_database_as_often_for_one_notice_as_for_many(
    client: Client, post: PagePost, django_assert_num_queries: Any
) -> None:
    for _ in range(3):
        public.post(public.released(incidents.reported()))

    with django_assert_num_queries(6):
        client.get("/status/")
