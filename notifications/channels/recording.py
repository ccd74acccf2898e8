"""A channel for tests and rehearsals: it remembers what it was given and answers as told."""

from collections.abc import Callable, Sequence

from incidents.enums import ContactKind
from notifications.channels.base import Channel, Fate, Outcome, Parcel


def _accept(parcel: Parcel) -> Outcome:
    return Outcome(Fate.ACCEPTED, provider_id=f"recorded-{parcel.delivery.pk}")


class RecordingChannel(Channel):
    """Keeps every parcel in `sent`; `answer` decides the fate of each."""

    address_kind = ContactKind.EMAIL

    def __init__(self, answer: Callable[[Parcel], Outcome] = _accept) -> None:
        self.sent: list[Parcel] = []
        self.answer = answer

    def send(self, parcels: Sequence[Parcel]) -> list[Outcome]:
        """Remember and answer."""
        self.sent += parcels
        return [self.answer(parcel) for parcel in parcels]
