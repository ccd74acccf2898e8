"""Who gets in, and with what."""

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.totp.internal.auth import TOTP
from cryptography.fernet import Fernet
from django.test import Client, override_settings

from incidents.models import User

pytestmark = pytest.mark.django_db


@override_settings(IS_SECOND_FACTOR_REQUIRED=True)
def test_staff_without_a_second_factor_must_enrol_first(client: Client) -> None:
    lead = User.objects.create_superuser("lead", password="a long enough password")
    client.force_login(lead)
    assert client.get("/admin/").headers["Location"] == "/accounts/2fa/totp/activate/"

    TOTP.activate(lead, "JBSWY3DPEHPK3PXP")

    assert client.get("/admin/").status_code == 200


def test_secrets_of_the_second_factor_are_encrypted_and_keys_can_be_exchanged() -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    with override_settings(FIELD_ENCRYPTION_KEYS=[old]):
        stored = get_adapter().encrypt("JBSWY3DPEHPK3PXP")

    assert "JBSWY3DPEHPK3PXP" not in stored
    with override_settings(FIELD_ENCRYPTION_KEYS=[new, old]):
        assert get_adapter().decrypt(stored) == "JBSWY3DPEHPK3PXP"
