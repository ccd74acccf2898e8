"""Links open one delivery for one purpose, and cannot be guessed, bent or reused."""

import base64
import uuid
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from notifications import tokens
from notifications.tokens import Purpose

REFERENCE = uuid.UUID("8c1f5f3e-30e2-4f6b-9d7a-0f6f4a4b8b11")


@given(st.uuids(), st.sampled_from(Purpose))
def test_a_token_gives_its_reference_back_for_its_purpose_alone(reference: uuid.UUID, purpose: Purpose) -> None:
    token = tokens.sign(purpose, reference)

    assert {other: tokens.read(other, token) for other in Purpose} == {
        other: reference if other == purpose else None for other in Purpose
    }


@given(st.integers(min_value=0, max_value=31), st.integers(min_value=1, max_value=255))
def test_one_changed_byte_opens_nothing(place: int, change: int) -> None:
    raw = bytearray(base64.urlsafe_b64decode(tokens.sign(Purpose.PAGE, REFERENCE) + "="))
    raw[place] ^= change

    assert tokens.read(Purpose.PAGE, base64.urlsafe_b64encode(bytes(raw)).rstrip(b"=").decode()) is None


@given(st.text(max_size=60))
def test_rubbish_opens_nothing(text: str) -> None:
    assert tokens.read(Purpose.PAGE, text) is None


def test_a_second_spelling_opens_nothing() -> None:
    token = tokens.sign(Purpose.PAGE, REFERENCE)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    sibling = token[:-1] + alphabet[alphabet.index(token[-1]) ^ 1]

    assert [tokens.read(Purpose.PAGE, text) for text in (sibling, token + "=", token + "\n")] == [None, None, None]


def test_a_rotated_key_still_opens_what_it_signed(settings: Any) -> None:
    token = tokens.sign(Purpose.PAGE, REFERENCE)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new" * 20, [settings.SECRET_KEY]

    rotated = tokens.read(Purpose.PAGE, token)
    settings.SECRET_KEY_FALLBACKS = []
    forgotten = tokens.read(Purpose.PAGE, token)

    assert (rotated, forgotten) == (REFERENCE, None)


def test_links_point_to_the_public_address(settings: Any) -> None:
    settings.PUBLIC_BASE_URL = "https://crisis.example.org"

    assert tokens.portal_url(REFERENCE) == f"https://crisis.example.org/c/{tokens.sign(Purpose.PAGE, REFERENCE)}/"
    assert tokens.unsubscribe_url(REFERENCE).startswith("https://crisis.example.org/unsubscribe/")
