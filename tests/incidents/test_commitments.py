"""A promise made is a promise tracked."""

from datetime import timedelta

import pytest

from incidents import commitments
from incidents.commitments import Promise
from incidents.enums import CommitmentKind, CommitmentState
from incidents.models import Commitment
from tests.factories_incidents import NOW, customer, person, reported

pytestmark = pytest.mark.django_db


def test_a_message_promises_its_next_update_once() -> None:
    incident = reported()
    due = Promise({"en": "next update"}, CommitmentKind.NEXT_UPDATE, tier=1, source_reference="M1", due_at=NOW)

    first = commitments.promise(incident, promise=due, now=NOW)
    again = commitments.promise(incident, promise=due, now=NOW)

    assert (first, Commitment.objects.count()) == (again, 1)


def test_promise_needs_words() -> None:
    with pytest.raises(commitments.BadCommitment, match="needs its words"):
        commitments.promise(reported(), promise=Promise({"en": " "}), now=NOW)


def test_settle_once_with_an_outcome() -> None:
    row = commitments.promise(reported(), promise=Promise({"en": "repair the line"}), now=NOW)

    with pytest.raises(commitments.BadCommitment, match="Say how"):
        commitments.settle(row, state=CommitmentState.KEPT, outcome="", by=person(), now=NOW)
    commitments.settle(row, state=CommitmentState.KEPT, outcome="running since noon", by=person(), now=NOW)
    with pytest.raises(commitments.BadCommitment, match="settled already: Kept"):
        commitments.settle(row, state=CommitmentState.BROKEN, outcome="no", by=person(), now=NOW)

    assert (row.state, row.outcome, row.settled_at) == ("kept", "running since noon", NOW)


def test_open_for_shows_what_this_customer_was_promised() -> None:
    incident, buyer = reported(), customer()
    words = {"en": "x"}
    for_all = commitments.promise(incident, promise=Promise(words, due_at=NOW), now=NOW)
    commitments.promise(incident, promise=Promise(words, tier=3), now=NOW)
    own = commitments.promise(incident, promise=Promise(words, customer=buyer, due_at=NOW + timedelta(1)), now=NOW)
    commitments.promise(incident, promise=Promise(words, customer=customer("C-2")), now=NOW)

    assert list(commitments.open_for(incident, tier=1, customer=buyer)) == [for_all, own]
    assert list(Commitment.objects.overdue(NOW + timedelta(hours=1))) == [for_all]
