"""Whom an exercise may call: customers whose main mailbox is one of the company's test recipients, and nobody else."""

from django.db.models import BooleanField, Func, QuerySet
from django.utils.translation import gettext as _

from incidents.errors import Refusal
from incidents.models import Customer, Incident

# The database says who that is (`sql/drills.sql`): its own guard and the call desk must never differ.
IS_TEST_CUSTOMER = "workflows_is_test_customer"


class RealCustomer(Refusal):
    """An exercise names no real customer."""

    def __init__(self, customer: Customer) -> None:
        sentence = _("%s is a real customer: an exercise calls only customers whose mailbox is a test recipient.")
        super().__init__(sentence % customer.crm_id)


class NoAppointment(Refusal):
    """An exercise stands in nobody's calendar."""

    def __init__(self) -> None:
        super().__init__(_("An exercise makes no calendar entries."))


def meant(customers: QuerySet[Customer], *, incident: Incident) -> QuerySet[Customer]:
    """Return those of these customers whom the incident may call: all of them unless it is an exercise."""
    if not incident.is_drill:
        return customers
    return customers.filter(Func("pk", function=IS_TEST_CUSTOMER, output_field=BooleanField()))


def refuse_real(incident: Incident, *, customer: Customer) -> None:
    """Raise RealCustomer where an exercise would call somebody who is no test recipient."""
    if not meant(Customer.objects.filter(pk=customer.pk), incident=incident).exists():
        raise RealCustomer(customer)
