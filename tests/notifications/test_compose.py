"""Writing messages: revisions, digests, edits, previews and what keeps a text from approval."""

from typing import Any

import pytest
from django.core import mail

from incidents import facts
from incidents.models import AuditEvent, Impact
from notifications import bodies, compose, rendering
from notifications.enums import ChannelName, MessageKind, MessageState
from notifications.models import Message, MessageRevision
from tests import factories_incidents as incidents
from tests import factories_messages as factory
from tests.factories_messages import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _company() -> None:
    factory.company()


def revision_of(message: Message) -> MessageRevision:
    return compose.current(message)


def test_draft_writes_the_first_revision_with_its_digest() -> None:
    incident = incidents.reported()

    first, second = factory.message(incident), factory.message(incident)

    revision = revision_of(first)
    assert (first.number, second.number, first.state, revision.number) == (1, 2, MessageState.DRAFT, 1)
    assert revision.sha256 == compose.digest(revision.content)
    assert revision.content["sender"] == {"from": "updates@northwind.example", "reply_to": "answers@northwind.example"}
    assert AuditEvent.objects.filter(action="message.drafted").count() == 2


def test_digest_covers_what_is_rendered_and_to_whom() -> None:
    incident = incidents.reported()
    base = revision_of(factory.message(incident)).sha256

    changes: list[dict[str, Any]] = [
        {"texts": {"en": factory.text(closing="Yours")}},
        {"values": {"en": factory.values(incident__cause="rust")}},
        {"audience": {"tiers": [1, 2, 3]}},
        {"channels": {"1": ["sms"]}},
        {"promises": {}},
        {"times": {"incident.eta": factory.NEXT}},
    ]
    others = {revision_of(factory.message(incident, **change)).sha256 for change in changes}

    assert len(others) == 6
    assert base not in others
    assert base == revision_of(factory.message(incident)).sha256


def test_draft_refuses_unknown_variables_with_their_place() -> None:
    with pytest.raises(rendering.BadText, match=r"“customer.email”.*line 1, column 4"):
        factory.message(texts={"en": factory.text(cause="{{ customer.email }}")})


def test_subject_may_name_what_is_the_customers_own() -> None:
    message = factory.message(texts={"en": factory.text(subject="{{ customer.affected_items }}: late")})
    customer = incidents.customer()
    Impact.objects.create(incident=message.incident, customer=customer, affected_items="order\n7", computed_tier=1)

    shown = compose.preview(message, customer=customer, channel=ChannelName.EMAIL_PERSONAL)

    assert shown.subject == "order 7: late"


def test_draft_accepts_the_facts_of_this_incident_alone() -> None:
    incident = incidents.reported()
    facts.seed(incident, definitions=[incidents.definition("facts.batch")])
    texts = {"en": factory.text(cause="Batch {{ facts.batch }}")}

    message = factory.message(incident, texts=texts)

    assert revision_of(message).content["facts_used"] == ["facts.batch"]
    with pytest.raises(rendering.BadText):
        factory.message(incidents.reported("Another"), texts=texts)


def test_edit_writes_a_new_revision_and_voids_the_review() -> None:
    message = factory.message()
    message.submit()
    message.save()

    revision = compose.edit(
        message,
        changes={"texts": {"en": factory.text(cause="A worn die.")}},
        by=incidents.person("olga"),
        now=NOW,
    )

    message = Message.objects.get(pk=message.pk)
    assert (revision.number, revision.author, message.current, message.state) == (
        2,
        incidents.person("olga"),
        revision,
        MessageState.DRAFT,
    )


def test_edit_that_changes_nothing_keeps_the_review() -> None:
    message = factory.message()
    message.submit()
    message.save()

    revision = compose.edit(message, changes={"texts": {"en": factory.text()}}, by=incidents.person("olga"), now=NOW)

    assert (revision.number, Message.objects.get(pk=message.pk).state) == (1, MessageState.IN_REVIEW)


def test_edit_refuses_fields_that_follow_from_elsewhere() -> None:
    with pytest.raises(compose.NotEditable, match="sender"):
        compose.edit(factory.message(), changes={"sender": {"from": "x@y.example"}}, by=None, now=NOW)


def test_edit_refuses_a_withdrawn_message() -> None:
    message = factory.message()
    message.cancel()
    message.save()

    with pytest.raises(compose.NotEditable, match="Cancelled"):
        compose.edit(message, changes={"promises": {}}, by=None, now=NOW)


def test_body_renders_a_group_with_markers_for_persons() -> None:
    revision = revision_of(factory.message(times={"incident.eta": "2026-11-25T16:00:00+00:00"}))

    rendered = compose.body(revision, language="en", tier=1, time_zone="Europe/Berlin")

    salutation, unsubscribe = rendering.marker("customer.salutation"), rendering.marker("link.unsubscribe")
    assert rendered.subject == f"Late bearings ({revision.message.incident.reference})"
    assert "Next update by 22 November 2026, 14:00 (Europe/Berlin)." in rendered.text
    assert "Ready by 25 November 2026, 17:00 (Europe/Berlin)." in rendered.text
    assert f"{salutation}," in rendered.text
    assert f"{salutation}," in rendered.html
    assert f'href="{unsubscribe}"' in rendered.html


def test_body_names_the_update_of_the_readers_tier() -> None:
    revision = revision_of(factory.message())

    rendered = compose.body(revision, language="en", tier=3, time_zone="UTC")

    assert "Next update by 23 November 2026, 09:00 (UTC)." in rendered.text


def test_essential_notices_carry_no_unsubscribe_line() -> None:
    revision = revision_of(factory.message(kind=MessageKind.FIRST_NOTICE))

    rendered = compose.body(revision, language="en", tier=1, time_zone="UTC")

    assert rendering.marker("link.unsubscribe") not in rendered.text + rendered.html
    assert rendering.marker("link.portal") in rendered.text


def test_reader_without_their_language_gets_the_fallback_and_a_line_saying_so() -> None:
    revision = revision_of(factory.message())

    rendered = compose.body(revision, language="zh", tier=1, time_zone="UTC")

    assert rendered.text.startswith("本通知暂无中文版本，以下为原文。\n\nLate bearings")
    assert '<html lang="en"' in rendered.html
    assert 'lang="zh"' in rendered.html


def test_public_version_is_nobodys() -> None:
    shown = compose.public_body(revision_of(factory.message()), language="en")

    assert "To our customers," in shown.text
    assert "Affected at your side: all orders of November." in shown.text
    assert "Customer desk, 0800 555 0100" in shown.text
    assert "23 November 2026, 10:00 (Europe/Berlin)" in shown.text
    assert rendering.MARKER_OPEN not in shown.text + shown.html


def test_values_stay_text_in_the_html_part() -> None:
    values = factory.values(incident__cause="*5* # <script>alert(1)</script> [x](javascript:alert(1))")

    rendered = compose.body(revision_of(factory.message(values={"en": values})), language="en", tier=1, time_zone="UTC")

    assert "*5* # &lt;script&gt;alert(1)&lt;/script&gt; [x](javascript:alert(1))" in rendered.html
    assert values["incident.cause"] in rendered.text


def test_preview_shows_one_customers_own_values() -> None:
    message = factory.message(kind=MessageKind.FIRST_NOTICE)
    manager = incidents.person("mia", first_name="Mia", last_name="Berg")
    customer = incidents.customer(name="Anna Li", account_manager=manager, time_zone="Asia/Shanghai")
    Impact.objects.create(incident=message.incident, customer=customer, affected_items="order 7", computed_tier=1)

    shown = compose.preview(message, customer=customer, channel=ChannelName.EMAIL_PERSONAL, language=None)

    assert "Dear Anna Li," in shown.text
    assert "order 7" in shown.text
    assert "Mia Berg, 0800 555 0100" in shown.text
    assert "22 November 2026, 21:00 (Asia/Shanghai)" in shown.text
    assert rendering.MARKER_OPEN not in shown.text + shown.html


def test_preview_of_the_page_holds_nothing_personal() -> None:
    message = factory.message()
    customer = incidents.customer(name="Anna Li", salutation="Dear Ms Li")

    shown = compose.preview(message, customer=customer, channel=ChannelName.STATUS_PAGE, language="en")

    assert "Li" not in shown.text + shown.html


def test_preview_of_a_short_text_is_one_line() -> None:
    shown = compose.preview(factory.message(), customer=None, channel=ChannelName.SMS, language="en")

    assert shown.text == "Late bearings. Next update 23 November 2026, 10:00 (Europe/Berlin). 0800 555 0100"


def test_splicing_escapes_in_html_alone() -> None:
    mark = rendering.marker("customer.salutation")

    shown = bodies.splice(bodies.Body("s", mark, f"<p>{mark}</p>"), {"customer.salutation": "A & <b>\u202e"})

    assert shown == bodies.Body("s", "A & <b>", "<p>A &amp; &lt;b&gt;</p>")


def test_test_mail_goes_to_the_writer_alone() -> None:
    compose.send_test(factory.message(), to=incidents.person("ann", email="ann@northwind.example"), now=NOW)

    assert [(one.to, one.subject[:20]) for one in mail.outbox] == [(["ann@northwind.example"], "[TEST] Late bearings")]


def test_test_mail_needs_an_address() -> None:
    with pytest.raises(compose.NoAddress):
        compose.send_test(factory.message(), to=incidents.person("ann"), now=NOW)


def test_a_whole_text_has_no_problems() -> None:
    assert compose.problems(factory.message()) == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"values": {"en": factory.values(incident__cause="")}}, "English: “Cause” (incident.cause) has no value"),
        ({"values": {"en": factory.values(incident__scope="")}}, "customer.affected_items"),
        ({"texts": {"en": factory.text(closing="{% if incident.eta %}x{% endif %}")}}, "“closing” is empty"),
        ({"promises": {"1": {"next_update_at": factory.NEXT}}}, "update.next_due_at"),
        ({"texts": {"en": factory.text(contact="Ask us.", short_text="Hello")}}, "No telephone number"),
        ({"texts": {"en": factory.text(commitment="We will write.", short_text="Hi")}}, "does not name the time"),
        ({"elements_required": ["remedy"]}, "“remedy” is empty"),
        ({"texts": {}}, "no text in any language"),
        ({"texts": {"en": factory.text(), "ru": factory.text()}}, "Russian: “Title” (incident.title) has no value"),
    ],
)
def test_problems_name_what_is_missing(change: dict[str, Any], problem: str) -> None:
    assert problem in "\n".join(compose.problems(factory.message(**change)))


def test_a_changed_fact_makes_a_text_stale() -> None:
    incident = incidents.reported()
    facts.seed(incident, definitions=[incidents.definition("incident.cause")])
    incidents.put(incident, "incident.cause", en="a worn die")
    sheet = facts.confirm(facts.freeze(incident, by=incidents.person(), now=NOW), by=incidents.person("max"), now=NOW)
    message = factory.message(incident, fact_sheet=sheet)
    assert compose.problems(message) == []

    incidents.put(incident, "incident.cause", en="rust")
    facts.confirm(facts.freeze(incident, by=incidents.person(), now=NOW), by=incidents.person("max"), now=NOW)

    assert compose.problems(message) == [
        "Facts were confirmed differently since this was written: Cause. Take the new values over."
    ]


@pytest.mark.parametrize(
    ("line", "change", "problem"),
    [
        (
            incidents.definition("incident.cause"),
            {"values": {"en": factory.values(incident__cause="rust")}},
            "“Cause” contradicts the fact sheet: take its value over.",
        ),
        (
            incidents.definition("incident.cause", publishable=False),
            {},
            "“Cause” may not appear in a message to customers.",
        ),
        (incidents.definition("incident.cause"), {}, None),
    ],
)
def test_a_text_does_not_contradict_its_fact_sheet(
    line: dict[str, Any], change: dict[str, Any], problem: str | None
) -> None:
    incident = incidents.reported()
    facts.seed(incident, definitions=[line])
    incidents.put(incident, "incident.cause", en="a worn die")
    sheet = facts.confirm(facts.freeze(incident, by=incidents.person(), now=NOW), by=incidents.person("max"), now=NOW)

    found = compose.problems(factory.message(incident, fact_sheet=sheet, **change))

    assert found == ([problem] if problem else [])


def test_a_moment_does_not_contradict_its_fact_sheet() -> None:
    incident = incidents.reported()
    facts.seed(incident, definitions=[incidents.definition("incident.eta", kind="datetime")])
    incidents.put(incident, "incident.eta", **{"": "2026-11-25T16:00:00+00:00"})
    sheet = facts.confirm(facts.freeze(incident, by=incidents.person(), now=NOW), by=incidents.person("max"), now=NOW)

    told = [
        factory.message(incident, fact_sheet=sheet, times={"incident.eta": moment})
        for moment in ("2026-11-25T17:00:00+01:00", "2026-11-25T18:00:00+01:00")
    ]

    assert [compose.problems(message) for message in told] == [
        [],
        ["“Estimated time of resolution” contradicts the fact sheet: take its value over."],
    ]
