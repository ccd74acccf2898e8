"""What a remedy's words say before it is approved."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from incidents import audit
from incidents.errors import Refusal
from incidents.models import RemedyOption, User


class RemedyApproved(Refusal):
    """The words of an approved remedy stand: customers may have read them."""


def describe(
    option: RemedyOption, *, how_to_claim: dict[str, str], claim_deadline: datetime | None, by: User, now: datetime
) -> RemedyOption:
    """Say how customers claim a remedy and until when, before it is approved."""
    with transaction.atomic():
        locked = RemedyOption.objects.select_for_update(of=("self",)).select_related("incident").get(pk=option.pk)
        if locked.approved_at is not None:
            raise RemedyApproved(_("“%s” is approved: its words stand.") % locked.name.get("en", locked.key))
        locked.how_to_claim = how_to_claim
        locked.claim_deadline = claim_deadline
        locked.save(update_fields=["how_to_claim", "claim_deadline"])
        audit.record(locked.incident, action="remedy.described", actor=by, now=now, data={"key": locked.key})
    return locked
