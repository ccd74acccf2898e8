"""What the screens of the incident side let people do, and what they keep from them."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from crisiscomm.groups import GroupName
from incidents import commitments, feedback
from incidents.enums import FeedbackState
from incidents.models import ApiToken, AuditEvent, Company, ContactPoint, Customer, CustomerFile, Feedback, User
from tests.factories import company
from tests.factories_admin import client_of, member
from tests.factories_customers import address
from tests.factories_incidents import NOW, customer, person, reported

pytestmark = pytest.mark.django_db
MAIL = "anna@nordbahn.example"


@pytest.mark.parametrize(
    ("group", "is_shown"),
    [
        (GroupName.CRISIS_LEAD, True),
        (GroupName.ACCOUNT_MANAGER, True),
        (GroupName.SUPPORT_AGENT, True),
        (GroupName.COMMUNICATIONS_WRITER, False),
        (GroupName.APPROVER, False),
        (GroupName.VIEWER, False),
    ],
)
def test_addresses_are_masked_for_who_need_not_write(group: GroupName, is_shown: bool) -> None:
    owner = customer()
    address(owner, MAIL)
    client = client_of(member(group))
    pages = [
        reverse("admin:incidents_customer_changelist"),
        reverse("admin:incidents_customer_change", args=[owner.pk]),
    ]

    texts = [client.get(page).content.decode() for page in pages]

    assert [MAIL in text for text in texts] == [is_shown, is_shown]
    assert ["a…@n….example" in text for text in texts] == [not is_shown, not is_shown]


def test_all_customers_are_exported_by_the_lead_alone_and_it_is_noted() -> None:
    address(customer(name="=1+1"), MAIL)
    page = reverse("admin:incidents_customer_export")
    manager, lead = client_of(member(GroupName.ACCOUNT_MANAGER)), client_of(member(GroupName.CRISIS_LEAD))

    refused, asked, taken = manager.post(page), lead.get(page), lead.post(page)
    text = b"".join(taken.streaming_content).decode()  # type: ignore[attr-defined]

    assert (refused.status_code, asked.status_code, taken.headers["Content-Disposition"]) == (
        403,
        200,
        'attachment; filename="customers.csv"',
    )
    assert MAIL in text
    assert "'=1+1" in text
    noted = AuditEvent.objects.get(action="customers.exported")
    assert (noted.actor, noted.data) == (User.objects.get(username="crisis-lead"), {"customers": 1})


def test_a_file_is_uploaded_looked_at_and_imported_once() -> None:
    client = client_of(member(GroupName.ACCOUNT_MANAGER))
    file = SimpleUploadedFile("kunden.csv", f"crm_id,name,email\nA1,Öl AG,{MAIL}\nA2,X,nobody\n".encode())

    client.post(reverse("admin:incidents_customerfile_upload"), {"file": file})
    stored = CustomerFile.objects.defer(None).get()
    look = reverse("admin:incidents_customerfile_look", args=[stored.pk])
    shown = client.get(look)
    before = Customer.objects.count()
    client.post(look, {"encoding": ""})
    again = client.post(look, {"encoding": ""}, follow=True)
    bad = client.post(reverse("admin:incidents_customerfile_bad_lines", args=[stored.pk]))

    assert "Öl AG" in shown.content.decode()
    assert (before, Customer.objects.count()) == (0, 1)
    stored.refresh_from_db()
    assert (bytes(stored.content), stored.report["bad_lines"]) == (b"", 1)
    assert [str(message) for message in again.context["messages"]][-1].startswith("This file was imported already")
    assert "nobody" in b"".join(bad.streaming_content).decode()  # type: ignore[attr-defined]


def test_an_encoding_that_is_not_known_is_chosen_by_a_person() -> None:
    client = client_of(member(GroupName.ACCOUNT_MANAGER))
    content = "код клиента;название\n1;ООО Ромашка\n2;ЗАО Восход\n".encode("cp1251")
    client.post(reverse("admin:incidents_customerfile_upload"), {"file": SimpleUploadedFile("list.csv", content)})
    look = reverse("admin:incidents_customerfile_look", args=[CustomerFile.objects.get().pk])

    asked = client.get(look).content.decode()
    client.post(look, {"encoding": ""})
    unread = Customer.objects.count()
    client.post(look, {"encoding": "cp1251"})

    assert "?encoding=cp1251" in asked
    assert unread == 0
    assert list(Customer.objects.order_by("crm_id").values_list("name", flat=True)) == ["ООО Ромашка", "ЗАО Восход"]


def test_feedback_is_logged_answered_and_closed() -> None:
    incident, agent = reported(), member(GroupName.SUPPORT_AGENT)
    client = client_of(agent)
    words = {
        "incident": incident.pk,
        "verbatim": "<script>alert(1)</script> When?",
        "kind": "question",
        "mood": "angry",
    }

    client.post(reverse("admin:incidents_feedback_add"), {**words, "due_at_0": "", "due_at_1": ""})
    entry = Feedback.objects.get()
    text = client.get(reverse("admin:incidents_feedback_change", args=[entry.pk])).content.decode()
    client.post(reverse("admin:incidents_feedback_answer", args=[entry.pk]), {"answer": "On Friday."})
    client.post(reverse("admin:incidents_feedback_close", args=[entry.pk]))

    entry.refresh_from_db()
    assert (entry.logged_by, entry.answer, entry.state) == (agent, "On Friday.", FeedbackState.CLOSED)
    assert "<script>alert(1)" not in text


def test_what_a_customer_said_is_not_rewritten() -> None:
    entry = feedback.log(reported(), entry=feedback.Entry("When?"), now=NOW)
    client = client_of(member(GroupName.SUPPORT_AGENT))
    page = reverse("admin:incidents_feedback_change", args=[entry.pk])

    client.post(page, {"verbatim": "Never mind", "kind": "complaint", "mood": "angry", "state": "closed"})

    entry.refresh_from_db()
    assert (entry.verbatim, entry.kind, entry.state) == ("When?", "complaint", FeedbackState.OPEN)


def test_late_promises_say_so() -> None:
    commitments.promise(
        reported(), promise=commitments.Promise({"en": "Parts"}, due_at=NOW.replace(year=2020)), now=NOW
    )

    page = client_of(member(GroupName.VIEWER)).get(reverse("admin:incidents_commitment_changelist"))

    assert "cc-late" in page.content.decode()


def test_an_address_is_kept_in_its_normal_form() -> None:
    owner = customer()
    client = client_of(member(GroupName.ACCOUNT_MANAGER))
    page = reverse("admin:incidents_customer_change", args=[owner.pk])
    form = {"name": "N", "crm_id": "C-1", "language": "en", "time_zone": "UTC", "importance": 2, "closeness": 2}
    points = {"TOTAL_FORMS": 1, "INITIAL_FORMS": 0, "0-kind": "email", "0-value": "Anna@NORDBAHN.de"}
    form |= {"consent_basis": "contract", "attributes": "{}", "is_active": "on"}
    form |= {f"contact_points-{name}": value for name, value in {**points, "0-is_primary": "on"}.items()}

    client.post(page, form)
    client.post(page, {**form, "contact_points-0-value": "nobody"})

    assert list(ContactPoint.objects.values_list("value", "normalised")) == [("Anna@NORDBAHN.de", "Anna@nordbahn.de")]


def test_a_token_is_shown_once_and_can_be_revoked() -> None:
    root = person("root", is_superuser=True, is_staff=True)
    client = client_of(root)
    wish = {
        "name": "CRM",
        "user": root.pk,
        "scopes": ["incidents:read"],
        "expires_at": "2099-01-01T00:00",
        "networks": "",
    }

    made = client.post(reverse("admin:incidents_apitoken_issue"), wish)
    token = ApiToken.objects.get()
    page = reverse("admin:incidents_apitoken_change", args=[token.pk])
    client.post(reverse("admin:incidents_apitoken_revoke", args=[token.pk]))

    token.refresh_from_db()
    assert made.context["secret"] in made.content.decode()
    assert "no-store" in made.headers["Cache-Control"]
    assert made.context["secret"] not in client.get(page).content.decode()
    assert not token.is_active


def test_nobody_makes_themselves_more_than_they_are() -> None:
    lead, root = member(GroupName.CRISIS_LEAD), person("root", is_superuser=True, is_staff=True)
    client = client_of(lead)

    pages = [reverse("admin:incidents_user_change", args=[user.pk]) for user in (lead, root)]
    answers = [client.post(page, {"is_superuser": "on"}).status_code for page in pages]

    assert answers == [403, 403]
    assert not User.objects.get(pk=lead.pk).is_superuser


def test_the_company_has_one_page() -> None:
    company()
    client = client_of(member(GroupName.CRISIS_LEAD))

    page = client.get(reverse("admin:incidents_company_changelist"), follow=True)

    assert page.redirect_chain == [(reverse("admin:incidents_company_change", args=[1]), 302)]
    assert Company.objects.count() == 1
